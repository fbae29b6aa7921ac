"""API 3.0 beside sending, in both versions: what is made of the responses."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, TypeVar

import pytest

from smsgate.model.errors import VendorError
from smsgate.model.reason import Outcome, Reason
from smsgate.model.states import DeliveryState
from smsgate.provider import Call
from smsgate.provider.records import Page, Pulled, ReviewState, TemplateKind
from smsgate.tencent import CloudSignature, CloudTemplate, Package, TencentCloudManagement
from smsgate.wire import HttpResponse

T = TypeVar("T")

SAMPLES: Final = Path(__file__).parent / "samples" / "cloud-management"
KEY: Final = "the-secret-key"
NEW: Final = TencentCloudManagement("AKID", KEY, sdk_app_id="1400006666", token="the-session-token")
OLD: Final = TencentCloudManagement("AKID", KEY, sdk_app_id="1400006666", version="2019-07-11")
BOTH: Final = pytest.mark.parametrize("account", [OLD, NEW], ids=["2019-07-11", "2021-01-11"])
MOMENT: Final = datetime(2019, 10, 8, 9, 18, 37, tzinfo=UTC)
BEGIN, END = datetime(2019, 10, 7, tzinfo=UTC), datetime(2019, 10, 8, tzinfo=UTC)
PNG: Final = b"\x89PNG\r\n\x1a\n"
CALLS: Final[list[Call[Any]]] = [
    NEW.pull_reports(),
    NEW.pull_replies(),
    NEW.find_reports("+8613711112222", begin=BEGIN, end=END),
    NEW.find_replies("+8613711112222", begin=BEGIN, end=END),
    NEW.send_statistics(begin=BEGIN, end=END),
    NEW.delivery_statistics(begin=BEGIN, end=END),
    NEW.list_packages(),
    NEW.add_template(name="login", text="x"),
    NEW.modify_template("1110", name="login", text="x"),
    NEW.delete_template("1110"),
    NEW.get_template("1110"),
    NEW.list_templates(),
    NEW.add_signature(text="Acme", picture=PNG),
    NEW.modify_signature("9", text="Acme", picture=PNG),
    NEW.delete_signature("9"),
    NEW.get_signature("9"),
    NEW.list_signatures(),
]
EVERY_CALL: Final = pytest.mark.parametrize("call", CALLS, ids=lambda call: call.name)


def replay(call: Call[T], case: str) -> T:
    return call.parse(HttpResponse(200, {}, (SAMPLES / call.name / f"{case}.json").read_bytes()))


def version(account: TencentCloudManagement) -> str:
    return "2019-07-11" if account is OLD else "2021-01-11"


def test_reports_of_2019() -> None:
    """The carrier's code stands in Description; the number is the one with a plus, whichever key it stands under."""
    (report,) = replay(OLD.pull_reports(), "2019-07-11").reports
    assert (report.provider, report.message_id, str(report.to)) == ("tencent", "13:lXPTaD1GQ5SZ2GQ5", "+8613711112222")
    assert (report.state, report.reason, report.code) == (DeliveryState.DELIVERED, None, "DELIVRD")
    assert (report.reported_at, report.reference, report.description) == (MOMENT, None, None)
    (other,) = replay(OLD.pull_reports(), "2019-07-11-as-its-sdk-says").reports
    assert (str(other.to), other.state, other.reason) == (
        "+8613711112222", DeliveryState.UNDELIVERED, Reason.UNREACHABLE,
    )  # fmt: skip
    assert other.reported_at == MOMENT


def test_reports_of_2021() -> None:
    """Unix seconds, the echo of SessionContext, and the detail that comes with international reports."""
    (report,) = replay(NEW.pull_reports(), "2021-01-11").reports
    assert (str(report.to), report.state, report.code) == ("+14155552671", DeliveryState.UNDELIVERED, "UNDELIV")
    assert (report.reported_at, report.reference) == (MOMENT, "order-1")
    assert (report.sub_error, report.sub_error_description) == ("1001", "absent subscriber")
    found = NEW.find_reports("+14155552671", begin=BEGIN, end=END)
    response = HttpResponse(200, {}, (SAMPLES / "PullSmsSendStatus" / "2021-01-11.json").read_bytes())
    assert found.parse(response) == Pulled((report,))


