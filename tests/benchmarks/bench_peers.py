"""What smsgate is compared with: HTTP libraries that post ready bytes, the vendors' SDKs, and a floor written by hand.

The SDKs are as they come, with their connections kept open and as many as there are calls in flight, but for
qcloudsms_py: it cannot read a response on Python 3.9 and later, so the call that fails is replaced, and it always opens
a new connection.
"""

import asyncio
import hashlib
import json
import random
import ssl
import time
from collections.abc import AsyncIterator, Callable, Sequence
from types import SimpleNamespace
from typing import Any

import aiohttp
import httpx
import qcloudsms_py
import requests
from bench_answers import GLOBAL, NUMBERS, NUMBERS_ABROAD, SINGLE
from bench_stub import Stub
from huaweicloudsdkcore.http.http_config import HttpConfig
from huaweicloudsdksmsapi.v1 import (
    BatchSendDiffSmsRequest,
    BatchSendDiffSmsRequestBody,
    BatchSendSmsRequest,
    BatchSendSmsRequestBody,
    SmsContent,
)
from huaweicloudsdksmsapi.v1.smsapi_client import SMSApiClient
from huaweicloudsdksmsapi.v1.smsapi_credentials import SMSApiCredentials
from qcloudsms_py import httpclient
from tencentcloud.common import credential
from tencentcloud.common.profile.client_profile import ClientProfile
from tencentcloud.common.profile.http_profile import HttpProfile
from tencentcloud.sms.v20210111 import models, sms_client

Opened = Callable[[], AsyncIterator[Callable[[], Any]]]
APP, KEY, TEMPLATE, SIGN = "1400000000", "the-app-key", "8ff55eac1d0b478ab3c06c3c6a492300", "Acme"
_JSON = {"Content-Type": "application/json"}
_PATH = f"/v5/tlssmssvr/sendsms?sdkappid={APP}&random=7226249334"


def body(numbers: Sequence[str] = (SINGLE,)) -> tuple[str, bytes]:
    """The path and the body of a signed v5 request, made by hand."""
    nonce, now = random.randrange(1_000_000, 10_000_000), int(time.time())
    mobiles = [number[3:] for number in numbers]
    signed = f"appkey={KEY}&random={nonce}&time={now}&mobile={','.join(mobiles)}"
    tel = [{"mobile": mobile, "nationcode": "86"} for mobile in mobiles]
    fields = {
        "ext": "",
        "extend": "",
        "params": ["123456", "5"],
        "sig": hashlib.sha256(signed.encode()).hexdigest(),
        "sign": SIGN,
        "tel": tel if len(tel) > 1 else tel[0],
        "time": now,
        "tpl_id": 19,
    }
    operation = "sendmultisms2" if len(tel) > 1 else "sendsms"
    return f"/v5/tlssmssvr/{operation}?sdkappid={APP}&random={nonce}", json.dumps(fields).encode()


def raw_httpx(stub: Stub, server: str, in_flight: int) -> Opened:
    """`httpx.AsyncClient.post` of ready bytes."""

    async def opened() -> AsyncIterator[Callable[[], Any]]:
        limits = httpx.Limits(max_connections=in_flight, max_keepalive_connections=in_flight)
        url, ready = stub.url(server) + _PATH, body()[1]
        async with httpx.AsyncClient(limits=limits, verify=stub.context(), trust_env=False) as session:

            async def call() -> None:
                (await session.post(url, content=ready, headers=_JSON)).raise_for_status()

            yield call

    return opened


def raw_aiohttp(stub: Stub, server: str, in_flight: int) -> Opened:
    """`aiohttp.ClientSession.post` of ready bytes."""

    async def opened() -> AsyncIterator[Callable[[], Any]]:
        connector = aiohttp.TCPConnector(limit=in_flight, ssl=stub.context())
        url, ready = stub.url(server) + _PATH, body()[1]
        async with aiohttp.ClientSession(connector=connector, raise_for_status=True) as session:

            async def call() -> None:
                async with session.post(url, data=ready, headers=_JSON) as response:
                    await response.read()

            yield call

    return opened


class _Wire(asyncio.Protocol):
    """A connection that can do nothing but what the floor needs."""

    def __init__(self) -> None:
        self._received = b""
        self._answer: asyncio.Future[bytes] | None = None
        self.transport: Any = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, end, content = self._received.partition(b"\r\n\r\n")
        if end and len(content) == int(head.partition(b"Content-Length: ")[2].partition(b"\r\n")[0]):
            assert self._answer is not None
            self._received = b""
            self._answer.set_result(content)

    async def post(self, path: str, content: bytes) -> bytes:
        self._answer = asyncio.get_running_loop().create_future()
        head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {len(content)}\r\n\r\n"
        self.transport.write(head.encode() + content)
        return await self._answer


def floor(stub: Stub, server: str, _in_flight: int, numbers: Sequence[str] = (SINGLE,)) -> Opened:
    """A v5 request signed, written and read by hand: no deadline, no error, no result. A floor, and not a design."""

    async def opened() -> AsyncIterator[Callable[[], Any]]:
        host, _, port = stub.host(server).partition(":")
        context: ssl.SSLContext | None = stub.context() if stub.url(server).startswith("https") else None
        free: list[_Wire] = []

        async def call() -> None:
            loop = asyncio.get_running_loop()
            wire = free.pop() if free else (await loop.create_connection(_Wire, host, int(port), ssl=context))[1]
            answer = json.loads(await wire.post(*body(numbers)))
            free.append(wire)
            assert answer["result"] == 0

        yield call
        for wire in free:
            wire.transport.close()

    return opened


