"""Huawei's signed pushes, all the way through the app."""

import base64
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from asgi_driver import answer_of, body_of, call, http_scope
from hypothesis import given
from hypothesis import strategies as st

from smsgate import Headers, HttpRequest, HttpResponse, Reply, Secret, StatusReport, huawei
from smsgate.huawei.signing import sign
from smsgate.provider import Callback
from smsgate.webhooks import CallbackApp, Route, receive

NOW = 1_770_000_000.0
TOKEN = "a-token-that-nobody-guesses"
BODY = b"sequence=1&total=1&source=2&smsMsgId=id-1&status=DELIVRD"
URL = f"https://app.example.com/sms/huawei/{TOKEN}"


def signed(secret: str = "push-secret", access: str = "push-key", url: str = URL, now: float = NOW) -> HttpRequest:
    """A push as Huawei sends it: the hop-by-hop Connection header is signed too."""
    headers = [("connection", "close"), ("host", "app.example.com"), ("content-length", str(len(BODY)))]
    return sign(HttpRequest("POST", url, Headers(headers), BODY), access, Secret(secret), now=now)


async def status_of(push: HttpRequest, monkeypatch: pytest.MonkeyPatch, **options: Any) -> int:
    events: list[StatusReport | Reply] = []

    async def on_event(event: StatusReport | Reply) -> None:
        events.append(event)

    monkeypatch.setattr("time.time", lambda: NOW)
    keys = {"push-key": "push-secret", "old-key": "old-secret"}
    app = CallbackApp(on_event, Route("huawei", huawei.parse_callback, tokens=[TOKEN], keys=keys, **options))
    headers = [(name.lower().encode(), value.encode()) for name, value in push.headers.pairs]
    # A framework that mounts apps leaves a part of the path in `path`; what was signed is `raw_path`.
    scope = http_scope(f"/huawei/{TOKEN}/", headers=headers, raw_path=push.path.encode())
    status = answer_of(await call(app, scope, body_of(push.body))).status
    assert len(events) == (1 if status == 200 else 0)
    return status


@pytest.mark.anyio
@pytest.mark.parametrize("pair", [("push-secret", "push-key"), ("old-secret", "old-key")])
async def test_a_signed_push_comes_in(pair: tuple[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """A push signed with either of two keys is taken, behind a mount too."""
    assert await status_of(signed(*pair), monkeypatch) == 200


@pytest.mark.anyio
@pytest.mark.parametrize(
    "push",
    [
        HttpRequest("POST", URL, {}, BODY),
        signed(secret="guessed-secret"),
        signed(access="nobody's"),
        signed(url=URL.replace("/sms/", "/other/")),
        signed(now=NOW - 1000),
        HttpRequest("POST", URL, signed().headers, BODY.replace(b"id-1", b"id-2")),
    ],
)
async def test_an_unproven_push_is_unauthorized(push: HttpRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Unsigned, signed with another key or for another path, too old or changed: 401, and no event."""
    url_path = f"/sms/huawei/{TOKEN}"
    assert await status_of(HttpRequest("POST", url_path, push.headers, push.body), monkeypatch) == 401


@pytest.mark.anyio
async def test_a_proxy_may_change_what_is_signed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Header fields that a proxy changes are put back as the route says."""
    push = signed()
    fields = dict(push.headers) | {"host": "10.0.0.7:8000", "connection": "keep-alive"}
    proxied = HttpRequest("POST", push.url, fields, push.body)
    assert await status_of(proxied, monkeypatch) == 401
    original = {"Host": "app.example.com", "Connection": "close"}
    assert await status_of(proxied, monkeypatch, headers=original) == 200


@pytest.mark.anyio
async def test_a_proxy_may_remove_a_path_prefix(monkeypatch: pytest.MonkeyPatch) -> None:
    """The prefix that a proxy removes is put back before the signature is checked; another path is refused."""
    push = signed()
    cut = HttpRequest("POST", push.url.replace("/sms/", "/"), push.headers, push.body)
    assert await status_of(cut, monkeypatch) == 401
    assert await status_of(cut, monkeypatch, prefix="/sms") == 200
    assert await status_of(push, monkeypatch, prefix="/sms") == 200, "a server that restores it does no harm"
    assert await status_of(cut, monkeypatch, prefix="/sm") == 401
    assert await status_of(cut, monkeypatch, prefix="/sms/v1") == 401


SEGMENTS = st.text("abcXYZ019._~-", min_size=1, max_size=8)


@given(
    st.lists(SEGMENTS, min_size=1, max_size=3),
    st.lists(SEGMENTS, min_size=1, max_size=3),
    st.sampled_from(["", "?", "?a=1&b=%2F", "?sms=/sms/", "#part"]),
    st.sampled_from(["", "https://app.example.com", "http://10.0.0.1:8000"]),
)
def test_the_parser_sees_the_path_as_it_was_sent(prefix: list[str], path: list[str], query: str, origin: str) -> None:
    """Whatever prefix was removed of whatever URL: the parser sees prefix, path and query as they were sent."""
    seen: list[HttpRequest] = []

    def parse(request: HttpRequest, *, provider: str) -> Callback:
        seen.append(request)
        return Callback((), (), HttpResponse(200))

    before, after = "/" + "/".join(prefix), "/" + "/".join(path)
    route = Route("lines", parse, tokens=[TOKEN], prefix=before)
    receive(HttpRequest("POST", f"{origin}{after}{query}"), route, token=TOKEN)
    whole = after if f"{after}/".startswith(f"{before}/") else before + after
    assert seen[0].url == f"{origin}{whole}{query}"
    assert seen[0].path == whole


@pytest.mark.parametrize("bit", [None, 0, 500])
def test_the_sample_push_of_the_signing_sdk(bit: int | None) -> None:
    """A push that Huawei's own verifier accepts is taken at its own address, and refused with one bit changed."""
    text = (Path(__file__).parents[1] / "vectors" / "huawei.json").read_text(encoding="utf-8")
    (vector,) = json.loads(text)["push"]
    body = bytearray(base64.b64decode(vector["body_b64"]))
    if bit is not None:
        body[bit // 8] ^= 1 << bit % 8
    proof = f"Access={vector['access_key']},SignedHeaders={vector['signed_headers']},Signature={vector['signature']}"
    fields = {**vector["headers"], "Authorization": f"SDK-HMAC-SHA256 {proof}"}
    request = HttpRequest("POST", f"http://{fields['Host']}{vector['path']}", fields, bytes(body))
    when = datetime(2024, 12, 12, 7, 6, 53, tzinfo=UTC).timestamp()
    route = Route("report", huawei.parse_callback, keys={vector["access_key"]: vector["secret_key"]})
    assert receive(request, route, now=when).answer.status == (200 if bit is None else 401)
