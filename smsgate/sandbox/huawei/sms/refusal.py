"""Refusals of Huawei's sending APIs, raised where a check fails and answered in one place."""

import uuid

from smsgate.sandbox.huawei.sms.codes import DESCRIPTIONS
from smsgate.sandbox.state.answer import json_response
from smsgate.wire import HttpResponse

__all__ = ["JSON", "Refusal", "no_such_api"]

JSON = "application/json;charset=UTF-8"


class Refusal(Exception):  # a refusal is an answer, not an error
    """The whole request is refused, with the HTTP status that goes with its code."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code

    def response(self) -> HttpResponse:
        """The answer."""
        status, description = DESCRIPTIONS[self.code]
        return json_response({"code": self.code, "description": description}, status=status, content_type=JSON)


def no_such_api() -> HttpResponse:
    """What the API gateway in front of the service answers to a wrong path or method."""
    words = "The API does not exist or has not been published in the environment"
    value = {"error_msg": words, "error_code": "APIGW.0101", "request_id": uuid.uuid4().hex}
    return json_response(value, status=404)
