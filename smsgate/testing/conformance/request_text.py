"""What is in a request, as the checks look for it."""
# Whether a vendor's author keeps to the annotations is what is checked.
# pyright: reportUnnecessaryIsInstance=false

import re
from collections.abc import Sequence
from typing import Any
from urllib.parse import unquote, unquote_plus

from smsgate.model.phone import PhoneNumber
from smsgate.provider.protocol import Job, SmsProvider
from smsgate.testing.conformance.adapter import NONCE, NOW, Adapter, batch_of
from smsgate.testing.contracts import expect
from smsgate.wire import HttpRequest

__all__ = ["build", "has_number", "masked", "parts_of", "text_of"]


def build(provider: SmsProvider, jobs: Sequence[Job], why: str, *, now: float = NOW, nonce: str = NONCE) -> HttpRequest:
    """The request for *jobs*, which the provider has to take. *why*: "though two jobs …"."""
    try:
        request: Any = provider.build_request(batch_of(jobs), now=now, nonce=nonce)
    except Exception as error:
        raise AssertionError(f"build_request: raised {type(error).__name__}, though {why}") from error
    expect(isinstance(request, HttpRequest), f"build_request: must give an HttpRequest, not {type(request).__name__}")
    expect(isinstance(request.body, bytes), "build_request: the body must be bytes")
    found: HttpRequest = request
    return found


def parts_of(request: HttpRequest) -> tuple[object, ...]:
    """All that a request is, to be compared."""
    return request.method, request.url, tuple(request.headers.pairs), request.body


def text_of(request: HttpRequest) -> str:
    """All that a request has, as text."""
    text = f"{request.url}\n{request.headers.pairs}\n{request.body.decode('utf-8', 'replace')}"
    return f"{text}\n{unquote_plus(text)}"


def has_number(request: HttpRequest, to: PhoneNumber) -> bool:
    """Whether the number is in the request, as national digits or with nothing but its country calling code before.

    Or with the 0 that numbers have in their own country.
    """
    body = request.body.decode("utf-8", "replace")
    is_form = body[:1] not in ("{", "[", "<")
    path, _, query = request.url.partition("?")
    texts = [path, unquote_plus(query), unquote_plus(body) if is_form else body]
    code = str(to)[1:].removesuffix(to.national)
    # What is escaped within a field stands in it once more: JSON in a form has "\n" and perhaps %2B.
    shown = "\n".join([*texts, *map(unquote, texts)]).replace("\\n", "\n")
    return re.search(rf"(?<![0-9A-Za-z+])((\+|00)?{code}[-. ]?|0)?{to.national}(?![0-9])", shown) is not None


def masked(adapter: Adapter, text: bytes | str) -> str:
    """*text* without the secrets of *adapter*."""
    shown = repr(text)
    for secret in adapter.secrets:
        shown = shown.replace(secret, "****")
    return shown
