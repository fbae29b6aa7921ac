"""Sync code that sends from worker threads: however many of them wait, a send needs none of them."""

import threading
from functools import partial

import anyio
import anyio.from_thread
import anyio.to_thread
import pytest
from fake_vendors import LOGIN, FakeVendor, alpha, login, number
from loopback import Loopback
from networks import over_network

from smsgate import Batch, Gateway, HttpRequest, Outcome, Reason, Result, Timeouts

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("network")]

FORTY = 40
"""How many worker threads anyio has, and Starlette with it."""


class OverTls(FakeVendor):
    """A provider that nothing listens for: it needs certificates to find out."""

    def build_request(self, batch: Batch, *, now: float, nonce: str) -> HttpRequest:
        return HttpRequest("POST", "https://127.0.0.1:1/", {}, b"{}")


async def send_from_all_threads(gateway: Gateway) -> list[Result]:
    """One send from each worker thread that there is, and none of them begins before all wait."""
    results: list[Result] = []
    together = threading.Barrier(FORTY)

    def view(index: int) -> None:
        together.wait(30)
        results.append(anyio.from_thread.run(gateway.send, login(number(index))))

    assert anyio.to_thread.current_default_thread_limiter().total_tokens == FORTY
    async with anyio.create_task_group() as group:
        for index in range(FORTY):
            group.start_soon(partial(anyio.to_thread.run_sync, view, index))
    return results


async def test_all_threads_send_first_at_once() -> None:
    """A burst right after the start: the HTTP client is imported although no worker thread is free."""
    with Loopback.running() as vendor:
        timeouts = Timeouts(pool=60, connect=60, read=60, write=60, total=60)
        async with Gateway(
            [alpha(url=vendor.url)], templates=[LOGIN], **over_network({"timeouts": timeouts})
        ) as gateway:
            with anyio.fail_after(50):
                results = await send_from_all_threads(gateway)
    assert [result.outcome for result in results] == [Outcome.ACCEPTED] * FORTY


async def test_certificates_need_no_worker_thread() -> None:
    """So too where certificates are read: the vendor is tried, and not one message runs into the deadline."""
    timeouts = Timeouts(pool=60, connect=60, read=60, write=60, total=60)
    async with Gateway([OverTls("alpha")], templates=[LOGIN], **over_network({"timeouts": timeouts})) as gateway:
        with anyio.fail_after(50):
            results = await send_from_all_threads(gateway)
    assert {(result.outcome, result.reason) for result in results} == {(Outcome.NOT_SENT, Reason.NETWORK)}
    assert all(str(result.attempts[0].description).endswith("(127.0.0.1:1)") for result in results)
