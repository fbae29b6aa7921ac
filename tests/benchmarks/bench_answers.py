"""What the stub answers: fixed bytes for each path, as the vendors' documents print them."""

import json
from collections.abc import Mapping, Sequence
from typing import Final

__all__ = ["ABROAD", "ANSWERS", "BULK", "GLOBAL", "NUMBERS", "NUMBERS_ABROAD", "PLAIN", "REFUSING", "SINGLE", "TLS"]

NUMBERS: Final = tuple([f"+861380013{index:04}" for index in range(500)])
"""Whoever sends in bulk sends to the first 200 or to all of them."""
NUMBERS_ABROAD: Final = tuple(
    [f"{prefix}{index:04}" for index in range(50) for prefix in ("+658123", "+8525123", "+44740012", "+1415555")]
)
"""200 numbers of four countries, in turn."""
SINGLE: Final = NUMBERS[0]
PLAIN, TLS, BULK, REFUSING, ABROAD, GLOBAL = "plain", "tls", "bulk", "refusing", "abroad", "global"
"""The servers of the stub: single messages, the same over TLS, bulk, bulk of which Tencent refuses a tenth, bulk to
other countries, and the same with a text for each number (SendMultiGlobalSms)."""


def _v5(numbers: Sequence[str], *, refuse_tenth: bool = False) -> object:
    return {
        "result": 0,
        "errmsg": "OK",
        "ext": "",
        "detail": [
            {
                "result": 1031 if refuse_tenth and index % 10 == 0 else 0,
                "errmsg": "OK",
                "mobile": number.removeprefix("+86"),
                "nationcode": "86",
                "sid": f"8:s2bZWfHCMc5Jz3ZUBE3{index:08}",
                "fee": 1,
            }
            for index, number in enumerate(numbers)
        ],
    }


def _cloud(numbers: Sequence[str], *, name: str = "SendStatusSet", country: str = "CN") -> object:
    rows = [
        {
            "SerialNo": f"5000:10459282235700{index:08}",
            "PhoneNumber": number,
            "Fee": 1,
            "SessionContext": "",
            "Code": "Ok",
            "Message": "send success",
            "IsoCode": country,
        }
        for index, number in enumerate(numbers)
    ]
    return {"Response": {name: rows, "RequestId": "a0aabda6-cf91-4f3e-a81f-9198114a2279"}}


def _huawei(numbers: Sequence[str]) -> object:
    rows = [
        {
            "originTo": number,
            "createTime": "2020-10-31T09:33:16Z",
            "from": "8823040504797",
            "smsMsgId": f"daa1a8d7-7b3a-4a6f-a4f5-d11{index:08}_1",
            "countryId": "CN",
            "total": 1,
            "status": "000000",
        }
        for index, number in enumerate(numbers)
    ]
    return {"result": rows, "code": "000000", "description": "Success"}


def _bytes(answers: Mapping[str, object]) -> dict[str, bytes]:
    return {path: json.dumps(answer, separators=(",", ":")).encode() for path, answer in answers.items()}


_V5 = {"result": 0, "errmsg": "OK", "ext": "", "sid": "8:s2bZWfHCMc5Jz3ZUBE320201122", "fee": 1}
_SINGLE = _bytes(
    {"/v5/tlssmssvr/sendsms": _V5, "/": _cloud([SINGLE]), "/sms/batchSendSms/v1": _huawei([SINGLE])},
)
_MANY = _bytes(
    {
        "/v5/tlssmssvr/sendmultisms2": _v5(NUMBERS[:200]),
        "/": _cloud(NUMBERS[:200]),
        "/sms/batchSendSms/v1": _huawei(NUMBERS),
        "/sms/batchSendDiffSms/v1": _huawei(NUMBERS),
    }
)
ANSWERS: Final[Mapping[str, Mapping[str, bytes]]] = {
    PLAIN: _SINGLE,
    TLS: _SINGLE,
    BULK: _MANY,
    # The other vendor gets the refused ones, 20 of 200 numbers.
    REFUSING: _bytes(
        {
            "/v5/tlssmssvr/sendmultisms2": _v5(NUMBERS[:200], refuse_tenth=True),
            "/sms/batchSendSms/v1": _huawei(NUMBERS[:200:10]),
        }
    ),
    ABROAD: _bytes({"/": _cloud(NUMBERS_ABROAD, country="SG")}),
    GLOBAL: _bytes({"/": _cloud(NUMBERS_ABROAD, country="SG", name="SendMultiStatusSet")}),
}
"""The body for each path of each server."""
