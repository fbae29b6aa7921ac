"""What stops a message at Tencent though the request is right: the account, its limits, the person, the hour.

Source: Tencent SMS Development Guide 2.0, "Error Codes for SMS Delivery"; 1049 to 1052 from the international
documentation of 2021-12-15; Tencent SMS FAQ, "Security", for the limits of frequency. Both interfaces obey it: the
codes are those of v5, which API 3.0 has names for.
"""

from datetime import timedelta, timezone
from typing import ClassVar, Final, Literal

import attrs

from smsgate.model.phone import PhoneNumber
from smsgate.sandbox.state.account import AccountSettings
from smsgate.sandbox.state.limits import Limit, broken_limit, sent_today
from smsgate.sandbox.state.message import AcceptedMessage, charged_segments
from smsgate.sandbox.state.scenarios import Scenario
from smsgate.sandbox.state.state import SandboxState

__all__ = ["NUMBER_REFUSALS", "TencentSettings", "number_refusal", "pull_refusal", "request_refusal", "settings_of"]

_VENDOR: Final = "tencent"
_CHINA: Final = timezone(timedelta(hours=8))
# Error 1029: marketing messages from 8:00 to 22:00.
_MARKETING_HOURS: Final = range(8, 22)

NUMBER_REFUSALS: Final = {
    Scenario.BLOCKLISTED: 1015,
    Scenario.CONTENT_REFUSED: 1002,
    Scenario.NUMBER_LIMIT: 1025,
    Scenario.OUT_OF_BALANCE: 1031,
}
_FREQUENCY: Final = {Limit.THIRTY_SECONDS: 1023, Limit.HOUR: 1024, Limit.DAY: 1025, Limit.SAME_TEXT: 1026}


@attrs.frozen(kw_only=True)
class TencentSettings(AccountSettings):
    """The account at Tencent."""

    switches: ClassVar[tuple[str, ...]] = ("pulls", "extend", "sender_id", "echo_ext")
    kind: Literal["company", "individual"] = "company"
    """An individual sends no marketing, and parameters of at most 12 characters."""
    echo_ext: bool = False
    """Reports that are pushed carry the `ext` of their send. Tencent's support enables it, so it is off at first."""
    pulls: bool = False
    """Queues of reports and replies may be pulled. Tencent's support enables it, so it is off at first."""
    extend: bool = False
    """The `extend` of a send counts, and replies carry it. Tencent's support enables it, so it is off at first."""
    sender_id: bool = False
    """The `SenderId` of a send abroad counts. Tencent's support enables it, so it is off at first."""
    denied_actions: tuple[str, ...] = ()
    """Actions of API 3.0 ("SendSms") that the policy of the key (CAM) does not allow."""
    session_token: str = attrs.field(default="", repr=False)
    """The key is a temporary one: calls of API 3.0 have to bring this token. Empty: it is not looked at."""
    account_allowed_ips: tuple[str, ...] = ()
    """Addresses and networks that may make calls of API 3.0, whatever the action; none listed: all of them."""
    account_blocked_ips: tuple[str, ...] = ()
    """Addresses and networks that may make no call of API 3.0."""
    mainland_daily_limit: int | None = None
    """Messages a day to mainland China, as set in the console."""
    international_daily_limit: int | None = None
    """Messages a day to other countries, as set in the console."""
    international_quota: int | None = None
    """Messages a day to other countries that Tencent allows the account."""
    country_daily_limit: int | None = None
    """Messages a day to each country."""
    blocked_countries: tuple[str, ...] = ()
    """Calling codes that the application's own settings rule out."""


def settings_of(state: SandboxState) -> TencentSettings:
    """The account as it is now."""
    settings = state.accounts[_VENDOR]
    assert isinstance(settings, TencentSettings)  # noqa: S101  # `SimulatedVendor.account` is its type
    return settings


def request_refusal(state: SandboxState) -> int | None:
    """The code with which every send is refused because of the account, or None."""
    account = settings_of(state)
    if not state.may_send(_VENDOR):
        return 1009
    if account.disabled:
        return 1020
    if not account.permitted:
        return 1006
    return 1033 if account.arrears else None


def pull_refusal(state: SandboxState) -> int | None:
    """The code with which the pull of a queue is refused, or None.

    "Pull SMS Status", PullSmsSendStatus and PullSmsReplyStatus: support enables it. No document names the code: it is
    that of a request without permission. A query by number needs nobody to enable it.
    """
    return None if settings_of(state).pulls else 1006


def number_refusal(state: SandboxState, number: str, text: str, kind: str, now: float) -> int | None:
    """The code with which a message to *number* (E.164) is refused at *now* (Unix seconds), or None.

    *text*: what the phone would show. *kind*: of the template.
    """
    scenario = state.scenario(_VENDOR, number)
    if scenario is not None and scenario in NUMBER_REFUSALS:
        return NUMBER_REFUSALS[scenario]
    if (_VENDOR, number) in state.opted_out:
        return 1015
    account = settings_of(state)
    if kind == "marketing" and account.kind == "individual":
        return 1032
    if kind == "marketing" and state.moment(now).astimezone(_CHINA).hour not in _MARKETING_HOURS:
        return 1029
    return _country_refusal(state, account, number, now) or _limit_refusal(state, account, number, text, now)


def _country_refusal(state: SandboxState, account: TencentSettings, number: str, now: float) -> int | None:
    country = PhoneNumber(number).calling_code
    if country in account.unsupported_countries:
        return 1045
    if country in account.blocked_countries:
        return 1051

    def to_mainland(message: AcceptedMessage) -> bool:
        return message.to.startswith("+86")

    def abroad(message: AcceptedMessage) -> bool:
        return not message.to.startswith("+86")

    def to_country(message: AcceptedMessage) -> bool:
        return PhoneNumber(message.to).calling_code == country

    limits = (
        (1049, account.mainland_daily_limit if country == "86" else None, to_mainland),
        (1047, account.international_quota if country != "86" else None, abroad),
        (1050, account.international_daily_limit if country != "86" else None, abroad),
        (1052, account.country_daily_limit, to_country),
    )
    for code, most, counts in limits:
        if most is not None and sent_today(state, _VENDOR, now, counts) >= most:
            return code
    return None


def _limit_refusal(state: SandboxState, account: TencentSettings, number: str, text: str, now: float) -> int | None:
    if account.daily_limit is not None and sent_today(state, _VENDOR, now) >= account.daily_limit:
        return 1022
    limit = broken_limit(state, _VENDOR, number, text, now)
    if limit is not None:
        return _FREQUENCY[limit]
    return 1031 if account.balance is not None and account.balance < charged_segments(text, number) else None
