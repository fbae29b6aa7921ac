"""What became of each request: for the console, and for those that were refused, why."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import attrs

from smsgate.model.phone import PhoneNumber

__all__ = ["NumberResult", "RequestRecord"]


@attrs.frozen(kw_only=True)
class NumberResult:
    """A vendor's code in a response: about one number, or about the whole request."""

    code: str
    text: str = ""
    """The vendor's words."""
    to: str = attrs.field(default="", repr=False)
    """The number as the response has it; empty where the code is about the whole request."""
    accepted: bool = False

    def as_json(self) -> dict[str, Any]:
        """The result as `GET /sandbox/refused` shows it."""
        return {"to": self.to or None, "code": self.code, "text": self.text}


@attrs.frozen(kw_only=True)
class RequestRecord:
    """One request, and what came back."""

    time: float
    """Unix seconds."""
    vendor: str
    """The interface that it was for: "tencent-v5" …; empty if no vendor has such a path."""
    method: str
    path: str
    operation: str
    """The vendor's name of the call: "sendsms" …"""
    status: int | None
    """The HTTP status, or None if the connection dropped."""
    to: str = attrs.field(default="", repr=False)
    """The number (E.164) that it was to, if that is one alone."""
    results: Sequence[NumberResult] = ()
    why: str = ""
    """Why it was refused, where the vendor's code says less."""
    struck: bool = False
    """A fault that was set struck it."""

    @property
    def refused(self) -> bool:
        """Whether the vendor refused it, or a number of it."""
        failed = self.status is not None and self.status >= 400
        return failed or any(not result.accepted for result in self.results)

    def as_json(self) -> dict[str, Any]:
        """The request as `GET /sandbox/refused` shows it."""
        refused = [result for result in self.results if not result.accepted]
        return {
            "time": datetime.fromtimestamp(self.time, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
            "vendor": self.vendor or None,
            "method": self.method,
            "path": self.path,
            "operation": self.operation,
            "status": self.status,
            "refusals": [result.as_json() for result in refused],
            "why": self.why or next((result.text for result in refused if result.text), ""),
            "fault": self.struck,
        }

    @property
    def line(self) -> str:
        """The request in one line, its numbers masked."""
        moment = datetime.fromtimestamp(self.time, UTC).strftime("%H:%M:%S")
        parts = [moment, self.vendor or "-", self.operation or f"{self.method} {self.path}", self._outcome()]
        if self.why:
            parts.append(f"({self.why})")
        return "  ".join([*parts, "[fault]"] if self.struck else parts)

    def _outcome(self) -> str:
        if self.status is None:
            return f"{self._number(self.to)}connection dropped"
        if not self.results:
            return f"HTTP {self.status}"
        shown = ", ".join(self._shown(result) for result in self.results[:3])
        return f"{shown}, {len(self.results) - 3} more" if len(self.results) > 3 else shown

    def _shown(self, result: NumberResult) -> str:
        text = f" {result.text}" if result.text and not result.accepted else ""
        return f"{self._number(result.to or self.to)}{result.code}{text}"

    @staticmethod
    def _number(number: str) -> str:
        return f"{PhoneNumber(number).masked} " if number else ""
