"""One push of a vendor, read: `Callback`, what was parsed of it, and the error for one that cannot be read."""

from typing import TYPE_CHECKING

import attrs

from smsgate.model.errors import SmsgateError
from smsgate.model.report import Reply, StatusReport
from smsgate.wire import HttpResponse

if TYPE_CHECKING:
    from smsgate.model.report import Reply, StatusReport

__all__ = ["Callback", "CallbackError", "Found"]


class CallbackError(SmsgateError, ValueError):
    """A callback that cannot be read, in part or in whole.

    `reports` and `replies` hold what was valid beside the fault, so that one bad item loses nothing. They hold numbers,
    so a pickle has none of them; it keeps `where` and `status`.
    """

    _pickled = ("where", "status")

    def __init__(
        self,
        text: str,
        *,
        where: str = "body",
        status: int = 400,
        reports: tuple["StatusReport", ...] = (),
        replies: tuple["Reply", ...] = (),
    ) -> None:
        super().__init__(text)
        self.where = where
        """The part at fault: "body", "[3].mobile", "Authorization" …"""
        self.status = status
        """The HTTP status to answer: 400, or 401 where the caller could not prove who it is."""
        self.reports = reports
        self.replies = replies


@attrs.frozen
class Callback:
    """One request of a vendor, read."""

    reports: tuple[StatusReport, ...]
    replies: tuple[Reply, ...]
    answer: HttpResponse
    """What the vendor expects to be answered."""

    @property
    def events(self) -> tuple[StatusReport | Reply, ...]:
        """The reports, then the replies."""
        return (*self.reports, *self.replies)


@attrs.define
class Found:
    """What was read from a list of items, and the first fault in it."""

    reports: list[StatusReport] = attrs.field(factory=list[StatusReport])
    replies: list[Reply] = attrs.field(factory=list[Reply])
    problem: str | None = None
    where: str = "body"
    """The item and key at fault: "[3].sid"."""
    faults: int = 0

    def fault(self, where: str, problem: str) -> None:
        """Note that something at *where* cannot be read. Neither text ever holds a value."""
        if self.problem is None:
            self.where, self.problem = where, problem
        self.faults += 1
