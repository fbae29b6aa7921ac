"""`Resend`: sends once more what a vendor was asked for, and has nothing of."""

import logging
from datetime import timedelta
from typing import Final

import attrs

from smsgate.ledger.sql_ledger import SqlLedger
from smsgate.model.errors import ConfigurationError, KeyInProgressError, MessageError
from smsgate.model.result import Result
from smsgate.sending.gateway import Gateway

__all__ = ["Resend"]

logger: Final = logging.getLogger("smsgate")


@attrs.frozen
class Resend:
    """Lets a `Settler` send `UNKNOWN` messages once more, with *gateway*. That may send a message twice.

    *gateway*: one with the settler's ledger. It sends them as it sends any message: by its routes, caps and failover.

    Raises `ConfigurationError` for a quiet window that is none.
    """

    gateway: Gateway
    after: timedelta = attrs.field(kw_only=True)
    """How long ago the last try of a message must have begun: longer than vendors need to report on a message."""

    def __attrs_post_init__(self) -> None:
        if self.after <= timedelta():
            raise ConfigurationError("after: must be above 0")

    def check(self, ledger: SqlLedger, until: timedelta) -> None:
        """Raise `ConfigurationError` if it can do nothing with *ledger*, or for messages up to *until* old."""
        if self.gateway.ledger is not ledger:
            raise ConfigurationError("resend: its gateway must have the settler's ledger")
        if not ledger.params:
            raise ConfigurationError("resend: needs a ledger with params=True: without parameters nothing can be sent")
        if self.after >= until:
            raise ConfigurationError("resend: after must be below until: what is older is not asked for")

    async def send(self, ledger: SqlLedger, key: str) -> bool:
        """Send the message with *key* once more if that is allowed. Whether it may have been sent twice now.

        Raises `LedgerError`.
        """
        async with ledger.reopen(key, quiet_for=self.after) as message:
            if message is None:
                return False
            try:
                # Asked before, so that nobody is told of a refusal: the message may have been sent.
                told: object = self.gateway.preview(message).problem or await self.gateway.send(message)
            except (MessageError, KeyInProgressError) as error:
                told = error
            if isinstance(told, Result):
                return told.possible_duplicate
            logger.warning("settling: a message was not sent again: %s", told)
            return False
