"""What a vendor's response says of each message, whatever vendor it is.

`REJECTED` lets a gateway send the message through another vendor, so it needs an unambiguous refusal of this one
number. Whatever is missing, contradicts itself or could be about another number is `UNKNOWN`.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Final, cast

import attrs

from smsgate.model.reason import Outcome, Reason
from smsgate.model.secret import Secret
from smsgate.provider.group_refusal import of_each
from smsgate.provider.jobs import AlikeJobs, numbers_of
from smsgate.provider.meanings import Meaning
from smsgate.provider.protocol import Job, Verdict
from smsgate.provider.reading import digits_in
from smsgate.provider.striking import strike_out
from smsgate.wire import HttpResponse

__all__ = [
    "Row",
    "http_date",
    "match_columns",
    "match_rows",
    "request_refused",
    "retry_after",
    "vendor_text",
    "verdict_without_envelope",
]

_LONGEST_WORDS: Final = 2000
_MAINLAND: Final = "86"
_REFUSED_STATUS: Final[Mapping[int, Reason]] = {
    400: Reason.INVALID_REQUEST,
    401: Reason.AUTH_FAILED,
    403: Reason.PERMISSION_DENIED,
    404: Reason.UNSUPPORTED,
    405: Reason.INVALID_REQUEST,
    411: Reason.INVALID_REQUEST,
    413: Reason.INVALID_REQUEST,
    415: Reason.INVALID_REQUEST,
    421: Reason.INVALID_REQUEST,
    429: Reason.TRY_LATER,
    431: Reason.INVALID_REQUEST,
}
_MOST_CHARGED_FIRST: Final = {Outcome.ACCEPTED: 0, Outcome.UNKNOWN: 1, Outcome.REJECTED: 2}


def vendor_text(value: object, jobs: Sequence[Job], *secrets: Secret) -> str | None:
    """The vendor's own text if *value* is any, without the messages' parameters and the *secrets*: some echo them.

    Also where they are encoded: in percent, once or twice, or as in JSON. Those of up to three characters are struck
    out where they stand alone. At most 2,000 characters are kept.
    """
    if not isinstance(value, str) or not value:
        return None
    distinct = [jobs.example] if isinstance(jobs, AlikeJobs) else jobs
    hidden = {param for job in distinct for param in job.params} | {secret.reveal() for secret in secrets}
    return strike_out(value[: 2 * _LONGEST_WORDS], hidden)[:_LONGEST_WORDS]


def verdict_without_envelope(response: HttpResponse, marks: Iterable[str] = ()) -> Verdict:
    """What a response without a vendor's envelope says: the HTTP status decides, and most leave it open.

    400, 401, 403 … 431 come from a gateway in front of the vendor, before the vendor saw the message; a 5xx, a redirect
    or a 2xx that cannot be read leaves it open. *marks*: names of the vendor's envelope. A body with any of them is the
    vendor's, but cut, contradictory or with a name twice: it is not believed, and no HTTP status makes it a refusal.
    A mark counts as a JSON name (`"code"`), as the name of an XML element that is opened (`<code>`, `<a:code`) or of
    an attribute (`<resp code=`), and as the key of a form's field (`code=0`); also where the body ends after the name.
    """
    reason = _REFUSED_STATUS.get(response.status)
    if reason is None:
        return Verdict.unanswered(f"HTTP {response.status} without a response that can be read")
    if any(_has_mark(response.body, mark) for mark in marks):
        return Verdict.unanswered(f"HTTP {response.status} with a response that cannot be believed")
    return Verdict(
        Outcome.REJECTED,
        reason,
        f"HTTP {response.status}",
        f"HTTP {response.status} without the vendor's own response",
        retry_after=retry_after(response),
    )


def _has_mark(body: bytes, mark: str) -> bool:
    """Whether *body* has the name *mark* in JSON, XML or a form, which may be cut: see `verdict_without_envelope`."""
    name = re.escape(mark.encode())
    return mark.encode() in body and (
        re.search(rb'"%b("|\Z)' % name, body) is not None
        or re.search(rb"<([^\s<>/:]+:)?%b([\s/>]|\Z)" % name, body) is not None
        or re.search(rb"<[^<>]*\s([^\s<>=:]+:)?%b\s*(=|\Z)" % name, body) is not None
        or re.search(rb"(\A\s*|&)%b(=|\Z)" % name, body) is not None
    )


def request_refused(
    response: HttpResponse,
    code: str,
    meaning: Meaning,
    text: str | None = None,
    *,
    request_id: str | None = None,
    messages: int = 1,
) -> Verdict:
    """What a refusal of the whole request with *code* says of each of its *messages*.

    As `Verdict.refused`, with the pause that a busy vendor demands. A code about one number (`Fault.RECIPIENT`, or
    `RATE_LIMITED`) does not say which, so of several messages each is refused with `INVALID_REQUEST`.
    """
    verdict = Verdict.refused(code, of_each(meaning, messages), text, request_id=request_id)
    if verdict.reason is Reason.TRY_LATER:
        verdict.retry_after = retry_after(response)
    return verdict


def retry_after(response: HttpResponse) -> float | None:
    """The seconds of `Retry-After`, or None. A date is read against the response's own `Date`."""
    value = response.headers.get("retry-after", "").strip()
    if value.isascii() and value.isdigit() and len(value) < 12:
        return float(value)
    until, since = http_date(value), http_date(response.headers.get("date", ""))
    seconds = (until - since).total_seconds() if until and since else 0.0
    return seconds if seconds > 0 else None


