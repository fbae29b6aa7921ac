"""DescribeSendRecordList, ReportConversion and DescribePhoneNumberInfo: their requests, responses and simulation."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from smsgate.management import ManagementClient
from smsgate.model.delivery import Delivery
from smsgate.model.errors import InvalidCallError, VendorError
from smsgate.model.message import Message
from smsgate.model.phone import PhoneNumber
from smsgate.model.reason import Outcome, Reason
from smsgate.model.states import DeliveryState
from smsgate.model.template import Template
from smsgate.provider import Call, RequestContext
from smsgate.sandbox import SandboxTransport
from smsgate.sandbox.tencent import TENCENT_SDK_APP_ID, TENCENT_SECRET_ID, TENCENT_SECRET_KEY
from smsgate.sending.gateway import Gateway
from smsgate.tencent import NumberInfo, TencentCloud, TencentCloudManagement
from smsgate.wire import HttpResponse

NOW = datetime(2026, 8, 27, 20, 0, tzinfo=UTC)
NUMBER = "+8613601238015"
ACCOUNT = TencentCloudManagement("id", "key", sdk_app_id="1400006666")
OLD = TencentCloudManagement("id", "key", sdk_app_id="1400006666", version="2019-07-11")
PRINTED = {
    "Content": "【腾讯云通信】您的验证码为0****1，5分钟内有效。",
    "IsoCode": "CN",
    "PhoneNumber": NUMBER,
    "RequestCode": "Ok",
    "SendStatus": 2,
    "SendTime": 1787902541,
    "SerialNo": "4719:106022169717827487984377125",
    "StatusCode": "DELIVRD",
    "UserReceiveTime": 1787902571,
}


def body_of(call: Call[Any], now: datetime = NOW) -> dict[str, Any]:
    request = call.build(RequestContext(now=now.timestamp(), nonce="0" * 32))
    assert request.headers["x-tc-action"] == call.name
    found: dict[str, Any] = json.loads(request.body)
    return found


def answer(**fields: Any) -> HttpResponse:
    return HttpResponse(200, {}, json.dumps({"Response": {**fields, "RequestId": "r-1"}}).encode())


def sends(*rows: dict[str, Any]) -> Any:
    call = ACCOUNT.find_sends(NUMBER, begin=NOW)
    return call.parse(answer(SendRecordSet=list(rows), TotalCount=len(rows))).items


def test_request_for_records() -> None:
    """Number, application, Unix seconds and a page; without an end the vendor takes its own present."""
    begin = NOW - timedelta(hours=1)
    plain = {"PhoneNumber": NUMBER, "SmsSdkAppId": "1400006666", "BeginTime": int(begin.timestamp())}
    assert body_of(ACCOUNT.find_sends(NUMBER, begin=begin)) == {**plain, "Limit": 50, "Offset": 0}
    end = NOW + timedelta(milliseconds=999)
    paged = ACCOUNT.find_sends(NUMBER, begin=begin, end=end, offset=50, limit=10)
    assert body_of(paged) == {**plain, "EndTime": int(NOW.timestamp()), "Limit": 10, "Offset": 50}


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"begin": NOW, "end": NOW - timedelta(1)}, "begin: must not be after end"),
        ({"begin": NOW.replace(tzinfo=None)}, "begin: must be a datetime with a time zone"),
        ({"begin": NOW, "limit": 51}, "limit: must be a whole number from 1 to 50"),
        ({"begin": NOW, "limit": 0}, "limit: must be a whole number from 1 to 50"),
        ({"begin": NOW, "offset": -1}, "offset: must be a whole number"),
    ],
)
def test_refuses_what_the_vendor_would(options: dict[str, Any], problem: str) -> None:
    """Each refusal names the argument; nothing is sent."""
    with pytest.raises(InvalidCallError, match=problem):
        ACCOUNT.find_sends(NUMBER, **options)


def test_records_reach_72_hours_back() -> None:
    """The time of the request counts, not that at which the call was made ready."""
    call = ACCOUNT.find_sends(NUMBER, begin=NOW - timedelta(hours=72))
    assert body_of(call)
    with pytest.raises(InvalidCallError, match="begin: must be at most 72 hours ago"):
        body_of(call, NOW + timedelta(seconds=1))


def test_printed_record() -> None:
    """The sample of Tencent's command line: sent, delivered, with both times and its report."""
    (record,) = sends(PRINTED)
    assert (record.provider, record.message_id, str(record.to)) == ("tencent", PRINTED["SerialNo"], NUMBER)
    assert (record.outcome, record.reason, record.code, record.country) == (Outcome.ACCEPTED, None, None, "CN")
    assert record.sent_at == datetime.fromtimestamp(1787902541, UTC)
    assert record.text == PRINTED["Content"]
    assert record.report is not None
    assert (record.report.state, record.report.code) == (DeliveryState.DELIVERED, "DELIVRD")
    assert record.report.reported_at == datetime.fromtimestamp(1787902571, UTC)
    assert Delivery.of([record.report]).state is DeliveryState.DELIVERED
    assert "0****1" not in repr(record)


