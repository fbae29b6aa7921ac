"""A user's own test suite: mocks that raise what a network would, with nothing that traces how far a request got."""

import json
import ssl
from typing import Any

import httpx
import pytest
import respx

from smsgate import Outcome, Reason
from smsgate.tencent import TencentV5

from . import scripts as s
from .driver import NUMBER, PARAM, code, gateway, leakless
from .stub import APP_KEY

pytestmark = pytest.mark.anyio

TAKEN = json.loads(s.ACCEPTED)
FIRST, SECOND = "https://first.test", "https://second.test"
VENDORS = (
    TencentV5("1400006666", APP_KEY, name="first", base_url=FIRST),
    TencentV5("1400006666", APP_KEY, name="second", base_url=SECOND),
)
NEVER_LEFT: list[type[Exception]] = [
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.UnsupportedProtocol,
]
MAY_HAVE_LEFT: list[type[Exception]] = [
    httpx.ReadTimeout,
    httpx.ReadError,
    httpx.WriteTimeout,
    httpx.WriteError,
    httpx.RemoteProtocolError,
    httpx.LocalProtocolError,
    httpx.ProxyError,
    httpx.TooManyRedirects,
    httpx.DecodingError,
    ssl.SSLError,
    ValueError,
]


async def test_respx_intercepts(respx_mock: respx.MockRouter) -> None:
    """A suite that mocks with respx sees the gateway's requests and answers them as the vendor would."""
    route = respx_mock.post(f"{FIRST}/v5/tlssmssvr/sendsms").respond(json=TAKEN)
    async with gateway(*VENDORS) as sms:
        result = await sms.send(code())
    assert (result.outcome, result.message_id, route.call_count) == (Outcome.ACCEPTED, TAKEN["sid"], 1)
    body = json.loads(route.calls.last.request.content)
    assert (body["tel"]["mobile"], body["params"]) == (NUMBER, [PARAM, "5"])


async def test_respx_connect_error(respx_mock: respx.MockRouter) -> None:
    """`side_effect=httpx.ConnectError`: it never left, the next vendor takes it."""
    respx_mock.post(host="first.test").mock(side_effect=httpx.ConnectError)
    second = respx_mock.post(host="second.test").respond(json=TAKEN)
    async with gateway(*VENDORS) as sms:
        result = await sms.send(code())
    assert [try_.outcome for try_ in result.attempts] == [Outcome.NOT_SENT, Outcome.ACCEPTED]
    assert second.called


@respx.mock(assert_all_called=False)
async def test_respx_read_timeout(respx_mock: respx.MockRouter) -> None:
    """`side_effect=httpx.ReadTimeout`: it may have been sent, nobody else is asked."""
    respx_mock.post(host="first.test").mock(side_effect=httpx.ReadTimeout)
    second = respx_mock.post(host="second.test").respond(json=TAKEN)
    async with gateway(*VENDORS) as sms:
        result = await sms.send(code())
    assert (result.outcome, result.reason, second.called) == (Outcome.UNKNOWN, Reason.NO_ANSWER, False)


async def test_respx_refusal(respx_mock: respx.MockRouter) -> None:
    """Vendor JSON at any status is read as the vendor's word."""
    respx_mock.post(host="first.test").respond(status_code=500, json={"result": 1016, "errmsg": "bad mobile"})
    async with gateway(*VENDORS) as sms:
        result = await sms.send(code())
    assert (result.outcome, result.reason) == (Outcome.REJECTED, Reason.INVALID_NUMBER)


@pytest.mark.parametrize("through", ["client", "transport", "respx"])
@pytest.mark.parametrize("error", NEVER_LEFT + MAY_HAVE_LEFT)
async def test_errors_without_a_trace(
    error: type[Exception], through: str, respx_mock: respx.MockRouter, caplog: pytest.LogCaptureFixture
) -> None:
    """Where nothing traces, a short list of errors means that nothing left; everything else leaves it open."""
    asked: list[str] = []
    of_the_system = error in NEVER_LEFT or issubclass(error, OSError)  # those speak of addresses, never of requests
    words = f"to {NUMBER}" if of_the_system else f"{APP_KEY} {PARAM} {NUMBER}"

    def network(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.host)
        if request.url.host == "first.test":
            raise error(words)
        return httpx.Response(200, json=TAKEN)

    respx_mock.route().mock(side_effect=network)
    mock = httpx.MockTransport(network)
    async with httpx.AsyncClient(transport=mock) as client:
        doors: dict[str, dict[str, Any]] = {"client": {"client": client}, "transport": {"transport": mock}, "respx": {}}
        async with gateway(*VENDORS, **doors[through]) as sms:
            result = await sms.send(code())
    if error in NEVER_LEFT:
        assert (asked, result.outcome) == (["first.test", "second.test"], Outcome.ACCEPTED)
        assert result.attempts[0].outcome is Outcome.NOT_SENT
    else:
        assert (asked, result.outcome) == (["first.test"], Outcome.UNKNOWN)
    leakless([result], result, caplog.records)
