"""Refusals of Huawei's sending APIs, raised where a check fails and made a response in one place."""

import json
import uuid
from typing import Any, cast

from smsgate.sandbox.huawei.sms.codes import DESCRIPTIONS, STATUSES, SUCCESS
from smsgate.sandbox.state.answer import json_response
from smsgate.sandbox.state.records import NumberResult
from smsgate.wire import HttpResponse

__all__ = ["JSON", "Refusal", "no_such_api", "results_of"]

JSON = "application/json;charset=UTF-8"


class Refusal(Exception):  # a refusal is a response, not an error
    """The whole request is refused, with the HTTP status that goes with its code."""

    def __init__(self, code: str, why: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.why = why
        """What is wrong, where the code's description says less. The response does not have it."""

    def response(self) -> HttpResponse:
        """The response."""
        status, description = DESCRIPTIONS[self.code]
        return json_response({"code": self.code, "description": description}, status=status, content_type=JSON)


def no_such_api() -> HttpResponse:
    """The response of the API gateway in front of the service to a wrong path or method."""
    message = "The API does not exist or has not been published in the environment"
    value = {"error_msg": message, "error_code": "APIGW.0101", "request_id": uuid.uuid4().hex}
    return json_response(value, status=404)


def results_of(response: HttpResponse) -> list[NumberResult]:
    """The codes in a response: that of the request, or one for each number."""
    try:
        value: dict[str, Any] = json.loads(response.body)
    except ValueError:
        return []  # a response that a fault has made
    rows = cast("list[dict[str, Any]]", value.get("result", []))
    if not rows:
        code, text = (
            value.get("code") or value.get("error_code", ""),
            value.get("description") or value.get("error_msg", ""),
        )
        return [NumberResult(code=code, text=text, accepted=code == SUCCESS)]
    return [
        NumberResult(
            code=row["status"],
            text=STATUSES.get(row["status"], ""),
            to=row["originTo"],
            accepted=row["status"] == SUCCESS,
        )
        for row in rows
    ]
