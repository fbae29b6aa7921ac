"""Who gets a connection, and when: in the order of asking, also where others are cancelled or connections break."""

import threading
from collections.abc import Callable

import anyio
import attrs
import pytest

from smsgate import ClosedError, ConfigurationError
from smsgate.transport.connection import Opener, Transport
from smsgate.transport.pool import ConnectionPool, Lease
from smsgate.transport.progress import Progress
from smsgate.transport.timeouts import Timeouts
from smsgate.wire import HttpRequest, HttpResponse

pytestmark = pytest.mark.anyio

URL = "http://vendor.test/send"


@attrs.define(eq=False)
class Connection:
    opened_by: list["Connection"]
    closed: int = 0
    reusable: bool = True

    def __attrs_post_init__(self) -> None:
        self.opened_by.append(self)

    async def open(self, timeouts: Timeouts) -> None:
        raise AssertionError

    async def send(self, request: HttpRequest, timeouts: Timeouts, progress: Progress, seconds: float) -> HttpResponse:
        raise AssertionError

    def is_reusable(self) -> bool:
        return self.reusable

    async def aclose(self) -> None:
        await anyio.lowlevel.checkpoint()
        self.closed += 1
        if not self.reusable:
            raise OSError("it cannot be closed")


@attrs.frozen(kw_only=True)
class Library(Transport):
    """Opens connections that go nowhere."""

    opened: list[Connection]

    def check_loop(self) -> None:
        pass

    def load(self, *, secure: bool) -> Opener:
        return lambda _: Connection(self.opened)


@pytest.fixture
def opened() -> list[Connection]:
    """Every connection that the pools of a test open."""
    return []


def pool(opened: list[Connection], most: int = 1, expiry: float = 45.0) -> ConnectionPool:
    library = Library(opened=opened, max_connections=most)
    made = ConnectionPool(library, expiry)
    made._openers[False] = library.load(secure=False)  # so that nobody waits for a thread first
    return made


async def taken(connections: ConnectionPool, url: str = URL, seconds: float = 20) -> Lease:
    lease = await connections.acquire(url, seconds)
    assert lease is not None
    return lease


async def test_first_come_first_served(opened: list[Connection]) -> None:
    """Whoever gives a connection back and takes one again at once comes after those who wait."""
    connections, order, begin = pool(opened), list[str](), anyio.Event()

    async def work(name: str, times: int) -> None:
        for number in range(times):
            lease = await taken(connections)
            order.append(name)
            if number == 0 and name == "busy":
                await begin.wait()
            await connections.release(lease)

    async with anyio.create_task_group() as group:
        for name, times in (("busy", 50), ("second", 1), ("third", 1)):
            group.start_soon(work, name, times)
            await anyio.wait_all_tasks_blocked()
        begin.set()
    assert len(opened) == 1
    assert order == ["busy", "second", "third"] + ["busy"] * 49
    await connections.aclose()


async def test_a_connection_is_handed_to_who_waits_longest(opened: list[Connection]) -> None:
    """In the step in which it comes free: nobody can come in between, and nobody loses the place in the queue."""
    connections, order = pool(opened), list[int]()
    first = await taken(connections)

    async def wait(number: int) -> None:
        lease = await taken(connections)
        order.append(number)
        await connections.release(lease)

    async with anyio.create_task_group() as group:
        for number in range(10):
            group.start_soon(wait, number)
            await anyio.wait_all_tasks_blocked()
        await connections.release(first)
        with anyio.CancelScope() as scope:  # asks before those who wait have run
            scope.cancel()
            assert await connections.acquire(URL, 20) is None
    assert order == list(range(10))
    assert len(opened) == 1
    await connections.aclose()


