"""The two envelopes of Tencent Cloud API 3.0.

Source: Tencent Cloud API 3.0, "Responses": HTTP 200 for refusals as well, and a `RequestId` in both. The content type
has no charset, because Tencent's own SDKs for Python read the error of a response only if it has none.
"""

import json
import uuid
from collections.abc import Mapping
from typing import Any, cast

from smsgate.sandbox.state.answer import json_response
from smsgate.sandbox.state.records import NumberResult
from smsgate.wire import HttpResponse

__all__ = ["Refusal", "respond", "results_of"]


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


def results_of(response: HttpResponse) -> list[NumberResult]:
    """The codes in a response: that of the request, or one for each number of a send."""
    try:
        payload: dict[str, Any] = json.loads(response.body)["Response"]
    except (ValueError, KeyError):
        return []  # a response that a fault has made
    if "Error" in payload:
        return [NumberResult(code=payload["Error"]["Code"], text=payload["Error"]["Message"])]
    rows = cast("list[dict[str, Any]]", payload.get("SendStatusSet", []))
    if not rows:
        return [NumberResult(code="Ok", accepted=True)]
    return [
        NumberResult(code=row["Code"], text=row["Message"], to=row["PhoneNumber"], accepted=row["Code"] == "Ok")
        for row in rows
    ]