def test_reports_with_less_than_the_sdk_says() -> None:
    """A number in parts is put together; one without a number, a time or a known status is a report still."""
    held, blocked = replay(NEW.pull_reports(), "without-whole-number").reports
    assert (str(held.to), held.state, held.final) == ("+14155552671", DeliveryState.PENDING, False)
    assert held.code == ""
    assert (blocked.to, blocked.reported_at) == (None, None)
    assert (blocked.state, blocked.reason) == (DeliveryState.REJECTED, Reason.CONTENT_BLOCKED)


@BOTH
def test_replies(account: TencentCloudManagement) -> None:
    """A reply has its sender, text, signature, extension and time, under the names of either version."""
    (reply,) = replay(account.pull_replies(), version(account)).replies
    assert (reply.provider, str(reply.sender), reply.text) == ("tencent", "+8613711112222", "TD")
    assert (reply.signature, reply.received_at) == ("腾讯云", MOMENT)
    assert reply.extend == ("12345" if account is OLD else None)
    body = (SAMPLES / "PullSmsReplyStatus" / f"{version(account)}.json").read_bytes()
    found = account.find_replies("+8613711112222", begin=BEGIN, end=END)
    assert found.parse(HttpResponse(200, {}, body)).replies == (reply,)


def test_one_bad_item_spoils_no_other() -> None:
    """Items that cannot be read are counted, and those beside them come out."""
    pulled = replay(NEW.pull_reports(), "one-bad")
    assert [report.message_id for report in pulled.reports] == ["13:5"]
    assert pulled.unreadable == 4
    replies = replay(NEW.pull_replies(), "one-bad")
    assert [reply.text for reply in replies.replies] == [""]
    assert replies.unreadable == 2


@pytest.mark.parametrize("case", ["empty", "null"])
def test_nothing_to_pull(case: str) -> None:
    """An empty queue is no error."""
    assert replay(NEW.pull_reports(), case) == Pulled()


@pytest.mark.parametrize("case", ["lost-list", "all-bad"])
def test_a_wholly_unreadable_response_is_open(case: str) -> None:
    """Where nothing can be read of what was taken out of the queue, the outcome is open."""
    with pytest.raises(VendorError) as caught:
        replay(NEW.pull_reports(), case)
    assert (caught.value.outcome, caught.value.reason) == (Outcome.UNKNOWN, Reason.NO_ANSWER)
    assert caught.value.request_id == "r-1"


@BOTH
def test_statistics(account: TencentCloudManagement) -> None:
    """Both counts have the same names in both versions, and every cause has one of ours."""
    sent = replay(account.send_statistics(begin=BEGIN, end=END), "both-versions")
    assert (sent.requested, sent.accepted, sent.billed) == (101, 100, 120)
    became = replay(account.delivery_statistics(begin=BEGIN, end=END), "both-versions")
    assert (became.accepted, became.reports, became.delivered, became.failed) == (100, 90, 80, 10)
    assert became.causes == {
        "carrier": 1, "invalid_number": 2, "unreachable": 3, "blocklisted": 4, "rate_limited": 0,
    }  # fmt: skip


def test_causes_that_are_new() -> None:
    """A cause that Tencent adds keeps Tencent's name; what is no count is not counted."""
    became = replay(NEW.delivery_statistics(begin=BEGIN, end=END), "further-causes")
    assert (became.reports, became.delivered) == (9, 0)
    assert {cause: count for cause, count in became.causes.items() if count} == {"PortingErrorCount": 5}


@BOTH
def test_packages(account: TencentCloudManagement) -> None:
    """Packages under the names of either version; a row that tells nothing is a row still."""
    page = replay(account.list_packages(), version(account))
    ends = datetime(2020, 10, 8, 9, 18, 37, tzinfo=UTC)
    package = page.items[0]
    assert package == Package(
        id="1", amount=1000, used=7, given=account is OLD, created_at=MOMENT, begins_at=MOMENT, ends_at=ends,
        raw=package.raw,
    )  # fmt: skip
    assert page.total is None
    assert page.items[1:] in ((), (Package(id=""),))


