"""What is checked of the arguments of `send_many` before anything is read. Pure."""

import math
from collections.abc import AsyncIterable, Iterable
from typing import TYPE_CHECKING, Final

from smsgate.model.errors import ConfigurationError

if TYPE_CHECKING:
    from smsgate.sending.claiming import Claiming

__all__ = ["check_bulk_options", "check_campaign", "check_campaign_name"]

_LONGEST_CAMPAIGN: Final = 200


def check_bulk_options(messages: object, *, concurrency: object, window: object, linger: object) -> None:
    """Raise `ConfigurationError` if one of the arguments cannot be what it is to be."""
    if not all(isinstance(each, int) and each >= 1 for each in (concurrency, window)):
        raise ConfigurationError("send_many: concurrency and window must be at least 1")
    if not isinstance(linger, int | float) or not 0 <= linger < math.inf:
        raise ConfigurationError("send_many: linger must be seconds, 0 or more")
    if not isinstance(messages, Iterable | AsyncIterable):
        raise ConfigurationError(f"send_many: messages must be iterable, not a {type(messages).__name__}")


def check_campaign(campaign: object, claiming: "Claiming | None") -> None:
    """Raise `ConfigurationError` for what is no name of a campaign, and where nothing knows what of it was sent."""
    check_campaign_name(campaign)
    if claiming is None or not claiming.keys.suspends:
        raise ConfigurationError("campaign: needs a ledger that claims keys, such as smsgate.ledger.SqlLedger")


def check_campaign_name(campaign: object) -> None:
    """Raise `ConfigurationError` for what is no name of a campaign."""
    if not isinstance(campaign, str) or not campaign or len(campaign) > _LONGEST_CAMPAIGN:
        raise ConfigurationError(f"campaign: must be a name of 1 to {_LONGEST_CAMPAIGN} characters")
