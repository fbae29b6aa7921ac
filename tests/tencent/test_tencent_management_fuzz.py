"""Whatever comes back, a management call ends in what it promises or in a `VendorError`."""

import json
from datetime import UTC, datetime
from typing import Any, Final

from hypothesis import given
from hypothesis import strategies as st

from smsgate.model.errors import VendorError
from smsgate.model.phone import PhoneNumber
from smsgate.provider import Call
from smsgate.provider.records import Pulled
from smsgate.tencent import TencentCloudManagement, TencentV5Management
from smsgate.wire import HttpResponse

V5: Final = TencentV5Management("1400006666", "k")
NEW: Final = TencentCloudManagement("AKID", "k", sdk_app_id="1400006666")
OLD: Final = TencentCloudManagement("AKID", "k", sdk_app_id="1400006666", version="2019-07-11")
NUMBER: Final = PhoneNumber("+8613788888888")
TIME: Final = datetime(2026, 11, 22, tzinfo=UTC)
PNG: Final = b"\x89PNG\r\n\x1a\n"


def calls_of(account: Any) -> list[Call[Any]]:
    draft = {"name": "n", "text": "x"}
    return [
        account.pull_reports(),
        account.pull_replies(),
        account.find_reports(NUMBER, begin=TIME, end=TIME),
        account.send_statistics(begin=TIME, end=TIME),
        account.delivery_statistics(begin=TIME, end=TIME),
        account.get_template("1"),
        account.get_templates(["1"]),
        account.add_template(**draft),
        account.modify_template("1", **draft),
        account.delete_template("1"),
        account.get_signature("1"),
        account.add_signature(text="Acme", picture=PNG),
        account.modify_signature("1", text="Acme", picture=PNG),
        account.delete_signature("1"),
    ]


def error_of(call: Call[Any], response: HttpResponse) -> VendorError | None:
    try:
        call.parse(response)
    except VendorError as error:
        return error
    return None


CALLS: Final = [
    *calls_of(V5),
    V5.list_templates(),
    *calls_of(NEW),
    NEW.list_templates(),
    NEW.list_signatures(),
    NEW.list_packages(),
    *calls_of(OLD),
    OLD.list_packages(),
]
KEYS: Final = (
    "id text status type reply international title apply_time request success bill_number status_fail status_fail_0 "
    "status_fail_9 report_status errmsg description sid nationcode mobile user_receive_time sign time extend "
    "TemplateId StatusCode International TemplateName CreateTime TemplateContent SignId SignName SignApplyId "
    "QualificationId PackageId PackageAmount AmountOfPackage PackageCreateTime PackageCreateUnixTime SerialNo "
    "ReportStatus Description PhoneNumber SubscriberNumber PurePhoneNumber CountryCode NationCode UserReceiveTime "
    "UserReceiveUnixTime ReplyContent ReplyTime ExtendCode FeeCount RequestCount CallbackCount OtherCount"
).split()
SETS: Final = (
    "data PullSmsSendStatusSet PullSmsReplyStatusSet DescribeTemplateStatusSet DescribeSignListStatusSet "
    "SmsPackagesStatisticsSet SendStatusStatistics CallbackStatusStatistics AddTemplateStatus AddSignStatus "
    "ModifyTemplateStatus ModifySignStatus DeleteTemplateStatus DeleteSignStatus"
).split()

values = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.sampled_from(
        ["", "0", "1", "-1", "SUCCESS", "FAIL", "DELIVRD", "+8613788888888", "2019-10-08 17:18:37", "9" * 30]
    )
    | st.text(max_size=8)
    | st.lists(st.integers(), max_size=2)
)
rows = st.dictionaries(st.sampled_from(KEYS), values, max_size=12) | values
contents = rows | st.lists(rows, max_size=4)
bodies = st.dictionaries(st.sampled_from(SETS), contents, max_size=3).flatmap(
    lambda inner: st.fixed_dictionaries(
        {},
        optional={"result": values | st.just(0), "count": values, "total": values, "errmsg": values, "Error": values},
    ).map(lambda outer: {**inner, **outer})
)


@given(call=st.sampled_from(CALLS), body=bodies, wrapped=st.booleans(), status=st.sampled_from([200, 400, 500]))
def test_no_response_raises_anything_else(call: Call[Any], body: dict[str, Any], wrapped: bool, status: int) -> None:
    """Any JSON in the shape of a response is read, or refused with an outcome and a printable text."""
    raw = json.dumps({"Response": body} if wrapped else body | {"result": body.get("result", 0)}).encode()
    error = error_of(call, HttpResponse(status, {}, raw))
    assert error is None or (error.outcome is not None and error.reason is not None)
    assert str(error).isprintable()
    assert "13788888888" not in str(error)


@given(call=st.sampled_from(CALLS), raw=st.binary(max_size=200), status=st.integers(100, 599))
def test_no_bytes_raise_anything_else(call: Call[Any], raw: bytes, status: int) -> None:
    """Bytes that are no response end in a `VendorError`."""
    error = error_of(call, HttpResponse(status, {}, raw))
    assert error is None or error.outcome is not None


@given(items=st.lists(rows, max_size=5), place=st.integers(0, 5))
def test_a_good_item_always_comes_out(items: list[Any], place: int) -> None:
    """Among any others, one good report comes out of a pull, through either interface."""
    v5 = {
        "user_receive_time": "2015-10-17 08:03:04", "nationcode": "86", "mobile": "13788888888",
        "report_status": "SUCCESS", "errmsg": "DELIVRD", "description": "", "sid": "the-good-one",
    }  # fmt: skip
    cloud = {"SerialNo": "the-good-one", "ReportStatus": "SUCCESS", "Description": "DELIVRD"}
    responses = [
        (V5.pull_reports(), {"result": 0, "data": [*items[:place], v5, *items[place:]]}),
        (NEW.pull_reports(), {"Response": {"PullSmsSendStatusSet": [*items[:place], cloud, *items[place:]]}}),
    ]
    for call, response in responses:
        pulled: Pulled = call.parse(HttpResponse(200, {}, json.dumps(response).encode()))
        assert "the-good-one" in [report.message_id for report in pulled.reports]
        assert len(pulled.reports) + len(pulled.replies) + pulled.unreadable == len(items) + 1
