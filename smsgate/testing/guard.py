"""Nothing that a test does reaches a real vendor: whatever HTTP library it goes through, the connection is refused.

What is a vendor's address is known from the vendors themselves (`Vendor.domains`) and from each request that a gateway
or a management client is about to make. It is looked at where the libraries open connections and resolve names, below
what mocks of HTTP replace, so that a mocked vendor is no real one.
"""

import functools
import inspect
import ipaddress
import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Any, Final
from urllib.parse import urlsplit

import attrs

__all__ = ["RealVendorError", "arm", "block_vendors", "disarm", "guard"]

_RESERVED: Final = frozenset("test example invalid localhost internal local".split())
"""Names below these are nobody's on the Internet (RFC 2606, RFC 6762; "internal" by ICANN)."""
_EXAMPLES: Final = ("example.com", "example.net", "example.org")
_ADVICE: Final = (
    "Nothing was sent. Use sms_outbox or sms_sandbox (without pytest smsgate.testing.Outbox or SandboxGateway), give a "
    "gateway of your own transport=sms_sandbox.transport, or its providers base_url=sms_sandbox_server.url. A test "
    "that is meant to reach vendors has the marker sms_real_vendor."
)


class RealVendorError(ConnectionError):
    """A test was about to connect to a real vendor. Nothing was sent."""


@attrs.define
class _Guard:
    """What it knows, and what it has refused."""

    hosts: set[str] = attrs.field(factory=set[str])
    """Those of requests that a gateway or a management client was about to make."""
    refused: list[str] = attrs.field(factory=list[str])
    """The hosts that were not connected to, in order."""
    allowed: bool = False
    """The test that is running is meant to reach vendors."""
    armed: int = 0
    originals: list[tuple[object, str, Any]] = attrs.field(factory=list[tuple[object, str, Any]])

    def note(self, url: object) -> None:
        """A request to *url* is about to be made."""
        host = _host_of(url)
        if host and _is_public(host):
            self.hosts.add(host)

    def check(self, host: object) -> None:
        """Raise `RealVendorError` if *host* is a vendor's."""
        name = host.decode("ascii", "replace") if isinstance(host, bytes) else host
        if self.allowed or not isinstance(name, str):
            return
        name = name.rstrip(".").lower()
        if name in self.hosts or _is_vendors(name):
            self.refused.append(name)
            raise RealVendorError(f"{name} is a real vendor, and this is a test. {_ADVICE}")

    def take(self) -> str | None:
        """What is to be said of what was refused since this was last asked; None if nothing was."""
        hosts = ", ".join(dict.fromkeys(self.refused))
        self.refused.clear()
        return f"this test would have reached a real vendor, at {hosts}. {_ADVICE}" if hosts else None


guard: Final = _Guard()


@contextmanager
def block_vendors() -> Generator[None]:
    """Refuse each connection to a real vendor, and raise `AssertionError` at the end if there was one.

    The pytest plugin does this for each test by itself. For unittest and others: `self.enterContext(block_vendors())`.
    """
    arm()
    try:
        yield
    except BaseException as error:
        if (found := guard.take()) is not None:
            error.add_note(found)
        raise
    finally:
        disarm()
    if (found := guard.take()) is not None:
        raise AssertionError(found)


def arm() -> None:
    """Refuse connections to vendors from now on, as often as `disarm` is not called."""
    import smsgate.transport.exchange  # noqa: F401  # pyright: ignore[reportUnusedImport]  # what is imported later is looked for from there

    guard.armed += 1
    _patch_loaded()


def disarm() -> None:
    """Undo one `arm`."""
    guard.armed -= 1
    if guard.armed == 0:
        while guard.originals:
            owner, name, original = guard.originals.pop()
            setattr(owner, name, original)
        guard.hosts.clear()


def _patch_loaded() -> None:
    """Guard what is imported by now. Libraries are imported late: at the first send, by `Transport.load`."""
    if not guard.armed:
        return
    for module, owner, name, wrap in _SEAMS:
        loaded = sys.modules.get(module)
        target = getattr(loaded, owner, None) if owner else loaded
        if target is not None and not _is_patched(target, name):
            original = getattr(target, name)
            guard.originals.append((target, name, original))
            guarded = functools.wraps(original)(wrap(original))
            guarded.__signature__ = inspect.signature(original)  # type: ignore[attr-defined]  # respx reads it
            setattr(target, name, guarded)


