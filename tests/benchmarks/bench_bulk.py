"""What a message of `send_many` costs, against posting ready bytes with httpx and reading the JSON, in one run.

python tests/benchmarks/bench_bulk.py            about a minute
python tests/benchmarks/bench_bulk.py --smoke    shows only that it works; its figures mean nothing

CPU time of this process per message; the server runs in another one. All rows take turns, and each figure is a median,
so that a machine whose speed drifts matters little. The floor sends the same numbers, has no message objects, no
matching and no results: it is a floor, not a design.

    one text          200 numbers a request (Tencent v5), 500 (Huawei)
    personal          parameters of their own: 500 a request (Huawei)
    failover of 1/10  Tencent refuses every tenth number, and Huawei gets it
    window            how many messages may be held: the cost does not depend on it
    p99 of a call     CPU of single calls of `send_many` for 200 messages: the slowest in a hundred against the median
"""

import argparse
import asyncio
import json
import statistics
import subprocess
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from time import process_time

import httpx

from smsgate import Gateway, Message, Template
from smsgate.huawei import HuaweiSms
from smsgate.provider.json_text import ENGINE
from smsgate.tencent import TencentV5

SERVER = r"""
import asyncio, json, re
from urllib.parse import parse_qs

def answer(head, body):
    if b"tlssmssvr" in head:
        rows = [dict(each, result=1031 if b"refuse" in head and each["mobile"].endswith("0") else 0, errmsg="OK",
                     sid="2019:" + each["mobile"], fee=1) for each in json.loads(body)["tel"]]
        return {"result": 0, "errmsg": "OK", "detail": rows}
    if b"batchsenddiffsms" in head:
        numbers = [each["to"][0] for each in json.loads(body)["smsContent"]]
    else:
        numbers = parse_qs(body.decode())["to"][0].split(",")
    rows = [{"originTo": to, "createTime": "2026-01-31T09:33:16Z", "from": "8823040504797", "smsMsgId": "id_" + to,
             "countryId": "CN", "total": 1, "status": "000000"} for to in numbers]
    return {"result": rows, "code": "000000", "description": "Success"}

async def serve(reader, writer):
    try:
        while True:
            head = (await reader.readuntil(b"\r\n\r\n")).lower()
            length = int(head.split(b"content-length:")[1].split(b"\r\n")[0])
            value = answer(head, await reader.readexactly(length))
            body = json.dumps(value, separators=(",", ":")).encode()
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b"
                         % (len(body), body))
    except asyncio.IncompleteReadError:
        writer.close()

async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", 0, limit=1 << 20)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()

asyncio.run(main())
"""
TEXT = Template("login", params=("code", "minutes"), ids={"tencent-v5": "19", "huawei": "8ff55eac1d0b478ab3c06c3c6a49"})
Row = Callable[[int], Awaitable[None]]
"""Sends that many messages."""


def numbers(count: int) -> list[str]:
    """Numbers of mainland China."""
    return [f"+8613{index:09}" for index in range(count)]


def messages(count: int, *, personal: bool = False) -> list[Message]:
    """As many messages, with one text or with parameters of their own."""
    return [
        Message(to, "login", {"code": f"{index:06}" if personal else "123456", "minutes": "5"})
        for index, to in enumerate(numbers(count))
    ]


async def send(gateway: Gateway, count: int, *, personal: bool = False, window: int = 5000) -> None:
    """All messages through *gateway*, one request at a time."""
    async for result in gateway.send_many(messages(count, personal=personal), concurrency=1, window=window, linger=60):
        result.raise_for_outcome()


async def post(client: httpx.AsyncClient, url: str, count: int) -> None:
    """The floor: 200 numbers a request in ready bytes, and the JSON of the response."""
    mobiles = [number[3:] for number in numbers(count)]
    for first in range(0, count, 200):
        tel = [{"mobile": mobile, "nationcode": "86"} for mobile in mobiles[first : first + 200]]
        body = json.dumps({"ext": "", "params": ["123456", "5"], "sig": "0" * 64, "tel": tel, "tpl_id": 19}).encode()
        response = await client.post(f"{url}/v5/tlssmssvr/sendmultisms2?sdkappid=1400000000&random=7", content=body)
        assert len(json.loads(response.content)["detail"]) == len(tel)


async def measure(rows: Mapping[str, Row], *, rounds: int, count: int) -> dict[str, float]:
    """Microseconds a message of each row, which take turns."""
    taken: dict[str, list[float]] = {name: [] for name in rows}
    for _ in range(rounds + 1):
        for name, row in rows.items():
            began = process_time()
            await row(count)
            taken[name].append((process_time() - began) / count * 1e6)
    return {name: statistics.median(figures[1:]) for name, figures in taken.items()}  # the first opens the connections


async def slowest(row: Row, *, calls: int) -> tuple[float, float]:
    """Milliseconds of CPU of a call for 200 messages: the median, and the 99th percentile."""
    taken: list[float] = []
    for _ in range(calls):
        began = process_time()
        await row(200)
        taken.append((process_time() - began) * 1e3)
    return statistics.median(taken), statistics.quantiles(taken, n=100)[-1] if calls > 1 else taken[0]


async def compare(url: str, *, smoke: bool) -> None:
    """Print a line for each row."""
    rounds, count, calls = (1, 400, 2) if smoke else (9, 10_000, 1000)
    tencent = TencentV5("1400000000", "key", sign="Acme", base_url=url)
    refusing = TencentV5("1400000000", "key", sign="Acme", base_url=f"{url}/refuse")
    huawei = HuaweiSms("key", "secret", sender="isms1", signature="Acme", base_url=url)
    async with (
        httpx.AsyncClient(trust_env=False) as client,
        Gateway([tencent], templates=[TEXT]) as by_tencent,
        Gateway([huawei], templates=[TEXT]) as by_huawei,
        Gateway([refusing, huawei], templates=[TEXT]) as by_both,
    ):
        rows: dict[str, Row] = {
            "floor, httpx": partial(post, client, url),
            "one text, Tencent v5": partial(send, by_tencent),
            "one text, Huawei": partial(send, by_huawei),
            "personal, Huawei": partial(send, by_huawei, personal=True),
            "failover of 1/10": partial(send, by_both),
            "window 500": partial(send, by_tencent, window=500),
            "window 50000": partial(send, by_tencent, window=50_000),
        }
        found = await measure(rows, rounds=rounds, count=count)
        median, most = await slowest(rows["one text, Tencent v5"], calls=calls)
    for name, figure in found.items():
        sys.stdout.write(f"{name:<22}{figure:>8.1f} µs a message{figure / found['floor, httpx']:>8.2f} of the floor\n")
    sys.stdout.write(f"{'p99 of a call':<22}{most:>8.2f} ms, median {median:.2f} ms, ratio {most / median:.2f}\n")
    sys.stdout.write(f"JSON by {ENGINE}\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run it."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--smoke", action="store_true", help="a few messages only")
    options = parser.parse_args(arguments)
    with subprocess.Popen([sys.executable, "-c", SERVER], stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        try:
            asyncio.run(compare(f"http://127.0.0.1:{server.stdout.readline().strip()}", smoke=options.smoke))
        finally:
            server.terminate()
    return 0


if __name__ == "__main__":
    sys.exit(main())
