"""The size of Huawei's requests: 64 KB of JSON for messages that differ."""

import json
from typing import Any
from urllib.parse import parse_qs

import httpx
import pytest

from smsgate import Batch, Gateway, HttpRequest, HttpResponse, Message, PhoneNumber, Template
from smsgate.huawei import HuaweiSms
from smsgate.provider import Job, WeighsJobs

URL = "https://sms.example"
PROVIDER = HuaweiSms("key", "secret", sender="isms100000001", base_url=URL, signature="华为云短信测试")


def job(to: int, *params: str, **options: Any) -> Job:
    number = PhoneNumber(f"+86138{to:08d}")
    return Job(Message(number, "t", {}), number, "8ff55eac1d0b478ab3c06c3c6a492300", params, **options)


def content_of(request: HttpRequest) -> bytes:
    """The bytes of `smsContent`, as they are in the body."""
    start = request.body.index(b'"smsContent":') + len(b'"smsContent":')
    text = request.body[start:].decode()
    rows, end = json.JSONDecoder().raw_decode(text)
    assert isinstance(rows, list)
    return text[:end].encode()


@pytest.mark.parametrize("count", [2, 3, 500])
def test_weights_add_up_to_the_content(count: int) -> None:
    """The weights of jobs, and the two brackets around them, are the bytes of `smsContent`."""
    jobs = [
        job(index, f"{index}", 'a "quoted" 名字\\', signature=None if index % 2 else "Acme") for index in range(count)
    ]
    request = PROVIDER.build_request(Batch(tuple(jobs), "tag"), now=0, nonce="0" * 32)
    assert len(content_of(request)) == sum(map(PROVIDER.weight, jobs)) + len("[]") - len(",")


def test_it_weighs() -> None:
    """The limit leaves room for the brackets within the smaller reading of 64 KB."""
    assert isinstance(PROVIDER, WeighsJobs)
    assert PROVIDER.weight_limit + len("[]") == 64_000


@pytest.mark.anyio
async def test_personal_messages_stay_below_64_kb() -> None:
    """500 messages with long parameters go in several requests, each below the limit, and none is lost."""
    sizes: list[int] = []
    numbers: list[str] = []

    def response(request: httpx.Request) -> httpx.Response:
        sent = HttpRequest("POST", str(request.url), {}, request.content)
        rows = json.loads(content_of(sent))
        sizes.append(len(content_of(sent)))
        numbers.extend(row["to"][0] for row in rows)
        result = [{"originTo": row["to"][0], "smsMsgId": "1", "status": "000000"} for row in rows]
        return httpx.Response(200, json={"code": "000000", "description": "Success", "result": result})

    template = Template("t", params=("name",), ids={"huawei": "8ff55eac1d0b478ab3c06c3c6a492300"})
    messages = [Message(f"+86138{index:08d}", "t", {"name": f"{index} " + "名" * 100}) for index in range(500)]
    transport = httpx.MockTransport(response)
    async with Gateway([PROVIDER], templates=[template], transport=transport) as gateway:
        results = [result async for result in gateway.send_many(messages, concurrency=1, linger=60)]
    assert all(result.accepted for result in results)
    assert sorted(numbers) == [str(message.to) for message in messages]
    assert len(sizes) > 1
    assert max(sizes) <= 64_000
    assert max(sizes) > 63_000


def test_a_single_job_is_a_form() -> None:
    """A message alone travels as a form, for which the guide gives no limit of size."""
    heavy = job(1, "x" * 70_000)
    assert PROVIDER.refuse(heavy) is None
    request = PROVIDER.build_request(Batch((heavy,), ""), now=0, nonce="0" * 32)
    assert request.path == "/sms/batchSendSms/v1"
    assert PROVIDER.parse_response(Batch((heavy,), ""), HttpResponse(200))[0].description


@pytest.mark.anyio
async def test_one_text_is_not_weighed() -> None:
    """1,000 messages with one text, of which 500 would pass 64 KB of JSON, go as two forms of 500."""
    sizes: list[int] = []

    def response(request: httpx.Request) -> httpx.Response:
        assert request.url.path == "/sms/batchSendSms/v1"
        numbers = parse_qs(request.content.decode())["to"][0].split(",")
        sizes.append(len(numbers))
        result = [{"originTo": number, "smsMsgId": "1", "status": "000000"} for number in numbers]
        return httpx.Response(200, json={"code": "000000", "description": "Success", "result": result})

    template = Template("t", params=("name",), ids={"huawei": "8ff55eac1d0b478ab3c06c3c6a492300"})
    messages = [Message(f"+86138{index:08d}", "t", {"name": "名" * 100}) for index in range(1000)]
    assert PROVIDER.weight(job(0, "名" * 100)) * 500 > PROVIDER.weight_limit
    async with Gateway([PROVIDER], templates=[template], transport=httpx.MockTransport(response)) as gateway:
        results = [result async for result in gateway.send_many(messages, concurrency=1, linger=60)]
    assert all(result.accepted for result in results)
    assert sizes == [500, 500]


@pytest.mark.anyio
async def test_one_other_text_is_weighed_with_the_rest() -> None:
    """A message with another text joins a request only if all of its messages fit 64 KB of JSON together."""
    sizes: list[int] = []

    def response(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/sms/batchSendSms/v1":
            numbers = parse_qs(request.content.decode())["to"][0].split(",")
        else:
            content = content_of(HttpRequest("POST", URL, {}, request.content))
            numbers = [row["to"][0] for row in json.loads(content)]
            sizes.append(len(content))
        result = [{"originTo": number, "smsMsgId": "1", "status": "000000"} for number in numbers]
        return httpx.Response(200, json={"code": "000000", "description": "Success", "result": result})

    template = Template("t", params=("name",), ids={"huawei": "8ff55eac1d0b478ab3c06c3c6a492300"})
    texts = ["名" * 100] * 300 + ["别" * 100] + ["名" * 100] * 400
    messages = [Message(f"+86138{index:08d}", "t", {"name": text}) for index, text in enumerate(texts)]
    async with Gateway([PROVIDER], templates=[template], transport=httpx.MockTransport(response)) as gateway:
        results = [result async for result in gateway.send_many(messages, concurrency=1, linger=60)]
    assert len(results) == len(texts)
    assert all(result.accepted for result in results)
    assert max(sizes) <= 64_000
