"""Reading what an API 3.0 call answered: `{"Response": {…, "RequestId"}}`, with `Error` in it if it failed as a whole.

Tencent Cloud API 3.0, Responses. Errors come with HTTP 200 as well.
"""

from collections.abc import Mapping
from typing import Any, Final, cast

import attrs

from smsgate.envelope import read_object
from smsgate.tencent.answer import objects_in, read_patiently, text_of
from smsgate.wire import HttpResponse

__all__ = ["CloudAnswer", "error_code_of", "read_cloud_answer"]

_LONGEST_CODE: Final = 128


@attrs.frozen
class CloudAnswer:
    """The inside of `Response`."""

    error: str | None
    """`Error.Code`, if the call failed as a whole."""
    words: object = attrs.field(repr=False)
    """`Error.Message`, as it came."""
    request_id: str | None
    body: Mapping[str, Any] = attrs.field(repr=False)

    def rows(self, key: str) -> list[Mapping[str, Any]]:
        """The objects in the list *key*."""
        return objects_in(self.body.get(key)) or []


def read_cloud_answer(response: HttpResponse, *, patient: bool = False) -> CloudAnswer | None:
    """The answer in *response*, or None if it holds no such envelope. Never raises.

    *patient*: read on over faults that concern single items (`read_patiently`).
    """
    whole = read_patiently(response.body) if patient else read_object(response.body)
    inner = whole.get("Response") if whole else None
    if not isinstance(inner, dict):
        return None
    body = cast("dict[str, Any]", inner)
    error = body.get("Error")
    failed = cast("dict[str, Any]", error) if isinstance(error, dict) else {}
    return CloudAnswer(error_code_of(failed.get("Code")), failed.get("Message"), text_of(body.get("RequestId")), body)


def error_code_of(value: object) -> str | None:
    """An error code as it came, or None if it is none."""
    fits = isinstance(value, str) and 0 < len(value) <= _LONGEST_CODE and value.isprintable()
    return cast("str", value) if fits else None
