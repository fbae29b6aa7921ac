"""Making the pushes of a sandbox over real HTTP. The one module here that calls out, and only to this machine.

A simulator that posted to any address that a request names would be a reflector: addresses elsewhere are refused unless
`PushSettings.allow_remote` is set.
"""

import logging
import ssl
import threading
from collections.abc import Callable, Iterator
from typing import Final

import anyio
import httpx

from smsgate.model.errors import ConfigurationError
from smsgate.sandbox.pushes.push import Push
from smsgate.sandbox.pushes.settings import CommonPushSettings
from smsgate.sandbox.sandbox import Sandbox
from smsgate.sandbox.state.addresses import is_loopback
from smsgate.wire import HttpRequest, HttpResponse

__all__ = ["PushSender", "check_callbacks", "send"]

logger: Final = logging.getLogger("smsgate")
_TICK: Final = 0.05
"""Seconds between looks at what is due: what falls due in between shares a push."""
_TIMEOUT: Final = 5.0
_AT_ONCE: Final = 10
_REFUSED: Final = "refused: not an address of this machine"


def check_callbacks(settings: CommonPushSettings) -> None:
    """Raises `ConfigurationError` if a configured callback may not be pushed to, or the CA file cannot be read."""
    tls_context(settings)
    for vendor, url in settings.callbacks.items():
        if not _is_allowed(url, settings):
            raise ConfigurationError(f"{vendor}_callback: is not an address of this machine; others need allow_remote")


def tls_context(settings: CommonPushSettings) -> ssl.SSLContext:
    """What https callbacks are verified with. Raises `ConfigurationError`, naming the file."""
    try:
        return ssl.create_default_context(cafile=settings.ca_file)
    except OSError as error:  # ssl.SSLError is one
        raise ConfigurationError(f"ca_file: {settings.ca_file} has no certificates in PEM: {error}") from None


class PushSender:
    """Pushes what is due in *sandbox*, by *clock* (Unix seconds), until it is cancelled."""

    def __init__(self, sandbox: Sandbox, clock: Callable[[], float]) -> None:
        self._sandbox = sandbox
        self._clock = clock
        self._open: dict[int, Push] = {}
        self._lock = threading.Lock()
        """For what is due and what is under way together: a push is always one of them for `next_at`."""
        self._slots = anyio.Semaphore(_AT_ONCE)
        self._refused: set[str] = set()

    def next_at(self) -> float | None:
        """When the next push is due (Unix seconds): now while one is under way, and None if there is none to come."""
        with self._lock:
            return self._clock() if self._open else self._sandbox.next_push_at

    async def run(self) -> None:
        """Push for ever. What cannot be finished when it is cancelled is due again."""
        limits = httpx.Limits(max_connections=_AT_ONCE)
        verify = tls_context(self._sandbox.push_settings)
        try:
            async with (
                httpx.AsyncClient(trust_env=False, timeout=_TIMEOUT, limits=limits, verify=verify) as client,
                anyio.create_task_group() as group,
            ):
                while True:
                    for push in self._take():
                        group.start_soon(self._push, client, push)
                    await anyio.sleep(_TICK)
        finally:
            self._sandbox.put_back_pushes(self._open.values())

    def _take(self) -> Iterator[Push]:
        with self._lock:
            pushes = self._sandbox.due_pushes(now=self._clock())
            self._open.update((id(push), push) for push in pushes)
        for push in pushes:
            if _is_allowed(push.request.url, self._sandbox.push_settings):
                yield push
            else:
                self._refuse(push)

    async def _push(self, client: httpx.AsyncClient, push: Push) -> None:
        async with self._slots:
            try:
                response, error = await send(client, push.request), ""
            except Exception as failure:  # whatever a callback's address or answer leads to, the others go on
                response, error = None, _reason(failure)
            self._settle(push, response, error)

    def _refuse(self, push: Push) -> None:
        host = httpx.URL(push.request.url).host if _is_url(push.request.url) else "(no URL)"
        if host not in self._refused:
            self._refused.add(host)
            logger.warning("the sandbox pushes nothing to %r: it is not this machine, and allow_remote is off", host)
        self._settle(push, None, _REFUSED)

    def _settle(self, push: Push, response: HttpResponse | None, error: str) -> None:
        with self._lock:
            self._sandbox.settle_push(push, response, now=self._clock(), error=error)
            del self._open[id(push)]


async def send(client: httpx.AsyncClient, request: HttpRequest) -> HttpResponse:
    """Make a push as it was written: no client adds a header or follows a redirect."""
    wire = httpx.Request(request.method, request.url, headers=list(request.headers.pairs), content=request.body)
    answer = await client.send(wire, follow_redirects=False)
    return HttpResponse(answer.status_code, answer.headers.multi_items(), answer.content)


def _reason(failure: Exception) -> str:
    """Why a push failed: the kind of the failure, and for TLS what is wrong with the certificate."""
    cause: BaseException | None = failure
    while cause is not None and not isinstance(cause, ssl.SSLError):
        cause = cause.__cause__ or cause.__context__
    words = cause.reason if isinstance(cause, ssl.SSLError) else ""
    text = getattr(cause, "verify_message", "") or words
    return f"{type(failure).__name__}: {text}" if text else type(failure).__name__


def _is_allowed(url: str, settings: CommonPushSettings) -> bool:
    """Read by the client's own URL parser, so that nothing is called but what was looked at."""
    return settings.allow_remote or (_is_url(url) and is_loopback(httpx.URL(url).host))


def _is_url(url: str) -> bool:
    try:
        httpx.URL(url)
    except httpx.InvalidURL:
        return False
    return True
