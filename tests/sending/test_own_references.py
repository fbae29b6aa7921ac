"""The reference that is sent with a message is the one that is recorded of it, whoever else leaves its request."""

import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

import anyio
import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsgate import Attempt, Gateway, Message, PhoneNumber, SendRequest, Template
from smsgate.provider import Batch, Job
from smsgate.tencent import TencentCloud

START = datetime(2026, 3, 1, tzinfo=UTC)
LOGIN = Template("login", params=("code",), ids={"tencent": "1110"})


class Vendor(httpx.AsyncBaseTransport):
    """Accepts all, and notes the reference that came with each number."""

    def __init__(self) -> None:
        self.references: dict[str, str] = {}

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        body = json.loads(await request.aread())
        sent = {info["PhoneNumber"]: info["SessionContext"] for info in body.get("MultiSmsInfoSet", ())}
        sent |= dict.fromkeys(body.get("PhoneNumberSet", ()), body.get("SessionContext", ""))
        self.references |= sent
        rows = [{"PhoneNumber": number, "Code": "Ok", "SerialNo": f"s:{number}"} for number in sent]
        return httpx.Response(200, json={"Response": {"SendStatusSet": rows, "RequestId": "r"}})


class Slow:
    """A record that takes until some messages are too late."""

    def __init__(self) -> None:
        self.recorded: dict[str, str] = {}
        self.now = START.timestamp()

    async def leaving(self, request: SendRequest) -> None:
        numbers = [str(message.to) for message in request.messages]
        self.recorded |= dict(zip(numbers, request.references, strict=True))
        self.now = START.timestamp() + 20

    async def left(self, request: SendRequest, attempts: Sequence[Attempt]) -> None:
        pass


MESSAGES = st.lists(st.tuples(st.sampled_from("123"), st.sampled_from([None, "k"]), st.booleans()), min_size=1)


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
@pytest.mark.parametrize("tag_secret", [None, "s" * 32])
@given(MESSAGES)
def test_what_is_sent_is_what_is_recorded(
    backend: str, tag_secret: str | None, rows: Sequence[tuple[str, str | None, bool]]
) -> None:
    """Whatever messages have expired before the request begins, each other one is sent with its recorded reference."""
    soon = START + timedelta(seconds=10)
    messages = [
        Message(
            f"+65812345{at:02d}", "login", {"code": code}, key=key and f"{key}-{at}", expires_at=soon if late else None
        )
        for at, (code, key, late) in enumerate(rows[:100])
    ]
    vendor, record = Vendor(), Slow()

    async def main() -> Iterable[tuple[str, str | None]]:
        async with Gateway(
            [TencentCloud("id", "key", sdk_app_id="1400006666")],
            templates=[LOGIN],
            transport=vendor,
            ledger=record,
            tag_secret=tag_secret,
            clock=lambda: record.now,
        ) as gateway:
            results = [result async for result in gateway.send_many(messages, linger=60)]
        return [(str(result.message.to), result.reference) for result in results if result.accepted]

    told = dict(anyio.run(main, backend=backend))
    assert len(told) == sum(not late for _, _, late in rows[:100])
    assert vendor.references == told
    assert {number: record.recorded[number] for number in told} == told


def job(to: str, code: str, reference: str) -> Job:
    return Job(Message(to, "login"), PhoneNumber(to), "1110", (code,), reference=reference)


def test_references_that_no_call_has_fields_for_are_no_request() -> None:
    """An adapter builds no request with another reference than a job has: each number of SendSms has the same."""
    jobs = [job("+8613800138000", "1", "sgu.1"), job("+8613800138001", "1", "sgu.2")]
    provider = TencentCloud("id", "key", sdk_app_id="1400006666", sign="Acme")
    with pytest.raises(ValueError, match="one reference for all"):
        provider.build_request(Batch(jobs, "tag"), now=0.0, nonce="n")
