"""Who may use the sandbox's own pages and calls: programs of this machine and its own page, no page of another site.

A browser lets any page send requests to loopback addresses. A page of another site cannot choose the Host that the
browser sends, nor leave out its Origin, nor send JSON without asking first. So the Host must be one that is known,
which also keeps out a name that is pointed at this machine (DNS rebinding); no other page may call; and what changes
something has to be JSON. The vendors' own paths take what the vendors take.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Final

from smsgate.sandbox.state.addresses import is_loopback

__all__ = ["find_objection", "is_own_path"]

_PAGES: Final = ("/", "/favicon.ico")
_READS: Final = frozenset({"GET", "HEAD"})
_FROM_ELSEWHERE: Final = frozenset({"cross-site", "same-site"})
_PORT: Final = re.compile(r":[0-9]*$", re.ASCII)


def is_own_path(path: str) -> bool:
    """Whether *path* is one of the sandbox's own, where no vendor claims the request."""
    return path in _PAGES or path.startswith(("/m/", "/sandbox/")) or path == "/sandbox"


def find_objection(
    method: str, path: str, headers: Mapping[str, str], allowed: Iterable[str], *, has_body: bool
) -> tuple[int, str] | None:
    """Why a request is not answered: an HTTP status and the text. None if there is nothing against it.

    *allowed*: hosts beside the loopback ones. *has_body*: whether one is announced.
    """
    host = headers.get("host", "")
    if not _is_known(host, allowed):
        name = _PORT.sub("", host)[:100] or "NAME"
        return 403, f"Host: {name} is not a name of this sandbox; start it with --allow-host {name} to use that"
    if not path.startswith("/sandbox"):
        return None
    origin = headers.get("origin")
    elsewhere = headers.get("sec-fetch-site") in _FROM_ELSEWHERE
    if elsewhere or (origin is not None and origin.partition("://")[2].lower() != host.lower()):
        return 403, "Origin: pages of other sites may not use the sandbox's own calls; open its page at /"
    is_change = method not in _READS and (method != "DELETE" or has_body)
    if is_change and headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        return 415, 'Content-Type: must be application/json, as "curl --json" sends it'
    return None


def _is_known(host: str, allowed: Iterable[str]) -> bool:
    name = _PORT.sub("", host).lower()
    bare = name[1:-1] if name.startswith("[") and name.endswith("]") else name
    return bool(bare) and (is_loopback(bare) or bare in {each.lower().strip("[]") for each in allowed})
