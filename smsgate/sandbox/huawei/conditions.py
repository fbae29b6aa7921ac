"""What stops a message at Huawei though the request is right: the account, its channel, its limits.

Source: Huawei Cloud Message & SMS API Reference, Table 3-56 and 5.2.1 (codes of a request), 5.2.2 (statuses of a
number, and reports).
"""

from typing import Final, Literal

import attrs

from smsgate.model.phone import PhoneNumber
from smsgate.sandbox.huawei.account import VENDOR
from smsgate.sandbox.state.account import AccountSettings
from smsgate.sandbox.state.limits import Limit, broken_limit, sent_today
from smsgate.sandbox.state.scenarios import Scenario
from smsgate.sandbox.state.state import SandboxState
from smsgate.sandbox.state.templates import SandboxTemplate

__all__ = [
    "NUMBER_REFUSALS",
    "HuaweiSettings",
    "number_refusal",
    "report_refusal",
    "request_refusal",
    "template_refusal",
]

NUMBER_REFUSALS: Final = {Scenario.OUT_OF_BALANCE: "E000629", Scenario.BUSY: "E200015"}
_USERS: Final = {"deactivated": "E000109", "unknown": "E000111"}
_CHANNELS: Final = {"pending": "E200019", "missing": "E200021", "unrouted": "E200027", "stopped": "E200036"}


@attrs.frozen(kw_only=True)
class HuaweiSettings(AccountSettings):
    """The account at Huawei."""

    user: Literal["active", "deactivated", "unknown"] = "active"
    """The user that the application belongs to."""
    sms_enabled: bool = True
    """The application may send texts."""
    channel: Literal["active", "pending", "missing", "unrouted", "stopped"] = "active"
    """The channel number: not allocated yet, none configured, without a gateway, or with a rate of 0."""
    channel_kind: Literal["notice", "verification", "marketing"] | None = None
    """The kind of templates that the channel number is for; None: all of them."""
    blocked_countries: tuple[str, ...] = ()
    """Calling codes that are not among the account's own countries: one of them fails the whole request."""


def _settings(state: SandboxState) -> HuaweiSettings:
    settings = state.accounts[VENDOR]
    assert isinstance(settings, HuaweiSettings)  # noqa: S101  # `SimulatedVendor.account` is its type
    return settings


def request_refusal(state: SandboxState, numbers: list[str], now: float) -> str | None:
    """The code with which a whole request to *numbers* (E.164) is refused at *now* (Unix seconds), or None."""
    account = _settings(state)
    if not state.may_send(VENDOR):
        return "E000620"
    if account.user in _USERS:
        return _USERS[account.user]
    if account.arrears:
        return "E000112"
    if account.disabled:
        return "E000103"
    if not account.permitted:
        return "E000106"
    if any(PhoneNumber(number).calling_code in account.blocked_countries for number in numbers):
        return "E000628"
    limit = account.daily_limit
    return "E000623" if limit is not None and sent_today(state, VENDOR, now) + len(numbers) > limit else None


def number_refusal(state: SandboxState, number: str, segments: int) -> str | None:
    """The status with which a message of so many *segments* to *number* (E.164) is refused, or None."""
    scenario = state.scenario(VENDOR, number)
    if scenario is not None and scenario in NUMBER_REFUSALS:
        return NUMBER_REFUSALS[scenario]
    account = _settings(state)
    if not account.sms_enabled:
        return "E200024"
    if account.channel in _CHANNELS:
        return _CHANNELS[account.channel]
    country = PhoneNumber(number).calling_code
    if country in account.unsupported_countries:
        return "E200023" if country == "86" else "E200026"
    return "E000629" if account.balance is not None and account.balance < segments else None


def template_refusal(state: SandboxState, template: SandboxTemplate) -> str | None:
    """The status that all messages of *template* get because the channel number is not for it, or None."""
    # 5.2.1, E200029: the template and the sender are to be of one type.
    return "E200029" if _settings(state).channel_kind not in (None, template.kind) else None


def report_refusal(state: SandboxState, number: str, text: str, now: float) -> str | None:
    """The code in the report on a message that is accepted, and then goes to nobody, or None."""
    if (VENDOR, number) in state.opted_out:
        return "SC:0016"
    limit = broken_limit(state, VENDOR, number, text, now)
    if limit is None:
        return None
    # 5.2.2: LIMIT is that of a day; SC:0010 is "excessively high sending frequency".
    return "LIMIT" if limit is Limit.DAY else "SC:0010"
