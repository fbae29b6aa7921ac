"""Comparisons of what goes over the network: single messages, those of many callers, and bulk."""

import logging
import statistics
from collections.abc import AsyncIterator
from time import process_time
from typing import Final

from bench_answers import ABROAD, BULK, NUMBERS, NUMBERS_ABROAD, PLAIN, TLS
from bench_measure import Client, Comparison, Figure, Scale, client, compare
from bench_ours import INTERFACES, TRANSPORTS, abroad, callers, failover, many, one
from bench_peers import (
    floor,
    httpx_by_hand,
    huawei_sdk,
    huawei_sdk_personal,
    qcloudsms,
    raw_aiohttp,
    raw_httpx,
    tencent_sdk,
    tencent_sdk_global,
)
from bench_stub import Stub

__all__ = ["bulk", "coalescing", "singles", "tail", "trio_singles"]

HTTPX, AIOHTTP, FLOOR, BY_HAND = "httpx, ready bytes", "aiohttp, ready bytes", "by hand, no library", "by hand, httpx"
TENCENT, HUAWEI, OLDER = "Tencent SDK", "Huawei SDK", "qcloudsms_py"
_SDK_OF: Final = {"Tencent v5": TENCENT, "Tencent API 3.0": TENCENT, "Huawei": HUAWEI}
_COUNT: Final = 2000
"""How many messages a call of `send_many` is given."""
_CALLERS: Final = 1000

logging.getLogger("smsgate").addHandler(logging.NullHandler())  # lines are made as in any application, and not shown


def _ours(stub: Stub, server: str, in_flight: int, transports: tuple[str, ...]) -> list[Client]:
    return [
        client(
            f"smsgate, {interface}, {transport}",
            one(stub, server, in_flight, interface, transport),
            against={"httpx": HTTPX, "aiohttp": AIOHTTP, "its SDK": _SDK_OF[interface], "by hand": FLOOR},
        )
        for transport in transports
        for interface in INTERFACES
    ]


async def singles(stub: Stub, scale: Scale) -> AsyncIterator[Comparison]:
    """`send`, plain and over TLS, with 1, 8 and 50 calls at a time."""
    for server, over in ((PLAIN, "plain HTTP"), (TLS, "TLS")):
        for in_flight in (1, 8, 50):
            peers = [
                client(name, opened(stub, server, in_flight))
                for name, opened in (
                    (HTTPX, raw_httpx),
                    (AIOHTTP, raw_aiohttp),
                    (TENCENT, tencent_sdk),
                    (HUAWEI, huawei_sdk),
                    (FLOOR, floor),
                )
            ]
            if server == PLAIN:  # it trusts no authority but the machine's
                peers.insert(2, client(OLDER, qcloudsms(stub, server, in_flight)))
            clients = peers + _ours(stub, server, in_flight, tuple(TRANSPORTS))
            yield await compare(f"One send, {over}, {in_flight} in flight", clients, scale, in_flight=in_flight)


async def trio_singles(stub: Stub, scale: Scale) -> AsyncIterator[Comparison]:
    """`send` on trio, where aiohttp does not run."""
    for in_flight in (1, 50):
        clients = [client(HTTPX, raw_httpx(stub, PLAIN, in_flight))]
        clients += _ours(stub, PLAIN, in_flight, ("httpx", "httpx2"))
        yield await compare(f"One send on trio, plain HTTP, {in_flight} in flight", clients, scale, in_flight=in_flight)


