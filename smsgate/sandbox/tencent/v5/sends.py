"""sendsms, sendmultisms2 and sendisms.

Source: Tencent SMS Development Guide 2.0, "Templated Single SMS", "Templated Bulk SMS" and the ISMS page.
"""

import re
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Any, Final, cast

import attrs

from smsgate.model.phone import PhoneNumber
from smsgate.sandbox.state.answer import Answer, json_response
from smsgate.sandbox.state.message import AcceptedMessage
from smsgate.sandbox.state.scenarios import Scenario, apply_scenario, whole_request
from smsgate.sandbox.state.state import SandboxState
from smsgate.sandbox.tencent.account import MAGIC_DIGIT, VENDOR, Content, accept, account_of, refuse
from smsgate.sandbox.tencent.conditions import number_refusal, request_refusal
from smsgate.sandbox.tencent.v5.codes import SCENARIO_CODES
from smsgate.sandbox.tencent.v5.content import read_content
from smsgate.sandbox.tencent.v5.refusal import AccessRefusal, Refusal
from smsgate.sandbox.tencent.v5.verify import V5Call, check_sig
from smsgate.wire import HttpResponse

__all__ = ["numbers_of", "send_bulk", "send_international", "send_single", "subject_of"]

# Tencent SMS Development Guide 2.0, "Templated Bulk SMS" and error 1046.
_MAX_NUMBERS: Final = 200
_MALFORMED: Final = frozenset({1004, 1034, 1046})
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
    check_sig(call, subject_of(call.operation, call.body), now)
    account_of(state).submitted.append((now, 1))
    return _send_one(state, call, tel, now, {})


def send_international(state: SandboxState, call: V5Call, now: float) -> Answer:
    """sendisms: one number, `tel` a text in E.164, which is signed as `&tel=` with its plus sign."""
    text = call.body.get("tel")
    if not isinstance(text, str) or not text:
        raise Refusal(1004, "package format errorcannot get /tel")
    check_sig(call, subject_of(call.operation, call.body), now)
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
        raise Refusal(1004, "package format errorcannot get /tel")
    tels = [_tel(row) for row in cast("list[object]", rows)]
    check_sig(call, subject_of(call.operation, call.body), now)
    account_of(state).submitted.append((now, len(tels)))
    with _keeping_refusals(state, tels, now):
        _check_account(state)
        mainland = sum(tel.is_mainland for tel in tels)
        if 0 < mainland < len(tels):
            raise Refusal(1034)
        if len(tels) > _MAX_NUMBERS:
            raise Refusal(1046)
        content = read_content(state, call.body, is_mainland=bool(mainland))
    _check_busy(state, tels)

    def process() -> HttpResponse:
        detail = [_detail(state, call, tel, content, now) for tel in tels]
        return json_response({"result": 0, "errmsg": "OK", "ext": call.ext, "detail": detail})

    return apply_scenario(whole_request((tel.e164 for tel in tels), MAGIC_DIGIT), process)


def _send_one(state: SandboxState, call: V5Call, tel: _Tel, now: float, extra: dict[str, str]) -> Answer:
    with _keeping_refusals(state, [tel], now):
        _check_account(state)
        content = read_content(state, call.body, is_mainland=tel.is_mainland)
    _check_number(state, tel, content, now)
    _check_busy(state, [tel])

    def process() -> HttpResponse:
        message = _accept(state, call, tel, content, now)
        payload = {"result": 0, "errmsg": "OK", "ext": call.ext, **extra}
        return json_response({**payload, "sid": message.message_id, "fee": message.segments})

    return apply_scenario(whole_request([tel.e164], MAGIC_DIGIT), process)


def _detail(state: SandboxState, call: V5Call, tel: _Tel, content: Content, now: float) -> dict[str, Any]:
    try:
        _check_number(state, tel, content, now)
    except Refusal as refusal:
        return refusal.detail(tel.mobile, tel.nationcode)
    message = _accept(state, call, tel, content, now)
    payload = {"result": 0, "errmsg": "OK", "mobile": tel.mobile, "nationcode": tel.nationcode}
    return {**payload, "sid": message.message_id, "fee": message.segments}


def _accept(state: SandboxState, call: V5Call, tel: _Tel, content: Content, now: float) -> AcceptedMessage:
    options = {"api": call.operation, "reference": call.ext, "extend": call.body.get("extend", "")}
    return accept(state, SCENARIO_CODES, content, **options, to=tel.e164, now=now)


@contextmanager
def _keeping_refusals(state: SandboxState, tels: Sequence[_Tel], now: float) -> Generator[None]:
    """Keep for each number that it was refused, if the request is for its account or content, and not as malformed."""
    try:
        yield
    except Refusal as refusal:
        for tel in tels if refusal.code not in _MALFORMED else ():
            refuse(state, tel.e164, refusal.code, None, now)
        raise


def _check_account(state: SandboxState) -> None:
    code = request_refusal(state)
    if code is not None:
        raise Refusal(code)


def _check_number(state: SandboxState, tel: _Tel, content: Content, now: float) -> None:
    struck = state.struck_code(tel.e164)
    if struck is not None:
        code: int | None = int(struck)
    elif not tel.is_valid:
        code = 1016
    else:
        code = number_refusal(state, tel.e164, content.text, content.kind, now)
    if code is not None:
        refuse(state, tel.e164, code, content, now)
        raise Refusal(code)


def _check_busy(state: SandboxState, tels: Sequence[_Tel]) -> None:
    if any(state.scenario(VENDOR, tel.e164) is Scenario.BUSY for tel in tels):
        raise AccessRefusal(60007)


def _tel(value: object) -> _Tel:
    """SDKs in use send `nationcode`, and some `mobile`, as a number. The text has been seen so, without a comma."""
    row = cast("dict[str, object]", value) if isinstance(value, dict) else {}
    nationcode, mobile = (_text_or_number(row.get(key)) for key in ("nationcode", "mobile"))
    if nationcode is None or mobile is None:
        raise Refusal(1004, "package format errorcannot get /tel/mobile")
    return _Tel(nationcode, mobile)


def _text_or_number(value: object) -> str | None:
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else None


def numbers_of(body: Mapping[str, Any]) -> list[str]:
    """The numbers (E.164) of a send, whatever its operation, as far as they can be read."""
    tel: object = body.get("tel")
    if isinstance(tel, str):
        return [tel]
    found: list[str] = []
    for row in cast("list[object]", tel) if isinstance(tel, list) else [tel]:
        with suppress(Refusal):
            found.append(_tel(row).e164)
    return found


def subject_of(operation: str, body: Mapping[str, Any]) -> str:
    """What a call of *operation* signs besides key, random and time, as far as its numbers can be read."""
    tel: object = body.get("tel")
    if operation == "sendisms":
        return f"&tel={tel}"
    if operation not in ("sendsms", "sendmultisms2"):
        return ""
    found: list[str] = []
    for row in cast("list[object]", tel) if isinstance(tel, list) else [tel]:
        with suppress(Refusal):
            found.append(_tel(row).mobile)
    return f"&mobile={','.join(found)}"
