"""A client or a transport that cannot work is refused when the gateway is made, never found out by a message."""

import ssl
import subprocess
import sys
from typing import Any

import httpx
import httpx2
import pytest
from fake_vendors import alpha

from smsgate import ConfigurationError, Gateway
from smsgate.management import ManagementClient
from smsgate.transport import AiohttpTransport, Httpx2Transport

WRONG: dict[str, tuple[str, Any, str]] = {
    "httpx2 transport in an httpx client": (
        "client",
        httpx.AsyncClient(transport=httpx2.AsyncHTTPTransport()),  # type: ignore[arg-type]
        "its transport is an httpx2.AsyncHTTPTransport, which cannot send httpx's requests",
    ),
    "httpx transport in an httpx2 client": (
        "client",
        httpx2.AsyncClient(transport=httpx.AsyncHTTPTransport()),  # type: ignore[arg-type]
        "its transport is an httpx.AsyncHTTPTransport, which cannot send httpx2's requests",
    ),
    "sync client of httpx2": ("client", httpx2.Client(), "httpx2.Client, which is not async"),
    "transport of ours as client": ("client", AiohttpTransport(), "give it as transport="),
    "class of a transport of ours": ("transport", AiohttpTransport, "make an object of it"),
    "sync client": ("client", httpx.Client(), "httpx.Client, which is not async"),
    "sync transport": ("transport", httpx.HTTPTransport(), "httpx.HTTPTransport, which is not async"),
    "class of a client": ("client", httpx.AsyncClient, "not the class AsyncClient"),
    "class of a transport": ("transport", httpx.AsyncHTTPTransport, "not the class AsyncHTTPTransport"),
    "transport as client": ("client", httpx.AsyncHTTPTransport(), "give it as transport="),
    "client as transport": ("transport", httpx.AsyncClient(), "give it as client="),
    "text": ("client", "https://proxy.test", "not an object of builtins.str"),
    "something with the right method": (
        "transport",
        type("Duck", (), {"handle_async_request": None})(),
        "must be an httpx.AsyncBaseTransport or httpx2.AsyncBaseTransport or a transport of smsgate's",
    ),
}


@pytest.mark.parametrize(("option", "given", "words"), WRONG.values(), ids=WRONG)
@pytest.mark.parametrize("make", [lambda **options: Gateway([alpha()], **options), ManagementClient])
def test_what_cannot_work(make: Any, option: str, given: Any, words: str) -> None:
    """The error names the option, what was given, and what to give."""
    with pytest.raises(ConfigurationError) as caught:
        make(**{option: given})
    assert str(caught.value).startswith(f"{option}: ")
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("option", "given"),
    [
        ("client", httpx.AsyncClient()),
        ("client", type("Client", (httpx.AsyncClient,), {})()),
        ("client", httpx2.AsyncClient()),
        ("transport", httpx2.AsyncHTTPTransport()),
        ("transport", httpx2.MockTransport(lambda request: httpx2.Response(200))),
        ("transport", AiohttpTransport()),
        ("transport", Httpx2Transport()),
        ("transport", httpx.AsyncHTTPTransport()),
        ("transport", httpx.MockTransport(lambda request: httpx.Response(200))),
        ("transport", httpx.ASGITransport(app=None)),  # type: ignore[arg-type]
    ],
)
def test_what_can_work(option: str, given: Any) -> None:
    """Clients and transports of httpx and httpx2, those that derive from them, and transports of ours are taken."""
    Gateway([alpha()], **{option: given})


def test_nothing_is_imported_for_the_check() -> None:
    """A gateway that is given something else altogether says so, without httpx."""
    program = """
import sys
from smsgate import ConfigurationError, Gateway
from smsgate.tencent import TencentV5
for options in ({}, {"client": object()}, {"transport": object()}):
    try:
        Gateway([TencentV5("1400006666", "key")], **options)
    except ConfigurationError:
        assert options
    else:
        assert not options
assert not {"httpx", "httpx2", "aiohttp"} & set(sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("transport", [AiohttpTransport, Httpx2Transport])
def test_a_transport_has_its_own_settings(transport: type[AiohttpTransport] | type[Httpx2Transport]) -> None:
    """What is given twice, or cannot be, is said when it is given."""
    with pytest.raises(ConfigurationError, match="max_connections: must be at least 1"):
        transport(max_connections=0)
    with pytest.raises(ConfigurationError, match=rf"ssl_context: give it to the transport, {transport.__name__}\("):
        Gateway([alpha()], transport=transport(), ssl_context=ssl.create_default_context())
