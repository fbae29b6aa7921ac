"""The base URL of a vendor, checked once when a provider is made."""

import re
from typing import Final, Self

import attrs

from smsgate.model.errors import ConfigurationError
from smsgate.model.warning import warn

__all__ = ["BaseUrl"]

_URL: Final = re.compile(r"(?:([^:/?#]+):)?(?://([^/?#]*))?([^?#]*)(.*)")
"""Scheme, host and port, path, and the rest of any text (RFC 3986, appendix B). `urllib.parse` takes long to import."""
_AUTHORITY: Final = re.compile(r"(\[[^\]]*\]|[^:]*)(.*)")
_PORT: Final = re.compile(r":([0-9]{1,5})", re.ASCII)
_HIGHEST_PORT: Final = 65535
_HOST: Final = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?")
_PATH: Final = re.compile(r"(?:/[A-Za-z0-9._~-]+)*")


@attrs.frozen
class BaseUrl:
    """Scheme, host and path prefix of a vendor's service."""

    scheme: str
    """"https", or "http" for a sandbox."""
    host: str
    """Host and port as they were written: the `Host` header, which some vendors sign."""
    prefix: str
    """The path in front of the vendor's own paths, without a final slash."""

    problem: str | None = None
    """What is wrong with it, until `require()` has said so."""

    @classmethod
    def wrap(cls, text: "str | BaseUrl") -> Self:
        """Read *text*. Never raises, so that no frame of a traceback holds a URL with a password in it."""
        if isinstance(text, BaseUrl):
            return cls(text.scheme, text.host, text.prefix, text.problem)
        found = _parts(text)
        return cls("", "", "", found) if isinstance(found, str) else cls(*found)

    def require(self, field: str = "base_url") -> Self:
        """Give it back, or raise a `ConfigurationError` naming *field* unless it is scheme, host, port and path."""
        if self.problem:
            raise ConfigurationError(f"{field}: {self.problem}. Expected https://host or https://host:port.")
        return self

    def check_own_host(self, *domains: str, field: str = "base_url") -> Self:
        """Give it back. At a host of *domains*, the vendor's own, a path is refused, and http:// is a warning.

        The paths of the calls are added, so that the address of one call, as documents print it, would be none:
        `ConfigurationError`. Without TLS, keys and texts can be read on the way: `ConfigurationWarning`.
        """
        host = self.host.partition(":")[0].lower()
        if not any(f".{host}".endswith(f".{domain}") for domain in domains):
            return self
        if self.prefix:
            why = "has a path, but the paths of the calls are added to it"
            raise ConfigurationError(f"{field}: {why}. Expected https://host or https://host:port.")
        if self.scheme == "http":
            warn(f"{field}: http:// to {host} shows keys, numbers and texts to everyone on the way; write https://")
        return self

    @property
    def origin(self) -> str:
        """Scheme, host and port."""
        return f"{self.scheme}://{self.host}"

    def url(self, path: str, query: str = "") -> str:
        """The full URL of *path* ("/…", already encoded) with *query* (already encoded)."""
        return f"{self.origin}{self.prefix}{path}{'?' if query else ''}{query}"


def _parts(text: object) -> tuple[str, str, str] | str:
    """Scheme, host, prefix; or what is wrong, without showing the text, which may hold a password."""
    if not isinstance(text, str) or not text:
        return "is empty or not text"
    if not text.isascii() or not text.isprintable() or " " in text or "\\" in text:
        return "has a space, a backslash or a character that is not printable ASCII"
    found = _URL.fullmatch(text)
    scheme, netloc, path, rest = found.groups("") if found else ("", "", "", "")
    if scheme.lower() not in ("https", "http"):
        return "must begin with https:// (or http:// for a sandbox)"
    if "@" in netloc:
        return "must not have a user or password (an '@' in the host part)"
    if rest:
        return "must not have a query or a fragment"
    if problem := _host_problem(netloc):
        return problem
    short = path.rstrip("/")
    if not _PATH.fullmatch(short) or any(part in (".", "..") for part in short.split("/")):
        return "has a path with '//', '.', '..' or characters that need encoding"
    if path.startswith("//"):
        return "has a path with '//'"
    return scheme.lower(), netloc, short


def _host_problem(netloc: str) -> str | None:
    """What is wrong with a host and its port."""
    found = _AUTHORITY.fullmatch(netloc)
    host, port = found.groups() if found else ("", "")
    if not (_is_address(host) if host.startswith("[") else _HOST.fullmatch(host)):
        return "has no host, or a host with characters that no host name has"
    if port and not (_PORT.fullmatch(port) and 0 < int(port[1:]) <= _HIGHEST_PORT):
        return "has a port that cannot be connected to"
    return None


def _is_address(host: str) -> bool:
    """Whether it is an IPv6 address in brackets, without a zone."""
    from ipaddress import IPv6Address

    try:
        return IPv6Address(host[1:-1]).scope_id is None and host.endswith("]")
    except ValueError:
        return False
