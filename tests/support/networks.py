"""The HTTP libraries that a gateway has connections of its own over: the same tests run over each.

A test that asks for the fixture `network` runs once for each of them, and whatever gateway it makes with
`over_network(options)` has that library's transport.
"""

from typing import Any, Final

import httpx
import pytest

from smsgate.transport import AiohttpTransport, Httpx2Transport
from smsgate.transport.httpx import HttpxTransport
from smsgate.transport.httpx_connection import CallersConnection

__all__ = [
    "NETWORKS",
    "deselect_impossible",
    "expression",
    "over_network",
    "simulate_network",
    "use_network",
]

NETWORKS: Final[dict[str, type[Httpx2Transport] | type[AiohttpTransport] | None]] = {
    "httpx": None,
    "httpx2": Httpx2Transport,
    "aiohttp": AiohttpTransport,
}
"""The default is none of those that a user names."""

_in_use = "httpx"


def use_network(name: str) -> None:
    """Which library gateways are made with from now on."""
    global _in_use
    _in_use = name


def over_network(options: dict[str, Any]) -> dict[str, Any]:
    """The options of a `Gateway`, with the transport in use, unless they say what it goes over."""
    transport = NETWORKS[_in_use]
    if transport is None or options.get("client") is not None or options.get("transport") is not None:
        return options
    its_own = {name: options[name] for name in ("ssl_context", "max_connections") if name in options}
    others = {name: value for name, value in options.items() if name not in its_own}
    return {**others, "transport": transport(**its_own)}


def simulate_network(monkeypatch: pytest.MonkeyPatch, transport: httpx.AsyncBaseTransport) -> None:
    """Whatever gateway opens a connection of its own, it is *transport*."""
    monkeypatch.setattr(HttpxTransport, "load", lambda *_, secure: lambda _: CallersConnection(httpx, None, transport))


def expression() -> str:
    """The transport in use as an argument in the text of a program that has imported `smsgate.transport`."""
    transport = NETWORKS[_in_use]
    return "None" if transport is None else f"smsgate.transport.{transport.__name__}()"


def deselect_impossible(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the tests whose parameters name a library and an event loop that it does not run on."""
    kept, left_out = list[pytest.Item](), list[pytest.Item]()
    for item in items:
        parameters: dict[str, Any] = getattr(getattr(item, "callspec", None), "params", {})
        backend = parameters.get("anyio_backend", parameters.get("backend", "asyncio"))
        impossible = parameters.get("network") == "aiohttp" and backend != "asyncio"
        (left_out if impossible else kept).append(item)
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = kept
