"""What a vendor pushed, read: `Callback`, how its items are collected, and the error for what cannot be read."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final, Protocol, cast, runtime_checkable

import attrs

from smsgate.model.errors import SmsgateError
from smsgate.model.report import Reply, StatusReport
from smsgate.provider.reading import RepeatedNames, read_leniently
from smsgate.wire import HttpResponse

__all__ = ["MAX_ITEMS", "BadItem", "Callback", "CallbackError", "EventSink", "HandlesMany", "ParsedItems"]

MAX_ITEMS: Final = 100
"""How many items of one push are read: the most that a vendor documents (Tencent SMS API, Event Notifications,
382/59178; Huawei sends at most 50)."""
_TOO_MANY: Final = 413


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
        reports: tuple[StatusReport, ...] = (),
        replies: tuple[Reply, ...] = (),
    ) -> None:
        super().__init__(text)
        self.where = where
        """The part at fault: "body", "[3].mobile", "Authorization" …"""
        self.status = status
        """The HTTP status to answer: 400, 413 for too many items, or 401 where the caller did not prove who it is."""
        self.reports = reports
        self.replies = replies


@attrs.frozen
class Callback:
    """One request of a vendor, read."""

    reports: tuple[StatusReport, ...]
    """The delivery reports of the push, in its order."""
    replies: tuple[Reply, ...]
    """The replies of the push, in its order."""
    answer: HttpResponse
    """What the vendor expects to be answered."""

    @property
    def events(self) -> tuple[StatusReport | Reply, ...]:
        """The reports, then the replies."""
        return (*self.reports, *self.replies)


class EventSink(Protocol):
    """Whoever wants delivery reports and replies as they come in, pushed or pulled: a queue, a store, a metric.

    `async def handle(self, event)` is all that one needs.
    """

    def handle(self, event: StatusReport | Reply, /) -> Awaitable[None]:
        """Take one event. An exception means that it was not taken, and that the vendor should push it again."""
        ...


@runtime_checkable
class HandlesMany(Protocol):
    """What an `EventSink` may have beside its other method: all events of a push, or of a pull, are one call of it."""

    def handle_all(self, events: Sequence[StatusReport | Reply], /) -> Awaitable[None]:
        """Take *events*, all or none. An exception means that none was taken."""
        ...


def sink_problems(sink: object) -> list[str]:
    """What is wrong with an option *ledger* that takes an `EventSink` or None."""
    if sink is None or callable(getattr(sink, "handle", None)):
        return []
    return ["ledger: must have the method handle (see smsgate.provider.EventSink)"]


class BadItem(Exception):
    """An item lacks what it is about. Raised by a vendor's reader of items, and caught by `ParsedItems.read`."""

    def __init__(self, key: str, problem: str) -> None:
        super().__init__(key, problem)
        self.key = key
        """The key at fault, or "" for the item as a whole."""
        self.problem = problem
        """What is wrong with it: never a value."""


def _no_reports() -> list[StatusReport]:
    return []


def _no_replies() -> list[Reply]:
    return []


@attrs.define
class ParsedItems:
    """What was read from the items of a push or a pull, and the first fault in them."""

    reports: list[StatusReport] = attrs.field(factory=_no_reports)
    replies: list[Reply] = attrs.field(factory=_no_replies)
    problem: str | None = None
    """What the first fault is; None if there is none."""
    where: str = "body"
    """The item and key at fault: "[3].sid"."""
    status: int = 400
    """The HTTP status to answer the first fault with."""
    faults: int = 0
    """How many there are."""

    def fault(self, where: str, problem: str, *, status: int = 400) -> None:
        """Note that something at *where* cannot be read. Neither text may hold a value of the push."""
        if self.problem is None:
            self.where, self.problem, self.status = where, problem, status
        self.faults += 1

    def read(self, item: Any, parse: Callable[[dict[str, Any]], StatusReport | Reply], where: str) -> None:
        """Add what *parse* makes of *item*, or note the `BadItem` that it raises. *where*: "[3]", or "" for a body."""
        if item.__class__ is not dict:
            # {"report_status": "FAIL", "report_status": "SUCCESS"}: neither half can be believed.
            repeated = isinstance(item, RepeatedNames)
            return self.fault(where or "body", "has a name with two values" if repeated else "is not an object")
        try:
            event = parse(item)
        except BadItem as bad:
            return self.fault(f"{where}{'.' if where and bad.key else ''}{bad.key}" or "body", bad.problem)
        if isinstance(event, StatusReport):
            self.reports.append(event)
        else:
            self.replies.append(event)

    def read_body(
        self, body: bytes, parse: Callable[[dict[str, Any]], StatusReport | Reply], *, key: str | None = None
    ) -> None:
        """Read the JSON array of items that *body* is, or that its object has under *key*.

        Any other body is a fault, an empty or a truncated one too: a vendor that is answered with success does not push
        it again.
        """
        value = read_leniently(body)
        if key is not None:
            if not isinstance(value, dict) or isinstance(value, RepeatedNames):
                return self.fault("body", "is not a JSON object")
            value = cast("dict[str, object]", value).get(key)
        if not isinstance(value, list):
            return self.fault(key or "body", "is not a JSON array")
        self.read_list(cast("list[object]", value), parse, where=key or "")

    def read_list(
        self,
        items: Sequence[object],
        parse: Callable[[dict[str, Any]], StatusReport | Reply],
        *,
        where: str = "",
        most: int = MAX_ITEMS,
    ) -> None:
        """Read each of *items*; of more than *most*, the first ones. *where*: the name of the list.

        An empty object is no item and no fault: to refuse it would have the whole list pushed again (the sample list of
        Tencent SMS Development Guide 2.0, Notification of MT SMS Delivery Status, ends with one).
        """
        for index, item in enumerate(items[:most]):
            if item != {}:
                self.read(item, parse, f"{where}[{index}]")
        self.check_count(items, where=where, most=most)

    def check_count(self, items: Sequence[object], *, where: str = "", most: int = MAX_ITEMS) -> None:
        """Note a fault if there are more than *most* items, of which the first are read."""
        if len(items) > most:
            self.fault(where or "body", f"has {len(items)} items; at most {most} are read", status=_TOO_MANY)

    def raise_for_fault(self, vendor: str) -> None:
        """Raise `CallbackError` if there is a fault, with what could be read beside it. *vendor*: "Tencent"."""
        if self.problem is None:
            return
        others = f" (and {self.faults - 1} more faults)" if self.faults > 1 else ""
        raise CallbackError(
            f"{vendor} callback: {self.where}: {self.problem}{others}",
            where=self.where,
            status=self.status,
            reports=tuple(self.reports),
            replies=tuple(self.replies),
        )
