"""The matrix of features names every documented API, and the calls that it names are there and make that request."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from pkgutil import resolve_name
from typing import Any, Final

import attrs
import pytest

import smsgate.provider.management as protocols
from smsgate import Gateway, Message, Template
from smsgate.huawei import HuaweiManagement, HuaweiSms
from smsgate.management import ManagementClient
from smsgate.provider import SmsProvider
from smsgate.sandbox import Sandbox, SandboxTransport
from smsgate.sandbox.huawei import (
    HUAWEI_APP_KEY,
    HUAWEI_APP_SECRET,
    HUAWEI_DOMAIN,
    HUAWEI_PASSWORD,
    HUAWEI_PROJECT,
    HUAWEI_PROJECT_ID,
    HUAWEI_SENDER,
    HUAWEI_TEMPLATE,
    HUAWEI_USER,
)
from smsgate.sandbox.tencent import (
    TENCENT_APP_KEY,
    TENCENT_SDK_APP_ID,
    TENCENT_SECRET_ID,
    TENCENT_SECRET_KEY,
    TENCENT_TEMPLATE,
)
from smsgate.tencent import TencentCloud, TencentCloudManagement, TencentV5, TencentV5Management
from smsgate.wire import HttpRequest

PAGE: Final = (Path(__file__).parents[2] / "docs" / "vendors" / "feature-matrix.md").read_text("utf-8")
SANDBOX: Final = "https://sandbox.test"

DOCUMENTED: Final = {
    "Tencent, v5": """
        sendsms; sendmultisms2; sendisms; status callback; reply callback; pullstatus, type 0; pullstatus, type 1;
        pullstatus4mobile, type 0; pullstatus4mobile, type 1; add_template; mod_template; del_template; get_template;
        add_sign; mod_sign; del_sign; get_sign; pullsendstatus; pullcallbackstatus""",
    "Tencent, API 3.0": """
        SendSms; SendMultiGlobalSms; ReportConversion; DescribeSendRecordList; DescribePhoneNumberInfo;
        PullSmsSendStatus; PullSmsReplyStatus; PullSmsSendStatusByPhoneNumber;
        PullSmsReplyStatusByPhoneNumber; SendStatusStatistics; CallbackStatusStatistics; SmsPackagesStatistics;
        AddSmsTemplate; ModifySmsTemplate; DeleteSmsTemplate; DescribeSmsTemplateList; AddSmsSign; ModifySmsSign;
        DeleteSmsSign; DescribeSmsSignList""",
    "Huawei, sending": """
        POST /sms/batchSendSms/v1; POST /sms/batchSendDiffSms/v1; status report; batch status report; reply;
        signed pushes""",
    "Huawei, management": """
        POST /v3/auth/tokens; GET apps; POST apps; GET apps-count; GET apps/{id}; PUT apps/{id}; GET country;
        GET templates; POST templates; GET templates/{id}; PUT templates/{id}; DELETE templates/{id};
        POST templates/batch-delete; GET templates/{id}/varilable; GET signatures; POST signatures;
        GET signatures/{id}; PUT signatures/{id}; DELETE signatures/{id}; PUT signatures/{id}/active;
        POST upload-files; GET upload-files; GET metric/stat; GET detail""",
}
"""What the guides describe: the v5 guides of 2018 and 2020, API 3.0's action list, and Huawei's API reference."""


@attrs.frozen
class Row:
    section: str
    api: str
    calls: tuple[str, ...]
    in_sandbox: bool


def rows_of(section: str) -> list[Row]:
    table = PAGE.partition(f"## {section}\n")[2].partition("\n## ")[0]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines() if line[:1] == "|"]
    return [
        Row(section, api.replace("`", ""), tuple(re.findall(r"`(smsgate\.[\w.]+)`", calls)), sandbox == "yes")
        for _, api, calls, sandbox in cells[2:]
    ]


ROWS: Final = [row for section in DOCUMENTED for row in rows_of(section)]
MANAGED: Final = [(row, call) for row in ROWS for call in row.calls if "Management." in call]
PROVIDERS: Final = {"TencentV5", "TencentCloud", "HuaweiSms"}


@pytest.mark.parametrize("section", DOCUMENTED)
def test_every_documented_api_has_one_row(section: str) -> None:
    """Nothing is missing, nothing stands twice, and nothing is there that no guide has."""
    documented = [" ".join(api.split()) for api in DOCUMENTED[section].split(";")]
    assert sorted(row.api for row in rows_of(section)) == sorted(documented)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.api)
def test_every_call_is_there(row: Row) -> None:
    """Each name in the table can be imported and called."""
    assert row.calls
    assert all(callable(resolve_name(call)) for call in row.calls)


def test_every_public_call_is_in_the_matrix() -> None:
    """A new method of a management class needs a row."""
    named = {call for row in ROWS for call in row.calls}
    for kind in (TencentV5Management, TencentCloudManagement, HuaweiManagement):
        package = "smsgate." + kind.__module__.split(".")[1]
        methods = {name for name in dir(kind) if not name.startswith("_") and name not in ("address", "name")}
        assert {f"{package}.{kind.__name__}.{name}" for name in methods} <= named


ACCOUNTS: Final[Mapping[str, object]] = {
    "TencentV5Management": TencentV5Management(TENCENT_SDK_APP_ID, TENCENT_APP_KEY, base_url=SANDBOX),
    "TencentCloudManagement": TencentCloudManagement(
        TENCENT_SECRET_ID, TENCENT_SECRET_KEY, sdk_app_id=TENCENT_SDK_APP_ID, base_url=SANDBOX
    ),
    "HuaweiManagement": HuaweiManagement(
        project_id=HUAWEI_PROJECT_ID,
        base_url=SANDBOX,
        region="intl",
        app_id="1",
        user=HUAWEI_USER,
        password=HUAWEI_PASSWORD,
        domain=HUAWEI_DOMAIN,
        project=HUAWEI_PROJECT,
        iam_url=SANDBOX,
    ),
}
NOW: Final = datetime.now(UTC)
DRAFT: Final = {"name": "login", "text": "Your code is 1."}
SIGNATURE: Final = {"text": "Acme", "picture": b"\x89PNG\r\n\x1a\n"}
PAPERS: Final = {"text": "Acme", "app_id": "1", "file_id": "1"}
SPAN: Final = {"begin": NOW - timedelta(hours=2), "end": NOW}


def arguments_of(vendor: str, method: str) -> tuple[list[Any], dict[str, Any]]:
    """Arguments that *method* takes."""
    signature = PAPERS if vendor == "HuaweiManagement" else SIGNATURE
    named: dict[str, tuple[list[Any], dict[str, Any]]] = {
        "add_template": ([], DRAFT),
        "modify_template": (["1"], DRAFT),
        "add_signature": ([], signature),
        "modify_signature": (["1"], signature),
        "add_app": ([], {"app_name": "shop"}),
        "modify_app": (["1"], {"app_name": "shop"}),
        "upload_file": ([b"%PDF-"], {"name": "licence.pdf"}),
        "metric_statistics": ([{}], {}),
        "message_details": ([{}], {}),
        "describe_numbers": ([["+8613788888888"]], {}),
        "report_conversion": (["2019:1"], {"at": NOW}),
    }
    if method in named:
        return named[method]
    if method.startswith("find_"):
        return ["+8613788888888"], SPAN
    if method in ("send_statistics", "delivery_statistics"):
        return [], SPAN
    if method.startswith(("list_", "pull_", "count_")) and method != "list_template_variables":
        return [], {}
    several = method in ("get_templates", "get_signatures", "delete_templates", "delete_signatures")
    return [["1"] if several else "1"], {}


def api_of(request: HttpRequest) -> str:
    """What the table calls the API that *request* asks."""
    if action := request.headers.get("X-TC-Action"):
        return action
    if request.path.startswith("/v5/"):
        operation = request.path.rpartition("/")[2]
        kind = re.search(rb'"type": ?(\d)', request.body) if operation.startswith("pullstatus") else None
        return f"{operation}, type {kind[1].decode()}" if kind else operation
    path = request.path.removeprefix(f"/v2/{HUAWEI_PROJECT_ID}/msgsms/")
    return f"{request.method} {re.sub('/1(?=/|$)', '/{id}', path)}"


UNKNOWN_HERE: Final = (b"InvalidAction", b"APIGW.0101", b"no simulated vendor", b'"result":1011,')
"""What the sandbox answers to an API that it does not have; 1011 is how v5 says it."""


@pytest.mark.anyio
@pytest.mark.parametrize(("row", "call"), MANAGED, ids=lambda value: value if isinstance(value, str) else "")
async def test_a_call_asks_the_api_of_its_row(row: Row, call: str) -> None:
    """The request that it makes is the row's, and the sandbox knows it where the table says so."""
    _, vendor, method = call.rsplit(".", 2)
    given, options = arguments_of(vendor, method)
    make: Callable[..., Any] = getattr(ACCOUNTS[vendor], method)
    transport = SandboxTransport()
    async with ManagementClient(transport=transport) as client:
        answer = await client.answer(make(*given, **options))
    *before, asked = transport.requests
    assert api_of(asked) == row.api
    assert [api_of(request) for request in before] == (["POST /v3/auth/tokens"] if "huawei" in call else [])
    assert any(mark in answer.body for mark in UNKNOWN_HERE) is not row.in_sandbox, answer.body


