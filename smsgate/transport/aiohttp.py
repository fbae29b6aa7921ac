"""aiohttp's client (`pip install smsgate[fast]`), whose parser and writer are in C. On asyncio only."""

import asyncio
from functools import partial

import attrs
from anyio.lowlevel import current_token

from smsgate.model.errors import ConfigurationError
from smsgate.transport.connection import Opener, Transport

__all__ = ["AiohttpTransport"]


@attrs.frozen(kw_only=True)
class AiohttpTransport(Transport):
    """aiohttp's client (`pip install smsgate[fast]`), several times as fast as the default. On asyncio only."""

    def check_loop(self) -> None:
        """See `Transport.check_loop`."""
        if not isinstance(current_token().native_token, asyncio.AbstractEventLoop):
            raise ConfigurationError(
                "AiohttpTransport: runs on asyncio only; leave out transport= on another event loop"
            )

    def load(self, *, secure: bool) -> Opener:
        """See `Transport.load`."""
        from smsgate.transport.aiohttp_connection import AiohttpConnection

        return partial(AiohttpConnection, self.tls_context() if secure else None)
