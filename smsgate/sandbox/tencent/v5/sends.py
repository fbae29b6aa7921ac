"""sendsms, sendmultisms2 and sendisms.

Source: Tencent SMS Development Guide 2.0, "Templated Single SMS", "Templated Bulk SMS" and the ISMS page.
"""

import re
from collections.abc import Sequence
from typing import Any, Final, cast

import attrs

from smsgate.model.phone import PhoneNumber
from smsgate.sandbox.state.answer import Answer, json_response
from smsgate.sandbox.state.message import AcceptedMessage
from smsgate.sandbox.state.scenarios import Scenario, apply_scenario, scenario_of, whole_request
from smsgate.sandbox.state.state import SandboxState
from smsgate.sandbox.tencent.account import Content, accept, account_of
from smsgate.sandbox.tencent.v5.codes import NUMBER_REFUSALS, SCENARIO_CODES
from smsgate.sandbox.tencent.v5.content import read_content
from smsgate.sandbox.tencent.v5.refusal import AccessRefusal, Refusal
from smsgate.sandbox.tencent.v5.verify import V5Call, check_sig
from smsgate.wire import HttpResponse

__all__ = ["send_bulk", "send_international", "send_single"]

# Tencent SMS Development Guide 2.0, "Templated Bulk SMS" and error 1046.
_MAX_NUMBERS: Final = 200
_E164: Final = re.compile(r"\+[1-9][0-9]{6,14}", re.ASCII)
_MAINLAND: Final = re.compile(r"\+861[3-9][0-9]{9}", re.ASCII)


@attrs.frozen
class _Tel:
    """A number as the caller wrote it."""

    nationcode: str
    mobile: str

    @property
    def e164(self) -> str:
        return f"+{self.nationcode.removeprefix('+')}{self.mobile}"

    @property
    def is_mainland(self) -> bool:
        return self.nationcode.removeprefix("+") == "86"

    @property
    def is_valid(self) -> bool:
        return bool((_MAINLAND if self.is_mainland else _E164).fullmatch(self.e164))


def send_single(state: SandboxState, call: V5Call, now: float) -> Answer:
    """sendsms: one number, `tel` an object."""
    tel = _tel(call.body.get("tel"))
    check_sig(call, f"&mobile={tel.mobile}", now)
    account_of(state).submitted.append((now, 1))
    return _send_one(state, call, tel, now, {})


def send_international(state: SandboxState, call: V5Call, now: float) -> Answer:
    """sendisms: one number, `tel` a text in E.164, which is signed as `&tel=` with its plus sign."""
    text = call.body.get("tel")
    if not isinstance(text, str) or not text:
        raise Refusal(1004, "package format error,cannot get /tel")
    check_sig(call, f"&tel={text}", now)
    account_of(state).submitted.append((now, 1))
    if not _E164.fullmatch(text):
        raise Refusal(1016)
    number = PhoneNumber(text)
    tel = _Tel(number.calling_code, number.national)
    return _send_one(state, call, tel, now, {"nationcode": tel.nationcode})


def send_bulk(state: SandboxState, call: V5Call, now: float) -> Answer:
    """sendmultisms2: up to 200 numbers, all of the mainland or none, a result for each; repeated ones get it again."""
    rows = call.body.get("tel")
    if not isinstance(rows, list) or not rows:
        raise Refusal(1004, "package format error,cannot get /tel")
    tels = [_tel(row) for row in cast("list[object]", rows)]
    check_sig(call, f"&mobile={','.join(tel.mobile for tel in tels)}", now)
    account_of(state).submitted.append((now, len(tels)))
    if len({tel.is_mainland for tel in tels}) > 1:
        raise Refusal(1034)
    if len(tels) > _MAX_NUMBERS:
        raise Refusal(1046)
    content = read_content(state, call.body)
    _check_busy(tels)

    def process() -> HttpResponse:
        detail = [_detail(state, call, tel, content, now) for tel in tels]
        return json_response({"result": 0, "errmsg": "OK", "ext": call.ext, "detail": detail})

    return apply_scenario(whole_request(tel.e164 for tel in tels), process)


def _send_one(state: SandboxState, call: V5Call, tel: _Tel, now: float, extra: dict[str, str]) -> Answer:
    content = read_content(state, call.body)
    _check_number(tel)
    _check_busy([tel])

    def process() -> HttpResponse:
        message = _accept(state, call, tel, content, now)
        payload = {"result": 0, "errmsg": "OK", "ext": call.ext, **extra}
        return json_response({**payload, "sid": message.message_id, "fee": message.segments})

    return apply_scenario(whole_request([tel.e164]), process)


def _detail(state: SandboxState, call: V5Call, tel: _Tel, content: Content, now: float) -> dict[str, Any]:
    try:
        _check_number(tel)
    except Refusal as refusal:
        return refusal.detail(tel.mobile, tel.nationcode)
    message = _accept(state, call, tel, content, now)
    payload = {"result": 0, "errmsg": "OK", "mobile": tel.mobile, "nationcode": tel.nationcode}
    return {**payload, "sid": message.message_id, "fee": message.segments}


def _accept(state: SandboxState, call: V5Call, tel: _Tel, content: Content, now: float) -> AcceptedMessage:
    options = {"api": call.operation, "reference": call.ext, "extend": call.body.get("extend", "")}
    return accept(state, SCENARIO_CODES, content, **options, to=tel.e164, now=now)


def _check_number(tel: _Tel) -> None:
    if not tel.is_valid:
        raise Refusal(1016)
    scenario = scenario_of(tel.e164)
    if scenario is not None and scenario in NUMBER_REFUSALS:
        raise Refusal(NUMBER_REFUSALS[scenario])


def _check_busy(tels: Sequence[_Tel]) -> None:
    if any(scenario_of(tel.e164) is Scenario.BUSY for tel in tels):
        raise AccessRefusal(60007)


def _tel(value: object) -> _Tel:
    """SDKs in use send `nationcode`, and some `mobile`, as a number."""
    row = cast("dict[str, object]", value) if isinstance(value, dict) else {}
    nationcode, mobile = (_text_or_number(row.get(key)) for key in ("nationcode", "mobile"))
    if nationcode is None or mobile is None:
        raise Refusal(1004, "package format error,cannot get /tel/mobile")
    return _Tel(nationcode, mobile)


def _text_or_number(value: object) -> str | None:
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else None
