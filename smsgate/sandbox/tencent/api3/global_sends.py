"""SendMultiGlobalSms: up to 200 numbers outside mainland China, each with its own template, parameters and context.

Source: Tencent's own SDK for version 2021-01-11 (MultiSmsInfo, SendMultiStatus).
"""

from collections.abc import Mapping
from typing import Any, Final, cast

from smsgate.sandbox.state.answer import Answer
from smsgate.sandbox.state.scenarios import apply_scenario, whole_request
from smsgate.sandbox.state.state import SandboxState
from smsgate.sandbox.tencent.account import MAGIC_DIGIT, account_of
from smsgate.sandbox.tencent.api3.call import Call
from smsgate.sandbox.tencent.api3.params import wrong_type
from smsgate.sandbox.tencent.api3.refusal import Refusal, respond
from smsgate.sandbox.tencent.api3.sends import Order, check_numbers, read_number
from smsgate.sandbox.tencent.api3.versions import NEW
from smsgate.wire import HttpResponse

__all__ = ["send_global"]

_SET: Final = "MultiSmsInfoSet"
_TEXTS: Final = {"PhoneNumber": True, "TemplateId": True, "SenderId": False, "SessionContext": False}
"""The fields of an entry that are text, and whether they are required."""
_PARAMS: Final = "TemplateParamSet"


def send_global(state: SandboxState, call: Call, now: float) -> Answer:
    """The response to SendMultiGlobalSms."""
    infos: list[Mapping[str, Any]] = call.params["infos"]
    for index, info in enumerate(infos):
        _check(f"{_SET}.{index}", info)
    numbers = [read_number(info["PhoneNumber"]) for info in infos]
    account_of(state).submitted.append((now, len(numbers)))
    check_numbers(state, numbers, now)
    if any(number.startswith("+86") for number in numbers if number):
        # No document names the code: it is the one of SendSms for numbers that a request cannot have.
        code = "UnsupportedOperation.ContainDomesticAndInternationalPhoneNumber"
        raise Refusal(code, "a number of mainland China")

    def process() -> HttpResponse:
        rows = [_row(state, info, number, now) for info, number in zip(infos, numbers, strict=True)]
        return respond({"SendMultiStatusSet": rows})

    return apply_scenario(whole_request((number or "" for number in numbers), MAGIC_DIGIT), process)


def _row(state: SandboxState, info: Mapping[str, Any], number: str | None, now: float) -> dict[str, Any]:
    context = info.get("SessionContext") or ""
    sender = info.get("SenderId") or ""
    order = Order("SendMultiGlobalSms", NEW, info["TemplateId"], info.get(_PARAMS) or (), "", context, sender=sender)
    return order.send(state, info["PhoneNumber"], number, order.content(state, is_mainland=False), now)


def _check(where: str, info: Mapping[str, Any]) -> None:
    for name, value in info.items():
        if name not in _TEXTS and name != _PARAMS:
            raise Refusal("UnknownParameter", f"The parameter `{where}.{name}` is not recognized.")
        texts: object = value if name == _PARAMS else [value]
        items = cast("list[object]", texts) if isinstance(texts, list) else [None]
        if value is not None and not all(isinstance(text, str) for text in items):
            raise wrong_type(f"{where}.{name}")
    for name, required in _TEXTS.items():
        if required and not info.get(name):
            raise Refusal("MissingParameter", f"The request is missing a required parameter `{where}.{name}`.")
