"""`smsgate.sync.Gateway`: the gateway for code that is not async, on one event loop a process."""

import inspect
import os
import ssl
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar, TypeVarTuple, get_type_hints

import anyio
import httpx
import httpx2
import pytest
from anyio.from_thread import BlockingPortal
from asgiref.sync import async_to_sync  # type: ignore[import-untyped, unused-ignore]
from fake_vendors import LOGIN, Wire, alpha, login, number

import smsgate
from smsgate import ClosedError, ConfigurationError, Message, MessageError, QuietHours, Result, WrongLoopError
from smsgate.sending.arguments import GatewayArguments
from smsgate.sync import Gateway, run
from smsgate.sync.portal import LOOP, LoopThread
from smsgate.sync.results import BlockingResults
from smsgate.testing import Outbox
from smsgate.transport.connection import Transport

T = TypeVar("T")
Ts = TypeVarTuple("Ts")


def made(wire: Wire | None = None, **options: Any) -> Gateway:
    return Gateway([alpha()], templates=[LOGIN], transport=wire or Wire(), **options)


def many(count: int) -> list[Message]:
    return [login(number(index)) for index in range(count)]


def test_it_takes_what_the_async_one_takes() -> None:
    """Whoever adds an argument to `Gateway`, or changes its type, does so here."""
    later = {"httpx": httpx, "httpx2": httpx2, "SSLContext": ssl.SSLContext}
    later |= {"QuietHours": QuietHours, "Transport": Transport}
    hints = get_type_hints(smsgate.Gateway.__init__, localns=later)
    assert get_type_hints(GatewayArguments, localns=later) == {
        name: kind for name, kind in hints.items() if name not in ("providers", "return")
    }


def test_it_has_the_methods_of_the_async_one() -> None:
    """Every public method of the async gateway is there, with the same arguments; `aclose` is `close`."""

    def methods(kind: type) -> dict[str, list[str]]:
        return {
            name.replace("aclose", "close"): list(inspect.signature(member).parameters) if callable(member) else []
            for name, member in inspect.getmembers(kind)
            if not name.startswith("_") and name not in ("of", "on_loop")
        }

    assert methods(Gateway) == methods(smsgate.Gateway)


def test_threads_share_one_loop() -> None:
    """Calls of any number of threads and gateways have their results, on one event loop of the process."""
    wire, seen = Wire(), list[tuple[int, Result]]()
    gateways = [made(wire, on_result=lambda result: seen.append((threading.get_ident(), result))) for _ in range(2)]
    with ThreadPoolExecutor(20) as threads:
        results = list(threads.map(lambda index: gateways[index % 2].send(login(number(index))), range(100)))
    assert Counter(result.accepted for result in results) == {True: 100}
    assert {result.message for result in results} == {result.message for _, result in seen}
    assert len([each for each in threading.enumerate() if each.name == "smsgate"]) == 1
    for gateway in gateways:
        gateway.close()


def test_a_plain_on_result_may_block_and_send() -> None:
    """It runs in a worker thread of its own, so that it may use a database, or send in its turn, however many do."""
    wire = Wire()
    second = made(wire)
    seen: list[Result] = []

    def on_result(result: Result) -> None:
        time.sleep(0.01)
        assert threading.current_thread().name != "smsgate"
        seen.append(second.send(result.message))

    with made(wire, on_result=on_result) as gateway, ThreadPoolExecutor(60) as threads:
        list(threads.map(gateway.send, many(60)))
    assert len(seen) == 60
    second.close()


def test_an_async_on_result_cannot_block_the_loop() -> None:
    """A blocking call on the event loop itself would wait for itself for ever: it is an error that says what to do."""
    errors: list[str] = []

    async def on_result(result: Result) -> None:
        try:
            gateway.send(result.message)
        except ConfigurationError as error:
            errors.append(str(error))

    gateway = made(on_result=on_result)
    gateway.send(login())
    assert len(errors) == 1
    assert errors[0].startswith("smsgate.sync was called on its own event loop, which it would block for ever")


def test_errors_are_raised_in_the_calling_thread() -> None:
    """What `send` raises is raised where it was called, and the gateway goes on."""
    gateway = made()
    with pytest.raises(MessageError, match="'nope' is not a template"):
        gateway.send(Message(number(1), "nope"))
    assert gateway.send(login()).accepted
    gateway.close()
    with pytest.raises(ClosedError):
        gateway.send(login())
    with pytest.raises(ClosedError), gateway:
        pass


