"""Huawei Cloud's sending APIs, simulated: /sms/batchSendSms/v1 and /sms/batchSendDiffSms/v1."""

from typing import Final

from smsgate.sandbox.huawei.credentials import HUAWEI_APP_KEY, HUAWEI_APP_SECRET, HUAWEI_SENDER, HUAWEI_TEMPLATE
from smsgate.sandbox.huawei.sms.auth import authenticate, explain
from smsgate.sandbox.huawei.sms.bodies import read_diff, read_form
from smsgate.sandbox.huawei.sms.codes import REFUSALS, SCENARIO_CODES
from smsgate.sandbox.huawei.sms.refusal import Refusal, no_such_api, results_of
from smsgate.sandbox.huawei.sms.sends import numbers_of, send
from smsgate.sandbox.huawei.vendor import HUAWEI
from smsgate.sandbox.simulator import Example, Simulator
from smsgate.sandbox.state.answer import Answer
from smsgate.sandbox.state.condition import Recipients
from smsgate.sandbox.state.state import SandboxState
from smsgate.wire import HttpRequest, HttpResponse

__all__ = ["SIMULATOR"]

_READERS: Final = {"/sms/batchSendSms/v1": read_form, "/sms/batchSendDiffSms/v1": read_diff}


def _claims(request: HttpRequest) -> bool:
    return request.path.startswith("/sms/")


def _respond(state: SandboxState, request: HttpRequest, now: float) -> Answer:
    read = _READERS.get(request.path.rstrip("/"))
    if read is None or request.method != "POST":
        return Answer(no_such_api())
    try:
        application = authenticate(state, request, now)
        return send(state, application, read(request), now)
    except Refusal as refusal:
        return Answer(refusal.response(), why=refusal.why)


def _operation(request: HttpRequest) -> str:
    return request.path.removeprefix("/sms/").partition("/")[0]


def _numbers(request: HttpRequest) -> Recipients:
    read = _READERS.get(request.path.rstrip("/"))
    try:
        return numbers_of(read(request)) if read else {}
    except Refusal:
        return {}


def _refuse(request: HttpRequest, code: str) -> HttpResponse:
    return Refusal(code).response()


SIMULATOR: Final = Simulator(
    name="huawei",
    vendor=HUAWEI,
    accounts={"app key": HUAWEI_APP_KEY, "app secret": HUAWEI_APP_SECRET, "sender": HUAWEI_SENDER},
    codes=SCENARIO_CODES,
    example=Example(
        imports="from smsgate.huawei import HuaweiSms",
        provider=f'HuaweiSms("{HUAWEI_APP_KEY}", "{HUAWEI_APP_SECRET}", sender="{HUAWEI_SENDER}", base_url=SANDBOX)',
        template_id=HUAWEI_TEMPLATE,
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
