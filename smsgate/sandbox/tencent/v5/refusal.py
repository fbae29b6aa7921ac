"""Refusals of Tencent's v5 API, raised where a check fails and answered in one place."""

from typing import Any

from smsgate.sandbox.state.answer import json_response
from smsgate.sandbox.tencent.v5.codes import ACCESS_WORDS, WORDS
from smsgate.wire import HttpResponse

__all__ = ["AccessRefusal", "Refusal"]


class Refusal(Exception):  # a refusal is an answer, not an error
    """The SMS service says no. *words* replace the usual words of *code*."""

    def __init__(self, code: int, words: str | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.words: str = words or WORDS[code]

    def response(self, ext: str = "") -> HttpResponse:
        """The answer; HTTP 200, as always with this API."""
        return json_response({"result": self.code, "errmsg": self.words, "ext": ext})

    def detail(self, mobile: str, nationcode: str) -> dict[str, Any]:
        """The row of one number in the answer to a bulk send."""
        return {"result": self.code, "errmsg": self.words, "mobile": mobile, "nationcode": nationcode}


class AccessRefusal(Exception):
    """The access layer in front of the service says no, in its own envelope."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code

    def response(self) -> HttpResponse:
        """The answer; HTTP 200."""
        words = ACCESS_WORDS[self.code]
        return json_response({"ActionStatus": "FAIL", "ErrorInfo": words, "ErrorCode": self.code})
