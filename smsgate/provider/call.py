"""One management call as plain data: how its request is built and how its answer is read.

Every call that is not a send has this one pattern: vendor packages make `Call`s, `smsgate.management` runs them.
"""

from collections.abc import Callable, Hashable
from datetime import datetime
from typing import Generic, TypeVar

import attrs

from smsgate.model.errors import VendorError
from smsgate.model.masking import safe_text
from smsgate.model.reason import Outcome, Reason, outcome_of
from smsgate.model.secret import Secret
from smsgate.provider.codes import Meaning
from smsgate.provider.responses import verdict_without_envelope
from smsgate.wire import HttpRequest, HttpResponse

__all__ = ["Call", "RequestContext", "Token", "TokenSource", "make_call", "refusal", "unreadable", "without_envelope"]

T_co = TypeVar("T_co", covariant=True)
A = TypeVar("A")
T = TypeVar("T")


@attrs.frozen
class RequestContext:
    """What a request needs from outside to be built and signed."""

    now: float
    """Unix seconds."""
    nonce: str
    """32 random hex digits, new for each request."""
    token: Secret | None = None
    """The token of the call's `TokenSource`, if it has one."""


@attrs.frozen
class Token:
    """A token that a vendor gave out."""

    value: Secret
    expires_at: datetime
    """Aware."""


@attrs.frozen
class TokenSource:
    """Where a call's token comes from. Calls with equal *key* share one token."""

    key: Hashable = attrs.field(repr=False)
    call: "Call[Token]"


@attrs.frozen
class Call(Generic[T_co]):
    """A call that is ready to be made, as often as you like: each time it is signed anew."""

    name: str
    """What the vendor calls it: "get_template", "DescribeSmsTemplateList", "GET /v2/{project_id}/msgsms/apps"."""
    build: Callable[[RequestContext], HttpRequest] = attrs.field(repr=False)
    parse: Callable[[HttpResponse], T_co] = attrs.field(repr=False)
    """Reads the answer. Raises `VendorError` when the vendor refused, or when the answer cannot be read."""
    token: TokenSource | None = None


def make_call(
    name: str,
    build: Callable[[RequestContext], HttpRequest],
    open_answer: Callable[[HttpResponse], A | VendorError],
    read: Callable[[A], T | VendorError],
) -> Call[T]:
    """The call *name*. *open_answer* finds the answer in its envelope, *read* makes of it what the caller wants."""

    def parse(response: HttpResponse) -> T:
        # No frame that raises has an item of the answer among its locals.
        answer = open_answer(response)
        if isinstance(answer, VendorError):
            raise answer
        found = read(answer)
        if isinstance(found, VendorError):
            raise found
        return found

    return Call(name, build, parse)


def refusal(
    call: str, code: str, meaning: Meaning, words: str | None = None, *, request_id: str | None = None
) -> VendorError:
    """The vendor answered *code*: nothing was done, or where the code leaves it open, it may have been done."""
    outcome = outcome_of(meaning.reason)
    text = f"{call}: {safe_text(code)}: {meaning.text}"
    if words:
        text += f" ({safe_text(words)})"
    if outcome is Outcome.REJECTED and meaning.remedy:
        text += f"; {meaning.remedy}"
    return VendorError(text, outcome=outcome, reason=meaning.reason, code=code, request_id=request_id)


def unreadable(call: str, problem: str, *, request_id: str | None = None) -> VendorError:
    """The vendor answered that all is well, but what it gave cannot be read."""
    return VendorError(f"{call}: {problem}", outcome=Outcome.UNKNOWN, reason=Reason.NO_ANSWER, request_id=request_id)


def without_envelope(call: str, response: HttpResponse) -> VendorError:
    """The answer is not the vendor's: its HTTP status decides."""
    verdict = verdict_without_envelope(response)
    return VendorError(
        f"{call}: {verdict.description}", outcome=verdict.outcome, reason=verdict.reason, code=verdict.code
    )