def http_date(value: str) -> datetime | None:
    """An HTTP date as an aware datetime, or None if it is not one."""
    try:
        from email.utils import parsedate_to_datetime  # for a clock that is wrong, or a pause

        parsed = parsedate_to_datetime(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)


@attrs.define(unsafe_hash=True, weakref_slot=False)  # not frozen: one is made for each number of a response
class Row:
    """What a response says of one number."""

    number: object
    """The number as it came: with or without "+" or country calling code, text or a JSON number."""
    verdict: Verdict
    """What it says of the message."""
    country: object = None
    """The country calling code as it came, where the vendor gives it apart."""


def match_rows(jobs: Sequence[Job], rows: Sequence[Row], overall: Verdict | None = None) -> list[Verdict]:
    """One verdict per job, in the jobs' order, out of *rows*, matched by number and never by position.

    *overall*: what the response says of the request as a whole. It is believed only if there is no row at all, and an
    acceptance only of a request for one message; beside rows, a number without one is `UNKNOWN`.
    """
    numbers, countries = [row.number for row in rows], [row.country for row in rows]
    return list(match_columns(jobs, numbers, [row.verdict for row in rows], overall, countries=countries))


def match_columns(
    jobs: Sequence[Job],
    numbers: Sequence[object],
    verdicts: Sequence[Verdict],
    overall: Verdict | None = None,
    *,
    countries: Sequence[object] | None = None,
) -> Sequence[Verdict]:
    """`match_rows` of rows whose parts are given apart: most are in order, and no `Row` need be made of them."""
    if not verdicts:
        # "000000" or a result of 0 for a request says that it was read, not that each number was taken.
        if overall is None or (overall.outcome is Outcome.ACCEPTED and len(jobs) > 1):
            overall = Verdict.unanswered("the response does not mention any number")
        if len(jobs) == 1 and overall.outcome is not Outcome.REJECTED:
            return [overall]
        return [attrs.evolve(overall, of_request=overall.outcome is Outcome.REJECTED) for _ in jobs]
    texts = numbers_of(jobs)
    if _are_in_order(texts, numbers, countries):
        return verdicts
    rows = list(map(Row, numbers, verdicts, countries or [None] * len(verdicts)))
    return _match_one_to_one(texts, rows) or _match_patiently(jobs, rows)


def _are_in_order(texts: list[str], numbers: Sequence[object], countries: Sequence[object] | None) -> bool:
    """Whether the rows have these numbers, each in full and once, in this order: then nothing need be looked up."""
    if countries is None:
        return texts == numbers and len(set(texts)) == len(texts)
    pairs = list(zip(countries, numbers, strict=True))
    if texts != [number if country is None else f"+{country}{number}" for country, number in pairs]:
        return False
    # Of what has its country apart the number alone may be another one's number in full.
    distinct = set(texts)
    return len(distinct) == len(texts) and distinct.isdisjoint([f"+{number}" for country, number in pairs if country])