@pytest.mark.parametrize("discard", [False, True])
async def test_cancelled_as_the_connection_comes(opened: list[Connection], discard: bool) -> None:
    """A connection that is handed to a task that is cancelled at that moment goes to the next in the queue."""
    connections, got = pool(opened), list[str]()
    busy = await taken(connections)
    hurried = anyio.CancelScope()

    async def wait(name: str, scope: anyio.CancelScope) -> None:
        with scope:
            lease = await taken(connections)
            got.append(name)
            await connections.release(lease)

    async with anyio.create_task_group() as group:
        group.start_soon(wait, "hurried", hurried)
        await anyio.wait_all_tasks_blocked()
        group.start_soon(wait, "patient", anyio.CancelScope())
        await anyio.wait_all_tasks_blocked()
        busy.discard = discard
        hurried.cancel()
        await connections.release(busy)
    assert got == ["patient"]
    assert [each.closed for each in opened] == ([1, 0] if discard else [0])
    assert not connections._origins["http://vendor.test"].waiting
    await connections.aclose()


async def test_a_connection_that_comes_at_the_deadline_is_not_lost(opened: list[Connection]) -> None:
    """Whoever stops waiting when a connection has already been handed over takes it."""
    connections = pool(opened)
    busy = await taken(connections)
    leases: list[Lease | None] = []

    async def wait() -> None:
        leases.append(await connections.acquire(URL, 0.05))

    async with anyio.create_task_group() as group:
        group.start_soon(wait)
        await anyio.wait_all_tasks_blocked()
        await connections.release(busy)
        assert not connections._origins["http://vendor.test"].idle
    assert leases == [busy]
    await connections.aclose()


async def test_nobody_waits_for_ever(opened: list[Connection]) -> None:
    """After so many seconds there is none, and the queue is empty."""
    connections = pool(opened)
    busy = await taken(connections)
    assert await connections.acquire(URL, 0.01) is None
    assert not connections._origins["http://vendor.test"].waiting
    await connections.release(busy)
    assert await connections.acquire(URL, 0.01) is busy
    await connections.aclose()


async def test_a_discarded_connection_is_replaced_for_who_waits(opened: list[Connection]) -> None:
    """A broken connection is closed, and its place belongs to the first who waits."""
    connections, got = pool(opened), list[Lease]()
    broken = await taken(connections)
    broken.discard = True

    async def wait() -> None:
        got.append(await taken(connections))

    async with anyio.create_task_group() as group:
        group.start_soon(wait)
        await anyio.wait_all_tasks_blocked()
        await connections.release(broken)
    assert [each.closed for each in opened] == [1, 0]
    assert got[0].connection is opened[1]
    assert await connections.acquire(URL, 0.01) is None, "more connections than are allowed"
    await connections.aclose()


async def test_origins_do_not_wait_for_each_other(opened: list[Connection]) -> None:
    """`max_connections` is for each scheme, host and port; paths share."""
    connections = pool(opened)
    await taken(connections, "http://vendor.test/a")
    for url in ("http://vendor.test:8080/a", "http://other.test/a"):
        await taken(connections, url)
    assert await connections.acquire("http://vendor.test/b?c=/d", 0.01) is None
    await connections.aclose()
    assert [each.closed for each in opened] == [1, 1, 1]


async def test_the_last_used_is_taken_next(opened: list[Connection]) -> None:
    """So that the connections that are not needed stay idle, and expire."""
    connections = pool(opened, 3)
    leases = [await taken(connections) for _ in range(3)]
    for lease in leases:
        await connections.release(lease)
    assert [await taken(connections) for _ in range(3)] == leases[::-1]
    await connections.aclose()


async def test_close_sends_those_who_wait_away(opened: list[Connection]) -> None:
    """After the end nobody gets a connection, and one that comes back late is not kept."""
    connections, got = pool(opened), list[Lease | None]()
    busy = await taken(connections)

    async def wait() -> None:
        got.append(await connections.acquire(URL, 20))

    async with anyio.create_task_group() as group:
        group.start_soon(wait)
        await anyio.wait_all_tasks_blocked()
        await connections.aclose()
        await connections.release(busy)
    assert got == [None]
    assert len(opened) == 1
    assert opened[0].closed


