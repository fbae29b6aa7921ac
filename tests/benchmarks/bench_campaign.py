"""Memory while one `send_many` sends a campaign that is longer than memory should have to hold."""

import resource
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

from bench_answers import BULK, NUMBERS
from bench_measure import Comparison, Figure, Scale
from bench_ours import TEXT, VALUES, provider
from bench_stub import Stub

from smsgate import Gateway, Message

__all__ = ["campaign"]

_TIMES: Final = 10
"""How often memory is looked at."""
_RESIDENT: Final = Path("/proc/self/statm")
_UNIT: Final = 2**20


async def campaign(stub: Stub, scale: Scale) -> AsyncIterator[Comparison]:
    """What the process has resident after each tenth, results read as they come and not kept."""
    figures: list[Figure] = []
    source = (Message(NUMBERS[index % 200], "login", VALUES) for index in range(scale.campaign))
    async with Gateway([provider("Tencent v5", stub.url(BULK))], templates=[TEXT]) as gateway:
        read = 0
        async for result in gateway.send_many(source, linger=60):
            result.raise_for_outcome()
            read += 1
            if read % (scale.campaign // _TIMES) == 0:
                resident = _resident()
                ratios = {"the first": resident / figures[0].value} if figures else {}
                figures.append(Figure(f"after {read:,} messages", resident, ratios))
    assert read == scale.campaign
    yield Comparison("A campaign of one send_many, resident memory", "MiB", tuple(figures))


def _resident() -> float:
    """MiB of this process in memory; where that cannot be read, the most that it ever had."""
    if _RESIDENT.exists():
        return int(_RESIDENT.read_text("ascii").split()[1]) * resource.getpagesize() / _UNIT
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / _UNIT if sys.platform == "darwin" else most * 1024 / _UNIT
