"""One management call as plain data: how its request is built and how its response is read.

Every call that is not a send has this one pattern: vendor packages make `Call`s, `smsgate.management` runs them.
"""

from collections.abc import Callable, Hashable, Iterable
from datetime import datetime
from typing import Any, Generic, TypeVar

import attrs

from smsgate.model.errors import VendorError
from smsgate.model.masking import safe_text
from smsgate.model.reason import Outcome, Reason, outcome_of
from smsgate.model.secret import Secret
from smsgate.provider.callback import ParsedItems
from smsgate.provider.credentials import MaskedSource, RenewsCredentials
from smsgate.provider.meanings import Meaning
from smsgate.provider.records import Pulled
from smsgate.provider.responses import verdict_without_envelope
from smsgate.wire import HttpRequest, HttpResponse

__all__ = [
    "Call",
    "CallCredentials",
    "RequestContext",
    "Token",
    "TokenSource",
    "late",
    "make_call",
    "pulled_items",
    "refusal",
    "unreadable",
    "without_envelope",
]

T_co = TypeVar("T_co", covariant=True)
A = TypeVar("A", bound=RenewsCredentials)
E = TypeVar("E")
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
    """A token that a vendor issued."""

    value: Secret
    expires_at: datetime
    """Aware."""


@attrs.frozen
class TokenSource:
    """Where a call's token comes from. Calls with equal `key` share one token."""

    key: Hashable = attrs.field(repr=False)
    call: "Call[Token]"


@attrs.frozen
class Call(Generic[T_co]):
    """A call that is ready to be made, as often as you like: each time it is signed anew."""

    name: str
    """What the vendor calls it: "get_template", "DescribeSmsTemplateList", "GET /v2/{project_id}/msgsms/apps"."""
    build: Callable[[RequestContext], HttpRequest] = attrs.field(repr=False)
    parse: Callable[[HttpResponse], T_co] = attrs.field(repr=False)
    """Reads the response. Raises `VendorError` if the vendor refused, or if the response cannot be read."""
    token: TokenSource | None = None
    credentials: "CallCredentials[T_co] | None" = None
    """Where what signs it comes from, if that may change (`late`). Without it, the call is ready as it is."""


@attrs.frozen
class CallCredentials(Generic[T_co]):
    """A source of credentials, and the call for what it returned."""

    source: MaskedSource[Any]
    apply: Callable[[Any], Call[T_co]] = attrs.field(repr=False)


def late(account: A, make: Callable[[A], Call[T]]) -> Call[T]:
    """The call that *make* makes of *account*; made anew for each request if the account has a source of credentials.

    *make* gets the account with the credentials of that request, for its signature and to keep them out of errors.
    """
    call, source = make(account), account.credential_source
    if source is None:
        return call
    return attrs.evolve(call, credentials=CallCredentials(source, lambda found: make(account.with_credentials(found))))


def make_call(
    name: str,
    build: Callable[[RequestContext], HttpRequest],
    open_envelope: Callable[[HttpResponse], E | VendorError],
    read: Callable[[E], T | VendorError],
    *,
    token: TokenSource | None = None,
) -> Call[T]:
    """The call *name*. *open_envelope* opens a success, *read* makes of what is inside what the caller wants."""

    def parse(response: HttpResponse) -> T:
        # No frame that raises has an item of the response among its locals.
        envelope = open_envelope(response)
        if isinstance(envelope, VendorError):
            raise envelope
        found = read(envelope)
        if isinstance(found, VendorError):
            raise found
        return found

    return Call(name, build, parse, token)


def refusal(
    call: str, code: str, meaning: Meaning, text: str | None = None, *, request_id: str | None = None
) -> VendorError:
    """The vendor refused *call* with *code*: nothing was done, or where the code leaves it open, it may have been done.

    *text*: the vendor's own (`vendor_text`).
    """
    outcome = outcome_of(meaning.reason)
    line = f"{call}: {safe_text(code)}: {meaning.text}"
    if text:
        line += f" ({safe_text(text)})"
    if outcome is Outcome.REJECTED and meaning.remedy:
        line += f"; {meaning.remedy}"
    return VendorError(line, outcome=outcome, reason=meaning.reason, code=code, request_id=request_id)


def unreadable(call: str, problem: str, *, request_id: str | None = None) -> VendorError:
    """The vendor responded that all is well, but what it gave cannot be read."""
    return VendorError(f"{call}: {problem}", outcome=Outcome.UNKNOWN, reason=Reason.NO_ANSWER, request_id=request_id)


def pulled_items(call: str, name: str, found: ParsedItems, *, request_id: str | None = None) -> Pulled | VendorError:
    """What a pull took out of the list *name*. An error only if no item of it can be read."""
    if found.problem is not None and not (found.reports or found.replies):
        return unreadable(call, f"no item can be read; {name}{found.where} {found.problem}", request_id=request_id)
    return Pulled(tuple(found.reports), tuple(found.replies), found.faults)


def without_envelope(
    call: str, response: HttpResponse, marks: Iterable[str] = (), *, request_id: str | None = None, remedy: str = ""
) -> VendorError:
    """The response is not the vendor's: its HTTP status decides. *marks*: as for `verdict_without_envelope`.

    *remedy*: what to do about it, if it is a refusal.
    """
    verdict = verdict_without_envelope(response, marks)
    advice = f"; {remedy}" if remedy and verdict.outcome is Outcome.REJECTED else ""
    return VendorError(
        f"{call}: {verdict.description}{advice}",
        outcome=verdict.outcome,
        reason=verdict.reason,
        code=verdict.code,
        request_id=request_id,
    )