def test_messages_are_read_in_the_calling_thread() -> None:
    """A source that belongs to a thread, such as a cursor of a database, is read there, a little at a time."""
    threads: set[int] = set()
    read = 0

    def source() -> Iterator[Message]:
        nonlocal read
        for message in many(3000):
            threads.add(threading.get_ident())
            read += 1
            yield message

    gateway = made()
    results = gateway.send_many(source(), window=600, linger=60)
    first = next(results)
    assert first.accepted
    assert read <= 600 + 2 * 500
    assert len([first, *results]) == 3000
    assert threads == {threading.get_ident()}
    gateway.close()


def test_sending_goes_on_while_the_source_waits() -> None:
    """What was read is sent after `linger`, not when the source has given 500 or ended."""
    sent = threading.Event()

    def source() -> Iterator[Message]:
        yield login(number(1))
        time.sleep(0.05)
        yield login(number(2))
        assert sent.wait(10), "nothing was sent while the source was waiting"
        yield login(number(3))

    gateway = made(on_result=lambda _: sent.set())
    assert len(list(gateway.send_many(source(), linger=0))) == 3
    gateway.close()


def test_the_error_of_a_source_comes_after_the_results() -> None:
    """What was read before the source failed is sent, and its results are given, before its error is raised."""

    def source() -> Iterator[Message]:
        yield from many(3)
        raise LookupError("no more rows")

    gateway = made()
    results = gateway.send_many(source())
    assert [next(results).accepted for _ in range(3)] == [True] * 3
    with pytest.raises(LookupError, match="no more rows"):
        next(results)
    assert list(results) == []
    gateway.close()


def test_what_is_no_message_is_raised_at_the_end() -> None:
    """As with the async gateway."""
    gateway = made()
    results = gateway.send_many([login(), "+8613788888888"])  # type: ignore[list-item]
    assert next(results).accepted
    with pytest.raises(MessageError):
        next(results)
    gateway.close()


def test_options_of_send_many_are_checked_at_once() -> None:
    """Before anything is read."""
    gateway = made()
    with pytest.raises(ConfigurationError, match="concurrency and window"):
        gateway.send_many(many(1), window=0)
    with pytest.raises(ConfigurationError, match="messages must be iterable, not a int"):
        gateway.send_many(5)  # type: ignore[arg-type]
    gateway.close()


@pytest.mark.parametrize("how", ["break", "with", "close"])
def test_results_that_are_left_end_the_sending(how: str) -> None:
    """Nothing more is read after a `break`, the end of a `with`, or `close`."""
    read = 0

    def source() -> Iterator[Message]:
        nonlocal read
        for message in many(100_000):
            read += 1
            yield message

    gateway = made()
    if how == "break":
        for _ in gateway.send_many(source(), window=300):
            break
    else:
        results = gateway.send_many(source(), window=300)
        next(results)
        if how == "with":
            with results:
                pass
        else:
            results.close()
        assert list(results) == []
    before = read
    gateway.close()
    assert read == before < 100_000


def test_it_is_administered() -> None:
    """Health, marks, templates, previews and warming, from whatever thread."""
    gateway = made()
    gateway.mark("alpha", "down", why="a test")
    assert gateway.health()["alpha"].why == "a test"
    gateway.mark("alpha", "up")
    assert gateway.preview(login()).text is not None
    assert gateway.warm() == {}
    gateway.add_template(smsgate.Template("second", ids={"alpha": "2"}))
    assert [template.name for template in gateway.templates] == [LOGIN.name, "second"]
    assert (repr(gateway), gateway.failed_records) == ("sync.Gateway(alpha)", 0)
    gateway.close()


def test_anything_async_can_be_run() -> None:
    """`run` is for what has no blocking form."""

    async def double(value: int) -> int:
        return 2 * value

    assert run(double, 4) == 8


def test_run_takes_no_coroutine() -> None:
    """Who calls the function himself is told how it is meant, and nothing is left to be awaited."""

    async def double(value: int) -> int:
        return 2 * value

    with pytest.raises(ConfigurationError, match="without calling it"):
        run(double(4))  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def test_it_wraps_a_gateway_of_a_test() -> None:
    """`of` makes the blocking form of a gateway that a fixture gives."""
    outbox = Outbox(templates=[LOGIN])
    gateway = Gateway.of(outbox)
    assert gateway.send(login()).accepted
    assert len(outbox.messages) == 1
    gateway.close()


