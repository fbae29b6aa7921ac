"""Runs management calls: templates, signatures, applications, statistics, pulls.

    async with ManagementClient() as client:
        record = await client.run(account.add_template(name="login", text="Your code is {1}."))
        async for template in client.each(account.list_templates):
            print(template.id, template.state)

Calls go through the same exchange as sends. A call is never repeated by itself, except in one case that is safe: a
token that the vendor no longer takes (HTTP 401) is fetched anew, once, and the call is made again.
"""

import copy
import secrets
import ssl
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Hashable
from types import TracebackType
from typing import TYPE_CHECKING, Final, Generic, Protocol, Self, TypeVar

import anyio
import attrs

from smsgate.model.errors import ClosedError, VendorError
from smsgate.model.reason import Reason, outcome_of
from smsgate.provider.call import Call, RequestContext, Token, TokenSource
from smsgate.provider.records import Page
from smsgate.transport.checks import check_callable
from smsgate.transport.credentials import NoCredentials, obtain
from smsgate.transport.exchange import Exchange, NoResponse
from smsgate.transport.progress import Progress
from smsgate.transport.tasks import BackgroundTasks, Task
from smsgate.transport.timeouts import Timeouts
from smsgate.wire import HttpResponse

if TYPE_CHECKING:
    import httpx
    import httpx2

    from smsgate.transport.connection import Transport

__all__ = ["ManagementClient"]

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)

_RENEW_BEFORE: Final = 300.0
"""Seconds before its end at which a token is no longer used."""


class ListCall(Protocol[T_co]):
    """Describes the request for one page of a list: `account.list_templates` is one."""

    def __call__(self, *, offset: int, limit: int) -> Call[Page[T_co]]: ...


@attrs.define(eq=False)
class _TokenSlot:
    lock: anyio.Lock = attrs.field(factory=anyio.Lock)
    token: Token | None = None
    requests: int = 0
    """How often a token was requested."""
    refused: VendorError | None = None
    """The last request's error, if it got no token."""


