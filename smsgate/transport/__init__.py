"""The network, and the tasks of an event loop.

`Gateway(transport=…)` takes one of `AiohttpTransport` and `Httpx2Transport`; without it, httpx is used.
"""

# Each name is imported when it is first used.

import typing

if typing.TYPE_CHECKING:
    from smsgate.transport.aiohttp import AiohttpTransport
    from smsgate.transport.httpx import Httpx2Transport
    from smsgate.transport.timeouts import Timeouts

__all__ = [
    "AiohttpTransport",
    "Httpx2Transport",
    "Timeouts",
]

_HOMES: typing.Final = {
    "AiohttpTransport": "smsgate.transport.aiohttp",
    "Httpx2Transport": "smsgate.transport.httpx",
    "Timeouts": "smsgate.transport.timeouts",
}

if not typing.TYPE_CHECKING:  # a type checker shall go on to find misspelt names

    def __getattr__(name: str) -> object:
        from smsgate._lazy import import_name

        return import_name(__name__, name, _HOMES)
