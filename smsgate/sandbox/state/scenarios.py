"""The magic numbers: what happens to a message depends on the number that it goes to.

One table for all vendors. `+8613900000006` has its row's number at the end; with a vendor's own digit in front of that,
as in `+8613900000106`, the same happens at that vendor alone. Every other number is delivered, also the other numbers
of `+8613900000NNN`.
"""

from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum
from typing import Final

import attrs

from smsgate.sandbox.state.answer import Answer, Drop
from smsgate.wire import HttpResponse

__all__ = [
    "LATE_SECONDS",
    "SLOW_SECONDS",
    "Codes",
    "Scenario",
    "apply_scenario",
    "delivered_like",
    "scenario_of",
    "whole_request",
]

SLOW_SECONDS: Final = 5.0
LATE_SECONDS: Final = 10.0
_PREFIX: Final = "+8613900000"
_EVERY_VENDOR: Final = "0"


class Scenario(StrEnum):
    """What a magic number makes happen."""

    DELIVERED = "DELIVERED"
    PHONE_OFF = "PHONE_OFF"
    NO_SUCH_NUMBER = "NO_SUCH_NUMBER"
    BLOCKLISTED = "BLOCKLISTED"
    CONTENT_REFUSED = "CONTENT_REFUSED"
    NUMBER_LIMIT = "NUMBER_LIMIT"
    OUT_OF_BALANCE = "OUT_OF_BALANCE"
    BUSY = "BUSY"
    SLOW = "SLOW"
    DROP_BEFORE = "DROP_BEFORE"
    DROP_AFTER = "DROP_AFTER"
    SERVER_ERROR = "SERVER_ERROR"
    UNREADABLE = "UNREADABLE"
    UNSUBSCRIBED = "UNSUBSCRIBED"
    REPORTED_LATE = "REPORTED_LATE"
    REPORTED_TWICE = "REPORTED_TWICE"
    REPLIES = "REPLIES"
    OPTS_OUT = "OPTS_OUT"

    @property
    def number(self) -> str:
        """The magic number, in E.164."""
        return self.number_at(_EVERY_VENDOR)

    def number_at(self, digit: str) -> str:
        """The magic number that counts at one vendor only, the one with that `magic_digit`."""
        return f"{_PREFIX}{digit}{_ROWS[self][0]}"

    @property
    def meaning(self) -> str:
        """One line for people."""
        return _ROWS[self][1]

    @property
    def reply(self) -> str | None:
        """What the person texts back once the message was delivered, if they do."""
        return _REPLIES.get(self)


_ROWS: Final = {
    Scenario.DELIVERED: ("00", "accepted, then delivered"),
    Scenario.PHONE_OFF: ("01", "accepted, not delivered: the phone is off"),
    Scenario.NO_SUCH_NUMBER: ("02", "accepted, not delivered: no such number"),
    Scenario.BLOCKLISTED: ("03", "the number is blocklisted"),
    Scenario.CONTENT_REFUSED: ("04", "the content is refused"),
    Scenario.NUMBER_LIMIT: ("05", "too many messages to this number"),
    Scenario.OUT_OF_BALANCE: ("06", "the account is out of balance"),
    Scenario.BUSY: ("07", "the vendor is busy"),
    Scenario.SLOW: ("08", f"accepted: the response takes {SLOW_SECONDS:g} seconds"),
    Scenario.DROP_BEFORE: ("09", "not processed: the connection is reset"),
    Scenario.DROP_AFTER: ("10", "accepted: the connection closes, no response"),
    Scenario.SERVER_ERROR: ("11", "not processed: HTTP 500 without a body"),
    Scenario.UNREADABLE: ("12", "accepted: the response is cut off, unreadable"),
    Scenario.UNSUBSCRIBED: ("13", "accepted, not delivered: the person has opted out"),
    Scenario.REPORTED_LATE: ("20", f"delivered: the report comes {LATE_SECONDS:g} seconds later than others"),
    Scenario.REPORTED_TWICE: ("21", "delivered: the report comes twice"),
    Scenario.REPLIES: ("22", "delivered, then the person replies"),
    Scenario.OPTS_OUT: ("23", "delivered, then the person opts out: the next message does not arrive"),
}
_REPLIES: Final = {Scenario.REPLIES: "Yes", Scenario.OPTS_OUT: "TD"}
_BY_ROW: Final = {row[0]: scenario for scenario, row in _ROWS.items()}
_WIRE: Final = frozenset(
    {Scenario.SLOW, Scenario.DROP_BEFORE, Scenario.DROP_AFTER, Scenario.SERVER_ERROR, Scenario.UNREADABLE}
)


@attrs.frozen
class Codes:
    """One vendor's codes for one scenario."""

    send: str
    """The code in the response to the send; empty where no vendor code comes back."""
    report: str = ""
    """The code in the delivery report; empty where none follows."""


def scenario_of(number: str, digit: str) -> Scenario | None:
    """The scenario of *number* (E.164) at the vendor with that `magic_digit`; None for a number that is not magic."""
    if not number.startswith(_PREFIX) or number[len(_PREFIX) :][:1] not in (_EVERY_VENDOR, digit):
        return None
    return _BY_ROW.get(number[len(_PREFIX) + 1 :])


def whole_request(numbers: Iterable[str], digit: str) -> Scenario | None:
    """The scenario of a whole request, because of the first such number in it."""
    found = (scenario_of(number, digit) for number in numbers)
    return next((scenario for scenario in found if scenario in _WIRE), None)


def apply_scenario(scenario: Scenario | None, process: Callable[[], HttpResponse]) -> Answer:
    """What *scenario*, one of a whole request, makes of the response that *process* gives; some do not run it."""
    if scenario is Scenario.DROP_BEFORE:
        return Answer(drop=Drop.BEFORE)
    if scenario is Scenario.SERVER_ERROR:
        return Answer(HttpResponse(500, {"Content-Length": "0"}))
    response = process()
    if scenario is Scenario.DROP_AFTER:
        return Answer(drop=Drop.AFTER)
    if scenario is Scenario.UNREADABLE:
        half = response.body[: len(response.body) // 2]
        headers = {"Content-Type": response.headers["content-type"], "Content-Length": str(len(half))}
        return Answer(HttpResponse(response.status, headers, half))
    return Answer(response, delay=SLOW_SECONDS if scenario is Scenario.SLOW else 0.0)


def delivered_like(codes: Codes) -> Mapping[Scenario, Codes]:
    """The scenarios in which a message is delivered and something else happens, with the *codes* of a delivery."""
    usual = (Scenario.DELIVERED, Scenario.SLOW, Scenario.REPORTED_LATE, Scenario.REPORTED_TWICE)
    return {
        **dict.fromkeys((*usual, Scenario.REPLIES, Scenario.OPTS_OUT), codes),
        **dict.fromkeys((Scenario.DROP_AFTER, Scenario.UNREADABLE), Codes("", codes.report)),
        **dict.fromkeys((Scenario.DROP_BEFORE, Scenario.SERVER_ERROR), Codes("")),
    }
