"""Reading a response of Huawei's management API: what it says, or one `VendorError`.

The shapes of errors are those of `smsgate.huawei.apig`. A code that is not in the table is decided by the HTTP status
(Message & SMS API Reference, 5.1).
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, TypeVar

import attrs

from smsgate.huawei.apig import LONGEST_ID, read_refusal
from smsgate.huawei.management.codes import MANAGEMENT_CODES
from smsgate.huawei.management.permissions import needed_actions
from smsgate.model.errors import VendorError
from smsgate.model.reason import Reason
from smsgate.model.secret import Secret
from smsgate.provider.call import Call, RequestContext, TokenSource, make_call, refusal, without_envelope
from smsgate.provider.meanings import UNLISTED, Meaning
from smsgate.provider.reading import as_object, read_json, short_text
from smsgate.provider.responses import vendor_text
from smsgate.wire import HttpRequest, HttpResponse

__all__ = ["make_project_action", "make_project_call", "open_json"]

T = TypeVar("T")

_MALFORMED: Final = Meaning(Reason.INVALID_REQUEST, "the request was refused", "see the vendor's own text")
_FAULTY: Final = Meaning(Reason.PLATFORM_FAULT, "an error inside the vendor's platform")
_BY_STATUS: Final[Mapping[int, Meaning]] = {
    401: Meaning(Reason.AUTH_FAILED, "the credentials were not accepted", "check user, password, domain and project"),
    403: Meaning(Reason.PERMISSION_DENIED, "the user may not do this", "grant it the permission in IAM"),
    404: Meaning(Reason.INVALID_REQUEST, "there is no such thing", "check the id, the project and base_url"),
    408: _FAULTY,
    429: Meaning(Reason.TRY_LATER, "calls come too fast", "slow down"),
}


def make_project_call(
    name: str,
    build: Callable[[RequestContext], HttpRequest],
    secrets: Sequence[Secret],
    parse: Callable[[Any], T | None],
    *,
    token: TokenSource | None,
) -> Call[T]:
    """The call *name*. *parse* gets the response's JSON, None for an empty body, and returns None if it cannot read it.

    Running it raises `VendorError` if the vendor refused or the response cannot be read. It shows none of *secrets*.
    """

    def open_envelope(response: HttpResponse) -> T | VendorError:
        data = open_json(name, response, secrets)
        if isinstance(data, VendorError):
            return data
        found = parse(data)
        return without_envelope(name, response, request_id=_request_id(response)) if found is None else found

    return make_call(name, build, open_envelope, _unchanged, token=token)


def make_project_action(
    name: str, build: Callable[[RequestContext], HttpRequest], secrets: Sequence[Secret], *, token: TokenSource | None
) -> Call[None]:
    """As `make_project_call`, for a call whose response says no more than that it was done."""
    return make_call(name, build, lambda response: open_json(name, response, secrets), _nothing, token=token)


def open_json(name: str, response: HttpResponse, secrets: Sequence[Secret]) -> Any | VendorError:
    """The JSON of a response that refuses nothing, None for an empty body; else the error that says what it refuses."""
    data = read_json(response.body) if response.body else None
    if 200 <= response.status < 300 and not _is_error(data):
        return data
    found = read_refusal(as_object(data))
    request_id = found.request_id or _request_id(response)
    if found.code is None:
        remedy = needed_actions(name) if response.status == 403 else ""
        return without_envelope(name, response, request_id=request_id, remedy=remedy)
    meaning = found.meaning(MANAGEMENT_CODES)
    if meaning is UNLISTED:
        meaning = _by_status(response.status)
    if meaning.reason is Reason.PERMISSION_DENIED and (remedy := needed_actions(name)):
        meaning = attrs.evolve(meaning, remedy=remedy)
    return refusal(name, found.code, meaning, vendor_text(found.text, (), *secrets), request_id=request_id)


def _nothing(_: object) -> None:
    return None


def _unchanged(found: T) -> T:
    return found


def _is_error(data: object) -> bool:
    """An error at HTTP 200. A success may well have a `code` of its own."""
    found = as_object(data)
    return "error_code" in found or isinstance(found.get("error"), dict)


def _by_status(status: int) -> Meaning:
    if 400 <= status < 500:
        return _BY_STATUS.get(status, _MALFORMED)
    return _FAULTY if status >= 500 else UNLISTED


def _request_id(response: HttpResponse) -> str | None:
    return short_text(response.headers.get("X-Request-Id"), LONGEST_ID)
