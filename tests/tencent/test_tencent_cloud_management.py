"""API 3.0 beside sending, in both versions: what is asked. Tencent's own SDK says which fields there are."""

import base64
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any, Final

import pytest
from tencentcloud.sms.v20190711 import models as models_2019
from tencentcloud.sms.v20210111 import models as models_2021

from smsgate.model.errors import ConfigurationError
from smsgate.model.secret import Secret
from smsgate.provider import Call, RequestContext
from smsgate.provider.management import ReportSource, SignatureAdmin, SignatureList, Statistics, TemplateAdmin
from smsgate.provider.records import TemplateKind
from smsgate.tencent import SignatureKind, SignatureProof, TencentCloud, TencentCloudManagement
from smsgate.tencent.signing import tc3_authorization

SECRET_ID, SECRET_KEY = "AKIDz8krbsJ5yKBZQpn74WFkmLPx3EXAMPLE", "Gu5t9xGARNpq86cd98joQYCN3EXAMPLE"
VECTORS: list[dict[str, Any]] = json.loads(
    (Path(__file__).parent.parent / "vectors" / "tencent_tc3.json").read_text(encoding="utf-8")
)
MODELS: Final = {"2019-07-11": models_2019, "2021-01-11": models_2021}
NEW: Final = TencentCloudManagement(SECRET_ID, SECRET_KEY, sdk_app_id="1400006666")
OLD: Final = TencentCloudManagement(SECRET_ID, SECRET_KEY, sdk_app_id="1400006666", version="2019-07-11")
NOW: Final = 1609459200.9
CHINA: Final = timezone(timedelta(hours=8))
BEGIN, END = datetime(2020, 12, 31, 0, 59, tzinfo=CHINA), datetime(2020, 12, 31, 15, 30, tzinfo=UTC)
NUMBER: Final = "+8618511122233"
PNG: Final = b"\x89PNG\r\n\x1a\n rest"

Make = Callable[[TencentCloudManagement], Call[Any]]


def fields(call: Call[Any]) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(call.build(RequestContext(NOW, "n")).body)
    return body


CALLS: Final[dict[str, Make]] = {
    "PullSmsSendStatus": lambda m: m.pull_reports(),
    "PullSmsReplyStatus": lambda m: m.pull_replies(),
    "PullSmsSendStatusByPhoneNumber": lambda m: m.find_reports(NUMBER, begin=BEGIN, end=END),
    "PullSmsReplyStatusByPhoneNumber": lambda m: m.find_replies(NUMBER, begin=BEGIN, end=END),
    "SendStatusStatistics": lambda m: m.send_statistics(begin=BEGIN, end=END),
    "CallbackStatusStatistics": lambda m: m.delivery_statistics(begin=BEGIN, end=END),
    "SmsPackagesStatistics": lambda m: m.list_packages(),
    "AddSmsTemplate": lambda m: m.add_template(name="login", text="Your code is {1}."),
    "ModifySmsTemplate": lambda m: m.modify_template("1110", name="login", text="Your code is {1}."),
    "DeleteSmsTemplate": lambda m: m.delete_template("1110"),
    "DescribeSmsTemplateList": lambda m: m.get_template("1110"),
    "AddSmsSign": lambda m: m.add_signature(text="Acme", picture=PNG, authorisation=PNG, qualification_id=7),
    "ModifySmsSign": lambda m: m.modify_signature("9", text="Acme", picture=PNG, authorisation=PNG, qualification_id=7),
    "DeleteSmsSign": lambda m: m.delete_signature("9"),
    "DescribeSmsSignList": lambda m: m.get_signature("9"),
}
MORE: Final[list[tuple[str, Make]]] = [
    ("DescribeSmsTemplateList", lambda m: m.list_templates()),
    ("DescribeSmsSignList", lambda m: m.list_signatures()),
    ("SmsPackagesStatistics", lambda m: m.list_packages(begin=BEGIN, end=END)),
]


def test_a_built_call_is_the_vendor_s_own_byte_for_byte() -> None:
    """PullSmsReplyStatus with session token and language: the SDK's headers and body, and the published signature."""
    (vector,) = [vector for vector in VECTORS if vector["action"] == "PullSmsReplyStatus"]
    account = TencentCloudManagement(
        vector["secret_id"], vector["secret_key"], sdk_app_id="1400006666", token=vector["headers"]["X-TC-Token"]
    )
    request = account.pull_replies().build(RequestContext(vector["time"] + 0.5, "n"))
    assert request.body == vector["body"].encode()
    assert dict(request.headers.pairs) == vector["headers"] | {"Authorization": vector["authorization"]}
    assert (request.method, request.url) == ("POST", "https://sms.tencentcloudapi.com/")


