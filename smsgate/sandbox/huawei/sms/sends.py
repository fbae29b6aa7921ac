"""Sending: a status for each number, accepted as a whole if one number was.

Source: Huawei Cloud Message & SMS API Reference, 3.2.3 (notes and Table 3-55) and 5.2.1, 5.2.2 for the statuses.
"""

import re
from collections.abc import Sequence
from typing import Any, Final

from smsgate.sandbox.events import follow
from smsgate.sandbox.huawei.account import MAGIC_DIGIT, VENDOR, Application
from smsgate.sandbox.huawei.conditions import number_refusal, report_refusal, request_refusal, template_refusal
from smsgate.sandbox.huawei.sms.bodies import Order, Text
from smsgate.sandbox.huawei.sms.codes import DESCRIPTIONS, SCENARIO_CODES, SUCCESS
from smsgate.sandbox.huawei.sms.refusal import JSON, Refusal
from smsgate.sandbox.state.answer import Answer, json_response
from smsgate.sandbox.state.message import AcceptedMessage
from smsgate.sandbox.state.scenarios import Scenario, apply_scenario, whole_request
from smsgate.sandbox.state.state import SandboxState
from smsgate.sandbox.state.templates import SandboxTemplate
from smsgate.sandbox.state.why import why_no_fit, why_no_signature, why_no_template
from smsgate.wire import HttpResponse

__all__ = ["numbers_of", "send"]

_MAINLAND: Final = re.compile(r"(?:\+?86)?(1[3-9][0-9]{9})", re.ASCII)
_WRONG_SENDER: Final = "E200018"
_E164: Final = re.compile(r"\+(?!86)[1-9][0-9]{6,14}", re.ASCII)


def send(state: SandboxState, application: Application, order: Order, now: float) -> Answer:
    """The response to a well-formed request of *application*."""
    code = request_refusal(state, list(numbers_of(order)), now)
    if code is not None:
        raise Refusal(code)
    _check_variables(state, order)
    request_status = None if order.sender == application.channel else _WRONG_SENDER
    if request_status:
        state.blame(f"from is not the application's channel, {application.channel}")

    def process() -> HttpResponse:
        rows = [row for text in order.texts for row in _rows(state, order, text, request_status, now)]
        # 3.2.3: the code is 000000 if one number was accepted; E000510 comes with a row for each number, too.
        if any(row["status"] == SUCCESS for row in rows):
            return json_response({"result": rows, "code": SUCCESS, "description": "Success"}, content_type=JSON)
        status, description = DESCRIPTIONS["E000510"]
        value = {"result": rows, "code": "E000510", "description": description}
        return json_response(value, status=status, content_type=JSON)

    return apply_scenario(whole_request(numbers_of(order), MAGIC_DIGIT), process)


def _check_variables(state: SandboxState, order: Order) -> None:
    """Refuse a request with a variable that the template could not be parsed with.

    5.2.1, E000503, "special characters", points to "Template and Variable Specifications", where the online edition of
    2025 names the braces for values of variables; what it names beside them is about the texts of templates.
    """
    params = (param for text in order.texts for param in text.params)
    if not state.lenient and any("{" in param or "}" in param for param in params):
        raise Refusal("E000503", "templateParas: a variable has a brace, { or }")


def numbers_of(order: Order) -> dict[str, str]:
    """The numbers (E.164) of a request, as far as they are any, with the ids of their templates."""
    found = ((_e164(written), text.template_id) for text in order.texts for written in text.to)
    return {number: template for number, template in found if number is not None}


def _rows(
    state: SandboxState, order: Order, text: Text, request_status: str | None, now: float
) -> list[dict[str, Any]]:
    request_status = request_status or _text_status(state, text)
    seen: set[str] = set()
    rows: list[dict[str, Any]] = []
    for written in text.to:
        number = _e164(written)
        message_id = f"{state.new_id()}_{state.accepted + 1}"
        message = _message(state, order, text, number, message_id, now) if number else None
        struck = state.struck_code(number) if number else None
        status = struck or request_status or _number_status(state, written, message, seen)
        row: dict[str, Any] = {
            "originTo": written,
            "createTime": state.moment(now).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "from": order.sender,
            "smsMsgId": message_id,
            "status": status,
        }
        if message is not None and status == SUCCESS:
            seen.add(message.to)
            state.accept(message)
            follow(state, message, now)
            row["total"] = message.segments
        rows.append(row)
    return rows


def _text_status(state: SandboxState, text: Text) -> str | None:
    """The status that all numbers of a text share because of its template, signature or parameters."""
    if state.lenient:
        return None
    template = state.template(VENDOR, text.template_id)
    if template is None:
        state.blame(why_no_template(state, VENDOR, text.template_id))
        return "E200030"
    # 5.2.1, E200025: a general template belongs to no signature, so the send has to name one.
    if text.signature is None and template.general:
        state.blame(f"template {template.id} is a general one, so the request has to name a signature")
        return "E200025"
    signature = text.signature or template.signature
    if signature and not state.knows_signature(VENDOR, signature):
        state.blame(why_no_signature(state, VENDOR, signature))
        return "E200020"
    refused = template_refusal(state, template)
    if refused is not None or _fits(template, text.params):
        return refused
    state.blame(why_no_fit(template, text.params))
    return "E200028"


def _fits(template: SandboxTemplate, params: Sequence[str]) -> bool:
    """Whether the verification of the variables succeeds."""
    # "Template and Variable Specifications", online edition of 2025: it fails for a single quotation mark.
    if len(params) != len(template.slots) or any("'" in param for param in params):
        return False
    return all(slot.takes(param) for slot, param in zip(template.slots, params, strict=True))


def _number_status(state: SandboxState, written: str, message: AcceptedMessage | None, seen: set[str]) -> str:
    if message is None:
        if not written.startswith("+"):
            return "E200032"  # the platform writes +86 in front, and what comes out is no number
        return "E200022" if written.startswith("+86") else "E200025"
    # 5.2.1, E200041: a number that stands there twice gets one message.
    if message.to in seen:
        return "E200041"
    return number_refusal(state, message.to, message.segments) or SUCCESS


def _e164(written: str) -> str | None:
    mainland = _MAINLAND.fullmatch(written)
    if mainland:
        return f"+86{mainland[1]}"
    return written if _E164.fullmatch(written) else None


def _message(
    state: SandboxState, order: Order, text: Text, number: str, message_id: str, now: float
) -> AcceptedMessage:
    template = state.template(VENDOR, text.template_id)
    body = template.render(text.params) if template else " ".join((f"[template {text.template_id}]", *text.params))
    own = template.signature if template else ""
    signature = text.signature or own or state.default_signature(VENDOR)
    shown = f"【{signature}】{body}"
    scenario = state.scenario(VENDOR, number)
    return AcceptedMessage(
        vendor=VENDOR,
        api=order.api,
        to=number,
        template_id=text.template_id,
        params=text.params,
        text=shown,
        message_id=message_id,
        time=state.moment(now),
        signature=signature,
        sender=order.sender,
        reference=order.extend,
        status_callback=order.status_callback,
        scenario=scenario,
        report=report_refusal(state, number, shown, now) or SCENARIO_CODES[scenario or Scenario.DELIVERED].report,
    )
