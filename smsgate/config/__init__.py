"""The settings file: accounts, templates and everything of a gateway that is plain data, with no secret in it.

`smsgate.config.load("smsgate.toml").gateway()` makes the gateway that a file describes.
"""

# Each name is imported when it is first used.

import typing

if typing.TYPE_CHECKING:
    from smsgate.config.accounts import Account
    from smsgate.config.schemas import schema
    from smsgate.config.settings import GatewayOptions, Settings, SharedRatesOptions, SqlLedgerOptions, load

__all__ = ["Account", "GatewayOptions", "Settings", "SharedRatesOptions", "SqlLedgerOptions", "load", "schema"]

_HOMES: typing.Final = {
    "Account": "smsgate.config.accounts",
    "GatewayOptions": "smsgate.config.settings",
    "Settings": "smsgate.config.settings",
    "SharedRatesOptions": "smsgate.config.settings",
    "SqlLedgerOptions": "smsgate.config.settings",
    "load": "smsgate.config.settings",
    "schema": "smsgate.config.schemas",
}

if not typing.TYPE_CHECKING:  # a type checker shall go on to find misspelt names

    def __getattr__(name: str) -> object:
        from smsgate._lazy import import_name

        return import_name(__name__, name, _HOMES)