class ManagementClient:
    """Runs `Call`s over its own connections, or over a *client* or *transport* as a `Gateway` takes them.

    Make it anywhere, use it on one event loop, close it when done. Safe to use from many tasks at once.
    """

    def __init__(
        self,
        *,
        timeouts: Timeouts | None = None,
        client: "httpx.AsyncClient | httpx2.AsyncClient | None" = None,
        transport: "Transport | httpx.AsyncBaseTransport | httpx2.AsyncBaseTransport | None" = None,
        ssl_context: ssl.SSLContext | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._exchange = Exchange(
            timeouts=Timeouts() if timeouts is None else timeouts,
            client=client,
            transport=transport,
            ssl_context=ssl_context,
        )
        check_callable("clock", clock)
        self._clock = clock
        self._tasks = BackgroundTasks()
        self._tokens: dict[Hashable, _TokenSlot] = {}

    async def __aenter__(self) -> Self:
        self._check_open()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.aclose()

    async def aclose(self, *, timeout: float = 30.0) -> None:
        """Take no more calls, wait up to *timeout* seconds for pulls in progress, then close its own connections.

        Raises `WrongLoopError` on another event loop than that of its calls: the client stays open then.
        """
        self._bind()
        self._tasks.close()
        try:
            await self._tasks.drain(timeout)
        finally:
            with anyio.CancelScope(shield=True):
                await self._exchange.aclose()

    def start(self, work: Callable[[], Awaitable[object]]) -> Task:
        """Run *work* in a task of its own: it goes on if the caller is cancelled, and `aclose` waits for it.

        For calls whose answer must not be lost: see `Puller`. Raises `ClosedError` and `WrongLoopError` as `answer`.
        """
        self._use()
        return self._tasks.start(work)

    async def run(self, call: Call[T]) -> T:
        """Make the call and return what was read from its response.

        Raises `VendorError` if the vendor refused it or gave no response that can be read; its `outcome` says whether
        the call may have taken effect. Raises `ClosedError` and `WrongLoopError`, and nothing is sent, if the client is
        closed or in use on another event loop.
        """
        signed = await self.signed(call)
        return signed.parse(await self.answer(signed))

    async def signed(self, call: Call[T]) -> Call[T]:
        """The call with the credentials of this moment, to make once: *call* itself if they do not change.

        Raises as `run`; `VendorError` with the reason `NO_CREDENTIALS` if their source gave none.
        """
        self._use()
        if call.credentials is None:
            return call
        seconds = self._exchange.timeouts.total
        signed = await obtain(call.credentials.source, call.credentials.apply, seconds=seconds)
        if isinstance(signed, NoCredentials):
            raise _no_response(call, Reason.NO_CREDENTIALS, signed.problem)
        return signed

    async def answer(self, call: Call[object], progress: Progress | None = None) -> HttpResponse:
        """Make the call and return the response unread. Raises as `run`, `VendorError` if there is no response."""
        call = await self.signed(call)
        token = await self._token(call.token) if call.token else None
        response = await self._once(call, token, progress or Progress())
        if response.status == 401 and call.token and token:
            self._forget(call.token, token)
            response = await self._once(call, await self._token(call.token), progress or Progress())
        return response

    def each(self, list_page: ListCall[T], *, limit: int = 50) -> AsyncIterator[T]:
        """Every item of a paged list, such as `account.list_templates`; *limit* items are requested at a time."""
        return _Pages(self, list_page, limit)

    def _use(self) -> None:
        self._check_open()
        self._bind()

    def _check_open(self) -> None:
        if self._tasks.is_closed():
            raise ClosedError("this ManagementClient has been closed: make a new one")

    def _bind(self) -> None:
        self._tasks.bind(self._begin_on_loop)

    def _begin_on_loop(self) -> None:
        """After a fork a parent's tasks hold the locks of tokens that are being requested; tokens serve both."""
        self._exchange.bind()
        self._tokens = {key: _TokenSlot(token=slot.token) for key, slot in self._tokens.items()}

    async def _once(self, call: Call[object], token: Token | None, progress: Progress) -> HttpResponse:
        context = RequestContext(self._clock(), secrets.token_hex(16), token.value if token else None)
        response = await self._exchange.send(call.build(context), progress)
        if isinstance(response, NoResponse):
            raise _no_response(call, response.reason, response.error)
        return response

    async def _token(self, source: TokenSource) -> Token:
        """The cached token, or a new one. All callers that wait at once share one request and its outcome."""
        slot = self._tokens.setdefault(source.key, _TokenSlot())
        requests = slot.requests
        if slot.token is not None and self._fresh(slot.token):
            return slot.token
        async with slot.lock:
            if slot.requests != requests and slot.refused is not None:
                raise copy.copy(slot.refused)  # one wrong password for each caller could lock the account
            if slot.requests != requests and slot.token is not None:
                return slot.token  # requested meanwhile: the newest there is, even if our clock calls it ended
            slot.token = token = await self._new_token(source, slot)
            return token

    async def _new_token(self, source: TokenSource, slot: _TokenSlot) -> Token:
        slot.requests += 1
        slot.refused = None
        try:
            call = await self.signed(source.call)
            return call.parse(await self._once(call, None, Progress()))
        except VendorError as error:
            slot.refused = error
            raise

    def _fresh(self, token: Token) -> bool:
        return token.expires_at.timestamp() - _RENEW_BEFORE > self._clock()

    def _forget(self, source: TokenSource, token: Token) -> None:
        """Drop a refused token, unless another caller has already replaced it."""
        slot = self._tokens[source.key]
        if slot.token is token:
            slot.token = None


def _no_response(call: Call[object], reason: Reason, problem: str) -> VendorError:
    return VendorError(f"{call.name}: {reason.meaning}: {problem}", outcome=outcome_of(reason), reason=reason)


class _Pages(AsyncIterator[T], Generic[T]):
    """Requests the next page when all items of the last one have been returned."""

    def __init__(self, client: ManagementClient, list_page: ListCall[T], limit: int) -> None:
        self._client = client
        self._list_page = list_page
        self._limit = limit
        self._offset = 0
        self._items: list[T] = []
        self._more: bool = True

    async def __anext__(self) -> T:
        if not self._items and self._more:
            page = await self._client.run(self._list_page(offset=self._offset, limit=self._limit))
            self._offset += len(page.items)
            self._items = list(reversed(page.items))
            full = len(page.items) == self._limit if page.total is None else self._offset < page.total
            self._more = full and bool(page.items)
        if not self._items:
            raise StopAsyncIteration
        return self._items.pop()
