"""The caller's own client or transport: what was signed is what is sent, and the outcome is as true as ever."""

from collections.abc import Callable, Sequence
from typing import Any

import httpx
import httpx2
import pytest

from smsgate import Batch, HttpRequest, Outcome, SmsProvider
from smsgate.huawei import HuaweiSms

from . import scripts as s
from .driver import HASTY, NUMBER, PROBES, Recorder, code, gateway, leakless, probe, tencent
from .matrix import dripping
from .outages import CERTIFICATES, serving
from .stub import Incoming, Line, Script, Stub

pytestmark = pytest.mark.anyio

OURS = {"accept", "accept-encoding", "content-length", "user-agent"}


MODULES = [pytest.param(httpx, id="httpx"), pytest.param(httpx2, id="httpx2")]
"""What a caller's client or transport may be of."""
BY_EITHER = pytest.mark.parametrize("module", MODULES)


def opinionated(module: Any, **options: Any) -> Any:
    """A client with defaults for everything."""
    return module.AsyncClient(
        headers={"Authorization": "Bearer theirs", "Content-Type": "text/plain", "Host": "theirs", "X-Theirs": "1"},
        params={"theirs": "1"},
        cookies={"theirs": "1"},
        auth=("their", "password"),
        base_url="https://theirs.test/api/",
        follow_redirects=True,
        trust_env=False,
        timeout=None,
        **options,
    )


def huawei_taken(request: Incoming) -> bytes:
    row = b'{"originTo":"+86' + NUMBER.encode() + b'","smsMsgId":"1","status":"000000","from":"x","createTime":"x"}'
    return s.http(b'{"code":"000000","description":"Success","result":[' + row + b"]}")


def noted(provider: SmsProvider, built: list[HttpRequest], monkeypatch: pytest.MonkeyPatch) -> SmsProvider:
    """*provider*, with a note of each request that it builds."""
    build = provider.build_request

    def build_request(batch: Batch, *, now: float, nonce: str) -> HttpRequest:
        built.append(build(batch, now=now, nonce=nonce))
        return built[-1]

    monkeypatch.setattr(provider, "build_request", build_request)
    return provider


VENDORS: list[tuple[str, Callable[[str], SmsProvider], Script]] = [
    ("tencent-v5", lambda url: tencent("first", url), s.accept),
    *(
        (
            f"huawei-{auth}",
            lambda url, auth=auth: HuaweiSms("k", "secret", sender="isms1", base_url=url, auth=auth, name="first"),
            s.respond(huawei_taken),
        )
        for auth in ("aksk", "wsse")
    ),
]


@pytest.mark.parametrize(("make", "script"), [pytest.param(*vendor[1:], id=vendor[0]) for vendor in VENDORS])
@pytest.mark.parametrize("own", [True, False], ids=["callers-client", "own-connections"])
@BY_EITHER
async def test_what_was_signed_is_what_is_sent(
    make: Callable[[str], SmsProvider],
    script: Script,
    own: bool,
    module: Any,
    network: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """No default of the caller's client finds its way into a signed request, nor does one of its own headers miss."""
    built: list[HttpRequest] = []
    with Stub(script) as stub:
        async with opinionated(module) as client:
            provider = noted(make(stub.url), built, monkeypatch)
            async with gateway(provider, client=client if own else None) as sms:
                assert (await sms.send(code())).accepted
            assert not client.is_closed
    ((request,), (sent,)) = built, stub.requests
    assert not stub.violations
    assert (sent.method, sent.body) == (request.method, request.body)
    assert sent.target == request.path + (f"?{request.query}" if request.query else "")
    for name, value in request.headers.pairs:
        assert sent.header(name.lower()) == [value]
    assert {name.lower() for name, _ in sent.headers} == {name.lower() for name, _ in request.headers.pairs} | OURS


FAULTS: list[tuple[str, Script, tuple[Outcome, ...]]] = [
    ("RST at accept", Line.reset, (Outcome.NOT_SENT, Outcome.UNKNOWN)),
    ("processed, then FIN", s.processed(Line.close), (Outcome.UNKNOWN,)),
    ("not processed, then FIN", s.unprocessed(Line.close), (Outcome.UNKNOWN,)),
    ("processed, then silence", s.processed(Line.hang), (Outcome.UNKNOWN,)),
    ("headers byte by byte", s.processed(dripping(s.http())), (Outcome.UNKNOWN,)),
    ("body byte by byte", s.processed(dripping(s.http(), 80)), (Outcome.UNKNOWN,)),
    ("elsewhere", s.respond(s.http(b"", status="307 Moved", headers=["Location: /elsewhere"])), (Outcome.UNKNOWN,)),
    ("gzip bomb", s.respond(s.compressed(b" " * 20_000_000, "gzip")), (Outcome.UNKNOWN,)),
]


@pytest.mark.parametrize(("script", "outcomes"), [pytest.param(*fault[1:], id=fault[0]) for fault in FAULTS])
@BY_EITHER
async def test_faults_through_the_callers_client(
    module: Any, script: Script, outcomes: Sequence[Outcome], caplog: pytest.LogCaptureFixture
) -> None:
    """The outcome is decided by the wire, whoever's client it goes through; the client stays usable."""
    record = Recorder()
    with Stub(script) as first, Stub(s.accept) as second:
        limits = module.Limits(max_connections=PROBES)
        async with (
            opinionated(module, limits=limits) as client,
            gateway(
                tencent("first", first.url),
                tencent("second", second.url),
                client=client,
                timeouts=HASTY,
                on_result=record,
            ) as sms,
        ):
            result = await sms.send(code())
            told = result.attempts[0].outcome
            assert told in outcomes
            assert bool(second.requests) is (told is Outcome.NOT_SENT)
            assert first.heads <= 1
            assert record.ended == [result]
            leakless([result], result, caplog.records)
            first.script = s.accept
            await probe(sms, first)


@BY_EITHER
async def test_closed_client(module: Any) -> None:
    """A client that the caller has closed sends nothing."""
    client = module.AsyncClient()
    await client.aclose()
    with Stub(s.accept) as stub:
        async with gateway(tencent("first", stub.url), client=client) as sms:
            assert (await sms.send(code())).outcome is Outcome.NOT_SENT
    assert stub.connections == 0


@BY_EITHER
async def test_callers_transport_stays_open(module: Any) -> None:
    """A transport that was handed in is used, and is the caller's to close."""
    with Stub(s.accept) as stub:
        async with module.AsyncHTTPTransport() as transport:
            for _ in range(2):
                async with gateway(tencent("first", stub.url), transport=transport) as sms:
                    assert (await sms.send(code())).accepted
        assert stub.connections == 1


@pytest.mark.usefixtures("network")
@pytest.mark.parametrize("tls", [False, True], ids=["proxies", "certificates"])
async def test_environment_is_not_read(tls: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """No proxy and no authority that the environment names is used for messages."""
    for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATES / "ca.pem"))
    with Stub(s.accept, tls=serving("vendor") if tls else None) as stub:
        async with gateway(tencent("first", f"{'https' if tls else 'http'}://{stub.host}")) as sms:
            result = await sms.send(code())
    assert result.outcome is (Outcome.NOT_SENT if tls else Outcome.ACCEPTED)
    assert len(stub.charges) == (0 if tls else 1)
