"""A `send_many` or a `send` that ends while the numbering plans are loaded, or cannot load them."""

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator

import anyio
import anyio.to_thread
import pytest
from fake_vendors import LOGIN, Wire, alpha, login, number
from ledger import Ledger, messages

from smsgate import ClosedError, Gateway, InvalidNumberError, Message, Outcome, Result
from smsgate.sending import numbering

pytestmark = pytest.mark.anyio

NO_NUMBER = "5551"
"""To say that this is none in the United States needs the numbering plans."""


class SlowLoad:
    """Loading that takes until it is let go."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.begun, self.let_go = threading.Event(), threading.Event()
        load = numbering._import

        def slow() -> None:
            self.begun.set()
            self.let_go.wait(10)
            load()

        monkeypatch.setattr(numbering, "_import", slow)

    async def has_begun(self) -> None:
        assert await anyio.to_thread.run_sync(self.begun.wait, 10)


@pytest.fixture
def loading(monkeypatch: pytest.MonkeyPatch) -> Iterator[SlowLoad]:
    slow = SlowLoad(monkeypatch)
    yield slow
    slow.let_go.set()


def gateway(ledger: Ledger) -> Gateway:
    return Gateway(
        [alpha(batch_limit=10)], templates=[LOGIN], transport=Wire(), on_result=ledger.on_result, default_region="US"
    )


async def source(ledger: Ledger) -> AsyncIterator[Message]:
    for message in [*messages(3), login(NO_NUMBER), login(number(4))]:
        ledger.read.append(message)
        yield message


async def test_gateway_closes_while_a_message_that_is_refused_waits_for_them(loading: SlowLoad) -> None:
    """What was read before the refused message has its result, and the reader hears that the gateway closed."""
    ledger, read, ends = Ledger(), list[Result](), list[Exception]()
    under_test = gateway(ledger)
    results = under_test.send_many(source(ledger), linger=30)

    async def reader() -> None:
        try:
            read.extend([result async for result in results])
        except ClosedError as error:
            ends.append(error)

    with anyio.fail_after(10):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(reader)
            await loading.has_begun()
            tasks.start_soon(under_test.aclose)
            await anyio.sleep(0.05)
            loading.let_go.set()
    assert (len(ledger.read), len(ends)) == (4, 1)
    assert ledger.balanced
    assert (ledger.count(Outcome.REJECTED), ledger.count(Outcome.NOT_SENT)) == (1, 3)


async def test_results_are_left_while_a_message_that_is_refused_waits_for_them(loading: SlowLoad) -> None:
    """The same of a reader who leaves."""
    ledger = Ledger()
    async with gateway(ledger) as under_test:
        async with under_test.send_many(source(ledger), linger=30):
            await loading.has_begun()
        loading.let_go.set()
    assert len(ledger.read) == 4
    assert ledger.balanced


def test_loop_goes_down_while_a_message_that_is_refused_waits_for_them(loading: SlowLoad) -> None:
    """The same when `asyncio.run` cancels everything that is left."""
    ledger = Ledger()

    async def main() -> None:
        results = gateway(ledger).send_many(source(ledger), linger=30)
        reader = asyncio.ensure_future(anext(results))
        await loading.has_begun()
        assert not reader.done()
        asyncio.get_running_loop().call_later(0.05, loading.let_go.set)

    asyncio.run(main())
    assert len(ledger.read) == 4
    assert ledger.balanced


@pytest.fixture
def no_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    async def fail(function: object) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(numbering, "import_in_own_thread", fail)


@pytest.mark.usefixtures("no_thread")
async def test_no_thread_can_be_started_for_them(caplog: pytest.LogCaptureFixture) -> None:
    """Every message has its result all the same, and it is logged once."""
    ledger = Ledger()
    async with gateway(ledger) as under_test:
        results = [result async for result in under_test.send_many(source(ledger))]
    assert len(results) == 5
    assert ledger.balanced
    assert (ledger.count(Outcome.ACCEPTED), ledger.count(Outcome.REJECTED)) == (4, 1)
    assert caplog.text.count("the numbering plans could not be loaded") == 1


@pytest.mark.usefixtures("no_thread")
async def test_no_thread_can_be_started_for_one_message() -> None:
    """The same of `send`, and of `warm`."""
    ledger = Ledger()
    async with gateway(ledger) as under_test:
        assert await under_test.warm() is not None
        assert (await under_test.send(login("+6581234567"))).accepted
        with pytest.raises(InvalidNumberError):
            await under_test.send(login(NO_NUMBER))
    assert (ledger.count(Outcome.ACCEPTED), ledger.count(Outcome.REJECTED)) == (1, 1)