async def test_a_callers_transport_is_shared_by_all() -> None:
    """There is no queue before a transport of the caller's, and it stays open."""
    mine = Connection([])
    connections = ConnectionPool(mine, 45.0)
    leases = [await taken(connections) for _ in range(3)]
    assert {lease.connection for lease in leases} == {mine}
    for lease in leases:
        lease.discard = True
        await connections.release(lease)
    await connections.aclose()
    assert mine.closed == 0


async def test_idle_connections_are_closed_in_their_turn(
    opened: list[Connection], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What has been idle for `keepalive_expiry` seconds is closed, what was used since then is not."""
    now = [1000.0]
    monkeypatch.setattr("smsgate.transport.pool.time", Now(now))
    connections = pool(opened, 4, 10.0)
    leases = [await taken(connections) for _ in range(4)]
    for lease in leases[:3]:
        await connections.release(lease)
        now[0] += 4.0
    assert await connections._close_expired() == pytest.approx(2.0)
    assert [each.closed for each in opened] == [1, 0, 0, 0]
    now[0] += 2.0
    assert await connections._close_expired() == pytest.approx(4.0)
    now[0] += 1000.0
    assert await connections._close_expired() is None
    assert [each.closed for each in opened] == [1, 1, 1, 0], "one that is in use does not expire"
    await connections.release(leases[3])
    assert await taken(connections) is leases[3]
    await connections.aclose()


async def test_close_goes_on_after_one_that_fails_to_close(opened: list[Connection]) -> None:
    """Each of them is closed, and closing the pool raises nothing."""
    connections = pool(opened, 3)
    leases = [await taken(connections) for _ in range(3)]
    for lease in leases:
        await connections.release(lease)
    for each in opened:
        each.reusable = False
    await connections.aclose()
    assert [each.closed for each in opened] == [1, 1, 1]


async def test_nothing_is_opened_after_the_end(opened: list[Connection]) -> None:
    """Whoever asks for a connection to a new origin gets none."""
    connections = pool(opened)
    await connections.aclose()
    assert await connections.acquire(URL, 20) is None
    with pytest.raises(ClosedError):
        await connections.open(URL, Timeouts())
    assert opened == []


@attrs.frozen(kw_only=True)
class SlowLibrary(Library):
    """Takes its time to be imported."""

    loading: threading.Event = attrs.field(factory=threading.Event)
    may_load: threading.Event = attrs.field(factory=threading.Event)

    def load(self, *, secure: bool) -> Opener:
        self.loading.set()
        self.may_load.wait(20)
        return super().load(secure=secure)


async def test_closed_while_the_library_is_imported(opened: list[Connection]) -> None:
    """No connection is opened after that: neither for a request nor ahead of one."""
    library, got = SlowLibrary(opened=opened), list[object]()
    connections = ConnectionPool(library, 45.0)

    async def acquire() -> None:
        got.append(await connections.acquire(URL, 20))

    async def open_ahead() -> None:
        with pytest.raises(ClosedError):
            await connections.open(URL, Timeouts())
        got.append(None)

    async with anyio.create_task_group() as group:
        group.start_soon(acquire)
        group.start_soon(open_ahead)
        await anyio.to_thread.run_sync(library.loading.wait, 20)
        await anyio.wait_all_tasks_blocked()
        await connections.aclose()
        library.may_load.set()
    assert got == [None, None]
    assert opened == []


class Now:
    def __init__(self, now: list[float]) -> None:
        self.monotonic: Callable[[], float] = lambda: now[0]


@pytest.mark.parametrize(
    ("most", "expiry", "words"), [(0, 45.0, "max_connections"), (1, 90.0, "keepalive_expiry"), (1, -1, "keepalive")]
)
def test_bad_settings(most: int, expiry: float, words: str) -> None:
    """Each is named in the error."""
    with pytest.raises(ConfigurationError, match=words):
        pool([], most, expiry)


async def test_a_connection_that_fails_to_close(opened: list[Connection]) -> None:
    """Whoever gives it back has a response already, which that does not concern; and the next one has another."""
    connections = pool(opened)
    lease = await taken(connections)
    opened[0].reusable = False
    await connections.release(lease)
    assert (opened[0].closed, (await taken(connections)).connection) == (1, opened[1])
