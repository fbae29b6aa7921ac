"""What Huawei's answer to a send says about each message. Pure, and never raises, whatever came back.

Three shapes are known: the service's own `{"code", "description", "result": […]}` at any HTTP status (Message & SMS API
Reference, Tables 3-54 and 3-62), the API gateway's `{"error_code", "error_msg", "request_id"}` and the identity
service's `{"error": {"code", "message"}}`. Numbers are matched by their digits, never by position: `originTo` has been
seen without "+86".
"""

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, cast

import attrs

from smsgate.codes import UNLISTED, Meaning
from smsgate.envelope import read_object, retry_after, verdict_without_envelope
from smsgate.huawei.send_codes import ACCEPTED, SEND_CODES
from smsgate.phone import safe_words
from smsgate.provider import Job, Verdict
from smsgate.reason import Reason
from smsgate.secret import Secret
from smsgate.wire import HttpResponse

__all__ = ["read_verdicts"]

_LONGEST_CODE: Final = 64
_LONGEST_ID: Final = 128
_SHORTEST_SECRET: Final = 4


def read_verdicts(jobs: Sequence[Job], response: HttpResponse, app_key: Secret) -> list[Verdict]:
    """One verdict per job, in the jobs' order. *app_key* is kept out of the verdicts' descriptions."""
    data = read_object(response.body)
    if data is None:
        return [verdict_without_envelope(response) for _ in jobs]
    code = _word(data.get("code"), _LONGEST_CODE)
    if code is None:
        return _gateway_verdicts(jobs, data, response, app_key)
    rows = _rows(data.get("result"))
    if rows:
        return _verdicts_by_number(jobs, rows)
    if code == ACCEPTED:
        return [Verdict.unanswered("accepted, but no number is in the answer") for _ in jobs]
    words = _scrubbed(data.get("description"), jobs, app_key)
    return [_refused(code, SEND_CODES[code], words, response) for _ in jobs]


def _gateway_verdicts(
    jobs: Sequence[Job], data: Mapping[str, Any], response: HttpResponse, app_key: Secret
) -> list[Verdict]:
    """An answer from in front of the service: its code decides, or else the HTTP status, as for an empty answer."""
    inner = data.get("error")
    error = cast("Mapping[str, Any]", inner) if isinstance(inner, dict) else data
    code = _word(error.get("error_code", error.get("code")), _LONGEST_CODE)
    words = _scrubbed(error.get("error_msg", error.get("message")), jobs, app_key)
    request_id = _word(data.get("request_id"), _LONGEST_ID)
    meaning = SEND_CODES[code] if code else UNLISTED
    if code is None or meaning is UNLISTED:
        return [_by_status(response, code, words, request_id) for _ in jobs]
    if meaning.reason is Reason.AUTH_FAILED and words and "signature expired" in words.lower():
        meaning = SEND_CODES["E000110"]  # API Gateway FAQ: X-Sdk-Date is more than 15 minutes off
    return [_refused(code, meaning, words, response, request_id) for _ in jobs]


def _by_status(response: HttpResponse, code: str | None, words: str | None, request_id: str | None) -> Verdict:
    verdict = verdict_without_envelope(response)
    description = f"{verdict.description} ({safe_words(words)})" if words else verdict.description
    return attrs.evolve(verdict, code=code or verdict.code, description=description, request_id=request_id)


def _refused(
    code: str, meaning: Meaning, words: str | None, response: HttpResponse, request_id: str | None = None
) -> Verdict:
    verdict = Verdict.refused(code, meaning, words, request_id=request_id)
    verdict.retry_after = retry_after(response)
    return verdict


def _verdicts_by_number(jobs: Sequence[Job], rows: Sequence[Mapping[str, Any]]) -> list[Verdict]:
    """Hand each job the row of its number. Several jobs to one number take its rows in their order."""
    waiting: dict[str, deque[Mapping[str, Any]]] = {_digits(str(job.to)): deque() for job in jobs}
    for row in rows:
        for digits in _candidates(_word(row.get("originTo"), _LONGEST_ID) or ""):
            if digits in waiting:
                waiting[digits].append(row)
                break
    return [_verdict_of(waiting[_digits(str(job.to))]) for job in jobs]


def _verdict_of(rows: deque[Mapping[str, Any]]) -> Verdict:
    row: Mapping[str, Any] = rows.popleft() if rows else {}
    status = _word(row.get("status"), _LONGEST_CODE)
    if status is None:
        return Verdict.unanswered("the answer does not speak of this number")
    if status != ACCEPTED:
        return Verdict.refused(status, SEND_CODES[status])
    total = row.get("total")
    segments = total if isinstance(total, int) and not isinstance(total, bool) and 0 < total < 100 else None
    return Verdict.accepted(_word(row.get("smsMsgId"), _LONGEST_ID), segments=segments)


def _candidates(number: str) -> Iterator[str]:
    """The digits that a job's number may have for a row's: with mainland China's 86 if they came without "+"."""
    digits = _digits(number)
    if not number.strip().startswith("+"):
        yield f"86{digits}"
    yield digits


def _digits(number: str) -> str:
    return "".join(char for char in number if char in "0123456789")


def _rows(result: object) -> list[Mapping[str, Any]]:
    items = cast("list[object]", result) if isinstance(result, list) else []
    return [cast("Mapping[str, Any]", item) for item in items if isinstance(item, dict)]


def _word(value: object, longest: int) -> str | None:
    """*value* if it can be a code, an id or a number: printable, not empty, not longer than *longest*."""
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**18:
        value = str(value)
    fits = isinstance(value, str) and 0 < len(value) <= longest and value.isprintable()
    return cast("str", value) if fits else None


def _scrubbed(words: object, jobs: Sequence[Job], app_key: Secret) -> str | None:
    """The vendor's *words* without the application key and the messages' parameters, which some answers echo."""
    if not isinstance(words, str):
        return None
    text = words[:2000]
    for hidden in {app_key.reveal(), *(value for job in jobs for value in job.params)}:
        if len(hidden) >= _SHORTEST_SECRET:
            text = text.replace(hidden, "****")
    return text