@pytest.mark.parametrize("account", [OLD, NEW], ids=["2019", "2021"])
@pytest.mark.parametrize("action", CALLS)
def test_fields_are_those_of_the_vendor_s_sdk(action: str, account: TencentCloudManagement) -> None:
    """Every field is one that the SDK's request of that version has, with a value of its type; none is missing."""
    call = CALLS[action](account)
    request, body = call.build(RequestContext(NOW, "n")), fields(call)
    version = request.headers["x-tc-version"]
    assert call.name == request.headers["x-tc-action"] == action
    theirs = getattr(MODELS[version], f"{action}Request")()
    theirs._deserialize(body)  # warns of a field that it does not know, and a warning is an error here
    left_out = {name for name in vars(theirs) if getattr(theirs, name) is None}
    assert left_out <= {"_Limit", "_Offset", "_BeginTime", "_EndTime"}
    assert {name: value for name, value in json.loads(theirs.to_json_string()).items() if value is not None} == body


@pytest.mark.parametrize(("action", "make"), MORE)
def test_pages_and_spans_of_the_current_version(action: str, make: Make) -> None:
    """Lists by the page and packages by their time: fields that only 2021-01-11 has."""
    call = make(NEW)
    theirs = getattr(models_2021, f"{action}Request")()
    theirs._deserialize(fields(call))
    assert call.name == action


def test_every_name_that_differs() -> None:
    """The two versions call the same things differently; hours are numbers in the old one and text in the new one."""
    span = {"Offset": 0, "Limit": 100, "PhoneNumber": NUMBER}
    first, last = 1609347540, 1609428600
    assert fields(CALLS["PullSmsSendStatusByPhoneNumber"](OLD)) == span | {
        "SendDateTime": first, "EndDateTime": last, "SmsSdkAppid": "1400006666",
    }  # fmt: skip
    assert fields(CALLS["PullSmsReplyStatusByPhoneNumber"](NEW)) == span | {
        "BeginTime": first, "EndTime": last, "SmsSdkAppId": "1400006666",
    }  # fmt: skip
    for action in ("SendStatusStatistics", "CallbackStatusStatistics"):
        assert fields(CALLS[action](OLD)) == {
            "StartDateTime": 2020123100, "EndDataTime": 2020123123, "SmsSdkAppid": "1400006666",
            "Limit": 0, "Offset": 0,
        }  # fmt: skip
        assert fields(CALLS[action](NEW)) == {
            "BeginTime": "2020123100", "EndTime": "2020123123", "SmsSdkAppId": "1400006666",
            "Limit": 0, "Offset": 0,
        }  # fmt: skip
    assert fields(NEW.list_packages(limit=5, offset=10, begin=BEGIN, end=END)) == {
        "SmsSdkAppId": "1400006666", "Limit": 5, "Offset": 10, "BeginTime": "2020123100", "EndTime": "2020123123",
    }  # fmt: skip
    assert fields(OLD.list_packages()) == {"SmsSdkAppid": "1400006666", "Limit": 50, "Offset": 0}
    assert fields(OLD.pull_reports(limit=5)) == {"Limit": 5, "SmsSdkAppid": "1400006666"}


@pytest.mark.parametrize(("account", "purpose"), [(OLD, "UsedMethod"), (NEW, "SignPurpose")])
def test_drafts_of_signatures(account: TencentCloudManagement, purpose: str) -> None:
    """Pictures go as Base64 without a prefix; a signature for somebody else has a picture of their authorisation."""
    licence = base64.b64encode(PNG).decode()
    own = fields(account.add_signature(text="Acme", picture=PNG))
    assert own == {
        "SignName": "Acme", "SignType": 0, "DocumentType": 0, "International": 0, purpose: 0,
        "ProofImage": licence, "Remark": "",
    }  # fmt: skip
    other = account.modify_signature(
        "9",
        text="Acme",
        picture=PNG,
        remark="theirs",
        international=True,
        kind=SignatureKind.TRADEMARK,
        proof=SignatureProof.TRADEMARK_CERTIFICATE,
        authorisation=PNG,
        qualification_id=5,
    )
    assert fields(other) == {
        "SignId": 9, "SignName": "Acme", "SignType": 4, "DocumentType": 7, "International": 1, purpose: 1,
        "ProofImage": licence, "CommissionImage": licence, "Remark": "theirs", "QualificationId": 5,
    }  # fmt: skip


def test_drafts_of_templates() -> None:
    """The three kinds of API 3.0, and the fields of a draft."""
    draft = {"TemplateName": "login", "TemplateContent": "x", "SmsType": 2, "International": 0, "Remark": ""}
    assert fields(NEW.add_template(name="login", text="x")) == draft
    sale = NEW.modify_template("1", name="login", text="x", kind=TemplateKind.MARKETING, remark="r", international=True)
    assert fields(sale) == draft | {"TemplateId": 1, "SmsType": 1, "International": 1, "Remark": "r"}
    assert fields(OLD.add_template(name="c", text="x", kind=TemplateKind.VERIFICATION))["SmsType"] == 3


