"""A stranger's adapter that fails: what it fails to build was not sent, what it fails to read may have been."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from smsgate import Batch, HttpRequest, HttpResponse, Outcome

from . import scripts as s
from .driver import NUMBER, PARAM, Recorder, code, gateway, leakless, tencent
from .stub import APP_KEY, Stub
from .vendors import Bulky

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("network")]

SECRETS = f"{NUMBER} {PARAM} {APP_KEY}"


def raising(*_: Any, **__: Any) -> Any:
    raise RuntimeError(SECRETS)


def asks(**changes: Any) -> Callable[..., HttpRequest]:
    """Builds a request that cannot be sent as it is."""

    def build_request(batch: Batch, *, now: float, nonce: str) -> HttpRequest:
        return HttpRequest(
            **{"method": "POST", "url": "http://127.0.0.1:1/", "headers": {}, "body": b"x" * 10, **changes}
        )

    return build_request


UNBUILT: dict[str, Callable[..., Any]] = {
    "raises": raising,
    "builds nothing": lambda *_, **__: None,
    "header with a line break": asks(headers={"X-Secret": f"{APP_KEY}\r\nX: {PARAM}"}),
    "header that is no ASCII": asks(headers={"X-Secret": f"验证码 {PARAM}"}),
    "URL without a host": asks(url=f"http:///{PARAM}"),
    "URL of another scheme": asks(url=f"ftp://127.0.0.1/{PARAM}"),
    "URL with a bad port": asks(url="http://127.0.0.1:99999/"),
    "no URL": asks(url=PARAM),
    "label of 64 characters": asks(url=f"http://{'a' * 64}.test/"),
    "body that is text": asks(body=PARAM),
}


@pytest.mark.parametrize("build", UNBUILT.values(), ids=UNBUILT)
async def test_request_that_cannot_be_sent(
    build: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """NOT_SENT, the next vendor has it, and nothing of the request is shown."""
    record = Recorder()
    with Stub(s.accept) as second:
        first = Bulky("first", "http://127.0.0.1:1")
        monkeypatch.setattr(first, "build_request", build)
        async with gateway(first, tencent("second", second.url), on_result=record) as sms:
            result = await sms.send(code())
    assert [try_.outcome for try_ in result.attempts] == [Outcome.NOT_SENT, Outcome.ACCEPTED]
    assert record.ended == [result]
    assert second.charges == [NUMBER]
    leakless([result], result, caplog.records)


UNREAD: dict[str, Callable[[Batch, HttpResponse], Any]] = {
    "raises": raising,
    "reads nothing": lambda batch, response: [],
    "reads None": lambda batch, response: None,
    "reads a list of None": lambda batch, response: [None],
    "reads words": lambda batch, response: [SECRETS],
    "reads too much": lambda batch, response: [None, None],
}


@pytest.mark.parametrize("parse", UNREAD.values(), ids=UNREAD)
async def test_response_that_is_not_read(
    parse: Callable[[Batch, HttpResponse], Any], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """UNKNOWN, nobody else is asked, nothing of the response is shown."""
    record = Recorder()
    with Stub(s.accept) as first, Stub(s.accept) as second:
        vendor = Bulky("first", first.url)
        monkeypatch.setattr(vendor, "parse_response", parse)
        async with gateway(vendor, tencent("second", second.url), on_result=record) as sms:
            result = await sms.send(code())
    assert (result.outcome, first.charges, second.requests) == (Outcome.UNKNOWN, [NUMBER], [])
    assert record.ended == [result]
    leakless([result], result, caplog.records)


async def test_stranger_takes_part() -> None:
    """A class that only has the protocol's members sends, fails over and is failed over to."""
    with Stub(s.refuse(1031)) as first, Stub(s.accept) as second:
        vendors: Sequence[Any] = [tencent("first", first.url), Bulky("second", second.url)]
        async with gateway(*vendors) as sms:
            result = await sms.send(code())
    assert (result.outcome, result.provider) == (Outcome.ACCEPTED, "second")