def _is_patched(target: object, name: str) -> bool:
    return not hasattr(target, name) or any(owner is target and name == known for owner, known, _ in guard.originals)


_Function = Callable[..., Any]


def _noting(original: _Function) -> _Function:
    """For what makes requests: the second argument is one, or the address of a vendor."""

    async def noting(self: Any, request: Any, *args: Any, **options: Any) -> Any:
        _patch_loaded()
        guard.note(getattr(request, "url", request))
        return await original(self, request, *args, **options)

    return noting


def _loading(original: _Function) -> _Function:
    """For what imports a library."""

    def loading(*args: Any, **options: Any) -> Any:
        loaded = original(*args, **options)
        _patch_loaded()
        return loaded

    return loading


def _checking(host_of: Callable[[Any], object], at: int) -> Callable[[_Function], _Function]:
    """For what connects or resolves: *host_of* reads the host from argument *at*."""

    def wrap(original: _Function) -> _Function:
        name = list(inspect.signature(original).parameters)[at]

        def checked(args: tuple[Any, ...], options: dict[str, Any]) -> None:
            guard.check(host_of(args[at] if len(args) > at else options.get(name)))

        if inspect.iscoroutinefunction(original):

            async def checking_async(*args: Any, **options: Any) -> Any:
                checked(args, options)
                return await original(*args, **options)

            return checking_async

        def checking(*args: Any, **options: Any) -> Any:
            checked(args, options)
            return original(*args, **options)

        return checking

    return wrap


def _itself(host: Any) -> object:
    return host


def _of_request(request: Any) -> object:
    return request.url.host


def _of_url(request: Any) -> object:
    return _host_of(request.url)


_SEAMS: Final[tuple[tuple[str, str, str, Callable[[_Function], _Function]], ...]] = (
    ("smsgate.transport.exchange", "Exchange", "send", _noting),
    ("smsgate.transport.exchange", "Exchange", "connect", _noting),
    ("smsgate.transport.httpx", "HttpxTransport", "load", _loading),
    ("smsgate.transport.aiohttp", "AiohttpTransport", "load", _loading),
    *(
        (library, *seam)
        for library in ("httpcore", "httpcore2")
        for seam in (
            # A pool sees a request before a proxy does.
            ("AsyncConnectionPool", "handle_async_request", _checking(_of_request, 1)),
            ("ConnectionPool", "handle_request", _checking(_of_request, 1)),
            ("AnyIOBackend", "connect_tcp", _checking(_itself, 1)),
            ("TrioBackend", "connect_tcp", _checking(_itself, 1)),
        )
    ),
    ("smsgate.transport.aiohttp_connection", "AiohttpConnection", "send", _checking(_of_url, 1)),
    ("aiohttp", "BaseConnector", "connect", _checking(_of_request, 1)),
    ("socket", "", "getaddrinfo", _checking(_itself, 0)),
)
"""Module, class in it, function, and what is put around that."""


def _host_of(url: object) -> str:
    try:
        return (urlsplit(str(url)).hostname or "").rstrip(".").lower()
    except ValueError:  # no URL: the request fails for that
        return ""


def _is_public(host: str) -> bool:
    """Whether *host* may be somebody else's: no address or name of this machine, of a private network, or for tests."""
    try:
        return ipaddress.ip_address(host).is_global
    except ValueError:
        first, _, last = host.rpartition(".")
        return bool(first) and last not in _RESERVED and not _is_below(host, _EXAMPLES)


def _is_vendors(host: str) -> bool:
    return _is_below(host, _domains())


def _is_below(host: str, domains: tuple[str, ...]) -> bool:
    return any(host == domain or host.endswith(f".{domain}") for domain in domains)


@functools.cache
def _domains() -> tuple[str, ...]:
    from smsgate.vendors import vendors

    return tuple(domain for vendor in vendors() for domain in vendor.domains)
