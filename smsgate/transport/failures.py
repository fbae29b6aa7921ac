"""The description of an attempt without a response: one line, and with nothing of the request in it."""

import logging
import ssl
from typing import Final

from smsgate.model.masking import safe_text
from smsgate.transport.progress import Progress
from smsgate.transport.response_body import UnreadableError

__all__ = ["address_of", "describe_error"]

logger: Final = logging.getLogger("smsgate")

_SPEAKS_OF_THE_CONNECTION: Final = frozenset(
    f"{library}.{name}"
    for library in ("httpx", "httpx2", "httpcore", "httpcore2")
    for name in ("ConnectError", "ConnectTimeout", "InvalidURL", "PoolTimeout", "ProxyError", "UnsupportedProtocol")
)
"""Errors whose text is shown: it has addresses and what a proxy said. Others may quote the request's secrets.

By name, because no library is imported here: the name decides what is shown, never what has become of the message.
"""
_TLS_CUT_SHORT: Final = (
    ssl.SSLEOFError,
    ssl.SSLZeroReturnError,  # which of them an end of the stream in the handshake is, depends on the Python version
    ssl.SSLSyscallError,
    ssl.SSLWantReadError,
    ssl.SSLWantWriteError,
)


def describe_error(error: Exception, url: str, progress: Progress) -> str:
    """What *error* says, in words fit for a log; with the address if the vendor was not reached."""
    kinds = {f"{kind.__module__}.{kind.__name__}" for kind in type(error).__mro__}
    shown = isinstance(error, UnreadableError | OSError) or kinds & _SPEAKS_OF_THE_CONNECTION
    text = safe_text(str(error)) if shown else ""
    described = f"{type(error).__name__}: {text}" if text else type(error).__name__
    if progress.may_have_left:
        return described
    address = address_of(url, progress)
    if (tls := _tls_problem(error)) is not None:
        logger.warning("TLS to %s failed, check the address and the certificates of this machine: %s", address, tls)
        described = f"TLS: {tls}"
    return f"{described} ({address})"


def address_of(url: str, progress: Progress) -> str:
    """Host and port of *url*, and of the proxy if that is where the connection went; never a password in a URL."""
    from urllib.parse import urlsplit

    try:
        parts = urlsplit(url)
        if not parts.hostname:
            raise ValueError
        vendor = f"{parts.hostname}:{parts.port or (443 if parts.scheme == 'https' else 80)}"
    except ValueError:
        vendor = "an address that is none"
    through = f" through {progress.address}" if progress.address not in ("", vendor) else ""
    return safe_text(vendor + through)


def _tls_problem(error: BaseException | None) -> str | None:
    """What TLS could not agree on; None for a peer that hung or left, which no configuration mends."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:  # chains of causes and contexts may be circular
        genuine = type(error).__module__ == "ssl"  # aiohttp wraps them in errors of its own, which derive from them
        if genuine and isinstance(error, ssl.SSLError) and not isinstance(error, _TLS_CUT_SHORT):
            return safe_text(getattr(error, "verify_message", "") or error.reason or str(error))
        seen.add(id(error))
        error = error.__cause__ or error.__context__
    return None
