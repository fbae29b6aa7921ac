"""Tencent's v5 API, simulated: https://yun.tim.qq.com/v5/tlssmssvr/<operation>?sdkappid=…&random=…"""

from typing import Final

from smsgate.sandbox.simulator import Example, Simulator
from smsgate.sandbox.state.answer import Answer
from smsgate.sandbox.state.condition import Recipients
from smsgate.sandbox.state.state import SandboxState
from smsgate.sandbox.tencent.credentials import TENCENT_APP_KEY, TENCENT_SDK_APP_ID, TENCENT_TEMPLATE
from smsgate.sandbox.tencent.v5.codes import ACCESS_TEXTS, REFUSALS, SCENARIO_CODES
from smsgate.sandbox.tencent.v5.explain import explain
from smsgate.sandbox.tencent.v5.management import manage
from smsgate.sandbox.tencent.v5.refusal import AccessRefusal, Refusal, results_of
from smsgate.sandbox.tencent.v5.sends import numbers_of, send_bulk, send_international, send_single
from smsgate.sandbox.tencent.v5.verify import read_body, read_call
from smsgate.sandbox.tencent.vendor import TENCENT
from smsgate.wire import HttpRequest, HttpResponse

__all__ = ["SIMULATOR"]

_PREFIX: Final = "/v5/tlssmssvr/"
_SENDS: Final = {"sendsms": send_single, "sendmultisms2": send_bulk, "sendisms": send_international}


def _claims(request: HttpRequest) -> bool:
    return request.path.startswith("/v5/")


def _respond(state: SandboxState, request: HttpRequest, now: float) -> Answer:
    try:
        call = read_call(request, _PREFIX)
        send = _SENDS.get(call.operation)
        if send is None:
            return Answer(manage(state, call, now))
    except (AccessRefusal, Refusal) as refusal:
        return Answer(refusal.response())
    try:
        return send(state, call, now)
    except Refusal as refusal:
        return Answer(refusal.response(call.ext))
    except AccessRefusal as refusal:
        return Answer(refusal.response())


def _operation(request: HttpRequest) -> str:
    return request.path.removeprefix(_PREFIX)


def _numbers(request: HttpRequest) -> Recipients:
    body = read_body(request) if _operation(request) in _SENDS else {}
    return dict.fromkeys(numbers_of(body), str(body.get("tpl_id", "")))


def _refuse(request: HttpRequest, code: str) -> HttpResponse:
    number = int(code)
    if number in ACCESS_TEXTS:
        return AccessRefusal(number).response()
    ext: object = read_body(request).get("ext")
    return Refusal(number).response(ext if isinstance(ext, str) else "")


SIMULATOR: Final = Simulator(
    name="tencent-v5",
    vendor=TENCENT,
    accounts={"sdkappid": TENCENT_SDK_APP_ID, "appkey": TENCENT_APP_KEY},
    codes=SCENARIO_CODES,
    example=Example(
        imports="from smsgate.tencent import TencentV5",
        provider=f'TencentV5("{TENCENT_SDK_APP_ID}", "{TENCENT_APP_KEY}", sign="Acme", base_url=SANDBOX)',
        template_id=TENCENT_TEMPLATE,
    ),
    explain=explain,
    claims=_claims,
    respond=_respond,
    operation=_operation,
    results=results_of,
    refusals=REFUSALS,
    numbers=_numbers,
    refuse=_refuse,
)
