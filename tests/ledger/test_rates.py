"""The rates that processes share, in each store: what is booked is booked once, by the store's clock."""

import hashlib
import math
import secrets
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import anyio
import pytest
from databases import SERVERS, CannotRun, Server, running
from fake_vendors import LOGIN, Paced, Wire, login
from rate_jobs import run
from redis import Redis, asyncio
from shared_rates import BURST, RateStore, excess
from sql_ledgers import Place
from sqlalchemy import Connection, create_engine

from smsgate import ConfigurationError, Gateway, LedgerError, Outcome, Reason, SharedRates
from smsgate.ledger import RedisRates, SqlLedger, SqlRates
from smsgate.ledger.redis_rates import _SCRIPT
from smsgate.ledger.sql_rates import _Booking

pytestmark = pytest.mark.anyio

STORES: list[type[SharedRates]] = [SqlRates, RedisRates]


async def test_time_is_booked_once(rate_store: RateStore) -> None:
    """Bookings follow each other, to the microsecond, whoever makes them; a new account has a second booked."""
    async with rate_store.rates() as first, rate_store.rates() as second:
        begins = [await each.book("alpha", 100.0, longest=1e6) for each in (first, second, first)]
        assert begins == [pytest.approx(1.0, abs=0.5), pytest.approx(101, abs=5), pytest.approx(201, abs=5)]
        assert await second.book("beta", 0.000001, longest=float("inf")) == pytest.approx(1.0, abs=0.5)


async def test_what_begins_too_late_is_not_booked(rate_store: RateStore) -> None:
    """None, and the next one that can wait finds the same time free."""
    async with rate_store.rates() as rates:
        await rates.book("alpha", 100.0, longest=10.0)
        assert await rates.book("alpha", 100.0, longest=10.0) is None
        assert await rates.book("alpha", 100.0, longest=1000.0) == pytest.approx(101, abs=5)


async def test_many_at_once(rate_store: RateStore) -> None:
    """Of concurrent bookings no two have the same time, also of an account that is new."""
    begins: list[float] = []
    async with rate_store.rates() as first, rate_store.rates() as second:

        async def book(rates: SharedRates) -> None:
            for _ in range(5):
                found = await rates.book("alpha", 50.0, longest=1e6)
                assert found is not None
                begins.append(found)

        async with anyio.create_task_group() as tasks:
            for index in range(6):
                tasks.start_soon(book, (first, second)[index % 2])
    begins.sort()
    assert begins == [pytest.approx(1 + 50 * index, abs=20) for index in range(30)]