def test_states_of_a_send() -> None:
    """1 was refused, 3 is on its way, 4 failed with the carrier's code; another state says nothing."""
    refused, coming, failed, other = sends(
        PRINTED | {"SendStatus": 1, "RequestCode": "FailedOperation.PhoneNumberInBlacklist", "StatusCode": ""},
        PRINTED | {"SendStatus": 3, "StatusCode": "", "UserReceiveTime": 0},
        PRINTED | {"SendStatus": 4, "StatusCode": "MK:0001", "UserReceiveTime": 0},
        {"SendStatus": 9},
    )
    assert (refused.outcome, refused.reason, refused.report) == (Outcome.REJECTED, Reason.BLOCKLISTED, None)
    assert refused.code == "FailedOperation.PhoneNumberInBlacklist"
    assert (coming.outcome, coming.report) == (Outcome.ACCEPTED, None)
    assert failed.outcome is Outcome.ACCEPTED
    assert (failed.report.state, failed.report.code) == (DeliveryState.UNDELIVERED, "MK:0001")
    assert failed.report.reported_at is None
    assert (other.outcome, other.message_id, other.to, other.report) == (Outcome.UNKNOWN, None, None, None)


@pytest.mark.parametrize("row", [None, 7, "x", [PRINTED], {}], ids=str)
def test_record_that_cannot_be_read_is_kept(row: Any) -> None:
    """It may be that of the message in question, so it is there and `UNKNOWN`; the others keep their places."""
    first, unreadable, last = sends(PRINTED, row, PRINTED)
    assert (first.outcome, last.outcome) == (Outcome.ACCEPTED, Outcome.ACCEPTED)
    assert (unreadable.outcome, unreadable.to, unreadable.message_id) == (Outcome.UNKNOWN, None, None)
    assert unreadable.raw == (row if row == {} else {"": row})


def test_record_that_says_two_things_is_not_believed() -> None:
    """Delivered and refused in one record: what became of the message stays open."""
    body = json.dumps({"Response": {"SendRecordSet": [PRINTED], "TotalCount": 1, "RequestId": "r-1"}})
    twice = body.replace('"SendStatus": 2', '"SendStatus": 2, "SendStatus": 1').encode()
    (record,) = ACCOUNT.find_sends(NUMBER, begin=NOW).parse(HttpResponse(200, {}, twice)).items
    assert (record.outcome, record.report) == (Outcome.UNKNOWN, None)


def test_finer_code_of_a_failure_abroad() -> None:
    """As in pushed and pulled reports."""
    (record,) = sends(PRINTED | {"SendStatus": 4, "StatusCode": "X", "SubError": "1001", "SubErrorDesc": "absent"})
    assert (record.report.sub_error, record.report.sub_error_description) == ("1001", "absent")


@pytest.mark.parametrize(
    "call",
    [
        ACCOUNT.find_sends(NUMBER, begin=NOW),
        ACCOUNT.report_conversion("2019:1", at=NOW),
        ACCOUNT.describe_numbers([NUMBER]),
    ],
    ids=lambda call: call.name,
)
@pytest.mark.parametrize("value", ["x", 7, {"Code": None}])
def test_response_that_cannot_be_read_leaves_it_open(call: Call[Any], value: Any) -> None:
    """What is not the documented list or object is no success."""
    fields = dict.fromkeys(("SendRecordSet", "ReportConversionStatus", "PhoneNumberInfoSet"), value)
    with pytest.raises(VendorError) as caught:
        call.parse(answer(**fields))
    assert (caught.value.outcome, caught.value.reason) == (Outcome.UNKNOWN, Reason.NO_ANSWER)


