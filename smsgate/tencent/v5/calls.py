"""What the parts of `TencentV5Management` share: how a v5 call is made and its response opened."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final, TypeVar, cast

from smsgate.model.errors import VendorError
from smsgate.provider.call import Call, RequestContext, late, make_call, refusal, without_envelope
from smsgate.provider.reading import read_int
from smsgate.provider.records import ReviewState
from smsgate.provider.responses import vendor_text
from smsgate.tencent.v5.api import MARKS, SUCCESS, V5Account, V5Envelope, error_text, read_envelope
from smsgate.tencent.v5.codes import SEND_CODES
from smsgate.wire import HttpRequest, HttpResponse

__all__ = ["FLAGS", "MOST_IDS", "PENDING", "STATES", "V5Calls", "items_in", "object_in", "with_draft"]

STATES: Final[Mapping[int | None, ReviewState]] = {
    0: ReviewState.APPROVED,
    1: ReviewState.PENDING,
    2: ReviewState.REJECTED,
}
"""`status` of templates and signatures."""
PENDING: Final = 1
"""The `status` of what was just submitted."""
FLAGS: Final[Mapping[int | None, bool]] = {0: False, 1: True}
"""`international` of templates and signatures."""
MOST_IDS: Final = 50
"""How many ids one call names at most here: as many as a page has."""

T = TypeVar("T")


class V5Calls:
    """The calls of one account."""

    name: str
    """The name that its records and reports carry."""
    _account: V5Account

    @property
    def address(self) -> str:
        """Scheme, host and port of its requests."""
        return self._account.base_url.origin

    def _call(
        self,
        operation: str,
        fields: Mapping[str, object],
        read: Callable[[V5Envelope], T | VendorError],
        *,
        lenient: bool = False,
    ) -> Call[T]:
        def open_envelope(account: V5Account, response: HttpResponse) -> V5Envelope | VendorError:
            envelope = read_envelope(response, lenient=lenient)
            if envelope is None:
                return without_envelope(operation, response, MARKS)
            if envelope.code == SUCCESS:
                return envelope
            text = vendor_text(error_text(envelope.body), (), *account.secrets)
            return refusal(operation, envelope.code, SEND_CODES[envelope.code], text)

        def make(account: V5Account) -> Call[T]:
            def build(context: RequestContext) -> HttpRequest:
                return account.request(operation, fields, now=context.now, nonce=context.nonce)

            return make_call(operation, build, partial(open_envelope, account), read)

        return late(self._account, make)


def items_in(envelope: V5Envelope) -> list[object] | None:
    """What stands in the list `data`, or None if it should have one. An empty list may be left out."""
    value: object = envelope.body.get("data")
    if value is None:
        return None if read_int(envelope.body.get("count"), 1) else []
    if isinstance(value, dict):
        return [cast("object", value)]
    return cast("list[object]", value) if isinstance(value, list) else None


def object_in(envelope: V5Envelope) -> Mapping[str, Any] | None:
    """The object `data`, or None if there is none."""
    items = items_in(envelope)
    return cast("dict[str, Any]", items[0]) if items and isinstance(items[0], dict) else None


def with_draft(row: Mapping[str, Any], draft: Mapping[str, object]) -> Mapping[str, Any]:
    """*row* as the response has it, completed by what was submitted: some responses leave things out."""
    return {**draft, **{key: value for key, value in row.items() if value is not None}}
