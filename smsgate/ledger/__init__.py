"""A ledger in a SQL database: what leaves is committed before it does, and what comes back is merged into it.

    gateway = Gateway(…, ledger=SqlLedger("sqlite:///sms.db"))

The rates that processes share are kept in such a database too, or in Redis.

It needs `pip install "smsgate[ledger]"`, and `RedisRates` needs `pip install "smsgate[redis]"`. Each name is imported
when it is first used.
"""

import typing

if typing.TYPE_CHECKING:
    from smsgate.ledger.campaigns import CampaignProgress
    from smsgate.ledger.entries import LedgerEntry
    from smsgate.ledger.redis_rates import RedisRates
    from smsgate.ledger.resend import Resend
    from smsgate.ledger.settled import Settled
    from smsgate.ledger.settler import Settler
    from smsgate.ledger.sql_ledger import SqlLedger
    from smsgate.ledger.sql_rates import SqlRates

__all__ = ["CampaignProgress", "LedgerEntry", "RedisRates", "Resend", "Settled", "Settler", "SqlLedger", "SqlRates"]

_HOMES: typing.Final = {
    "CampaignProgress": "smsgate.ledger.campaigns",
    "LedgerEntry": "smsgate.ledger.entries",
    "RedisRates": "smsgate.ledger.redis_rates",
    "Resend": "smsgate.ledger.resend",
    "Settled": "smsgate.ledger.settled",
    "Settler": "smsgate.ledger.settler",
    "SqlLedger": "smsgate.ledger.sql_ledger",
    "SqlRates": "smsgate.ledger.sql_rates",
}

_EXTRAS: typing.Final = {"sqlalchemy": "ledger", "redis": "redis"}
"""What to install, by the package that is missing."""

if not typing.TYPE_CHECKING:  # a type checker shall go on to find misspelt names

    def __getattr__(name: str) -> object:
        from smsgate._lazy import import_name
        from smsgate.model.errors import ConfigurationError

        try:
            return import_name(__name__, name, _HOMES)
        except ModuleNotFoundError as error:
            if error.name not in _EXTRAS:
                raise
            what = f"{__name__}.{name}" if error.name == "redis" else __name__
            raise ConfigurationError(f'{what} needs: pip install "smsgate[{_EXTRAS[error.name]}]"') from None
