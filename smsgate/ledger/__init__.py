"""A ledger in a SQL database: what leaves is committed before it does, and what comes back is merged into it.

    gateway = Gateway(…, ledger=SqlLedger("sqlite:///sms.db"))

It needs `pip install "smsgate[ledger]"`. Each name is imported when it is first used.
"""

import typing

if typing.TYPE_CHECKING:
    from smsgate.ledger.campaigns import CampaignProgress
    from smsgate.ledger.entries import LedgerEntry
    from smsgate.ledger.resend import Resend
    from smsgate.ledger.settled import Settled
    from smsgate.ledger.settler import Settler
    from smsgate.ledger.sql_ledger import SqlLedger

__all__ = ["CampaignProgress", "LedgerEntry", "Resend", "Settled", "Settler", "SqlLedger"]

_HOMES: typing.Final = {
    "CampaignProgress": "smsgate.ledger.campaigns",
    "LedgerEntry": "smsgate.ledger.entries",
    "Resend": "smsgate.ledger.resend",
    "Settled": "smsgate.ledger.settled",
    "Settler": "smsgate.ledger.settler",
    "SqlLedger": "smsgate.ledger.sql_ledger",
}

if not typing.TYPE_CHECKING:  # a type checker shall go on to find misspelt names

    def __getattr__(name: str) -> object:
        from smsgate._lazy import import_name
        from smsgate.model.errors import ConfigurationError

        try:
            return import_name(__name__, name, _HOMES)
        except ModuleNotFoundError as error:
            if error.name != "sqlalchemy":
                raise
            raise ConfigurationError('smsgate.ledger needs: pip install "smsgate[ledger]"') from None
