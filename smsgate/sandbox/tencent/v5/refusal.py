"""Refusals of Tencent's v5 API, raised where a check fails and made a response in one place."""

import json
from typing import Any, cast

from smsgate.sandbox.state.answer import json_response
from smsgate.sandbox.state.records import NumberResult
from smsgate.sandbox.tencent.v5.codes import ACCESS_TEXTS, TEXTS
from smsgate.wire import HttpResponse

__all__ = ["AccessRefusal", "Refusal", "results_of"]


class Refusal(Exception):  # a refusal is a response, not an error
    """The SMS service refuses. *text* replaces the usual text of *code*."""

    def __init__(self, code: int, text: str | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.text: str = text or TEXTS[code]

    def response(self, ext: str = "") -> HttpResponse:
        """The response; HTTP 200, as always with this API."""
        return json_response({"result": self.code, "errmsg": self.text, "ext": ext})

    def detail(self, mobile: str, nationcode: str) -> dict[str, Any]:
        """The row of one number in the response to a bulk send."""
        return {"result": self.code, "errmsg": self.text, "mobile": mobile, "nationcode": nationcode}


class AccessRefusal(Exception):
    """The access layer in front of the service refuses, in its own envelope."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code

    def response(self) -> HttpResponse:
        """The response; HTTP 200."""
        text = ACCESS_TEXTS[self.code]
        return json_response({"ActionStatus": "FAIL", "ErrorInfo": text, "ErrorCode": self.code})


def results_of(response: HttpResponse) -> list[NumberResult]:
    """The codes in a response: that of the request, or one for each number of a bulk send."""
    try:
        value: dict[str, Any] = json.loads(response.body)
    except ValueError:
        return []  # a response that a fault has made
    if "ErrorCode" in value:
        return [NumberResult(code=str(value["ErrorCode"]), text=value["ErrorInfo"])]
    return [_result(row) for row in cast("list[dict[str, Any]]", value.get("detail") or [value])]


def _result(row: dict[str, Any]) -> NumberResult:
    code, to = str(row.get("result", "")), f"+{row['nationcode']}{row['mobile']}" if "mobile" in row else ""
    return NumberResult(code=code, text=row.get("errmsg") or row.get("msg") or "", to=to, accepted=code == "0")
