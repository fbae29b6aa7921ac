"""What the parts of `TencentCloudManagement` share: how an API 3.0 call is made and its response opened."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final, TypeVar, cast

from smsgate.model.errors import InvalidCallError, VendorError
from smsgate.provider.call import Call, RequestContext, late, make_call, refusal, unreadable, without_envelope
from smsgate.provider.records import ReviewState
from smsgate.provider.responses import vendor_text
from smsgate.tencent.arguments import whole_number
from smsgate.tencent.cloud.api import MARKS, CloudAccount, CloudEnvelope, read_envelope
from smsgate.tencent.cloud.codes import CLOUD_CODES
from smsgate.tencent.cloud.field_names import FieldNames
from smsgate.wire import HttpRequest, HttpResponse

__all__ = ["MOST_ROWS", "SCOPES", "STATES", "CloudCalls", "items_in", "object_in"]

T = TypeVar("T")

STATES: Final[Mapping[int | None, ReviewState]] = {
    0: ReviewState.APPROVED,
    1: ReviewState.PENDING,
    2: ReviewState.PENDING,
    -1: ReviewState.REJECTED,
}
"""`StatusCode` of templates and signatures. 2 is approved but not in force yet: it cannot be used."""
SCOPES: Final[Mapping[int | None, bool]] = {0: False, 1: True}
"""`International` of templates and signatures. 3 stands for both."""
MOST_ROWS: Final = 100
"""How many ids a call names at most, and how many rows or items it requests."""


class CloudCalls:
    """The calls of one account."""

    name: str
    """The name that its records and reports carry."""
    _account: CloudAccount

    @property
    def address(self) -> str:
        """Scheme, host and port of its requests."""
        return self._account.base_url.origin

    @property
    def _names(self) -> FieldNames:
        return self._account.names

    def _call(
        self,
        action: str,
        fields: Mapping[str, object],
        read: Callable[[CloudEnvelope], T | VendorError],
        *,
        check: Callable[[RequestContext], None] = lambda _: None,
        lenient: bool = False,
    ) -> Call[T]:
        """A call. *check* raises `InvalidCallError` if it is too late to make it."""

        def signed(account: CloudAccount, context: RequestContext) -> HttpRequest:
            return account.request(action, fields, now=context.now)

        def open_envelope(account: CloudAccount, response: HttpResponse) -> CloudEnvelope | VendorError:
            envelope = read_envelope(response, lenient=lenient)
            if envelope is None:
                return without_envelope(action, response, MARKS)
            if envelope.error is None:
                return envelope
            text = vendor_text(envelope.text, (), *account.secrets)
            return refusal(action, envelope.error, CLOUD_CODES[envelope.error], text, request_id=envelope.request_id)

        def make(account: CloudAccount) -> Call[T]:
            def build(context: RequestContext) -> HttpRequest:
                check(context)  # raises where no frame has the fields, which may name a phone
                return signed(account, context)

            return make_call(action, build, partial(open_envelope, account), read)

        return late(self._account, make)

    def _page(self, offset: int, limit: int, instead: str) -> dict[str, object]:
        """The fields that request one page of a list."""
        if not self._names.lists_by_page:
            raise InvalidCallError(f"version: {self._names.version} cannot list, only find by ids: use {instead}()")
        return {
            "Limit": whole_number("limit", limit, 1, MOST_ROWS),
            "Offset": whole_number("offset", offset, 0, 10**9),
        }

    def _deletion(self, action: str, fields: Mapping[str, object], key: str) -> Call[None]:
        """A call that deletes something, which the response confirms by the object *key*."""

        def read(envelope: CloudEnvelope) -> VendorError | None:
            return self._unreported(action, envelope) if object_in(envelope, key) is None else None

        return self._call(action, fields, read)

    @staticmethod
    def _unreported(action: str, envelope: CloudEnvelope) -> VendorError:
        return unreadable(action, "the response does not say what was done", request_id=envelope.request_id)


def items_in(envelope: CloudEnvelope, key: str) -> list[object] | None:
    """What stands in the list *key*, which may be null when it is empty. None if there is no list."""
    value: object = envelope.body.get(key, ...)
    if value is None:
        return []
    return cast("list[object]", value) if isinstance(value, list) else None


def object_in(envelope: CloudEnvelope, key: str) -> Mapping[str, Any] | None:
    """The object *key*, or None if there is none."""
    value: object = envelope.body.get(key)
    return cast("dict[str, Any]", value) if isinstance(value, dict) else None
