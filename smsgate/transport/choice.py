"""What a gateway's requests go over: a transport of ours, or a client or a transport of the caller's.

The caller's is checked when a gateway is made: what is found out at the first send is found out by a message whose fate
is unknown.
"""

import ssl
import sys
from types import ModuleType
from typing import TYPE_CHECKING, Final, TypeAlias

from smsgate.model.errors import ConfigurationError
from smsgate.transport.checks import described, inner_transport, package_of, typename
from smsgate.transport.connection import Connection, Transport
from smsgate.transport.httpx import HttpxTransport

if TYPE_CHECKING:
    import httpx
    import httpx2

    AnyClient: TypeAlias = httpx.AsyncClient | httpx2.AsyncClient
    AnyTransport: TypeAlias = Transport | httpx.AsyncBaseTransport | httpx2.AsyncBaseTransport

__all__ = ["choose"]

_HANDED: Final = {"client": "AsyncClient", "transport": "AsyncBaseTransport"}
_LIBRARIES: Final = ("httpx", "httpx2")


def choose(
    client: "AnyClient | None",
    transport: "AnyTransport | None",
    ssl_context: ssl.SSLContext | None,
    max_connections: int,
) -> Transport | Connection:
    """What the requests go over. Raises `ConfigurationError` for anything that a request cannot be handed to."""
    default = HttpxTransport(ssl_context=ssl_context, max_connections=max_connections)
    if client is not None and transport is not None:
        raise ConfigurationError("Gateway: give client or transport, not both")
    if isinstance(transport, Transport):
        if ssl_context is not None:
            raise ConfigurationError(
                f"ssl_context: give it to the transport, {type(transport).__name__}(ssl_context=…)"
            )
        return transport
    if client is None and transport is None:
        return default
    from smsgate.transport.httpx_connection import CallersConnection

    if transport is not None:
        return CallersConnection(_library_of("transport", transport), transport=transport)
    library = _library_of("client", client)
    _check_inner(client, library)
    return CallersConnection(library, client=client)


def _library_of(option: str, given: object) -> ModuleType:
    """The library that *given* is of. None is imported: who has an object of it has imported it."""
    loaded = [module for name in _LIBRARIES if (module := sys.modules.get(name)) is not None]
    for module in loaded:
        if isinstance(given, getattr(module, _HANDED[option])):
            return module
    raise ConfigurationError(
        f"{option}: must be {_wanted(option)}, not {described(given)}{_hint(option, given, loaded)}"
    )


def _check_inner(client: object, library: ModuleType) -> None:
    """A client does not check its own transport."""
    inner = inner_transport(client)
    package = package_of(inner)
    if package in _LIBRARIES and package != library.__name__:
        raise ConfigurationError(
            f"client: its transport is an {typename(inner)}, which cannot send {library.__name__}'s requests"
        )


def _wanted(option: str) -> str:
    ours = " or a transport of smsgate's" if option == "transport" else ""
    return f"an {' or '.join(f'{library}.{_HANDED[option]}' for library in _LIBRARIES)}{ours}"


def _hint(option: str, given: object, loaded: list[ModuleType]) -> str:
    other = "transport" if option == "client" else "client"
    if isinstance(given, type):
        return ": make an object of it" if issubclass(given, Transport) else ""
    if isinstance(given, Transport) or any(isinstance(given, getattr(each, _HANDED[other])) for each in loaded):
        return f": give it as {other}="
    if any(isinstance(given, each.Client | each.BaseTransport) for each in loaded):
        return ", which is not async"
    return ""
