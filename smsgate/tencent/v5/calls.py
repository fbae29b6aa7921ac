"""What the parts of `TencentV5Management` share: how a v5 call is made and its answer opened."""

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeVar, cast

from smsgate.model.errors import VendorError
from smsgate.provider.call import Call, RequestContext, make_call, refusal, without_envelope
from smsgate.provider.records import ReviewState
from smsgate.provider.responses import vendor_text
from smsgate.tencent.v5.api import SUCCESS, Answer, V5Account, read_answer, words_of
from smsgate.tencent.v5.codes import SEND_CODES
from smsgate.tencent.values import count_of
from smsgate.wire import HttpRequest, HttpResponse

__all__ = ["FLAGS", "MOST_IDS", "PENDING", "STATES", "V5Part", "items_in", "object_in", "told"]

STATES: Final[Mapping[int | None, ReviewState]] = {
    0: ReviewState.APPROVED,
    1: ReviewState.PENDING,
    2: ReviewState.REJECTED,
}
"""`status` of templates and signatures."""
PENDING: Final = 1
"""The `status` of what was just handed in."""
FLAGS: Final[Mapping[int | None, bool]] = {0: False, 1: True}
"""`international` of templates and signatures."""
MOST_IDS: Final = 50
"""How many ids one call names at most here: as many as a page has."""

T = TypeVar("T")


class V5Part:
    """The calls of one account."""

    name: str
    """The name that its records and reports carry."""
    _account: V5Account

    def _call(
        self,
        operation: str,
        fields: Mapping[str, object],
        read: Callable[[Answer], T | VendorError],
        *,
        patient: bool = False,
    ) -> Call[T]:
        account = self._account

        def build(moment: RequestContext) -> HttpRequest:
            return account.request(operation, fields, now=moment.now, nonce=moment.nonce)

        def open_answer(response: HttpResponse) -> Answer | VendorError:
            answer = read_answer(response, patient=patient)
            if answer is None:
                return without_envelope(operation, response)
            if answer.code == SUCCESS:
                return answer
            words = vendor_text(words_of(answer.body), (), account.app_key)
            return refusal(operation, answer.code, SEND_CODES[answer.code], words)

        return make_call(operation, build, open_answer, read)


def items_in(answer: Answer) -> list[object] | None:
    """What stands in the list `data`, or None if it should have one. An empty list may be left out."""
    value: object = answer.body.get("data")
    if value is None:
        return None if count_of(answer.body.get("count")) else []
    if isinstance(value, dict):
        return [cast("object", value)]
    return cast("list[object]", value) if isinstance(value, list) else None


def object_in(answer: Answer) -> Mapping[str, Any] | None:
    """The object `data`, or None if there is none."""
    items = items_in(answer)
    return cast("dict[str, Any]", items[0]) if items and isinstance(items[0], dict) else None


def told(row: Mapping[str, Any], draft: Mapping[str, object]) -> Mapping[str, Any]:
    """*row* as the answer has it, completed by what was handed in: the answer to an application leaves things out."""
    return {**draft, **{key: value for key, value in row.items() if value is not None}}
