"""The network, and the tasks of an event loop.

Each name is imported when it is first used.
"""

import typing

if typing.TYPE_CHECKING:
    from smsgate.transport.exchange import Timeouts

__all__ = [
    "Timeouts",
]

_HOMES: typing.Final = {
    "Timeouts": "smsgate.transport.exchange",
}

if not typing.TYPE_CHECKING:  # a type checker shall go on to find misspelt names

    def __getattr__(name: str) -> object:
        from smsgate._lazy import import_name

        return import_name(__name__, name, _HOMES)
