"""Tencent Cloud SMS API 3.0, simulated: / by POST or GET, signed with TC3 in headers or with v1 in parameters."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

from smsgate.sandbox.simulator import Example, Simulator
from smsgate.sandbox.state.answer import Answer
from smsgate.sandbox.state.condition import Recipients
from smsgate.sandbox.state.state import SandboxState
from smsgate.sandbox.tencent.api3 import pulls, send_records, signs, statistics, templates
from smsgate.sandbox.tencent.api3.call import Call, explain, is_call, operation_of, raw_params, read_call, version_of
from smsgate.sandbox.tencent.api3.codes import REFUSALS, SCENARIO_CODES, TEXTS, spelled
from smsgate.sandbox.tencent.api3.global_sends import send_global
from smsgate.sandbox.tencent.api3.refusal import Refusal, respond, results_of
from smsgate.sandbox.tencent.api3.sends import read_number, send
from smsgate.sandbox.tencent.credentials import (
    TENCENT_SDK_APP_ID,
    TENCENT_SECRET_ID,
    TENCENT_SECRET_KEY,
    TENCENT_TEMPLATE,
)
from smsgate.sandbox.tencent.vendor import TENCENT
from smsgate.wire import HttpRequest, HttpResponse

__all__ = ["SIMULATOR"]

_SENDS: Final[Mapping[str, Callable[[SandboxState, Call, float], Answer]]] = MappingProxyType(
    {"SendSms": send, "SendMultiGlobalSms": send_global}
)
_MANAGEMENT: Final[Mapping[str, Callable[[SandboxState, Call, float], dict[str, Any]]]] = MappingProxyType(
    {
        "PullSmsSendStatus": pulls.pull_reports,
        "PullSmsReplyStatus": pulls.pull_replies,
        "PullSmsSendStatusByPhoneNumber": pulls.pull_reports_of_number,
        "PullSmsReplyStatusByPhoneNumber": pulls.pull_replies_of_number,
        "DescribeSendRecordList": send_records.find_sends,
        "ReportConversion": send_records.take_conversion,
        "DescribePhoneNumberInfo": send_records.describe_numbers,
        "SendStatusStatistics": statistics.count_sends,
        "CallbackStatusStatistics": statistics.count_deliveries,
        "SmsPackagesStatistics": statistics.count_packages,
        "AddSmsTemplate": templates.add,
        "ModifySmsTemplate": templates.modify,
        "DeleteSmsTemplate": templates.delete,
        "DescribeSmsTemplateList": templates.describe,
        "AddSmsSign": signs.add,
        "ModifySmsSign": signs.modify,
        "DeleteSmsSign": signs.delete,
        "DescribeSmsSignList": signs.describe,
    }
)


def _claims(request: HttpRequest) -> bool:
    return request.path == "/" and is_call(request)


def _respond(state: SandboxState, request: HttpRequest, now: float) -> Answer:
    try:
        call = read_call(state, request, now)
        if call.action in _SENDS:
            return _SENDS[call.action](state, call, now)
        return Answer(respond(_MANAGEMENT[call.action](state, call, now)))
    except Refusal as refusal:
        return Answer(Refusal(spelled(refusal.code, version_of(request)), refusal.message).response())


def _numbers(request: HttpRequest) -> Recipients:
    params = raw_params(request)
    infos: list[dict[str, Any]] = params.get("infos", [])
    written = {str(info.get("PhoneNumber")): str(info.get("TemplateId", "")) for info in infos}
    written |= dict.fromkeys(params.get("numbers", ()), str(params.get("template", "")))
    return {number: template for text, template in written.items() if (number := read_number(text)) is not None}


def _refuse(request: HttpRequest, code: str) -> HttpResponse:
    return Refusal(code, TEXTS[code]).response()


SIMULATOR: Final = Simulator(
    name="tencent",
    vendor=TENCENT,
    accounts={"secret id": TENCENT_SECRET_ID, "secret key": TENCENT_SECRET_KEY, "sdkappid": TENCENT_SDK_APP_ID},
    codes=SCENARIO_CODES,
    example=Example(
        imports="from smsgate.tencent import TencentCloud",
        provider=f'TencentCloud("{TENCENT_SECRET_ID}", "{TENCENT_SECRET_KEY}", sdk_app_id="{TENCENT_SDK_APP_ID}", '
        'sign="Acme", base_url=SANDBOX)',
        template_id=TENCENT_TEMPLATE,
    ),
    explain=explain,
    claims=_claims,
    respond=_respond,
    operation=operation_of,
    results=results_of,
    refusals=REFUSALS,
    numbers=_numbers,
    refuse=_refuse,
)