@BOTH
def test_templates_that_were_handed_in(account: TencentCloudManagement) -> None:
    """The response tells the id only: the record has what was handed in, and is pending."""
    draft: dict[str, Any] = {
        "name": "login", "text": "x", "kind": TemplateKind.VERIFICATION, "international": True,
    }  # fmt: skip
    added = replay(account.add_template(**draft), "both-versions")
    modified = replay(account.modify_template("1110", **draft), "both-versions")
    assert (added.provider, added.id, added.send_id, added.name) == ("tencent", "1110", "1110", "login")
    assert (added.text, added.kind, added.state) == ("x", TemplateKind.VERIFICATION, ReviewState.PENDING)
    assert (added.international, added.raw) == (True, {"TemplateId": "1110"})
    assert (modified.id, modified.state, modified.raw) == ("1110", ReviewState.PENDING, {"TemplateId": 1110})


def test_templates_of_2021() -> None:
    """0 is approved, 1 and 2 are pending, -1 is rejected, anything else unknown; vendor codes stay reachable."""
    page = replay(NEW.list_templates(), "2021-01-11")
    *known, unreadable = page.items
    assert [row.id for row in known] == ["1110", "1111", "1112", "1113", "1114"]
    assert [row.state for row in known] == [
        ReviewState.APPROVED, ReviewState.PENDING, ReviewState.PENDING, ReviewState.REJECTED, ReviewState.UNKNOWN,
    ]  # fmt: skip
    assert [row.international for row in known] == [False, True, None, False, None]
    assert (unreadable.id, unreadable.state, unreadable.raw) == ("", ReviewState.UNKNOWN, {"": 7})
    assert [row.extra for row in known[:3]] == [
        CloudTemplate(status_code=status, international_code=scope) for status, scope in ((0, 0), (1, 1), (2, 3))
    ]
    first, rejected = known[0], known[3]
    assert (first.name, first.text, first.send_id) == ("login", "Your code is {1}.", "1110")
    assert (first.created_at, first.kind) == (MOMENT, TemplateKind.UNKNOWN)
    assert rejected.review == "模板内容不符合规范"
    assert replay(NEW.get_template("1113"), "2021-01-11") == rejected
    assert replay(NEW.get_templates(["1110"]), "2021-01-11") == page.items
    assert page.total is None


def test_templates_of_2019() -> None:
    """The old version does not tell a template's text."""
    record = replay(OLD.get_template("1110"), "2019-07-11")
    assert (record.name, record.text, record.state) == ("login", None, ReviewState.APPROVED)


@BOTH
def test_signatures_that_were_handed_in(account: TencentCloudManagement) -> None:
    """The record has what was handed in, and in the old version the id of the application."""
    added = replay(account.add_signature(text="Acme", picture=PNG), version(account))
    modified = replay(account.modify_signature("100", text="Acme", picture=PNG, international=True), version(account))
    assert (added.provider, added.id, added.text, added.state) == ("tencent", "100", "Acme", ReviewState.PENDING)
    assert (modified.id, modified.state, modified.international) == ("100", ReviewState.PENDING, True)
    ids = ["200", "201"] if account is OLD else [None, None]
    assert [added.extra, modified.extra] == [CloudSignature(application_id=id) for id in ids]


@BOTH
def test_signatures(account: TencentCloudManagement) -> None:
    """Signatures have the same names in both versions; the qualification is in the vendor's own record."""
    approved, rejected = replay(account.get_signatures(["100", "101"]), "both-versions")
    assert (approved.id, approved.text, approved.state) == ("100", "腾讯云", ReviewState.APPROVED)
    assert (approved.international, approved.created_at, approved.review) == (False, MOMENT, None)
    assert approved.extra == CloudSignature(
        status_code=0, international_code=0, qualification_id=5, qualification_name="Acme Ltd", qualification_status=1
    )
    assert (rejected.state, rejected.review, rejected.international) == (
        ReviewState.REJECTED, "no such brand", True,
    )  # fmt: skip
    assert replay(account.get_signature("101"), "both-versions") == rejected
    if account is NEW:
        assert replay(account.list_signatures(), "both-versions") == Page((approved, rejected))