def _match_one_to_one(texts: Sequence[str], rows: Sequence[Row]) -> list[Verdict] | None:
    """The verdicts of a response in which each number has one row, as nearly all are; None for any other."""
    found: dict[str, Verdict | None] = {text[1:]: None for text in texts}
    if not len(found) == len(texts) == len(rows) or "" in found:
        return None
    for row in rows:
        likely, other = _spellings(row)
        owner = likely if likely in found else other
        if found.get(owner, row) is not None or (other in found and owner is not other):
            return None  # of nobody, of one that has a row already, or of either of two
        found[owner] = row.verdict
    return cast("list[Verdict]", list(found.values()))


def _match_patiently(jobs: Sequence[Job], rows: Sequence[Row]) -> list[Verdict]:
    # Two messages may go to one number: their rows come in the order of the request.
    positions: dict[str, list[int]] = {}
    for index, job in enumerate(jobs):
        positions.setdefault(digits_in(str(job.to)), []).append(index)
    found = _rows_by_number(positions, rows)
    verdicts = [Verdict.unanswered("the response does not mention this number") for _ in jobs]
    for digits, indexes in positions.items():
        decided = _of_number([jobs[index] for index in indexes], found[digits])
        for index, verdict in zip(indexes, decided, strict=False):
            verdicts[index] = verdict
    return verdicts


def _rows_by_number(positions: Mapping[str, Sequence[int]], rows: Sequence[Row]) -> dict[str, list[Verdict]]:
    """The verdicts of each number. A row that could be about two numbers refuses neither of them."""
    found: dict[str, list[Verdict]] = {digits: [] for digits in positions}
    ambiguous: list[tuple[list[str], Verdict]] = []
    for row in rows:
        owners = [digits for digits in dict.fromkeys(_spellings(row)) if digits and digits in found]
        if len(owners) == 1:
            found[owners[0]].append(row.verdict)
        elif owners:
            ambiguous.append((owners, row.verdict))
    for owners, verdict in ambiguous:
        # The rows that name their number leave this one to whoever has none yet; that is no proof of a refusal.
        waiting = [digits for digits in owners if len(found[digits]) < len(positions[digits])]
        unsure = verdict.outcome is Outcome.REJECTED or len(waiting) != 1
        for digits in waiting if len(waiting) == 1 else owners:
            found[digits].append(_open("the response has a number that two messages may have") if unsure else verdict)
    return found


def _spellings(row: Row) -> tuple[str, str]:
    """The digits, country calling code included, that the number of *row* may stand for: the likely ones, and others.

    Empty text where it stands for none.
    """
    digits, country = digits_in(row.number), "" if row.country is None else digits_in(row.country)
    if digits is not row.number and isinstance(row.number, str) and row.number.lstrip().startswith("+"):
        return (digits, "") if digits.startswith(country) else ("", "")
    if not digits:
        return "", ""
    if country:
        return f"{country}{digits}", digits if digits.startswith(country) else ""
    # Huawei's `originTo` and v5's `mobile` leave out the mainland's 86; with another country's number in the batch the
    # same digits may be that one's.
    return f"{_MAINLAND}{digits}", digits


def _of_number(jobs: Sequence[Job], verdicts: list[Verdict]) -> list[Verdict]:
    """What the rows of one number say of the messages to it, in their order. Those that may be charged come first."""
    surplus = len(verdicts) > len(jobs)
    if len(verdicts) >= len(jobs) and all(verdict.outcome is Outcome.REJECTED for verdict in verdicts):
        return verdicts[: len(jobs)]
    if surplus:
        verdicts = sorted(verdicts, key=lambda verdict: _MOST_CHARGED_FIRST[verdict.outcome])
    # A refusal of one of several messages counts only if it does not matter which of them it is.
    if not surplus and len({(job.template_id, job.params, job.signature, job.sender) for job in jobs}) == 1:
        return verdicts
    return [
        _open("the response both accepts and refuses this number") if each.outcome is Outcome.REJECTED else each
        for each in verdicts[: len(jobs)]
    ]


def _open(description: str) -> Verdict:
    return Verdict.unanswered(description)
