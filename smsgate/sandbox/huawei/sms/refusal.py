"""Refusals of Huawei's sending APIs, raised where a check fails and made a response in one place."""

import uuid

from smsgate.sandbox.huawei.sms.codes import DESCRIPTIONS
from smsgate.sandbox.state.answer import json_response
from smsgate.wire import HttpResponse

__all__ = ["JSON", "Refusal", "no_such_api"]

JSON = "application/json;charset=UTF-8"


class Refusal(Exception):  # a refusal is a response, not an error
    """The whole request is refused, with the HTTP status that goes with its code."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code

    def response(self) -> HttpResponse:
        """The response."""
        status, description = DESCRIPTIONS[self.code]
        return json_response({"code": self.code, "description": description}, status=status, content_type=JSON)


def no_such_api() -> HttpResponse:
    """The response of the API gateway in front of the service to a wrong path or method."""
    message = "The API does not exist or has not been published in the environment"
    value = {"error_msg": message, "error_code": "APIGW.0101", "request_id": uuid.uuid4().hex}
    return json_response(value, status=404)
