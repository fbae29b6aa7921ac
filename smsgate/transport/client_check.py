"""Whether a caller's settings can work: values of their kind, a client or transport that takes our requests.

Checked when a gateway is made: what is found out at the first send is found out by a message whose fate is unknown.
"""

import sys
from typing import Any, Final

from smsgate.model.errors import ConfigurationError

__all__ = ["check_callable", "check_client", "check_kind", "check_transport"]

_HANDED: Final = {"client": "AsyncClient", "transport": "AsyncBaseTransport"}


def check_kind(option: str, given: object, kind: type | tuple[type, ...], name: str) -> None:
    """Raises `ConfigurationError` unless *given* is of *kind*; *name* is the kind in words."""
    if not isinstance(given, kind) or isinstance(given, bool):
        raise ConfigurationError(f"{option}: must be {name}, not {_described(given)}")


def check_callable(option: str, given: object) -> None:
    """Raises `ConfigurationError` unless *given* can be called."""
    if not callable(given):
        raise ConfigurationError(f"{option}: must be a function, not {_described(given)}")


def check_client(client: object) -> None:
    """Raises `ConfigurationError` unless *client* is an `httpx.AsyncClient`, also by its own transport."""
    _check("client", client)
    inner = getattr(client, "_transport", None)  # httpx has no public name for it, and does not check it either
    if inner is not None and _package(inner) == "httpx2":
        raise ConfigurationError(f"client: its transport is an {_name(inner)}, which cannot send httpx's requests")


def check_transport(transport: object) -> None:
    """Raises `ConfigurationError` unless *transport* is an `httpx.AsyncBaseTransport`."""
    _check("transport", transport)


def _check(option: str, given: object) -> None:
    httpx: Any = sys.modules.get("httpx")  # who has an object of it has imported it: it is not imported for the check
    if httpx is not None and isinstance(given, getattr(httpx, _HANDED[option])):
        return
    wrong = f"{option}: must be an httpx.{_HANDED[option]}, not {_described(given)}"
    other = "transport" if option == "client" else "client"
    if httpx is not None and isinstance(given, getattr(httpx, _HANDED[other])):
        raise ConfigurationError(f"{wrong}: give it as {other}=")
    if httpx is not None and isinstance(given, httpx.Client | httpx.BaseTransport):
        raise ConfigurationError(f"{wrong}, which is not async")
    if not isinstance(given, type) and _package(given) == "httpx2":
        raise ConfigurationError(f"{wrong}: httpx2 cannot send httpx's requests")
    raise ConfigurationError(wrong)


def _described(given: object) -> str:
    return f"the class {given.__name__}" if isinstance(given, type) else f"an object of {_name(given)}"


def _name(given: object) -> str:
    return f"{_package(given)}.{type(given).__name__}"


def _package(given: object) -> str:
    return type(given).__module__.partition(".")[0]