async def coalescing(stub: Stub, scale: Scale) -> AsyncIterator[Comparison]:
    """`send` by many callers at once, each with its own request and with `coalesce`."""
    scale = Scale(scale.rounds, max(1, scale.calls // 100))
    clients: list[Client] = []
    for transport in TRANSPORTS:
        own, shared = f"smsgate, {transport}", f"smsgate, {transport}, coalesce=0.005"
        separate = callers(stub, transport, count=_CALLERS, coalesce=None)
        together = callers(stub, transport, count=_CALLERS, coalesce=0.005)
        clients.append(client(own, separate, messages=_CALLERS))
        clients.append(client(shared, together, messages=_CALLERS, against={"its own requests": own}))
    yield await compare(f"send by {_CALLERS:,} callers at once, Tencent v5", clients, scale)


async def bulk(stub: Stub, scale: Scale) -> AsyncIterator[Comparison]:
    """`send_many`: one text, personal texts, failover of a part, and how many may be held."""
    some, scale = NUMBERS[:200], Scale(scale.rounds, max(1, scale.calls // 40))
    peers = [
        client(FLOOR, floor(stub, BULK, 1, some), messages=200),
        client(BY_HAND, httpx_by_hand(stub, BULK, some), messages=200),
        client(OLDER, qcloudsms(stub, BULK, 1, some), messages=200),
        client(TENCENT, tencent_sdk(stub, BULK, 1, some), messages=200),
        client(HUAWEI, huawei_sdk(stub, BULK, 1, NUMBERS), messages=500),
    ]
    ours = [
        client(
            f"smsgate, {interface}",
            many(stub, interface, count=_COUNT),
            messages=_COUNT,
            against={"its SDK": _SDK_OF[interface], "by hand": FLOOR, "by hand, httpx": BY_HAND},
        )
        for interface in INTERFACES
    ]
    yield await compare("send_many, one text, 200 a request (Huawei: 500)", peers + ours, scale)
    personal = [
        client(HUAWEI, huawei_sdk_personal(stub, BULK), messages=500),
        client(
            "smsgate, Huawei",
            many(stub, "Huawei", count=_COUNT, personal=True),
            messages=_COUNT,
            against={"its SDK": HUAWEI},
        ),
    ]
    yield await compare("send_many, personal texts, 500 a request", personal, scale)
    yield await compare("send_many to other countries, 200 a request, Tencent API 3.0", _abroad(stub), scale)
    yield await compare("send_many, variations, Tencent v5", _variations(stub), scale)


def _abroad(stub: Stub) -> list[Client]:
    """SendSms with one text, and SendMultiGlobalSms with one for each number."""
    one, personal = f"{TENCENT}, one text", f"{TENCENT}, personal texts"
    texts = abroad(stub, count=_COUNT, personal=True)
    return [
        client(one, tencent_sdk(stub, ABROAD, 1, NUMBERS_ABROAD), messages=200),
        client(personal, tencent_sdk_global(stub), messages=200),
        client("smsgate, one text", abroad(stub, count=_COUNT), messages=_COUNT, against={"its SDK": one}),
        client("smsgate, personal texts", texts, messages=_COUNT, against={"its SDK": personal}),
    ]


def _variations(stub: Stub) -> list[Client]:
    usual, interface = "window=5000", "Tencent v5"
    each_call = "200 messages a call"
    of = {usual: usual}
    return [
        client(usual, many(stub, interface, count=_COUNT), messages=_COUNT),
        client("window=500", many(stub, interface, count=_COUNT, window=500), messages=_COUNT, against=of),
        client("window=50000", many(stub, interface, count=_COUNT, window=50_000), messages=_COUNT, against=of),
        client(each_call, many(stub, interface, count=200), messages=200, against=of),
        client(
            "200 a call, and a tenth fails over to Huawei",
            failover(stub),
            messages=200,
            against=of | {each_call: each_call},
        ),
    ]


async def tail(stub: Stub, scale: Scale) -> AsyncIterator[Comparison]:
    """The slowest calls of `send_many`, in CPU time: what the garbage collector does falls on some of them."""
    taken: list[float] = []
    opened = client("", many(stub, "Tencent v5", count=200))
    async with opened.open() as call:
        for _ in range(scale.rounds * scale.calls // 2 + 2):
            began = process_time()
            await call()
            taken.append((process_time() - began) * 1e3)
    median, slow = statistics.median(taken), statistics.quantiles(taken, n=100, method="inclusive")[-1]
    figures = (Figure("median", median), Figure("99th percentile", slow, {"median": slow / median}))
    yield Comparison("A call of send_many for 200 messages", "ms a call", figures)
