"""A client or a transport that cannot work is refused when the gateway is made, never found out by a message."""

import subprocess
import sys
from typing import Any

import httpx
import pytest
from fake_vendors import alpha

from smsgate import ConfigurationError, Gateway
from smsgate.management import ManagementClient

# An httpx2 stands in for the real one: only the name of its package counts.
Httpx2Client = type("AsyncClient", (), {"__module__": "httpx2._client"})
Httpx2Transport = type("AsyncHTTPTransport", (), {"__module__": "httpx2._transports.default"})
WRONG: dict[str, tuple[str, Any, str]] = {
    "httpx2 client": ("client", Httpx2Client(), "not an object of httpx2.AsyncClient: httpx2 cannot send"),
    "httpx2 transport": ("transport", Httpx2Transport(), "httpx2.AsyncHTTPTransport: httpx2 cannot send"),
    "httpx2 transport in an httpx client": (
        "client",
        httpx.AsyncClient(transport=Httpx2Transport()),
        "its transport is an httpx2.AsyncHTTPTransport",
    ),
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
        "must be an httpx.AsyncBaseTransport",
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
        ("transport", httpx.AsyncHTTPTransport()),
        ("transport", httpx.MockTransport(lambda request: httpx.Response(200))),
        ("transport", httpx.ASGITransport(app=None)),  # type: ignore[arg-type]
    ],
)
def test_what_can_work(option: str, given: Any) -> None:
    """Clients and transports of httpx, and those that derive from them, are taken."""
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
assert "httpx" not in sys.modules
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
