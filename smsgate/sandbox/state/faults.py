"""Faults: make a simulated vendor fail for the next requests, all of them or those to one number."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from enum import StrEnum
from itertools import takewhile
from typing import Any

import attrs

from smsgate.sandbox.state.answer import Answer, Drop
from smsgate.sandbox.state.condition import Condition, Recipients
from smsgate.wire import HttpResponse

__all__ = ["Fault", "Faults", "Scope"]


class Scope(StrEnum):
    """What a vendor's code in the response to a send is about."""

    NUMBER = "NUMBER"
    """One number: the others of the request are not concerned."""
    REQUEST = "REQUEST"
    """The whole request."""


@attrs.define(kw_only=True)
class Fault(Condition):
    """What happens in place of the usual response, as often as `left` says: for so many requests."""

    interfaces: frozenset[str]
    """The simulated interfaces that it strikes."""
    processed: bool = False
    drop: Drop | None = None
    delay: float = 0.0
    response: HttpResponse | None = None
    code: str | None = None
    """The vendor's code that comes back."""
    scope: Scope = Scope.REQUEST
    """What `code` is about."""

    def apply(self, answer: Answer) -> Answer:
        """What becomes of the *answer* that the vendor would have given; not for a `code`."""
        if self.drop is not None:
            return Answer(delay=self.delay, drop=self.drop)
        return Answer(self.response or answer.response, max(self.delay, answer.delay), answer.drop, answer.why)

    def strikes(self, interface: str, recipients: Callable[[], Recipients], now: float) -> bool:
        """Whether it strikes a request to *interface* at Unix seconds. *recipients*: reads whom the request is to."""
        if interface not in self.interfaces or not self.is_time(now):
            return False
        if self.is_about_recipients:
            return self.fits(recipients())
        return self.scope is Scope.REQUEST or bool(recipients())

    def as_json(self) -> dict[str, Any]:
        """The fault as `GET /sandbox/faults` shows it."""
        kinds = {
            "answer": self.code,
            "status": self.response and self.response.status,
            "retry_after": self.response and self.response.headers.get("retry-after"),
            "drop": self.drop and not self.delay and self.drop.lower(),
            "stall": self.delay or None,
            "when": self.delay and ("after" if self.processed else "before"),
        }
        what = {name: value for name, value in kinds.items() if value}
        times = None if math.isinf(self.left) else int(self.left)
        return {"vendors": sorted(self.interfaces), "to": self.to, "times": times, **what}


class Faults:
    """Faults per vendor, used up in the order in which they were set: one a request, or codes of several numbers.

    *interfaces*: what each name that a caller may give stands for; *codes*: the codes of an interface with their scope.
    *times*: for how many requests; None: until `clear()`. *to*: only requests to this number (E.164) count. Raises
    `ValueError` for an unknown vendor.
    """

    def __init__(self, interfaces: Mapping[str, frozenset[str]], codes: Mapping[str, Mapping[str, Scope]]) -> None:
        self._interfaces = interfaces
        self._codes = codes
        self._faults: list[Fault] = []

    def __iter__(self) -> Iterator[Fault]:
        return iter(tuple(self._faults))

    def refuse(self, vendor: str, *, times: int | None = None) -> None:
        """Connections are refused. Over a socket, stop the `SandboxServer` instead: it can only reset."""
        self.add(Fault(interfaces=self._named(vendor), left=_count(times), drop=Drop.CONNECT))

    def drop(self, vendor: str, at: Drop = Drop.AFTER, *, to: str | None = None, times: int | None = 1) -> None:
        """The connection drops: after the request was processed, or earlier."""
        interfaces = self._named(vendor)
        self.add(Fault(interfaces=interfaces, processed=at is Drop.AFTER, left=_count(times), to=to, drop=at))

    def stall(
        self,
        vendor: str,
        seconds: float = math.inf,
        *,
        processed: bool = True,
        to: str | None = None,
        times: int | None = 1,
    ) -> None:
        """The response takes *seconds*. Where the request is not *processed*, the connection drops in the end."""
        drop = None if processed else Drop.BEFORE
        interfaces = self._named(vendor)
        self.add(Fault(interfaces=interfaces, processed=processed, left=_count(times), to=to, drop=drop, delay=seconds))

    def answer(
        self,
        vendor: str,
        status: int,
        body: bytes = b"",
        *,
        headers: dict[str, str] | None = None,
        processed: bool = False,
        to: str | None = None,
        times: int | None = 1,
    ) -> None:
        """This comes back in place of the vendor's response, after processing the request or without."""
        response = HttpResponse(status, {"Content-Length": str(len(body)), **(headers or {})}, body)
        interfaces = self._named(vendor)
        self.add(Fault(interfaces=interfaces, processed=processed, left=_count(times), to=to, response=response))

    def code(self, interface: str, code: str, *, to: str | None = None, times: int | None = 1) -> None:
        """A documented code of *interface* ("tencent-v5", …) comes back: for each number where it is about numbers.

        Raises `ValueError` for a code that the interface does not have.
        """
        known = self._codes.get(interface, {})
        if code not in known:
            raise ValueError(f"{interface} answers no send with the code {code!r}")
        self.add(Fault(interfaces=frozenset({interface}), left=_count(times), to=to, code=code, scope=known[code]))

    def add(self, *faults: Fault, first: bool = False) -> None:
        """Set faults, after those that are set, or with *first* before them."""
        at = 0 if first else len(self._faults)
        self._faults[at:at] = faults

    def clear(self, vendor: str | None = None) -> None:
        """Work again: one vendor, or all."""
        if vendor is None:
            self._faults.clear()
        else:
            self.release(self._named(vendor))

    def release(self, interfaces: frozenset[str]) -> None:
        """Let these interfaces work again."""
        for fault in self._faults:
            fault.interfaces -= interfaces
        self._faults = [fault for fault in self._faults if fault.interfaces]

    def take_early(self, interface: str, now: float) -> Drop | None:
        """The drop of a request of *interface* at Unix seconds before its body leaves, if that is what is set."""
        here = (fault for fault in self._faults if interface in fault.interfaces and fault.is_time(now))
        first = next(here, None)
        if first is None or first.drop not in (Drop.CONNECT, Drop.HEADERS):
            return None
        first.use_up(self._faults)
        return first.drop

    def take(self, interface: str, recipients: Callable[[], Recipients], now: float) -> Sequence[Fault]:
        """The fault for a request of *interface* at Unix seconds. *recipients*: reads whom the request is to.

        Several only where each is a code for other numbers of the same request.
        """
        striking = [fault for fault in self._faults if fault.strikes(interface, recipients, now)]
        found = striking[:1]
        of_numbers = takewhile(lambda fault: fault.scope is Scope.NUMBER, striking)
        for fault in tuple(of_numbers)[1:]:
            struck = {other.to for other in found}
            if None not in struck and fault.to not in struck and (fault.to or set(recipients()) - struck):
                found.append(fault)
        for fault in found:
            fault.use_up(self._faults)
        return found

    def _named(self, vendor: str) -> frozenset[str]:
        if vendor not in self._interfaces:
            raise ValueError(f"no vendor {vendor!r}: the sandbox has {', '.join(self._interfaces)}")
        return self._interfaces[vendor]


def _count(times: int | None) -> float:
    return math.inf if times is None else times
