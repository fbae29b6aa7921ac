"""The groups of comparisons, each in a process of its own: what one leaves in memory costs no other anything."""

import sys
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from typing import Final

import anyio
from bench_campaign import campaign
from bench_ledger import ledger
from bench_local import callbacks, imports, memory
from bench_measure import Comparison, Scale
from bench_network import bulk, coalescing, singles, tail, trio_singles
from bench_report import as_text
from bench_stub import Stub

__all__ = ["GROUPS", "measure"]

Group = Callable[[Stub, Scale], AsyncIterator[Comparison]]
GROUPS: Final[dict[str, Group]] = {
    "singles": singles,
    "trio": trio_singles,
    "coalescing": coalescing,
    "bulk": bulk,
    "tail": tail,
    "ledger": ledger,
    "callbacks": lambda _, scale: callbacks(scale),
    "imports": lambda _, scale: imports(scale),
    "campaign": campaign,
    "memory": lambda _, scale: memory(scale),
}


def _measure(name: str, server: Stub, scale: Scale) -> list[Comparison]:
    return anyio.run(partial(_run, GROUPS[name], server, scale), backend="trio" if name == "trio" else "asyncio")


def measure(name: str, server: Stub, scale: Scale) -> list[Comparison]:
    """Measure the group of that name, and print its tables."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(_measure, name, server, scale).result()


async def _run(group: Group, server: Stub, scale: Scale) -> list[Comparison]:
    found: list[Comparison] = []
    async for comparison in group(server, scale):
        sys.stdout.write(f"{as_text(comparison)}\n\n")
        sys.stdout.flush()
        found.append(comparison)
    return found