def httpx_by_hand(stub: Stub, server: str, numbers: Sequence[str]) -> Opened:
    """The same request with httpx."""

    async def opened() -> AsyncIterator[Callable[[], Any]]:
        async with httpx.AsyncClient(trust_env=False) as session:

            async def call() -> None:
                path, content = body(numbers)
                answer = json.loads((await session.post(stub.url(server) + path, content=content)).content)
                assert len(answer["detail"]) == len(numbers)

            yield call

    return opened


def _tencent_client(stub: Stub, server: str, in_flight: int) -> Any:
    http = HttpProfile(protocol=stub.url(server).partition(":")[0], endpoint=stub.host(server), keepAlive=True)
    http.certification = str(stub.authority)
    profile = ClientProfile(httpProfile=http)
    sdk = sms_client.SmsClient(credential.Credential("AKIDexample", KEY), "ap-guangzhou", profile)
    pool = requests.adapters.HTTPAdapter(pool_maxsize=in_flight)
    sdk.request.conn._session.mount(f"{http.protocol}://", pool)
    return sdk


def tencent_sdk(stub: Stub, server: str, in_flight: int, numbers: Sequence[str] = (SINGLE,)) -> Opened:
    """tencentcloud-sdk-python, sync, over connections that stay open."""

    async def opened() -> AsyncIterator[Callable[[], Any]]:
        sdk = _tencent_client(stub, server, in_flight)

        def call() -> None:
            request = models.SendSmsRequest()
            request.SmsSdkAppId, request.SignName, request.TemplateId = APP, SIGN, "19"
            request.TemplateParamSet, request.PhoneNumberSet = ["123456", "5"], list(numbers)
            assert len(sdk.SendSms(request).SendStatusSet) == len(numbers)

        yield call

    return opened


def tencent_sdk_global(stub: Stub) -> Opened:
    """tencentcloud-sdk-python: 200 texts with parameters of their own, to other countries."""

    async def opened() -> AsyncIterator[Callable[[], Any]]:
        sdk = _tencent_client(stub, GLOBAL, 1)

        def call() -> None:
            request = models.SendMultiGlobalSmsRequest()
            request.SmsSdkAppId, request.MultiSmsInfoSet = APP, []
            for index, to in enumerate(NUMBERS_ABROAD):
                info = models.MultiSmsInfo()
                info.PhoneNumber, info.TemplateId = to, "19"
                info.TemplateParamSet, info.SessionContext = [f"{index:06}", "5"], f"order-{index}"
                request.MultiSmsInfoSet.append(info)
            assert len(sdk.SendMultiGlobalSms(request).SendMultiStatusSet) == len(NUMBERS_ABROAD)

        yield call

    return opened


def _huawei_client(stub: Stub, server: str, in_flight: int) -> Any:
    config = HttpConfig.get_default_config()
    config.pool_maxsize = in_flight
    config.ssl_ca_cert = str(stub.authority)
    builder = SMSApiClient.new_builder().with_credentials(SMSApiCredentials("the-app-key", "the-app-secret"))
    return builder.with_http_config(config).with_endpoint(stub.url(server)).build()


def huawei_sdk(stub: Stub, server: str, in_flight: int, numbers: Sequence[str] = (SINGLE,)) -> Opened:
    """huaweicloudsdksmsapi: one text."""

    async def opened() -> AsyncIterator[Callable[[], Any]]:
        sdk = _huawei_client(stub, server, in_flight)

        def call() -> None:
            fields = {"_from": "8823040504797", "to": ",".join(numbers), "template_id": TEMPLATE, "signature": SIGN}
            content = BatchSendSmsRequestBody(template_paras='["123456","5"]', **fields)
            assert len(sdk.batch_send_sms(BatchSendSmsRequest(body=content)).result) == len(numbers)

        yield call

    return opened


def huawei_sdk_personal(stub: Stub, server: str) -> Opened:
    """huaweicloudsdksmsapi: 500 texts with parameters of their own."""

    async def opened() -> AsyncIterator[Callable[[], Any]]:
        sdk = _huawei_client(stub, server, 1)

        def call() -> None:
            rows = [
                SmsContent(to=[to], template_id=TEMPLATE, template_paras=[f"{index:06}", "5"], signature=SIGN)
                for index, to in enumerate(NUMBERS)
            ]
            content = BatchSendDiffSmsRequestBody(_from="8823040504797", sms_content=rows)
            assert len(sdk.batch_send_diff_sms(BatchSendDiffSmsRequest(body=content)).result) == len(rows)

        yield call

    return opened


def qcloudsms(stub: Stub, server: str, _in_flight: int, numbers: Sequence[str] = (SINGLE,)) -> Opened:
    """qcloudsms_py, Tencent's older SDK for v5."""

    async def opened() -> AsyncIterator[Callable[[], Any]]:
        httpclient.json = SimpleNamespace(loads=lambda text, **_: json.loads(text))
        mobiles = [number[3:] for number in numbers]
        several = len(mobiles) > 1
        sender = (qcloudsms_py.SmsMultiSender if several else qcloudsms_py.SmsSingleSender)(int(APP), KEY)
        url = f"{stub.url(server)}/v5/tlssmssvr/{'sendmultisms2' if several else 'sendsms'}"

        def call() -> None:
            answer = sender.send_with_param(
                86, mobiles if several else mobiles[0], 19, ["123456", "5"], sign=SIGN, url=url
            )
            assert answer["result"] == 0

        yield call

    return opened