def test_lists() -> None:
    """Templates and signatures are asked for by ids or by the page, those for other countries apart."""
    assert fields(NEW.get_templates(["2", "1"], international=True)) == {"International": 1, "TemplateIdSet": [2, 1]}
    assert fields(OLD.get_signatures(["1"])) == {"International": 0, "SignIdSet": [1]}
    assert fields(NEW.list_templates(offset=100, limit=100)) == {"International": 0, "Limit": 100, "Offset": 100}
    assert fields(NEW.list_signatures(international=True)) == {"International": 1, "Limit": 50, "Offset": 0}


@pytest.mark.parametrize("action", CALLS)
@pytest.mark.parametrize("time", [1609459199.9, 1609459200.0])
def test_every_call_is_signed_as_a_send_is(action: str, time: float) -> None:
    """On both sides of midnight UTC the signature covers the host, type, body and second that are sent."""
    account = TencentCloudManagement(
        SECRET_ID, SECRET_KEY, sdk_app_id="1400006666", base_url="http://127.0.0.1:8025", region="ap-nanjing"
    )
    request = CALLS[action](account).build(RequestContext(time, "n"))
    assert request.headers["x-tc-region"] == "ap-nanjing"
    assert request.headers["x-tc-language"] == "en-US"
    assert request.headers["host"] == "127.0.0.1:8025"
    assert request.headers["x-tc-timestamp"] == str(int(time))
    assert request.headers["authorization"] == tc3_authorization(
        Secret(SECRET_ID),
        Secret(SECRET_KEY),
        host="127.0.0.1:8025",
        content_type="application/json",
        body=request.body,
        time=int(time),
    )


def test_region_of_the_versions() -> None:
    """The current version always names a region, the older one only if it is given one."""
    assert NEW.pull_reports().build(RequestContext(NOW, "n")).headers["x-tc-region"] == "ap-guangzhou"
    assert "x-tc-region" not in OLD.pull_reports().build(RequestContext(NOW, "n")).headers


def test_management_of_a_sender() -> None:
    """`TencentCloud.management()` has the sender's credentials, version, token, language, name and address."""
    options: dict[str, Any] = {
        "sdk_app_id": "1400006666", "region": "ap-beijing", "version": "2019-07-11", "token": "T",
        "language": "zh-CN", "name": "mine", "base_url": "http://127.0.0.1:8025",
    }  # fmt: skip
    account = TencentCloud(SECRET_ID, SECRET_KEY, sign="Acme", **options).management()
    own = TencentCloudManagement(SECRET_ID, SECRET_KEY, **options)
    assert account.pull_reports().build(RequestContext(NOW, "n")) == own.pull_reports().build(RequestContext(NOW, "n"))
    assert (account.name, repr(account)) == ("mine", "TencentCloudManagement(name='mine')")


def test_is_what_the_neutral_face_asks_for() -> None:
    """It serves every neutral protocol."""
    for protocol in (TemplateAdmin, SignatureAdmin, SignatureList, ReportSource, Statistics):
        assert isinstance(NEW, protocol)
    admin: TemplateAdmin = NEW
    signatures: SignatureAdmin = NEW
    lists: SignatureList = NEW
    source: ReportSource = NEW
    counts: Statistics = NEW
    assert {each.name for each in (admin, signatures, source, counts)} == {"tencent"}
    assert lists.list_signatures().name == "DescribeSmsSignList"


@pytest.mark.parametrize(
    ("field", "options"),
    [
        ("sdk_app_id", {"sdk_app_id": SECRET_KEY}),
        ("token", {"token": SECRET_KEY + " "}),
        ("name", {"name": ""}),
        ("version", {"version": None}),
        ("language", {"language": "fr"}),
        ("region", {"region": ""}),
        ("base_url", {"base_url": "https://user:secret@host"}),
        ("secret_key", {"secret_key": SECRET_KEY + "\n"}),
    ],
)
def test_constructor_names_the_bad_field_and_hides_keys(field: str, options: dict[str, Any]) -> None:
    """What cannot be right is one error that names the field; no key shows in it or in the frames that raised it."""
    arguments: dict[str, Any] = {"secret_id": SECRET_ID, "secret_key": SECRET_KEY, "sdk_app_id": "1400006666"}
    with pytest.raises(ConfigurationError) as caught:
        TencentCloudManagement(**arguments | options)
    assert str(caught.value).startswith(field)
    shown, frame = str(caught.value), caught.tb.tb_next
    while frame is not None:
        shown += repr(frame.tb_frame.f_locals)
        frame = frame.tb_next
    assert SECRET_KEY not in shown
    assert "user:secret" not in shown
