"""What a send costs, against httpx's own client posting ready bytes, in one run over loopback.

python tests/benchmarks/bench_send.py            about four minutes
python tests/benchmarks/bench_send.py --smoke    shows only that it works; its figures mean nothing

CPU time of this process per message; the server runs in another one. Blocks of both take turns, and the ratio is the
median of the ratios of neighbouring blocks, so that a machine whose speed drifts matters little. Beside single sends:
bulk, where 200 messages share a request, and 1,000 concurrent callers of `send`, with `coalesce` and without.
"""

import argparse
import asyncio
import json
import math
import statistics
import subprocess
import sys
from collections.abc import Awaitable, Callable, Sequence
from time import process_time
from typing import Any

import httpx

from smsgate import Gateway, Message, Template
from smsgate.tencent import TencentV5
from smsgate.transport import AiohttpTransport, Httpx2Transport
from smsgate.transport.connection import Transport

SERVER = r"""
import asyncio, json
OK = {"result": 0, "errmsg": "OK", "ext": "", "fee": 1, "sid": "2019:1"}

def answer(body):
    tel = json.loads(body)["tel"]
    if not isinstance(tel, list):
        return json.dumps(OK).encode()
    return json.dumps({"result": 0, "errmsg": "OK", "detail": [OK | each for each in tel]}).encode()

async def serve(reader, writer):
    try:
        while True:
            head = (await reader.readuntil(b"\r\n\r\n")).lower()
            length = int(head.split(b"content-length:")[1].split(b"\r\n")[0])
            body = answer(await reader.readexactly(length))
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


def vendor(url: str) -> TencentV5:
    """The vendor at *url*, as fast as it can be asked."""
    return TencentV5("1400000000", "key", sign="Acme", base_url=url, rate=math.inf)


TEXT = Template("login", params=("code", "minutes"), ids={"tencent-v5": "19"})
TRANSPORTS: dict[str, Transport | None] = {
    "httpx": None,
    "httpx2": Httpx2Transport(),
    "aiohttp": AiohttpTransport(),
}
BODY = json.dumps(
    {
        "ext": "",
        "extend": "",
        "params": ["123456", "5"],
        "sig": "0" * 64,
        "sign": "Acme",
        "tel": {"mobile": "13788888888", "nationcode": "86"},
        "time": 1457336869,
        "tpl_id": 19,
    }
).encode()


async def cpu_per_call(call: Callable[[], Awaitable[object]], *, calls: int, in_flight: int) -> float:
    """CPU seconds per call, with *in_flight* at a time."""
    left = iter(range(calls))

    async def work() -> None:
        for _ in left:
            await call()

    began = process_time()
    await asyncio.gather(*[work() for _ in range(in_flight)])
    return (process_time() - began) / calls


async def single(
    url: str, transport: Transport | None, *, in_flight: int, rounds: int, calls: int
) -> tuple[float, float, float]:
    """Microseconds of httpx's client and of `send` over *transport*, and the paired ratio."""
    limits = httpx.Limits(max_connections=in_flight, max_keepalive_connections=in_flight)
    message = Message("+8613788888888", "login", {"code": "123456", "minutes": "5"})
    address = f"{url}/v5/tlssmssvr/sendsms?sdkappid=1400000000&random=7226249334"
    async with (
        httpx.AsyncClient(limits=limits, trust_env=False) as client,
        Gateway([vendor(url)], templates=[TEXT], transport=transport) as gateway,
    ):

        async def post() -> None:
            await client.post(address, content=BODY, headers={"Content-Type": "application/json"})

        async def send() -> None:
            (await gateway.send(message)).raise_for_outcome()

        pairs: list[tuple[float, float]] = []
        for number in range(rounds + 1):
            floor = await cpu_per_call(post, calls=calls, in_flight=in_flight)
            ours = await cpu_per_call(send, calls=calls, in_flight=in_flight)
            if number:  # the first round opens the connections
                pairs.append((floor * 1e6, ours * 1e6))
    ratio = statistics.median(ours / floor for floor, ours in pairs)
    return statistics.median(pair[0] for pair in pairs), statistics.median(pair[1] for pair in pairs), ratio


async def bulk(url: str, *, rounds: int, messages: int) -> float:
    """Microseconds per message of `send_many`, 200 messages a request, one request at a time."""
    figures: list[float] = []
    async with Gateway([vendor(url)], templates=[TEXT]) as gateway:
        for _ in range(rounds + 1):
            batch = [
                Message(f"+8613{number:09}", "login", {"code": "123456", "minutes": "5"}) for number in range(messages)
            ]
            began = process_time()
            async for result in gateway.send_many(batch, concurrency=1):
                result.raise_for_outcome()
            figures.append((process_time() - began) / messages * 1e6)
    return statistics.median(figures[1:])


async def coalesced(url: str, transport: Transport | None, *, rounds: int, callers: int) -> tuple[float, float, float]:
    """Microseconds per message of *callers* concurrent sends, each with its own request and coalesced; the ratio."""
    messages = [Message(f"+8613{number:09}", "login", {"code": "123456", "minutes": "5"}) for number in range(callers)]
    options: dict[str, Any] = {"templates": [TEXT], "transport": transport}

    async def cpu_of(gateway: Gateway) -> float:
        began = process_time()
        for result in await asyncio.gather(*[gateway.send(message) for message in messages]):
            result.raise_for_outcome()
        return (process_time() - began) / callers * 1e6

    async with (
        Gateway([vendor(url)], **options) as separate,
        Gateway([vendor(url)], coalesce=0.005, **options) as together,
    ):
        pairs = [(await cpu_of(separate), await cpu_of(together)) for _ in range(rounds + 1)][1:]
    ratio = statistics.median(shared / own for own, shared in pairs)
    return statistics.median(pair[0] for pair in pairs), statistics.median(pair[1] for pair in pairs), ratio


async def measure(url: str, *, smoke: bool) -> None:
    """Print a line for each way of sending."""
    rounds, calls = (1, 20) if smoke else (12, 300)
    for name, transport in TRANSPORTS.items():
        for in_flight in (1, 8, 50):
            floor, ours, ratio = await single(url, transport, in_flight=in_flight, rounds=rounds, calls=calls)
            sys.stdout.write(
                f"send over {name:7}, {in_flight:>2} in flight: "
                f"httpx's client {floor:6.0f} µs  smsgate {ours:6.0f} µs  ratio {ratio:.2f}\n"
            )
    for name, transport in TRANSPORTS.items():
        own, shared, ratio = await coalesced(url, transport, rounds=1 if smoke else 12, callers=50 if smoke else 1000)
        sys.stdout.write(
            f"1,000 callers over {name:7}: separate {own:6.0f} µs  coalesce=0.005 {shared:6.1f} µs  ratio {ratio:.2f}\n"
        )
    each = await bulk(url, rounds=1 if smoke else 7, messages=400 if smoke else 10_000)
    sys.stdout.write(f"send_many, 200 a request: {each:.1f} µs a message\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run it."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--smoke", action="store_true", help="a few calls only")
    options = parser.parse_args(arguments)
    with subprocess.Popen([sys.executable, "-c", SERVER], stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        try:
            asyncio.run(measure(f"http://127.0.0.1:{server.stdout.readline().strip()}", smoke=options.smoke))
        finally:
            server.terminate()
    return 0


if __name__ == "__main__":
    sys.exit(main())
