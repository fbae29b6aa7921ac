"""However much a vendor responds, little of it is held."""

import tracemalloc

import pytest

from smsgate import Outcome

from . import scripts as s
from .driver import code, gateway, tencent
from .matrix import flood
from .stub import Script, Stub

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("network")]

LITTLE = 8 * 1024 * 1024
BOMB = s.compressed(b" " * 100_000_000 + s.ACCEPTED, "gzip")
RESPONSES: dict[str, Script] = {
    "100 MB of body": flood,
    "gzip bomb": s.respond(BOMB),
    "300 kB of headers": s.respond(s.http(headers=[f"X-Large: {'x' * 300_000}"]), close=True),
    "deep JSON": s.respond(s.http(b'{"result":' + b"[" * 1_000_000)),
}


@pytest.mark.parametrize("script", RESPONSES.values(), ids=RESPONSES)
async def test_memory_is_bounded(script: Script) -> None:
    """Faults 28 to 33: a response takes a few times the 1 MiB that is read of it at most, whatever it unpacks to."""
    with Stub(script) as stub:
        async with gateway(tencent("first", stub.url)) as sms:
            tracemalloc.start()
            try:
                result = await sms.send(code())
                peak = tracemalloc.get_traced_memory()[1]
            finally:
                tracemalloc.stop()
    assert result.outcome is Outcome.UNKNOWN
    assert not stub.violations
    assert peak < LITTLE
