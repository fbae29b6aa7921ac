"""What Huawei's response to a send says about each message. Pure, and never raises, whatever came back.

The service's own shape is `{"code", "description", "result": […]}`, at any HTTP status (Message & SMS API Reference,
Tables 3-54 and 3-62); an error may also come from what stands in front of it (`smsgate.huawei.apig`). `originTo` has
been seen without "+86".
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any, Final

import attrs

from smsgate.huawei.apig import LONGEST_CODE, LONGEST_ID, read_refusal
from smsgate.huawei.send_codes import ACCEPTED, SEND_CODES
from smsgate.model.masking import safe_text
from smsgate.model.reason import Outcome
from smsgate.model.secret import Secret
from smsgate.provider.meanings import UNLISTED
from smsgate.provider.protocol import Job, Verdict
from smsgate.provider.reading import Remembered, read_int, read_object, read_time, rows_of, short_text
from smsgate.provider.responses import match_columns, request_refused, vendor_text, verdict_without_envelope
from smsgate.provider.verdicts import read_rows
from smsgate.wire import HttpResponse

__all__ = ["read_verdicts"]

_MARKS: Final = ("code", "result", "originTo", "smsMsgId")
"""Names that only a response of Huawei's has: with any of them it is not a proxy's, even if it cannot be believed."""
_MOST_SEGMENTS: Final = 99
_PAUSES: Final = {"E200015": 600.0}
"""Seconds to wait after a code: "Wait for about 10 minutes and try again" (Message & SMS API Reference, 5.2.1)."""


def read_verdicts(jobs: Sequence[Job], response: HttpResponse, secrets: Sequence[Secret]) -> Sequence[Verdict]:
    """One verdict per job, in the jobs' order. *secrets* are kept out of the verdicts' descriptions."""
    data = read_object(response.body)
    if data is None:
        return [verdict_without_envelope(response, _MARKS) for _ in jobs]
    # Rows count whatever stands beside them: a 400 with E000510 has them, and so may an envelope without its code.
    rows, time_of = rows_of(data.get("result")), Remembered(read_time)  # UTC (Table 3-55)
    others = ("status", "total", "countryId", "from", "createTime")
    verdicts = read_rows(rows, partial(_verdict, time_of), *others, id="smsMsgId", longest=LONGEST_ID)
    return match_columns(jobs, [row.get("originTo") for row in rows], verdicts, _overall(jobs, data, response, secrets))


def _overall(
    jobs: Sequence[Job], data: Mapping[str, Any], response: HttpResponse, secrets: Sequence[Secret]
) -> Verdict:
    """What the response says of the request as a whole."""
    code = short_text(data.get("code"), LONGEST_CODE)
    if code is None:
        return _gateway_verdict(jobs, data, response, secrets)
    if code == ACCEPTED:  # says nothing of any one number: Table 3-55 has a status for each
        return Verdict.unanswered("accepted, but no number is in the response")
    text = vendor_text(data.get("description"), jobs, *secrets)
    verdict = request_refused(response, code, SEND_CODES[code], text, messages=len(jobs))
    verdict.retry_after = verdict.retry_after or _PAUSES.get(code)
    return verdict


def _gateway_verdict(
    jobs: Sequence[Job], data: Mapping[str, Any], response: HttpResponse, secrets: Sequence[Secret]
) -> Verdict:
    """A response from in front of the service: its code decides, or else the HTTP status, as for an empty body."""
    refusal = read_refusal(data)
    text = vendor_text(refusal.text, jobs, *secrets)
    meaning = refusal.meaning(SEND_CODES)
    if refusal.code is not None and meaning is not UNLISTED and meaning.reason is not None:
        return request_refused(response, refusal.code, meaning, text, request_id=refusal.request_id, messages=len(jobs))
    # With a code or a text of its own it is the gateway's envelope, which the marks of the service's do not concern.
    verdict = verdict_without_envelope(response, () if refusal.code or refusal.text else _MARKS)
    description = f"{verdict.description} ({safe_text(text)})" if text else verdict.description
    return attrs.evolve(
        verdict, code=refusal.code or verdict.code, description=description, request_id=refusal.request_id
    )


def _verdict(time_of: Remembered[datetime | None], row: Mapping[str, Any]) -> Verdict:
    """*time_of*: what the `createTime` of other rows was read as, which is the same second nearly always."""
    status = row.get("status")
    if status != ACCEPTED:
        return _unaccepted(short_text(status, LONGEST_CODE))
    # By position: to call a class with names takes three times as long, and this may be called for each number.
    return Verdict(
        Outcome.ACCEPTED,
        None,
        None,
        None,
        short_text(row.get("smsMsgId"), LONGEST_ID),
        None,
        read_int(row.get("total"), 1, _MOST_SEGMENTS),
        short_text(row.get("countryId"), LONGEST_CODE),
        short_text(row.get("from"), LONGEST_ID),
        time_of[str(row.get("createTime"))],
    )


def _unaccepted(status: str | None) -> Verdict:
    if status is None:
        return Verdict.unanswered("this number's row has no status that can be read")
    verdict = Verdict.refused(status, SEND_CODES[status])
    verdict.retry_after = _PAUSES.get(status)
    return verdict
