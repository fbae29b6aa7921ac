"""Raw requests for people to look at: secrets are hidden, whatever vendor they belong to."""

import re
from typing import Final

from smsgate.sandbox.signature_steps import HIDDEN
from smsgate.wire import Headers, HttpRequest, HttpResponse

__all__ = ["hide_secrets", "raw_request", "raw_response"]

_LONGEST: Final = 64 * 1024
_NAMES: Final = r"(?:[\w-]*(?:password|passwd|token|secret[_-]?key|app[_-]?key|app[_-]?secret)|secret|authkey)"
# A digest of a password is no password, and it is what the signature check is about; an app key is a name at one
# vendor and a secret at another.
_JSON: Final = re.compile(rf'("{_NAMES}"\s*:\s*)"(?:[^"\\]|\\.)*"', re.IGNORECASE)
_PAIR: Final = re.compile(rf"(?<![\w-])({_NAMES}=)[^&\s\"]+", re.IGNORECASE)
_HEADER: Final = re.compile(rf"{_NAMES}|cookie|set-cookie", re.IGNORECASE)


def hide_secrets(text: str) -> str:
    """*text* with the values of passwords, tokens and secret keys hidden, in JSON, forms and queries."""
    return _PAIR.sub(rf"\1{HIDDEN}", _JSON.sub(rf'\1"{HIDDEN}"', text))


def raw_request(request: HttpRequest) -> str:
    """The request as it came, its secrets hidden."""
    target = f"{request.path}?{request.query}" if request.query else request.path
    return _message(f"{request.method} {hide_secrets(target)}", request.headers, request.body)


def raw_response(response: HttpResponse) -> str:
    """The response as it was sent, its secrets hidden."""
    return _message(f"HTTP {response.status}", response.headers, response.body)


def _message(first: str, headers: Headers, body: bytes) -> str:
    lines = [f"{name}: {HIDDEN if _HEADER.fullmatch(name) else value}" for name, value in headers.pairs]
    text = hide_secrets(body[:_LONGEST].decode(errors="replace"))
    if len(body) > _LONGEST:
        text += f"\n… {len(body) - _LONGEST:,} bytes more"
    return "\n".join([first, *lines, "", text])
