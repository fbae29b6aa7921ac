"""How the benchmarks measure: all clients of a comparison in one process, in blocks that take turns, and medians.

CPU time of this process for each message; the server runs in another one. A ratio is the median of the ratios of
neighbouring blocks, so that a machine whose speed drifts matters little. Objects that are there before the first block
are kept from the garbage collector: it would walk the SDKs' thousands of classes in our blocks, and ours in theirs.
"""

import gc
import inspect
import statistics
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from time import process_time
from typing import Any

import anyio
import attrs

__all__ = ["Client", "Comparison", "Figure", "Scale", "client", "compare", "ratio"]

Call = Callable[[], Any]


@attrs.frozen
class Scale:
    """How much is measured."""

    rounds: int
    """How many blocks of each client count. One more comes before them, which opens the connections."""
    calls: int
    """The calls of a block."""
    campaign: int = 0
    """How many messages the longest `send_many` has."""


@attrs.frozen
class Client:
    """One way to send, and what it is compared with."""

    name: str
    open: Callable[[], AbstractAsyncContextManager[Call]]
    """Gives a function that makes one call: a coroutine function, or a plain one, which runs in threads."""
    messages: int = 1
    """How many messages a call sends."""
    against: Mapping[str, str] = attrs.field(factory=dict[str, str])
    """The names of the clients that it is compared with, by the heading of the ratio. Only ours are compared."""


@attrs.frozen
class Figure:
    """What was measured of one client."""

    name: str
    value: float
    """In the unit of the comparison."""
    ratios: dict[str, float] = attrs.field(factory=dict[str, float])
    """Its cost relative to each of those that it is compared with: less than 1 is cheaper."""


@attrs.frozen
class Comparison:
    """One table of figures."""

    title: str
    unit: str
    figures: tuple[Figure, ...]


def client(
    name: str, opened: Callable[[], AsyncIterator[Call]], *, messages: int = 1, against: Mapping[str, str] | None = None
) -> Client:
    """A client that the async generator function *opened* opens and closes."""
    return Client(name, asynccontextmanager(opened), messages, against or {})


async def compare(title: str, clients: Sequence[Client], scale: Scale, *, in_flight: int = 1) -> Comparison:
    """CPU of each of *clients*, in microseconds a message, with *in_flight* calls at a time."""
    count = max(scale.calls, in_flight * scale.calls // 15)  # each of those in flight makes several
    taken: dict[str, list[float]] = {each.name: [] for each in clients}
    async with AsyncExitStack() as stack:
        calls = {each.name: await stack.enter_async_context(each.open()) for each in clients}
        for number in range(scale.rounds + 1):
            # A call that is made first in each round would be measured with what the others leave in the caches.
            for each in clients if number % 2 else reversed(clients):
                seconds = await _block(calls[each.name], count, in_flight)
                taken[each.name].append(seconds / count / each.messages * 1e6)
            if not number:
                gc.collect()
                gc.freeze()
    gc.unfreeze()
    blocks = {name: figures[1:] for name, figures in taken.items()}
    return Comparison(title, "µs a message", tuple([_figure(each, blocks) for each in clients]))


def _figure(measured: Client, blocks: Mapping[str, Sequence[float]]) -> Figure:
    ours = blocks[measured.name]
    ratios = {of: ratio(ours, blocks[other]) for of, other in measured.against.items() if other in blocks}
    return Figure(measured.name, statistics.median(ours), ratios)


def ratio(ours: Sequence[float], others: Sequence[float]) -> float:
    """The median of the ratios of neighbouring blocks."""
    return statistics.median(one / other for one, other in zip(ours, others, strict=True))


async def _block(call: Call, calls: int, in_flight: int) -> float:
    """CPU seconds of *calls* calls."""
    left = iter(range(calls))
    began = process_time()
    if not inspect.iscoroutinefunction(call):
        _in_threads(call, left, in_flight)
    elif in_flight == 1:
        await _repeat(call, left)
    else:
        async with anyio.create_task_group() as group:
            for _ in range(in_flight):
                group.start_soon(_repeat, call, left)
    return process_time() - began


async def _repeat(call: Call, left: Iterator[int]) -> None:
    for _ in left:
        await call()


def _in_threads(call: Call, left: Iterator[int], threads: int) -> None:
    def work() -> None:
        for _ in left:
            call()

    if threads == 1:
        work()
        return
    with ThreadPoolExecutor(threads) as pool:
        for done in [pool.submit(work) for _ in range(threads)]:
            done.result()
