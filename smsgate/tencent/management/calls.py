"""Making a `Call`, and the errors that one may end in. What is read is a value, also when it is an error."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from smsgate.admin import SignatureRecord, TemplateRecord
from smsgate.call import Call, Moment
from smsgate.codes import Meaning
from smsgate.envelope import verdict_without_envelope
from smsgate.errors import VendorError
from smsgate.message import Outcome
from smsgate.phone import safe_words
from smsgate.provider import outcome_of
from smsgate.reason import Reason
from smsgate.wire import HttpRequest, HttpResponse

__all__ = ["make_call", "one_record", "refusal", "unreadable", "without_envelope"]

A = TypeVar("A")
R = TypeVar("R", TemplateRecord, SignatureRecord)
T = TypeVar("T")


def make_call(
    name: str,
    build: Callable[[Moment], HttpRequest],
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
    text = f"{call}: {safe_words(code)}: {meaning.text}"
    if words:
        text += f" ({safe_words(words)})"
    if outcome is Outcome.REJECTED and meaning.remedy:
        text += f"; {meaning.remedy}"
    return VendorError(text, outcome=outcome, reason=meaning.reason, code=code, request_id=request_id)


def one_record(call: str, records: Sequence[R] | VendorError, id: int, reason: Reason) -> R | VendorError:
    """The record with the id that was asked for; if the vendor has none, the error that says so, with *reason*."""
    if isinstance(records, VendorError):
        return records
    found = next((record for record in records if record.id == str(id)), None)
    return found or VendorError(
        f"{call}: the vendor has none with the id {id}", outcome=Outcome.REJECTED, reason=reason
    )


def unreadable(call: str, problem: str, *, request_id: str | None = None) -> VendorError:
    """The vendor answered that all is well, but what it gave cannot be read."""
    return VendorError(f"{call}: {problem}", outcome=Outcome.UNKNOWN, reason=Reason.NO_ANSWER, request_id=request_id)


def without_envelope(call: str, response: HttpResponse) -> VendorError:
    """The answer is not the vendor's: its HTTP status decides."""
    verdict = verdict_without_envelope(response)
    return VendorError(
        f"{call}: {verdict.description}", outcome=verdict.outcome, reason=verdict.reason, code=verdict.code
    )
