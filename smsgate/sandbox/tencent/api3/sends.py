"""SendSms: one text to at most 200 numbers, all of mainland China or none, with a status for each number.

Source: Tencent Cloud SMS API 3.0, SendSms. A number of mainland China may come with `+86`, `86`, `0086` or nothing.
"""

import re
from collections.abc import Iterable, Sequence
from typing import Any, Final

import attrs

from smsgate.model.phone import PhoneNumber
from smsgate.sandbox.state.answer import Answer
from smsgate.sandbox.state.scenarios import Scenario, apply_scenario, whole_request
from smsgate.sandbox.state.state import SandboxState
from smsgate.sandbox.tencent.account import MAGIC_DIGIT, VENDOR, Content, accept, account_of, refuse
from smsgate.sandbox.tencent.api3.call import Call
from smsgate.sandbox.tencent.api3.codes import BUSY, NAMES, OK, SCENARIO_CODES, TEXTS, spelled
from smsgate.sandbox.tencent.api3.refusal import Refusal, respond
from smsgate.sandbox.tencent.conditions import number_refusal, request_refusal
from smsgate.sandbox.tencent.v5.content import template_content
from smsgate.sandbox.tencent.v5.refusal import Refusal as ContentRefusal
from smsgate.wire import HttpResponse

__all__ = ["Order", "check_numbers", "country_of", "read_number", "send"]

# SendSms, `PhoneNumberSet`: up to 200, all of mainland China or none.
_MAX_NUMBERS: Final = 200
_MAINLAND: Final = re.compile(r"(?:\+?86|0086)?(1[3-9][0-9]{9})", re.ASCII)
_E164: Final = re.compile(r"\+(?!86)[1-9][0-9]{6,14}", re.ASCII)


_Refusal = tuple[str, str]
"""A code and its text, for one number."""


@attrs.frozen
class Order:
    """What a request wants to be sent."""

    action: str
    version: str
    template_id: str
    params: Sequence[str] = attrs.field(repr=False)
    sign: str
    context: str = attrs.field(repr=False)
    extend: str = ""
    sender: str = ""

    def content(self, state: SandboxState, *, is_mainland: bool) -> Content | _Refusal:
        """What is sent, or why no number gets it."""
        # SendSms, `SignName`: required for mainland China, where v5 falls back to the default signature.
        if is_mainland and not self.sign:
            state.blame("SignName is missing, which a send to mainland China needs")
            return NAMES[1012]
        entry = state.templates.get(VENDOR, self.template_id)
        if entry is not None and not state.lenient and entry.international not in (None, not is_mainland):
            other = "GlobalTemplateToChineseMainlandPhone" if is_mainland else "ChineseMainlandTemplateToGlobalPhone"
            return f"UnsupportedOperation.{other}", "the template is for other numbers"
        try:
            return template_content(state, self.template_id, self.params, self.sign, is_mainland=is_mainland)
        except ContentRefusal as refusal:
            return NAMES[refusal.code]

    def send(
        self, state: SandboxState, written: str, number: str | None, content: Content | _Refusal, now: float
    ) -> dict[str, Any]:
        """The status of one number, which gets *content* unless something speaks against it."""
        row = {
            "SerialNo": "",
            "PhoneNumber": number or written,
            "Fee": 0,
            "SessionContext": self.context,
            "IsoCode": "",
        }
        struck = state.struck_code(number) if number else None
        refusal = _refusal(state, number, content, now) if struck is None else (struck, TEXTS[struck])
        if number is None or refusal is not None or not isinstance(content, Content):
            code, text = refusal or NAMES[1016]
            code = struck or spelled(code, self.version)
            if number is not None:
                refuse(state, number, code, content if isinstance(content, Content) else None, now)
            return {**row, "Code": code, "Message": text}
        options = {"api": self.action, "reference": self.context, "extend": self.extend, "sender": self.sender}
        message = accept(state, SCENARIO_CODES, content, **options, to=number, now=now)
        payload = {"SerialNo": message.message_id, "Fee": message.segments, "IsoCode": country_of(number)}
        return {**row, **payload, "Code": OK, "Message": "send success"}


def send(state: SandboxState, call: Call, now: float) -> Answer:
    """The response to SendSms."""
    written: list[str] = call.params["numbers"]
    numbers = [read_number(text) for text in written]
    account_of(state).submitted.append((now, len(numbers)))
    check_numbers(state, numbers, now)
    order = Order(
        call.action,
        call.version,
        call.params["template"],
        call.params.get("params", ()),
        call.params.get("sign", ""),
        call.params.get("context", ""),
        call.params.get("extend", ""),
        call.params.get("sender", ""),
    )
    content = order.content(state, is_mainland=any(number.startswith("+86") for number in numbers if number))

    def process() -> HttpResponse:
        rows = [order.send(state, text, number, content, now) for text, number in zip(written, numbers, strict=True)]
        return respond({"SendStatusSet": rows})

    return apply_scenario(whole_request((number or "" for number in numbers), MAGIC_DIGIT), process)


def read_number(text: str) -> str | None:
    """A number as the API takes it, in E.164, or None if it takes no such thing."""
    mainland = _MAINLAND.fullmatch(text)
    if mainland:
        return f"+86{mainland[1]}"
    return text if _E164.fullmatch(text) else None


def _check_account(state: SandboxState, numbers: Iterable[str], now: float) -> None:
    code = request_refusal(state)
    if code is not None:
        for number in numbers:
            refuse(state, number, NAMES[code][0], None, now)
        raise Refusal(*NAMES[code])


def check_numbers(state: SandboxState, numbers: list[str | None], now: float) -> None:
    """Refuse the request for what is wrong with the account, or with its numbers together."""
    known = [number for number in numbers if number]
    _check_account(state, known, now)
    if not numbers:
        raise Refusal("MissingParameter.EmptyPhoneNumberSet", "the list of mobile numbers is empty")
    if len(numbers) > _MAX_NUMBERS:
        raise Refusal("LimitExceeded.PhoneNumberCountLimit", "more than 200 mobile numbers in one request")
    if len({number.startswith("+86") for number in known}) > 1:
        code = "UnsupportedOperation.ContainDomesticAndInternationalPhoneNumber"
        raise Refusal(code, "mainland China and other numbers in one request")
    if any(state.scenario(VENDOR, number) is Scenario.BUSY for number in known):
        raise Refusal(BUSY, TEXTS[BUSY])


def _refusal(state: SandboxState, number: str | None, content: Content | _Refusal, now: float) -> _Refusal | None:
    """Why a number gets nothing: the content, the number."""
    if number is None:
        return NAMES[1016]
    if not isinstance(content, Content):
        return content
    code = number_refusal(state, number, content.text, content.kind, now)
    return NAMES[code] if code is not None else None


def country_of(number: str) -> str:
    """The `IsoCode` of a number in E.164."""
    import phonenumbers  # its metadata is read only when a message was accepted here

    region = phonenumbers.region_code_for_country_code(int(PhoneNumber(number).calling_code))
    return "DEF" if region in ("ZZ", "001") else region