def test_a_loop_for_each_call_is_an_error_that_says_what_to_use() -> None:
    """An async view under WSGI has a new event loop for each request: the async gateway names this module."""
    send = async_to_sync(smsgate.Gateway([alpha()], templates=[LOGIN], transport=Wire()).send)
    assert send(login()).accepted
    with pytest.raises(WrongLoopError, match=r"smsgate\.sync\.Gateway"):
        send(login())
    gateway = made()

    async def view() -> bool:
        return gateway.send(login()).accepted

    assert [async_to_sync(view)() for _ in range(3)] == [True] * 3
    gateway.close()


def test_a_caller_who_is_interrupted_cancels(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C ends what a call waits for, also if it comes before anyio has returned what could be cancelled."""
    begun, ended = threading.Event(), threading.Event()
    start = BlockingPortal.start_task_soon
    interrupted: list[object] = []

    async def hang() -> None:
        begun.set()
        try:
            await anyio.sleep_forever()
        finally:
            ended.set()

    def start_and_interrupt(portal: BlockingPortal, work: Any, *args: Any, **options: Any) -> Any:
        future = start(portal, work, *args, **options)
        if not interrupted:
            interrupted.append(future)
            assert begun.wait(10)
            raise KeyboardInterrupt
        return future

    monkeypatch.setattr(BlockingPortal, "start_task_soon", start_and_interrupt)
    with pytest.raises(KeyboardInterrupt):
        run(hang)
    assert ended.wait(10)


def test_the_end_of_a_process_closes_what_is_open() -> None:
    """At exit: gateways are closed and the thread ends, without a warning; a child of a fork has a loop of its own."""
    program = """
import os, sys
sys.path.insert(0, sys.argv[1])
from fake_vendors import LOGIN, Wire, alpha, login
from smsgate.sync import Gateway
gateway = Gateway([alpha()], templates=[LOGIN], transport=Wire())
if "used" in sys.argv:
    gateway.send(login())
child = os.fork()
accepted = gateway.send(login()).accepted
if child:
    assert os.waitpid(child, 0)[1] == 0
assert accepted
"""
    support = os.path.join(os.path.dirname(__file__), "..", "support")
    for used in ("used", "fresh"):
        command = [
            sys.executable,
            "-W",
            "error",
            "-W",
            "ignore:.*fork:DeprecationWarning",
            "-c",
            program,
            support,
            used,
        ]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_a_loop_that_was_ended_begins_anew() -> None:
    """After the end of the loop the next call starts another one."""
    gateway = made()
    assert gateway.send(login()).accepted
    LOOP.stop()
    with pytest.raises(ClosedError):
        gateway.send(login())
    with made() as second:
        assert second.send(login()).accepted


class Interrupting(LoopThread):
    """The event loop of the process. Callers are interrupted, now before a call has begun, now after it has ended."""

    def __init__(self) -> None:
        super().__init__()
        self.calls = 0

    def call(self, work: Callable[[*Ts], Awaitable[T]], *args: *Ts) -> T:
        self.calls += 1
        if self.calls % 3 == 0:
            raise KeyboardInterrupt
        returned = LOOP.call(work, *args)
        if self.calls % 3 == 2:
            raise KeyboardInterrupt
        return returned


def test_a_reader_who_is_interrupted_reads_on() -> None:
    """Each message is sent, each result is given once and in the end what the source raised, however often."""

    def source() -> Iterator[Message]:
        yield from many(1200)
        raise OSError("no more rows")

    recorded, given, raised, loop = list[Result](), list[Result](), list[str](), Interrupting()
    with made(on_result=recorded.append) as gateway:
        results = BlockingResults(loop, source(), gateway.on_loop.send_many)
        while not raised:
            try:
                given.extend(results)
                raised.append("nothing")
            except KeyboardInterrupt:
                pass
            except OSError as error:
                raised.append(str(error))
    assert loop.calls > 5
    assert raised == ["no more rows"]
    assert Counter(str(result.message.to) for result in given) == Counter(str(message.to) for message in many(1200))
    assert len(recorded) == 1200


def test_what_cannot_be_awaited_is_not_run() -> None:
    """What is read with `async for`, as `ledger.unsettled()` is, and what is not async: the error says what to do."""

    async def rows() -> AsyncIterator[int]:
        yield 1

    with pytest.raises(ConfigurationError, match="give an async function that loops over it"):
        run(rows)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    with pytest.raises(ConfigurationError, match="returned a int, which cannot be awaited: call it without run"):
        run(len, "four")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
