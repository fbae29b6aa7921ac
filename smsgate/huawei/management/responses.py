"""Reading an answer of Huawei's management API: what it says, or one `VendorError`.

The shapes of errors are those of `smsgate.huawei.faults`. A code that is not in the table is decided by the HTTP status
(Message & SMS API Reference, 5.1).
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, TypeVar

from smsgate.huawei.apig import LONGEST_ID, Fault, plain_word, read_fault
from smsgate.huawei.management.codes import MANAGEMENT_CODES
from smsgate.huawei.management.reading import object_of
from smsgate.model.errors import VendorError
from smsgate.model.masking import safe_text
from smsgate.model.reason import Reason, outcome_of
from smsgate.model.secret import Secret
from smsgate.provider.codes import UNLISTED, Meaning
from smsgate.provider.reading import read_json
from smsgate.provider.responses import vendor_text, verdict_without_envelope
from smsgate.wire import HttpResponse

__all__ = ["read_answer"]

T = TypeVar("T")

_MALFORMED: Final = Meaning(Reason.INVALID_REQUEST, "the request was refused", "see the vendor's words")
_FAULTY: Final = Meaning(Reason.PLATFORM_FAULT, "an error inside the vendor's platform")
_BY_STATUS: Final[Mapping[int, Meaning]] = {
    401: Meaning(Reason.AUTH_FAILED, "the credentials were not accepted", "check user, password, domain and project"),
    403: Meaning(Reason.PERMISSION_DENIED, "the user may not do this", "grant it the permission in IAM"),
    404: Meaning(Reason.INVALID_REQUEST, "there is no such thing", "check the id, the project and base_url"),
    408: _FAULTY,
    429: Meaning(Reason.TRY_LATER, "calls come too fast", "slow down"),
}


def read_answer(name: str, response: HttpResponse, secrets: Sequence[Secret], take: Callable[[Any], T | None]) -> T:
    """What *take* makes of the answer's JSON, which is None for an empty body; *take* gives None if it cannot read it.

    Raises `VendorError` if the vendor refused the call *name*, or if the answer cannot be read.
    """
    answer = _understood(name, response, secrets, take)
    if isinstance(answer, VendorError):
        raise answer  # from a frame that has nothing of the answer in its variables
    return answer


def _understood(
    name: str, response: HttpResponse, secrets: Sequence[Secret], take: Callable[[Any], T | None]
) -> T | VendorError:
    data = read_json(response.body) if response.body else None
    if 200 <= response.status < 300 and not _is_error(data):
        taken = take(data)
        return _without_envelope(name, response) if taken is None else taken
    fault = read_fault(object_of(data))
    if fault.code is None:
        return _without_envelope(name, response)
    meaning = fault.meaning(MANAGEMENT_CODES)
    return _refusal(name, response, fault, _by_status(response.status) if meaning is UNLISTED else meaning, secrets)


def _is_error(data: object) -> bool:
    """An error at HTTP 200. A success may well have a `code` of its own."""
    found = object_of(data)
    return "error_code" in found or isinstance(found.get("error"), dict)


def _by_status(status: int) -> Meaning:
    if 400 <= status < 500:
        return _BY_STATUS.get(status, _MALFORMED)
    return _FAULTY if status >= 500 else UNLISTED


def _refusal(
    name: str, response: HttpResponse, fault: Fault, meaning: Meaning, secrets: Sequence[Secret]
) -> VendorError:
    words = vendor_text(fault.words, (), *secrets)
    said = f" ({safe_text(words)})" if words else ""
    remedy = f"; {meaning.remedy}" if meaning.remedy else ""
    return VendorError(
        f"{name}: {meaning.text}{said}{remedy}",
        outcome=outcome_of(meaning.reason),
        reason=meaning.reason,
        code=fault.code,
        request_id=fault.request_id or _request_id(response),
    )


def _without_envelope(name: str, response: HttpResponse) -> VendorError:
    verdict = verdict_without_envelope(response)
    return VendorError(
        f"{name}: {verdict.description}",
        outcome=verdict.outcome,
        reason=verdict.reason,
        code=verdict.code,
        request_id=_request_id(response),
    )


def _request_id(response: HttpResponse) -> str | None:
    return plain_word(response.headers.get("X-Request-Id"), LONGEST_ID)
