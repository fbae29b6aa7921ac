"""smsgate as the benchmarks use it: each vendor's interface over each transport, one message or many."""

import math
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any, Final

import anyio
from bench_answers import ABROAD, BULK, GLOBAL, NUMBERS, NUMBERS_ABROAD, PLAIN, REFUSING, SINGLE
from bench_peers import APP, KEY, SIGN, TEMPLATE, Opened
from bench_stub import Stub

from smsgate import Gateway, Message, SmsProvider, Template
from smsgate.huawei import HuaweiSms
from smsgate.tencent import TencentCloud, TencentV5
from smsgate.transport import AiohttpTransport, Httpx2Transport
from smsgate.transport.connection import Transport
from smsgate.transport.httpx import HttpxTransport

__all__ = ["INTERFACES", "TEXT", "TRANSPORTS", "VALUES", "abroad", "callers", "failover", "many", "one", "provider"]

TRANSPORTS: Final[dict[str, type[Transport]]] = {
    "httpx": HttpxTransport,
    "httpx2": Httpx2Transport,
    "aiohttp": AiohttpTransport,
}
INTERFACES: Final = ("Tencent v5", "Tencent API 3.0", "Huawei")
TEXT: Final = Template(
    "login", params=("code", "minutes"), ids={"tencent-v5": "19", "tencent": "19", "huawei": TEMPLATE}
)
VALUES: Final = {"code": "123456", "minutes": "5"}


def provider(interface: str, url: str) -> SmsProvider:
    """The vendor at *url*, as fast as it can be asked."""
    if interface == "Huawei":
        return HuaweiSms(KEY, "the-app-secret", sender="8823040504797", signature=SIGN, base_url=url)
    if interface == "Tencent v5":
        return TencentV5(APP, KEY, sign=SIGN, rate=math.inf, base_url=url)
    return TencentCloud("AKIDexample", KEY, sdk_app_id=APP, sign=SIGN, sign_abroad="", rate=math.inf, base_url=url)


def one(stub: Stub, server: str, in_flight: int, interface: str, transport: str) -> Opened:
    """`send` of one message."""

    async def opened() -> AsyncIterator[Callable[[], Any]]:
        network = TRANSPORTS[transport](ssl_context=stub.context(), max_connections=in_flight)
        providers = [provider(interface, stub.url(server))]
        async with Gateway(providers, templates=[TEXT], transport=network) as gateway:

            async def call() -> None:
                (await gateway.send(Message(SINGLE, "login", VALUES))).raise_for_outcome()

            yield call

    return opened


def callers(stub: Stub, transport: str, *, count: int, coalesce: float | None) -> Opened:
    """`send` by *count* callers at once, with a request for each, or for 200 with *coalesce*."""

    async def opened() -> AsyncIterator[Callable[[], Any]]:
        provided = provider("Tencent v5", stub.url(PLAIN if coalesce is None else BULK))
        network = TRANSPORTS[transport]()
        async with Gateway([provided], templates=[TEXT], transport=network, coalesce=coalesce) as gateway:

            async def send(message: Message) -> None:
                (await gateway.send(message)).raise_for_outcome()

            async def call() -> None:
                async with anyio.create_task_group() as group:
                    for message in messages(count, NUMBERS[: provided.batch_limit]):
                        group.start_soon(send, message)

            yield call

    return opened


def messages(count: int, numbers: Sequence[str], *, personal: bool = False) -> list[Message]:
    """*count* messages to *numbers* in turn, with one text or with parameters of their own."""
    return [
        Message(numbers[index % len(numbers)], "login", VALUES | {"code": f"{index:06}"} if personal else VALUES)
        for index in range(count)
    ]


def many(stub: Stub, interface: str, *, count: int, personal: bool = False, window: int = 5000) -> Opened:
    """`send_many` of *count* messages, 200 or 500 a request, one request at a time."""
    chosen = provider(interface, stub.url(BULK))
    return _sending([chosen], count, NUMBERS[: chosen.batch_limit], personal=personal, window=window)


def abroad(stub: Stub, *, count: int, personal: bool = False) -> Opened:
    """`send_many` of *count* messages to other countries, 200 a request."""
    chosen = provider("Tencent API 3.0", stub.url(GLOBAL if personal else ABROAD))
    return _sending([chosen], count, NUMBERS_ABROAD, personal=personal)


def failover(stub: Stub) -> Opened:
    """`send_many` of 200 messages, of which Tencent refuses 20, and Huawei gets them."""
    return _sending([provider(name, stub.url(REFUSING)) for name in ("Tencent v5", "Huawei")], 200, NUMBERS[:200])


def _sending(
    providers: Sequence[SmsProvider],
    count: int,
    numbers: Sequence[str],
    *,
    personal: bool = False,
    window: int = 5000,
) -> Opened:
    async def opened() -> AsyncIterator[Callable[[], Any]]:
        async with Gateway(providers, templates=[TEXT]) as gateway:

            async def call() -> None:
                batch = messages(count, numbers, personal=personal)
                # No message waits for time: the figure would depend on how loaded the machine is.
                async for result in gateway.send_many(batch, concurrency=1, window=window, linger=60):
                    result.raise_for_outcome()

            yield call

    return opened
