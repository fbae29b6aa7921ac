"""Refusals of Huawei's management APIs: those of the gateway in front, and those of the service.

Sources: Huawei Cloud Message & SMS API Reference (mainland edition), "API Error Codes (Applications, Signatures,
Templates)": `MSGSMS.…` with an `error_detail`, no HTTP status given; Huawei Cloud API Gateway, `APIGW.…`.
"""

import json
import uuid
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final, cast

from smsgate.sandbox.state.answer import json_response
from smsgate.sandbox.state.records import NumberResult
from smsgate.wire import HttpResponse

__all__ = ["GatewayRefusal", "Refusal", "results_of"]

_TEXTS: Final[Mapping[str, tuple[int, str]]] = MappingProxyType(
    {
        "MSGSMS.0002": (400, "Invalid Parameter."),
        "MSGSMS.0004": (400, "Signature already exists."),
        "MSGSMS.0005": (404, "Signature does not exist."),
        "MSGSMS.0007": (400, "Signature not allow to update, signature status must be Reject."),
        "MSGSMS.0009": (404, "Template does not exist."),
        "MSGSMS.0010": (400, "Template not allow to update, template flow status must be Reject."),
        "MSGSMS.0011": (404, "File does not exist."),
        "MSGSMS.0076": (404, "Message Application does not exist"),
    }
)


class Refusal(Exception):  # a refusal is a response, not an error
    """The service refuses. *detail* names what is wrong, as in "app_name"."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.detail = detail

    def response(self) -> HttpResponse:
        """The response."""
        status, text = _TEXTS[self.code]
        payload = {"error_code": self.code, "error_msg": text, "error_detail": self.detail}
        return json_response(payload, status=status)


class GatewayRefusal(Exception):
    """The gateway in front of the service refuses."""

    def __init__(self, status: int, code: str, text: str) -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.text = text

    def response(self) -> HttpResponse:
        """The response."""
        payload: dict[str, Any] = {"error_msg": self.text, "error_code": self.code, "request_id": uuid.uuid4().hex}
        return json_response(payload, status=self.status)


def results_of(response: HttpResponse) -> list[NumberResult]:
    """The code in a refusal; none in what succeeds."""
    try:
        value: object = json.loads(response.body) if response.body else {}
    except ValueError:
        return []  # a response that a fault has made
    fields = cast("dict[str, str]", value) if isinstance(value, dict) else {}
    if "error_code" not in fields:
        return []
    detail = fields.get("error_detail", "")
    text = f"{fields.get('error_msg', '')}{f' ({detail})' if detail else ''}"
    return [NumberResult(code=fields["error_code"], text=text)]
