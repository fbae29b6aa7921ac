"""The two envelopes of Tencent Cloud API 3.0.

Source: Tencent Cloud API 3.0, "Responses": HTTP 200 for refusals as well, and a `RequestId` in both. The content type
has no charset, because Tencent's own SDKs for Python read the error of a response only if it has none.
"""

import uuid
from collections.abc import Mapping
from typing import Any

from smsgate.sandbox.state.answer import json_response
from smsgate.wire import HttpResponse

__all__ = ["Refusal", "respond"]


class Refusal(Exception):  # a refusal is a response, not an error
    """The whole request is refused."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(code)
        self.code = code
        self.message = message

    def response(self) -> HttpResponse:
        """The response."""
        return respond({"Error": {"Code": self.code, "Message": self.message}})


def respond(payload: Mapping[str, Any]) -> HttpResponse:
    """*payload* in the envelope."""
    return json_response({"Response": {**payload, "RequestId": str(uuid.uuid4())}})