def test_conversion() -> None:
    """The id of the message and the time; "ok" is success in any case, another code a refusal."""
    call = ACCOUNT.report_conversion("2019:1", at=NOW)
    assert body_of(call) == {
        "SmsSdkAppId": "1400006666",
        "SerialNo": "2019:1",
        "ConversionTime": int(NOW.timestamp()),
    }
    for code in ("ok", "Ok"):
        call.parse(answer(ReportConversionStatus={"Code": code, "Message": ""}))
    with pytest.raises(VendorError) as caught:
        call.parse(answer(ReportConversionStatus={"Code": "InvalidParameter", "Message": ""}))
    assert (caught.value.outcome, caught.value.code) == (Outcome.REJECTED, "InvalidParameter")


def test_numbers() -> None:
    """What the vendor takes each for; one that it cannot read has a code, and no number."""
    known = {"Code": "Ok", "PhoneNumber": NUMBER, "IsoCode": "CN", "IsoName": "China"}
    bad = {"Code": "FailedOperation.PhoneNumberParseFail", "PhoneNumber": "+12", "IsoCode": "DEF", "IsoName": ""}
    call = ACCOUNT.describe_numbers([NUMBER, "+14155552671"])
    assert body_of(call) == {"PhoneNumberSet": [NUMBER, "+14155552671"]}
    assert call.parse(answer(PhoneNumberInfoSet=[known, bad])) == (
        NumberInfo(number=PhoneNumber(NUMBER), country="CN", country_name="China", raw=known),
        NumberInfo(code="FailedOperation.PhoneNumberParseFail", reason=Reason.INVALID_NUMBER, raw=bad),
    )


@pytest.mark.parametrize("numbers", [[], [NUMBER] * 201, NUMBER, ["13601238015"], ["x"]])
def test_refuses_what_is_no_list_of_numbers(numbers: Any) -> None:
    """1 to 200 numbers in E.164; a refusal shows none of them."""
    with pytest.raises(InvalidCallError, match="numbers") as caught:
        ACCOUNT.describe_numbers(numbers)
    assert "13601238015" not in str(caught.value)


def test_older_version_has_none_of_them() -> None:
    """2019-07-11 is refused before a request."""
    for make in (
        lambda: OLD.find_sends(NUMBER, begin=NOW),
        lambda: OLD.report_conversion("2019:1", at=NOW),
        lambda: OLD.describe_numbers([NUMBER]),
    ):
        with pytest.raises(InvalidCallError, match="version: 2019-07-11 has no"):
            make()


@pytest.mark.anyio
async def test_record_settles_what_is_unknown() -> None:
    """After a response that was lost the record says that the message was sent, and what became of it."""
    transport = SandboxTransport()
    provider = TencentCloud(TENCENT_SECRET_ID, TENCENT_SECRET_KEY, sdk_app_id=TENCENT_SDK_APP_ID, sign="Acme")
    login = Template("login", params=("code", "minutes"), ids={"tencent": "19"})
    async with Gateway([provider], templates=[login], transport=transport) as gateway:
        result = await gateway.send(Message(NUMBER, "login", {"code": "4821", "minutes": "5"}))
        began = result.attempts[-1].started_at
    account = provider.management()
    async with ManagementClient(transport=transport) as client:
        page = await client.run(account.find_sends(NUMBER, begin=began - timedelta(seconds=2)))
        elsewhere = await client.run(account.find_sends("+8613601238016", begin=began))
        (info,) = await client.run(account.describe_numbers([NUMBER]))
        await client.run(account.report_conversion(str(result.message_id), at=datetime.now(UTC)))
    (record,) = page.items
    assert (page.total, record.message_id, record.outcome) == (1, result.message_id, Outcome.ACCEPTED)
    assert record.report is not None
    assert Delivery.for_result(result, [record.report]).state is DeliveryState.DELIVERED
    assert record.text is not None
    assert "4821" not in record.text
    assert (elsewhere.items, elsewhere.total) == ((), 0)
    assert (str(info.number), info.country, info.country_name) == (NUMBER, "CN", None)


def test_empty_list_may_be_null() -> None:
    """As in the vendor's other lists: nothing was sent, and nothing is wrong."""
    page = ACCOUNT.find_sends(NUMBER, begin=NOW).parse(answer(SendRecordSet=None, TotalCount=0))
    assert (page.items, page.total) == ((), 0)