@BOTH
def test_deletions(account: TencentCloudManagement) -> None:
    """A deletion is done when the response says so."""
    for call in (account.delete_template("1110"), account.delete_signature("9")):
        assert replay(call, "both-versions") is None


@pytest.mark.parametrize(
    ("call", "key", "reason"),
    [
        (NEW.get_template("7"), "DescribeTemplateStatusSet", Reason.TEMPLATE_REJECTED),
        (NEW.get_signature("7"), "DescribeSignListStatusSet", Reason.SIGNATURE_REJECTED),
    ],
)
def test_what_the_vendor_does_not_have(call: Call[Any], key: str, reason: Reason) -> None:
    """A response without the id that was asked for says that there is none."""
    for rows in ([], None, [{"TemplateId": 8, "SignId": 8}]):
        with pytest.raises(VendorError, match="has none with the id 7") as caught:
            call.parse(HttpResponse(200, {}, json.dumps({"Response": {key: rows, "RequestId": "r"}}).encode()))
        assert (caught.value.outcome, caught.value.reason) == (Outcome.REJECTED, reason)


@EVERY_CALL
@pytest.mark.parametrize(
    ("code", "outcome", "reason"),
    [
        ("AuthFailure.SignatureFailure", Outcome.REJECTED, Reason.AUTH_FAILED),
        ("UnsupportedOperation.", Outcome.REJECTED, Reason.UNSUPPORTED),
        ("RequestLimitExceeded", Outcome.REJECTED, Reason.TRY_LATER),
        ("InternalError.Timeout", Outcome.UNKNOWN, Reason.PLATFORM_FAULT),
        ("FailedOperation", Outcome.UNKNOWN, Reason.UNKNOWN),
        ("Brand.New", Outcome.UNKNOWN, Reason.UNKNOWN),
    ],
)
def test_refusals(call: Call[Any], code: str, outcome: Outcome, reason: Reason) -> None:
    """An error at any HTTP status: code, reason, outcome, request id and the vendor's own text, made safe."""
    words = f"no: {KEY} and the-session-token for +8613711112222\n\x1b"
    error = {"Error": {"Code": code, "Message": words}, "RequestId": "r-9"}
    for status in (200, 400, 500):
        with pytest.raises(VendorError) as caught:
            call.parse(HttpResponse(status, {}, json.dumps({"Response": error}).encode()))
        raised = caught.value
        assert (raised.code, raised.outcome, raised.reason, raised.request_id) == (code, outcome, reason, "r-9")
        assert str(raised).startswith(f"{call.name}: {code}: ")
        assert str(raised).isprintable()
        assert not any(secret in str(raised) for secret in (KEY, "the-session-token", "13711112222"))


@EVERY_CALL
@pytest.mark.parametrize(
    ("status", "body", "outcome"),
    [
        (200, b"", Outcome.UNKNOWN),
        (200, b"{}", Outcome.UNKNOWN),
        (200, b'{"Response":[]}', Outcome.UNKNOWN),
        (200, b'{"Response":{}}', Outcome.UNKNOWN),
        (200, b'{"Response":{"RequestId":"r"}}', Outcome.UNKNOWN),
        (200, b'{"Response":{"Error":"x","RequestId":"r"}}', Outcome.UNKNOWN),
        (200, b'{"Response":{"Error":{"Code":5},"DeleteTemplateStatus":{},"DeleteSignStatus":{}}}', Outcome.UNKNOWN),
        (502, b"<html>", Outcome.UNKNOWN),
        (403, b"no", Outcome.REJECTED),
    ],
)
def test_responses_that_tell_nothing(call: Call[Any], status: int, body: bytes, outcome: Outcome) -> None:
    """What does not say that it was done is an error, and open unless the HTTP status refuses it."""
    with pytest.raises(VendorError) as caught:
        call.parse(HttpResponse(status, {}, body))
    assert caught.value.outcome is outcome
    assert str(caught.value).startswith(f"{call.name}: ")


def test_an_error_that_shows_a_number_in_its_words() -> None:
    """A number in Tencent's words is masked, and an unlisted code of a pull leaves it open."""
    with pytest.raises(VendorError) as caught:
        replay(NEW.pull_reports(), "error")
    assert caught.value.outcome is Outcome.UNKNOWN
    assert "13788888888" not in str(caught.value)
