"""`RedisRates`: the rates that processes share, in Redis."""

import math
from collections.abc import Callable
from functools import partial
from typing import Any, Final, Self

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from smsgate.model.errors import ConfigurationError, LedgerError
from smsgate.model.masking import describe_failure, safe_text
from smsgate.transport.threads import in_own_thread

__all__ = ["RedisRates"]

_LONGEST: Final = 365 * 86400.0
"""Seconds: for the script, infinity."""
_SCRIPT: Final = """
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local seconds, longest, new = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local booked, at = new, now
local known = redis.call('HMGET', KEYS[1], 'booked', 'at')
if known[1] and known[2] then
  booked, at = tonumber(known[1]), tonumber(known[2])
end
local begins = math.max(0, booked - math.max(0, now - at))
if begins > longest then
  return -1
end
if now > at or at - now > 10000000 then
  at = now
end
redis.call('HSET', KEYS[1], 'booked', string.format('%.0f', begins + seconds), 'at', string.format('%.0f', at))
return begins
"""
"""Microseconds throughout, which a double holds exactly until the year 2255. A clock that is a moment behind the last
booking is that of another host, after a failover; one that is ten seconds behind was set back."""
_NEW: Final = 1_000_000
"""How much of the time of an account counts as booked when the account is new here: see `SharedRates.book`."""
_MICROS: Final = 1_000_000


class RedisRates:
    """A `smsgate.SharedRates` in Redis 5 or later, by one script and Redis' own clock.

    *url_or_client*: a URL (`redis://host`, `rediss://…`, `unix://…`) or a `redis.Redis`, which stays the caller's to
    close. *prefix*: what the names of its keys begin with, one for each account. *timeout*: how many seconds a call
    waits for Redis, by a URL; a client has timeouts of its own.

    It works on asyncio and trio, with any number of event loops, and after a fork: redis-py's client that blocks is
    used in threads, since its async one runs on asyncio alone, and belongs to one event loop. It needs no preparation;
    with `create` a program finds when it starts whether Redis is there.

    Its methods raise `LedgerError` if Redis does not do what it should. The constructor raises `ConfigurationError`,
    and connects to nothing.
    """

    def __init__(self, url_or_client: str | Redis, *, prefix: str = "smsgate:rates:", timeout: float = 5.0) -> None:
        if not 0 < timeout < float("inf"):
            raise ConfigurationError("timeout: must be above 0 seconds, and finite")
        self._owned = isinstance(url_or_client, str)
        self._client = _client(url_or_client, timeout)
        self._prefix = prefix
        self._script = self._client.register_script(_SCRIPT)

    async def book(self, account: str, seconds: float, *, longest: float) -> float | None:
        """Book the next *seconds* of the time of *account*. See `smsgate.SharedRates`."""
        limit = math.floor(min(longest, _LONGEST) * _MICROS)
        given = [math.ceil(seconds * _MICROS), limit, _NEW]
        begins: Any = await _call(partial(self._script, keys=[self._prefix + account], args=given))
        return None if begins < 0 else begins / _MICROS

    async def create(self) -> None:
        """Load the script into Redis, which makes nothing else: it shows that Redis is there and runs scripts."""
        await _call(partial(self._client.script_load, _SCRIPT))

    async def aclose(self) -> None:
        """Close the connections of a client that is not the caller's."""
        if self._owned:
            await in_own_thread(self._client.close)

    async def __aenter__(self) -> Self:
        """Load the script into Redis."""
        await self.create()
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close it."""
        await self.aclose()


async def _call(function: Callable[[], object]) -> Any:
    try:
        return await in_own_thread(function, abandon=True)
    except RedisError as error:
        raise LedgerError(f"rates: {describe_failure(error)}: {safe_text(str(error))}") from None


def _client(given: str | Redis, timeout: float) -> Redis:
    if isinstance(given, Redis):
        return given
    if not isinstance(given, str):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise ConfigurationError(
            "rates: must be a URL or a redis.Redis. An async client runs on asyncio alone: this one is used in threads"
        )
    try:
        retry = Retry(NoBackoff(), 1)  # a connection that Redis has closed meanwhile
        client: Redis = Redis.from_url(  # pyright: ignore[reportUnknownMemberType]  # its further arguments have no type
            given, socket_timeout=timeout, socket_connect_timeout=timeout, retry=retry
        )
        # It takes any option in a URL. A connection does not, and this one is not opened.
        client.connection_pool.connection_class(**client.connection_pool.connection_kwargs)
        return client
    except (ValueError, TypeError, RedisError):  # its text may have the URL, and the URL a password
        raise ConfigurationError("rates: must be a URL as redis-py takes it: redis://host:6379/0") from None
