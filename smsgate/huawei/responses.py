"""What Huawei's answer to a send says about each message. Pure, and never raises, whatever came back.

The service's own shape is `{"code", "description", "result": […]}`, at any HTTP status (Message & SMS API Reference,
Tables 3-54 and 3-62); an error may also come from what stands in front of it (`smsgate.huawei.faults`). Numbers are
matched by their digits, never by position: `originTo` has been seen without "+86".
"""

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast

import attrs

from smsgate.huawei.apig import LONGEST_CODE, LONGEST_ID, plain_word, read_fault
from smsgate.huawei.send_codes import ACCEPTED, SEND_CODES
from smsgate.model.masking import safe_text
from smsgate.model.secret import Secret
from smsgate.provider.codes import UNLISTED, Meaning
from smsgate.provider.group_refusal import of_each
from smsgate.provider.protocol import Job, Verdict
from smsgate.provider.reading import read_object
from smsgate.provider.responses import retry_after, vendor_text, verdict_without_envelope
from smsgate.wire import HttpResponse

__all__ = ["read_verdicts"]


def read_verdicts(jobs: Sequence[Job], response: HttpResponse, app_key: Secret) -> list[Verdict]:
    """One verdict per job, in the jobs' order. *app_key* is kept out of the verdicts' descriptions."""
    data = read_object(response.body)
    if data is None:
        return [verdict_without_envelope(response) for _ in jobs]
    code = plain_word(data.get("code"), LONGEST_CODE)
    if code is None:
        return _gateway_verdicts(jobs, data, response, app_key)
    rows = _rows(data.get("result"))
    if rows:
        return _verdicts_by_number(jobs, rows)
    if code == ACCEPTED:
        return [Verdict.unanswered("accepted, but no number is in the answer") for _ in jobs]
    words = vendor_text(data.get("description"), jobs, app_key)
    meaning = of_each(SEND_CODES[code], len(jobs))
    return [_refused(code, meaning, words, response) for _ in jobs]


def _gateway_verdicts(
    jobs: Sequence[Job], data: Mapping[str, Any], response: HttpResponse, app_key: Secret
) -> list[Verdict]:
    """An answer from in front of the service: its code decides, or else the HTTP status, as for an empty answer."""
    fault = read_fault(data)
    words = vendor_text(fault.words, jobs, app_key)
    meaning = fault.meaning(SEND_CODES)
    if fault.code is None or meaning is UNLISTED or meaning.reason is None:
        return [_by_status(response, fault.code, words, fault.request_id) for _ in jobs]
    meaning = of_each(meaning, len(jobs))
    return [_refused(fault.code, meaning, words, response, fault.request_id) for _ in jobs]


def _by_status(response: HttpResponse, code: str | None, words: str | None, request_id: str | None) -> Verdict:
    verdict = verdict_without_envelope(response)
    description = f"{verdict.description} ({safe_text(words)})" if words else verdict.description
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
        for digits in _candidates(plain_word(row.get("originTo"), LONGEST_ID) or ""):
            if digits in waiting:
                waiting[digits].append(row)
                break
    return [_verdict_of(waiting[_digits(str(job.to))]) for job in jobs]


def _verdict_of(rows: deque[Mapping[str, Any]]) -> Verdict:
    row: Mapping[str, Any] = rows.popleft() if rows else {}
    status = plain_word(row.get("status"), LONGEST_CODE)
    if status is None:
        return Verdict.unanswered("the answer does not speak of this number")
    if status != ACCEPTED:
        return Verdict.refused(status, SEND_CODES[status])
    total = row.get("total")
    segments = total if isinstance(total, int) and not isinstance(total, bool) and 0 < total < 100 else None
    return Verdict.accepted(plain_word(row.get("smsMsgId"), LONGEST_ID), segments=segments)


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
