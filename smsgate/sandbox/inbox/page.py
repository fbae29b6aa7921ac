"""The page: several files, joined into one when it is served. Nothing comes from elsewhere."""

import re
import secrets
from functools import cache
from importlib.resources import files
from typing import Final

__all__ = ["page_of", "page_with_headers"]

_MODULES: Final = (
    "dom.js",
    "api.js",
    "copy.js",
    "entries.js",
    "interfaces.js",
    "icon.js",
    "window.js",
    "conversations.js",
    "actions.js",
    "thread.js",
    "timeline.js",
    "signature.js",
    "detail.js",
    "faults.js",
    "empty.js",
    "stream.js",
    "keys.js",
    "main.js",
)
"""In the order in which they are joined: each imports from those before it only."""
_IMPORT: Final = re.compile(r"^import\s.*?from\s+\"\./[\w.]+\";\n", re.MULTILINE | re.DOTALL)
_EXPORT: Final = re.compile(r"^export (?=(?:async )?function|const|let|class)", re.MULTILINE)


def page_with_headers() -> tuple[str, dict[str, str]]:
    """The page, and the headers that it is to be served with: what runs and styles it carries a nonce of its own."""
    nonce = secrets.token_urlsafe(16)
    policy = (
        "default-src 'none'; connect-src 'self'; img-src data:; "
        f"script-src 'nonce-{nonce}'; style-src 'nonce-{nonce}'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    headers = {
        "Cache-Control": "no-store",
        "Content-Security-Policy": policy,
        "Cross-Origin-Opener-Policy": "same-origin",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
    }
    return page_of(nonce), headers


def page_of(nonce: str) -> str:
    """The page with that *nonce*."""
    return _joined().replace("NONCE", nonce)


@cache
def _joined() -> str:
    script = "\n".join(_plain_script(_read(name)) for name in _MODULES)
    page = _read("index.html").replace("/* style.css */", _read("style.css"))
    return page.replace("/* main.js */", script)


def _plain_script(module: str) -> str:
    """A module without its imports and exports: joined, they share one scope."""
    return _EXPORT.sub("", _IMPORT.sub("", module))


def _read(name: str) -> str:
    return (files("smsgate.sandbox.inbox") / "static" / name).read_text("utf-8")