async def test_an_account_that_another_process_makes_meanwhile(
    database_server: Callable[[str], Server], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between two statements of a booking: it is booked, and not taken for one that would begin too late."""
    engine, is_new = create_engine(database_server("postgresql").url), _Booking._is_new

    def made_meanwhile(booking: _Booking, connection: Connection) -> bool:
        with engine.begin() as other:
            other.execute(booking.table.insert().values(account=booking.account, booked=0, at=0))
        return is_new(booking, connection)

    async with SqlRates(engine, prefix="meanwhile_") as rates:
        monkeypatch.setattr(_Booking, "_is_new", made_meanwhile)
        assert await rates.book(secrets.token_hex(6), 1.0, longest=10.0) == 0
    engine.dispose()


async def test_time_passes_by_the_clock_of_the_store(rate_store: RateStore) -> None:
    """What is booked passes; a pause makes room for no more than what was booked."""
    async with rate_store.rates() as rates:
        await rates.book("alpha", 0.0, longest=10.0)
        assert await rates.book("alpha", 0.0, longest=0.0) is None
        rate_store.move_last_booking(-2)
        assert await rates.book("alpha", 1.0, longest=0.0) == 0.0
        left = await rates.book("alpha", 1.0, longest=10.0)
        assert left is not None
        assert 0.5 < left <= 1.0


@pytest.mark.parametrize("seconds", [3600, 1])
async def test_a_clock_that_is_set_back(rate_store: RateStore, seconds: int) -> None:
    """It stops nobody: what was booked counts from the new time on. A moment's difference is waited for."""
    async with rate_store.rates() as rates:
        await rates.book("alpha", 4.0, longest=10.0)
        rate_store.move_last_booking(seconds)
        assert await rates.book("alpha", 4.0, longest=10.0) == pytest.approx(5.0, abs=1.0)
        assert await rates.book("alpha", 4.0, longest=10.0) == pytest.approx(9.0, abs=1.5)


def test_processes_share_a_rate(rate_store: RateStore) -> None:
    """Four processes, of which one is killed with -9, never send more than the rate and its burst, nor much less."""
    rate, count = 150.0, 225
    begun, times = run(rate_store, rate=rate, processes=4, count=count)
    assert excess([begun, *times], rate) <= 1 + rate * BURST + rate * 0.1  # a busy machine runs them late
    assert all(index + 1 <= rate * (time - begun) + rate * BURST for index, time in enumerate(times))
    assert times[-1] - begun <= count / rate * 5  # turns that such a machine misses are lost


@pytest.fixture(params=[*SERVERS, "redis"])
def server(request: pytest.FixtureRequest) -> Iterator[Server]:
    """A server of the test's own, to be killed."""
    try:
        with running(request.param) as found:
            yield found
    except CannotRun as why:
        pytest.skip(f"{request.param}: {why}")


async def test_the_store_is_killed(server: Server) -> None:
    """Nothing is sent without it, and the result says why. When it is back, sending goes on."""
    wire = Wire()
    async with (
        RateStore(server.url, "smsgate_").rates(timeout=30) as rates,
        Gateway([Paced("alpha", rate=1000)], templates=[LOGIN], transport=wire, rates=rates) as gateway,
    ):
        assert (await gateway.send(login())).accepted
        server.stop()
        result = await gateway.send(login())
        assert (result.outcome, result.reason) == (Outcome.NOT_SENT, Reason.NOT_RECORDED)
        with pytest.raises(LedgerError):
            await rates.book("alpha", 1.0, longest=10.0)
        server.start()
        assert (await gateway.send(login())).accepted
    assert len(wire.calls) == 2


async def test_a_table_that_is_missing(sqlite: Place) -> None:
    """The error says so, and `create` makes it, as often as it is called, beside a ledger's."""
    async with SqlLedger(sqlite.url):
        pass
    rates = SqlRates(sqlite.url)
    with pytest.raises(LedgerError, match="no such table: smsgate_rates"):
        await rates.book("alpha", 1.0, longest=10.0)
    await rates.create()
    await rates.create()
    assert await rates.book("alpha", 1.0, longest=10.0) is not None
    assert set(rates.metadata.tables) == {"smsgate_rates"}
    await rates.aclose()


async def test_a_redis_that_is_not_there() -> None:
    """The error says what Redis' client says, and has no password."""
    rates = RedisRates("redis://:canary@127.0.0.1:1/0", timeout=1)
    for call in (partial(rates.book, "alpha", 1.0, longest=10.0), rates.create, rates.__aenter__):
        with pytest.raises(LedgerError, match=r"rates: ConnectionError .*refused") as raised:
            await call()
        assert "canary" not in str(raised.value)
    await rates.aclose()


async def test_redis_has_the_script_before_the_first_booking(database_server: Callable[[str], Server]) -> None:
    """`create` gives it, and books nothing; a Redis that has forgotten it gets it again."""
    url, prefix = database_server("redis").url, secrets.token_hex(6)
    with Redis.from_url(url) as client:
        client.script_flush()
        async with RedisRates(url, prefix=prefix) as rates:
            assert client.script_exists(hashlib.sha1(_SCRIPT.encode(), usedforsecurity=False).hexdigest()) == [True]
            assert client.keys(f"{prefix}*") == []
            client.script_flush()
            assert await rates.book("alpha", 1.0, longest=10.0) is not None


def test_set_ups_that_cannot_work() -> None:
    """They are told when the object is made, without the password that a URL has."""
    cases: list[tuple[Any, Any, dict[str, Any], str]] = [
        (SqlRates, "sqlite:///x.db", {"timeout": 0}, "timeout: must be above 0 seconds, and finite"),
        (SqlRates, "sqlite:///x.db", {"prefix": "A"}, "prefix: must be up to 30 lower-case letters"),
        (SqlRates, "oracle:canary", {}, "must be a URL as SQLAlchemy takes it"),
        (RedisRates, "redis://x", {"timeout": math.nan}, "timeout: must be above 0 seconds, and finite"),
        (SqlRates, "mysql://db:canary/x", {}, "must be a URL as SQLAlchemy takes it"),
        (SqlRates, "mysql://u:p@canary@db/x", {}, "must be a URL as SQLAlchemy takes it, .*a password's @ as %40"),
        (RedisRates, "http://canary", {}, "rates: must be a URL as redis-py takes it"),
        (RedisRates, "redis://x?canary=1", {}, "rates: must be a URL as redis-py takes it"),
        (RedisRates, "rediss://x?ssl_cert_reqs=canary", {}, "rates: must be a URL as redis-py takes it"),
        (
            RedisRates,
            asyncio.Redis(),
            {},
            "rates: must be a URL or a redis.Redis. An async client runs on asyncio alone",
        ),
    ]
    for kind, url, options, words in cases:
        with pytest.raises(ConfigurationError, match=words) as raised:
            kind(url, **options)
        assert "canary" not in str(raised.value)


async def test_a_client_of_ones_own(database_server: Callable[[str], Server]) -> None:
    """It is used, and stays open."""
    with Redis.from_url(database_server("redis").url, decode_responses=True) as client:
        async with RedisRates(client, prefix="own:") as rates:
            assert await rates.book("alpha", 1.0, longest=10.0) is not None
        assert client.exists("own:alpha")


def test_redis_is_imported_late() -> None:
    """Without it the error says what to install; SQLAlchemy is not needed for it."""
    code = (
        "import sys, smsgate, smsgate.ledger; sys.modules['sqlalchemy'] = None; smsgate.ledger.RedisRates\n"
        "del sys.modules['smsgate.ledger.redis_rates'], smsgate.ledger.RedisRates; sys.modules['redis'] = None\n"
        "try: smsgate.ledger.RedisRates\n"
        "except smsgate.ConfigurationError as error: print(error)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == 'smsgate.ledger.RedisRates needs: pip install "smsgate[redis]"\n'
