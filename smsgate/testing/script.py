"""Scripts for simulated vendors: `Rule` says what happens to which messages, in your words and not in a vendor's."""

import math
from collections.abc import Iterable, Sequence
from enum import StrEnum

import attrs

from smsgate.model.errors import ConfigurationError
from smsgate.model.phone import PhoneNumber
from smsgate.model.reason import Reason
from smsgate.model.states import DeliveryState

__all__ = ["Report", "Response", "Rule", "checked_rules"]


class Response(StrEnum):
    """What comes back for a request, in place of the vendor's response."""

    LOST = "LOST"
    """The messages are accepted, and charged; the connection closes without a response."""
    UNREADABLE = "UNREADABLE"
    """The messages are accepted, and charged; the response is cut off."""
    TIMEOUT = "TIMEOUT"
    """The messages are accepted, and charged; no response comes before the read timeout. That takes no time."""
    RESET = "RESET"
    """Nothing is processed: the connection is reset once the request has left."""
    SERVER_ERROR = "SERVER_ERROR"
    """Nothing is processed: HTTP 500 without a body."""
    NO_CONNECTION = "NO_CONNECTION"
    """The connection is refused, so that nothing leaves. Only for rules without `to` and `template`."""


@attrs.frozen
class Report:
    """A delivery report that comes.

    *says*: a `DeliveryState`, or the `Reason` of a failure, or a vendor's code as it is; the usual report if None.
    *after*: seconds by which it is later than reports are. *times*: how often it comes.
    """

    says: DeliveryState | Reason | str | None = None
    after: float = attrs.field(default=0.0, kw_only=True)
    times: int = attrs.field(default=1, kw_only=True)

    def __attrs_post_init__(self) -> None:
        if not 0 <= self.after < math.inf:
            raise ConfigurationError("Report: after must be seconds, 0 or more")
        if not _is_count(self.times):
            raise ConfigurationError("Report: times must be a whole number, at least 1")


def _phone(to: str | PhoneNumber | None) -> PhoneNumber | None:
    return None if to is None else PhoneNumber.wrap(to)


def _reports(reports: Report | Sequence[Report] | None) -> tuple[Report, ...] | None:
    if reports is None:
        return None
    found = (reports,) if isinstance(reports, Report) else tuple(reports)
    for each in found:
        if not isinstance(each, Report):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise ConfigurationError(f"Rule: reports must be Reports, not {type(each).__name__}")
    return found


@attrs.frozen(kw_only=True)
class Rule:
    """What simulated vendors do with some messages. What is left out is as usual.

    For which: *to*, a number; *template*, your name for it; *provider*, as in "tencent-v5", all if None; from *since*
    to before *until*, seconds after the script was given to the vendors, by their clock; *times*, how many requests
    (and, of *reports*, how many messages), all if None.

    What: *refuse*, the `Reason` or the vendor's code that it refuses with, or *response*, what comes in place of its
    response; and *reports*, which delivery reports follow on an accepted message: one or several `Report`s, in any
    order, or `[]` for none at all. Raises `ConfigurationError` for a rule that says nothing, or two things at once.
    """

    to: PhoneNumber | None = attrs.field(default=None, converter=_phone)
    template: str | None = None
    provider: str | None = None
    since: float = 0.0
    until: float = math.inf
    times: int | None = None
    refuse: Reason | str | None = None
    response: Response | None = None
    reports: tuple[Report, ...] | None = attrs.field(default=None, converter=_reports)

    def __attrs_post_init__(self) -> None:
        if self.refuse is None and self.response is None and self.reports is None:
            raise ConfigurationError("Rule: says nothing: give refuse, response or reports")
        if self.refuse is not None and (self.response is not None or self.reports is not None):
            raise ConfigurationError("Rule: refuse goes with neither response nor reports: nothing was accepted")
        if not isinstance(self.response, Response | None):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise ConfigurationError(f"Rule: response must be one of Response.{', Response.'.join(Response)}")
        early = self.response is Response.NO_CONNECTION
        if early and (self.to is not None or self.template is not None):
            raise ConfigurationError("Rule: Response.NO_CONNECTION comes before a request says to whom it is")
        if not 0 <= self.since < self.until:
            raise ConfigurationError("Rule: since and until must be seconds, 0 or more, and until the later one")
        if self.times is not None and not _is_count(self.times):
            raise ConfigurationError("Rule: times must be a number of requests, at least 1, or None for all")


def checked_rules(rules: Iterable[Rule]) -> tuple[Rule, ...]:
    """*rules*, of which each is one. Raises `ConfigurationError`."""
    if isinstance(rules, Rule) or not isinstance(rules, Iterable):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise ConfigurationError("script: must be a list of Rules")
    found = tuple(rules)
    for each in found:
        if not isinstance(each, Rule):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise ConfigurationError(f"script: {type(each).__name__} is not a Rule: give Rules, one by one")
    return found


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 1