@pytest.mark.anyio
async def test_the_sends_ask_the_apis_of_their_rows() -> None:
    """One message, several, and several that differ, through each provider: every API that sends is asked."""
    providers: list[SmsProvider] = [
        TencentV5(TENCENT_SDK_APP_ID, TENCENT_APP_KEY, base_url=SANDBOX),
        TencentCloud(
            TENCENT_SECRET_ID,
            TENCENT_SECRET_KEY,
            sdk_app_id=TENCENT_SDK_APP_ID,
            sign="Acme",
            sign_abroad="",
            base_url=SANDBOX,
        ),
        HuaweiSms(HUAWEI_APP_KEY, HUAWEI_APP_SECRET, sender=HUAWEI_SENDER, base_url=SANDBOX),
    ]
    ids = {"tencent-v5": TENCENT_TEMPLATE, "tencent": TENCENT_TEMPLATE, "huawei": HUAWEI_TEMPLATE}
    code = Template("code", params=("code", "minutes"), ids=ids)
    transport = SandboxTransport(Sandbox(lenient=True))  # one template is sent everywhere
    messages = [
        Message(to, "code", {"code": number, "minutes": "5"})
        for to, number in (
            ("+8613788888888", "1"),
            ("+8613788888889", "1"),
            ("+6591234567", "2"),
            ("+6591234568", "3"),
        )
    ]
    async with Gateway(providers, templates=[code], transport=transport) as gateway:
        for provider in providers:
            await gateway.send(messages[0], providers=[provider.name])
            sent = gateway.send_many(messages, providers=[provider.name])
            assert {result.outcome async for result in sent} == {"ACCEPTED"}
    sends = {row.api for row in ROWS if row.calls[0].rpartition(".")[2] in PROVIDERS}
    assert {api_of(request) for request in transport.requests} == sends


@pytest.mark.parametrize("protocol", ["TemplateAdmin", "SignatureAdmin", "SignatureList", "ReportSource", "Statistics"])
def test_the_neutral_face_is_as_the_table_says(protocol: str) -> None:
    """Which account implements which protocol."""
    table = PAGE.partition("| protocol |")[2]
    columns = re.findall(r"`(\w+)`", table.partition("\n")[0])
    (said,) = re.findall(rf"^\| `{protocol}` \| (.*) \|$", table, re.MULTILINE)
    implements = {name: isinstance(account, getattr(protocols, protocol)) for name, account in ACCOUNTS.items()}
    assert implements == {name: each == "yes" for name, each in zip(columns, said.split(" | "), strict=True)}
