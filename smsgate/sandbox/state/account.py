"""The state of a vendor's account: what stops its messages though every request is right.

A vendor's own class adds to it what only that vendor has. All of it can change while a sandbox runs.
"""

import re
from typing import ClassVar, Final, cast

import attrs

from smsgate.model.errors import ConfigurationError
from smsgate.sandbox.state.addresses import check_addresses
from smsgate.sandbox.state.e164 import E164_EXAMPLE, is_e164

__all__ = ["AccountSettings"]

_CALLING_CODE: Final = re.compile(r"[1-9][0-9]{0,2}", re.ASCII)


@attrs.frozen(kw_only=True)
class AccountSettings:
    """The account of one vendor. Raises `ConfigurationError`, naming the field at fault."""

    switches: ClassVar[tuple[str, ...]] = ()
    """The fields that say what the vendor's support has enabled, off at first."""

    arrears: bool = False
    """The account owes money, and its service is suspended."""
    disabled: bool = False
    """The application is out of service."""
    permitted: bool = True
    """The account may call the API."""
    allowed_ips: tuple[str, ...] = ()
    """Addresses and networks ("10.0.0.0/8") that may send; none listed: all of them."""
    balance: int | None = None
    """Messages that are paid for, a long one counted by its segments; an accepted one takes them. None: enough."""
    daily_limit: int | None = None
    """Messages a calendar day (China's), or None for no limit."""
    unsupported_countries: tuple[str, ...] = ()
    """Calling codes ("1", "65") to which the vendor does not send."""
    exempt_numbers: tuple[str, ...] = attrs.field(default=(), repr=False)
    """Numbers (E.164) for which no limit of frequency counts."""
    per_30_seconds: int | None = None
    """The most messages of the same text to a number in 30 seconds."""
    per_hour: int | None = None
    """The most messages to a number in an hour."""
    per_day: int | None = None
    """The most messages to a number in a calendar day (China's)."""
    same_text_per_day: int | None = None
    """The most messages of the same text to a number in a calendar day."""

    def __attrs_post_init__(self) -> None:
        for field in attrs.fields(type(self)):
            value: object = getattr(self, field.name)
            if isinstance(value, int) and value < 0:
                raise ConfigurationError(f"{field.name}: a whole number from 0; leave it out for no limit")
            if isinstance(value, tuple):
                _check_list(field.name, cast("tuple[str, ...]", value))


def _check_list(name: str, values: tuple[str, ...]) -> None:
    """The last word of a field's name says what its list has."""
    if name.endswith("_countries") and not all(map(_CALLING_CODE.fullmatch, values)):
        raise ConfigurationError(f'{name}: calling codes without a plus sign, as in "65"')
    if name.endswith("_numbers") and not all(map(is_e164, values)):
        raise ConfigurationError(f"{name}: each is {E164_EXAMPLE}")
    if name.endswith("_ips"):
        check_addresses(values, name)
