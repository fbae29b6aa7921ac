"""The magic numbers: what happens to a message depends on the number that it goes to.

One table for all vendors. Every other number is delivered, also the other numbers of `+8613900000NNN`.
"""

from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum
from typing import Final

import attrs

from smsgate.sandbox.state.answer import Answer, Drop
from smsgate.wire import HttpResponse

__all__ = ["SLOW_SECONDS", "Codes", "Scenario", "apply_scenario", "report_code", "scenario_of", "whole_request"]

SLOW_SECONDS: Final = 5.0
_PREFIX: Final = "+8613900000"


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

    @property
    def number(self) -> str:
        """The magic number, in E.164."""
        return _PREFIX + _ROWS[self][0]

    @property
    def meaning(self) -> str:
        """One line for people."""
        return _ROWS[self][1]


_ROWS: Final = {
    Scenario.DELIVERED: ("000", "accepted, then delivered"),
    Scenario.PHONE_OFF: ("001", "accepted, not delivered: the phone is off"),
    Scenario.NO_SUCH_NUMBER: ("002", "accepted, not delivered: no such number"),
    Scenario.BLOCKLISTED: ("003", "the number is blocklisted"),
    Scenario.CONTENT_REFUSED: ("004", "the content is refused"),
    Scenario.NUMBER_LIMIT: ("005", "too many messages to this number"),
    Scenario.OUT_OF_BALANCE: ("006", "the account is out of balance"),
    Scenario.BUSY: ("007", "the vendor is busy"),
    Scenario.SLOW: ("008", f"accepted: the response takes {SLOW_SECONDS:g} seconds"),
    Scenario.DROP_BEFORE: ("009", "not processed: the connection is reset"),
    Scenario.DROP_AFTER: ("010", "accepted: the connection closes, no response"),
    Scenario.SERVER_ERROR: ("011", "not processed: HTTP 500 without a body"),
    Scenario.UNREADABLE: ("012", "accepted: the response is cut off, unreadable"),
}
_BY_NUMBER: Final = {scenario.number: scenario for scenario in Scenario}
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


def scenario_of(number: str) -> Scenario | None:
    """The scenario of *number* (E.164), or None for a number that is not magic."""
    return _BY_NUMBER.get(number)


def report_code(codes: Mapping[Scenario, Codes], number: str) -> str:
    """The code in the delivery report of a message that was accepted for *number*. *codes*: the vendor's."""
    return codes[scenario_of(number) or Scenario.DELIVERED].report


def whole_request(numbers: Iterable[str]) -> Scenario | None:
    """The scenario of a whole request, because of the first such number in it."""
    found = (scenario_of(number) for number in numbers)
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
