"""What the parts of `TencentCloudManagement` share: how an API 3.0 call is made and its answer opened."""

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeVar, cast

from smsgate.model.errors import InvalidCallError, VendorError
from smsgate.provider.call import Call, RequestContext, make_call, refusal, unreadable, without_envelope
from smsgate.provider.records import ReviewState
from smsgate.provider.responses import vendor_text
from smsgate.tencent.arguments import whole_number
from smsgate.tencent.cloud.api import CloudAccount, CloudAnswer, read_cloud_answer
from smsgate.tencent.cloud.codes import CLOUD_CODES
from smsgate.tencent.cloud.field_names import Names
from smsgate.wire import HttpRequest, HttpResponse

__all__ = ["MOST_ROWS", "SCOPES", "STATES", "CloudPart", "items_in", "object_in"]

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
"""How many ids a call names at most, and how many rows or items it asks for."""


class CloudPart:
    """The calls of one account."""

    name: str
    """The name that its records and reports carry."""
    _account: CloudAccount

    @property
    def _names(self) -> Names:
        return self._account.names

    def _call(
        self,
        action: str,
        fields: Mapping[str, object],
        read: Callable[[CloudAnswer], T | VendorError],
        *,
        check: Callable[[RequestContext], None] = lambda _: None,
        patient: bool = False,
    ) -> Call[T]:
        """A call. *check* raises `InvalidCallError` if it is too late to make it."""
        account = self._account

        def signed(moment: RequestContext) -> HttpRequest:
            return account.request(action, fields, now=moment.now)

        def build(moment: RequestContext) -> HttpRequest:
            check(moment)  # raises where no frame has the fields, which may name a phone
            return signed(moment)

        def open_answer(response: HttpResponse) -> CloudAnswer | VendorError:
            answer = read_cloud_answer(response, patient=patient)
            if answer is None or (answer.error is None and answer.body.get("Error") is not None):
                return without_envelope(action, response)
            if answer.error is None:
                return answer
            words = vendor_text(answer.words, (), account.secret_key, *((account.token,) if account.token else ()))
            return refusal(action, answer.error, CLOUD_CODES[answer.error], words, request_id=answer.request_id)

        return make_call(action, build, open_answer, read)

    def _page(self, offset: int, limit: int, instead: str) -> dict[str, object]:
        """The fields that ask for one page of a list."""
        if not self._names.lists_by_page:
            raise InvalidCallError(f"version: {self._names.version} cannot list, it tells by ids: use {instead}()")
        return {
            "Limit": whole_number("limit", limit, 1, MOST_ROWS),
            "Offset": whole_number("offset", offset, 0, 10**9),
        }

    def _deletion(self, action: str, fields: Mapping[str, object], key: str) -> Call[None]:
        """A call that deletes something, of which the answer tells in the object *key*."""

        def read(answer: CloudAnswer) -> VendorError | None:
            return self._untold(action, answer) if object_in(answer, key) is None else None

        return self._call(action, fields, read)

    @staticmethod
    def _untold(action: str, answer: CloudAnswer) -> VendorError:
        return unreadable(action, "the answer does not tell what was done", request_id=answer.request_id)


def items_in(answer: CloudAnswer, key: str) -> list[object] | None:
    """What stands in the list *key*, which may be null when it is empty. None if there is no list."""
    value: object = answer.body.get(key, ...)
    if value is None:
        return []
    return cast("list[object]", value) if isinstance(value, list) else None


def object_in(answer: CloudAnswer, key: str) -> Mapping[str, Any] | None:
    """The object *key*, or None if there is none."""
    value: object = answer.body.get(key)
    return cast("dict[str, Any]", value) if isinstance(value, dict) else None
