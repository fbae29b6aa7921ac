"""What is read out of the responses of the management API: records, refusals, and nothing else raised."""

import contextlib
import json
import pickle
from datetime import UTC, datetime
from typing import Any

import pytest
from huawei_account import by_key, by_user, read, sample
from hypothesis import given
from hypothesis import strategies as st
from own_frames import own_frames

from smsgate import Outcome, Reason, VendorError
from smsgate.huawei import HuaweiApp, HuaweiCountry, HuaweiManagement, HuaweiSignature, HuaweiTemplate
from smsgate.huawei.management.reading import read_record
from smsgate.provider import Call, read_time
from smsgate.provider.records import Page, ReviewState, TemplateKind
from smsgate.wire import HttpResponse

ACCOUNT = by_key()
NOON = "2022-08-12 07:40:36"


def response(body: Any, status: int = 200, **headers: str) -> HttpResponse:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return HttpResponse(status, headers, content)


def refused(call: Call[Any], response: HttpResponse) -> VendorError:
    with pytest.raises(VendorError) as caught:
        call.parse(response)
    return caught.value


def test_list_of_applications() -> None:
    """The printed list is read under the names that the service sends, and kept whole."""
    page = read(ACCOUNT.list_apps(), "list-apps")
    (app,) = page.items
    assert page.total == 1
    assert (app.app_name, app.status, app.region, app.industry) == ("auto_test789", "LAUNCHED", "intl", 14)
    assert (app.intl_channel_num, app.app_access_addr) == ("*****886739", "https://100.*.*.*:8443")
    assert (app.omp_app_name, app.is_support_multiomp) == ("*****4877bf46b5906a3240636bc7aa", False)
    assert app.tenant is not None
    assert app.tenant.enterprise_name == "Huawei Technologies Co., Ltd."
    assert app.raw == json.loads(sample("list-apps").body)["results"][0]


def test_list_of_applications_as_the_tables_have_it() -> None:
    """The printed tables' names are understood too; other types, unknown keys and odd rows do no harm."""
    page = read(ACCOUNT.list_apps(), "list-apps-as-tabled")
    app, odd = page.items
    assert page.total == 2
    assert (app.intl_channel_num, app.app_access_addr) == ("*****886739", "https://100.*.*.*:8443")
    assert (app.industry, app.is_support_multiomp, app.tenant) == (14, True, None)
    assert app.raw["quota"] == {"daily": 1000}
    assert odd == HuaweiApp(raw={"": "9e61f59c-1a6b-4ee5-9651-5bca450694b4"})


def test_the_real_name_wins() -> None:
    """Where both names come, the one that the service really sends counts."""
    app = read_record(HuaweiApp, {"intl_channel_num": "real", "intl_channel_number": "printed"})
    assert app.intl_channel_num == "real"


def test_one_application() -> None:
    """The printed details are read; what the response lacks is None."""
    app = read(ACCOUNT.get_app("9e61f59c"), "get-app")
    assert (app.id, app.omp_app_name) == ("9e61f59c-1a6b-4ee5-9651-5bca450694b3", "*****4877bf46b5906a3240636bc7aa")
    assert (app.app_access_addr, app.app_secret, app.up_link_addr) == (None, None, None)


@pytest.mark.parametrize("make", ["add_app", "modify_app"])
def test_new_application(make: str) -> None:
    """A new application has its id, key and name."""
    call = ACCOUNT.add_app(app_name="a") if make == "add_app" else ACCOUNT.modify_app("i", app_name="a")
    app = read(call, "add-app")
    assert (app.app_name, app.app_key, app.status) == ("auto_test789", "*****3baZf4c856O4Qrbqvui3K2", None)


def test_a_new_applications_secret_does_not_show() -> None:
    """The secret that comes with a new application is a Secret, and nowhere else; its key is in no repr."""
    app = read(ACCOUNT.add_app(app_name="a", show_secret=True), "add-app-with-secret")
    assert app.app_secret is not None
    assert app.app_secret.reveal() == "canary-app-secret"
    assert "canary" not in repr(app) + repr(app.raw)
    assert "c8RWg3ggEcyd4D3p94bf3Y7x1Ile" not in repr(app)


def test_counts_and_countries() -> None:
    """Counts are numbers; countries come bare, as printed, or in an object."""
    count = read(ACCOUNT.count_apps(), "count-apps")
    assert (count.total, count.used) == (395, 108)
    (printed,) = read(ACCOUNT.list_countries(), "list-countries")
    assert (printed.country_id, printed.country_name_en) == (None, "Afghanistan")
    (wrapped,) = read(ACCOUNT.list_countries(), "list-countries-in-an-object")
    assert wrapped == HuaweiCountry(
        country_id=1, country_name_en="Afghanistan", country_name_zh="阿富汗", raw=wrapped.raw
    )


@pytest.mark.parametrize("case", ["list-templates", "get-template"])
def test_template(case: str) -> None:
    """A printed template becomes a neutral record, with Huawei's own in `extra`."""
    if case == "list-templates":
        page = read(ACCOUNT.list_templates(), case)
        assert page.total == 1
        (record,) = page.items
    else:
        record = read(ACCOUNT.get_template("t"), case)
    assert (record.provider, record.id) == ("huawei-management", "*****27-37eb-4229-bee9-0eba4d8a897f")
    assert (record.send_id, record.name, record.text) == (None, "auto_test789", "Test")
    assert (record.kind, record.state, record.review) == (TemplateKind.NOTIFICATION, ReviewState.PENDING, None)
    assert (record.international, record.created_at) == (True, datetime(2022, 8, 12, 7, 40, 36, tzinfo=UTC))
    assert isinstance(record.extra, HuaweiTemplate)
    assert (record.extra.sign_id, record.extra.universal_template) == ("*****b9-4141-4e2d-9838-14889c32a4bf", 0)
    assert record.raw["site"] == "cn"


@pytest.mark.parametrize(
    ("flow_status", "state"),
    [
        ("Adopted", ReviewState.APPROVED),
        ("adopted", ReviewState.APPROVED),
        ("Reviewing", ReviewState.PENDING),
        ("Pending", ReviewState.PENDING),
        ("Reject", ReviewState.REJECTED),
        ("Disable", ReviewState.UNKNOWN),
        ("Vorbei", ReviewState.UNKNOWN),
        (None, ReviewState.UNKNOWN),
        (7, ReviewState.UNKNOWN),
    ],
)
def test_review_of_a_template(flow_status: object, state: ReviewState) -> None:
    """The process status is the state of the review; what is not in the list is a value, not an error."""
    item = {
        "flow_status": flow_status,
        "review_desc": "no",
        "template_id": "8ff5",
        "region": "cn",
        "template_type": "X",
    }
    record = ACCOUNT.get_template("t").parse(response(item))
    assert (record.state, record.review, record.send_id) == (state, "no", "8ff5")
    assert (record.id, record.kind, record.international, record.created_at) == ("", TemplateKind.UNKNOWN, False, None)


@pytest.mark.parametrize("change", [False, True])
def test_new_template(change: bool) -> None:
    """The record of a new template says what was applied for; Huawei's response is in `extra` and `raw` as it came."""
    asked: dict[str, Any] = {"name": "login", "text": "Your code is ${1}.", "kind": TemplateKind.VERIFICATION}
    call = ACCOUNT.modify_template("t", **asked) if change else ACCOUNT.add_template(**asked)
    record = read(call, "add-template")
    assert (record.id, record.name) == ("*****27-37eb-4229-bee9-0eba4d8a897f", "auto_test789")
    assert (record.text, record.kind) == ("Your code is ${1}.", TemplateKind.VERIFICATION)
    assert (record.state, record.international) == (ReviewState.PENDING, False)
    assert record.raw == json.loads(sample("add-template").body)
    assert isinstance(record.extra, HuaweiTemplate)
    assert record.extra.template_content is None


def test_variables_of_a_template() -> None:
    """The printed variable is read."""
    (variable,) = read(ACCOUNT.list_template_variables("t"), "list-variables")
    assert (variable.id, variable.temp_name, variable.user_name) == (15003394, "Test", None)
    assert (variable.variable_index, variable.variable_type, variable.variable_length) == (1, "URL", 99)


def test_templates_deleted_together() -> None:
    """A batch says of each template what became of it; a failed one is a value."""
    deletion = read(ACCOUNT.delete_templates(["a", "b"]), "delete-templates")
    assert deletion.success_ids == ("460a2427-37eb-4229-bee9-0eba4d8a897f",)
    assert deletion.failed == {"c3f641aa-4e87-4a70-b84d-a2d685599072": "Template does not exist."}
    assert ACCOUNT.delete_templates(["a"]).parse(response({})).failed == {}


@pytest.mark.parametrize(
    "call", [ACCOUNT.delete_template("t"), ACCOUNT.delete_signature("s"), ACCOUNT.activate_signature("s")]
)
@pytest.mark.parametrize("response", [response(b"", 204), response(b"", 200), response({}, 200), response(b"OK", 200)])
def test_done(call: Call[None], response: HttpResponse) -> None:
    """A deletion or activation is done at any 2xx, whatever comes with it."""
    call.parse(response)


def test_list_of_signatures() -> None:
    """A signature becomes a neutral record, with Huawei's own in `extra`."""
    (record,) = read(ACCOUNT.list_signatures(), "list-signatures").items
    assert (record.id, record.text) == ("c9b2a5f0-4141-4e2d-9838-14889c32a4bf", "Acme")
    assert (record.state, record.review) == (ReviewState.REJECTED, "the licence cannot be read")
    assert (record.international, record.created_at) == (False, datetime(2024, 9, 2, 3, 11, 5, tzinfo=UTC))
    assert isinstance(record.extra, HuaweiSignature)
    assert (record.extra.signature_source, record.extra.power_attorney_file_id) == (0, "a2")


@pytest.mark.parametrize(
    ("status", "state"),
    [
        *((name, ReviewState.PENDING) for name in ("PENDING_REVIEW", "PROCESSING", "PENDING_QUALIFICATION_REVIEW")),
        *((name, ReviewState.PENDING) for name in ("REAL_NAME_REGISTRATING", "TO_BE_ACTIVATED", "PENDING_ACTIVATE")),
        *((name, ReviewState.APPROVED) for name in ("REVIEW_PASSED", "REVIEW_PROCESSING_COMPLETED")),
        ("REVIEW_PASSED_QUALIFICATION_PROCESSING", ReviewState.APPROVED),
        ("REVIEW_PASSED_REAL_NAME_REGISTRATING", ReviewState.APPROVED),
        ("REVIEW_PASSED_REAL_NAME_REGISTRATE_FAIL", ReviewState.APPROVED),
        ("REVIEW_NOT_PASS", ReviewState.REJECTED),
        ("REVIEW_PASSED_SOMEHOW", ReviewState.UNKNOWN),
        ("", ReviewState.UNKNOWN),
    ],
)
def test_review_of_a_signature(status: str, state: ReviewState) -> None:
    """Approved is what can be sent, pending what cannot be sent yet."""
    assert ACCOUNT.get_signature("s").parse(response({"id": "s", "status": status})).state is state


def test_new_signature() -> None:
    """The record of a new signature has its ids, and is under review."""
    told = {"id": "1", "signature_id": "2", "signature_name": "Acme"}
    for call in (ACCOUNT.add_signature(text="Acme"), ACCOUNT.modify_signature("1", text="Acme")):
        record = call.parse(response(told))
        assert (record.id, record.text, record.state, record.raw) == ("1", "Acme", ReviewState.PENDING, told)


def test_files() -> None:
    """An upload gives the file's id, a look-up what is known of it."""
    assert (
        read(ACCOUNT.upload_file(b"x", name="x.png"), "upload-file").file_id == "******ab-1390-4268-9463-73db98cdc2e1"
    )
    found = ACCOUNT.get_file("f").parse(response({"file_id": "f", "file_size": 9, "file_ref": "0"}))
    assert (found.file_id, found.file_size, found.file_ref) == ("f", 9, 0)


def test_undescribed_responses_come_as_they_are() -> None:
    """What no guide describes is handed over as it came."""
    assert ACCOUNT.metric_statistics({}).parse(response([1, {"a": 2}])) == [1, {"a": 2}]
    assert ACCOUNT.message_details({"x": "y"}).parse(response({"results": []})) == {"results": []}


@pytest.mark.parametrize("body", [{"results": [], "total": 0}, {"total": 0}, {"results": None, "total": 0}])
def test_empty_page(body: dict[str, object]) -> None:
    """An empty list may lack its results."""
    assert ACCOUNT.list_apps().parse(response(body)) == Page((), 0)


@pytest.mark.parametrize(
    ("total", "read_as"), [(7, 7), (0, 0), (-1, None), ("7", 7), (True, None), (None, None), (1.5, None)]
)
def test_total_of_a_page(total: object, read_as: int | None) -> None:
    """A total that cannot be one is None, and paging goes by the length of the pages."""
    assert ACCOUNT.list_templates().parse(response({"results": [], "total": total})).total == read_as


@pytest.mark.parametrize(
    ("case", "outcome", "reason", "code", "words"),
    [
        ("iam-wrong-password", Outcome.REJECTED, Reason.AUTH_FAILED, "401", "The username or password is wrong."),
        ("iam-not-found", Outcome.REJECTED, Reason.INVALID_REQUEST, "IAM.0004", "Could not find project"),
        ("gateway-token-expired", Outcome.REJECTED, Reason.AUTH_FAILED, "APIGW.0301", "token expires"),
        ("service-no-application", Outcome.REJECTED, Reason.INVALID_REQUEST, "MSGSMS.0076", "appKey=123"),
        ("gateway-unlisted-code", Outcome.REJECTED, Reason.INVALID_REQUEST, "AS.0001", "The format of message"),
    ],
)
def test_refusal(case: str, outcome: Outcome, reason: Reason, code: str, words: str) -> None:
    """Each shape of error gives its code, our reason and the vendor's own text, with the name of the call in front."""
    error = refused(ACCOUNT.get_app("a"), sample(case))
    assert (error.outcome, error.reason, error.code) == (outcome, reason, code)
    assert str(error).startswith("GET /v2/{project_id}/msgsms/apps/{id}: ")
    assert words in str(error)


def test_request_id() -> None:
    """The id for the support desk is in the body or, where that has none, in a header."""
    assert (
        refused(ACCOUNT.count_apps(), sample("gateway-token-expired")).request_id == "4c2f0e3d7f2d4ea9a3e6a5d5a1b7e8c9"
    )
    for case in ("service-no-application", "iam-wrong-password"):
        assert refused(ACCOUNT.count_apps(), sample(case, **{"X-Request-Id": "r-1"})).request_id == "r-1"
    assert refused(ACCOUNT.count_apps(), response(b"", 502, **{"x-request-id": "r-2"})).request_id == "r-2"


@pytest.mark.parametrize(
    ("status", "outcome", "reason"),
    [
        (400, Outcome.REJECTED, Reason.INVALID_REQUEST),
        (401, Outcome.REJECTED, Reason.AUTH_FAILED),
        (403, Outcome.REJECTED, Reason.PERMISSION_DENIED),
        (404, Outcome.REJECTED, Reason.INVALID_REQUEST),
        (408, Outcome.UNKNOWN, Reason.PLATFORM_FAULT),
        (409, Outcome.REJECTED, Reason.INVALID_REQUEST),
        (429, Outcome.REJECTED, Reason.TRY_LATER),
        (500, Outcome.UNKNOWN, Reason.PLATFORM_FAULT),
        (503, Outcome.UNKNOWN, Reason.PLATFORM_FAULT),
        (200, Outcome.UNKNOWN, Reason.UNKNOWN),
        (302, Outcome.UNKNOWN, Reason.UNKNOWN),
    ],
)
def test_unlisted_code_goes_by_the_http_status(status: int, outcome: Outcome, reason: Reason) -> None:
    """A code that is in no table is decided by the HTTP status; at a success it leaves open whether it was done."""
    for body in ({"error_code": "MSGSMS.9999", "error_msg": "new"}, {"error": {"code": 499, "message": "new"}}):
        error = refused(ACCOUNT.delete_template("t"), response(body, status))
        assert (error.outcome, error.reason) == (outcome, reason)
        assert error.code in ("MSGSMS.9999", "499")


@pytest.mark.parametrize(
    "body",
    [{"error_code": "MSGSMS.9999", "error_msg": "new"}, {"error": {"code": 403, "message": "no"}}, b"<html>", b""],
)
def test_refusal_for_lack_of_permission_names_the_action(body: Any) -> None:
    """A 403 names the action of Table 4-1 that the call needs, and those that it depends on; other refusals do not."""
    error = refused(ACCOUNT.delete_template("t"), response(body, 403))
    needed = "grant it msgsms:templates:delete in IAM, and what that depends on: msgsms:service:getServiceStatus, "
    assert f"{needed}msgsms:templates:getMsgtemplate" in str(error)
    assert "msgsms:" not in str(refused(ACCOUNT.delete_template("t"), response(body, 404))).partition("t}")[2]


def test_call_that_the_table_of_actions_lacks() -> None:
    """Table 4-1 has no action for listing signatures: none is made up."""
    error = refused(ACCOUNT.list_signatures(), response({"error_code": "MSGSMS.9999"}, 403))
    assert str(error).endswith("grant it the permission in IAM")


@pytest.mark.parametrize(
    ("status", "outcome", "reason"),
    [
        (400, Outcome.REJECTED, Reason.INVALID_REQUEST),
        (401, Outcome.REJECTED, Reason.AUTH_FAILED),
        (403, Outcome.REJECTED, Reason.PERMISSION_DENIED),
        (404, Outcome.REJECTED, Reason.UNSUPPORTED),
        (500, Outcome.UNKNOWN, Reason.NO_ANSWER),
        (200, Outcome.UNKNOWN, Reason.NO_ANSWER),
    ],
)
@pytest.mark.parametrize(
    "body", [b"", b"<html>", b"[" * 9999, b'{"message": "no"}', b'"x"', b"null", b'{"total": NaN}']
)
def test_response_without_an_envelope(body: bytes, status: int, outcome: Outcome, reason: Reason) -> None:
    """Without the vendor's envelope the HTTP status decides; a success that cannot be read leaves it open."""
    error = refused(ACCOUNT.list_apps(), response(body, status))
    assert (error.outcome, error.reason) == (outcome, reason)


@pytest.mark.parametrize(
    ("call", "bodies"),
    [
        (ACCOUNT.get_app("a"), (None, 1, "x", [])),
        (ACCOUNT.list_apps(), (None, [], {}, {"results": 7}, {"results": {}, "total": 1})),
        (ACCOUNT.list_countries(), (None, "x", {}, {"results": 7})),
    ],
)
def test_success_of_another_shape(call: Call[Any], bodies: tuple[object, ...]) -> None:
    """A success without what was asked for leaves it open."""
    for body in bodies:
        assert refused(call, response(body)).outcome is Outcome.UNKNOWN


def test_a_clock_that_is_wrong() -> None:
    """An expired signature is a matter of the clock, although the code is the one for wrong credentials."""
    words = "Incorrect IAM authentication information: calc ak sk signature fail:signature expired"
    error = refused(ACCOUNT.get_app("a"), response({"error_code": "APIGW.0301", "error_msg": words}, 401))
    assert (error.reason, error.code) == (Reason.CLOCK_SKEW, "APIGW.0301")


def echoing(account: HuaweiManagement) -> VendorError:
    """A refusal that repeats the account's keys and a number."""
    words = "ak canary-access-key sk canary-secret-key pw canary-password of +8613788888888"
    body = {"error_code": "APIGW.0301", "error_msg": words, "error_detail": words}
    return refused(account.get_app("a"), response(body, 401))


@pytest.mark.parametrize(
    ("account", "canaries"),
    [(by_key(), ("canary-access-key", "canary-secret-key")), (by_user(), ("canary-password",))],
)
def test_nothing_leaks_from_a_refusal(account: HuaweiManagement, canaries: tuple[str, ...]) -> None:
    """What a response repeats of keys and numbers is in no text, pickle or local variable of our frames."""
    error = echoing(account)
    shown = own_frames(error)
    shown += [str(error), repr(error), str(pickle.loads(pickle.dumps(error)))]
    assert len(shown) > 3
    for canary in (*canaries, "+8613788888888"):
        assert canary not in "".join(shown)


@pytest.mark.parametrize(
    ("time", "moment"),
    [
        (NOON, datetime(2022, 8, 12, 7, 40, 36, tzinfo=UTC)),
        ("2022-08-12T07:40:36+08:00", datetime(2022, 8, 11, 23, 40, 36, tzinfo=UTC)),
        ("yesterday", None),
        ("", None),
        (None, None),
    ],
)
def test_times(time: str | None, moment: datetime | None) -> None:
    """A time without a zone is UTC, and one that cannot be read is None."""
    assert read_time(time) == moment


_KEYS = (
    "results total id tenant industry is_support_multiomp app_secret raw create_time flow_status status error code "
    "error_code error_msg message success_ids failed_template_list intl_channel_number universal_template"
).split()
_JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(_KEYS),
            inner,
            max_size=6,
        )
    ),
    max_leaves=20,
)
CALLS: list[Call[Any]] = [
    ACCOUNT.list_apps(),
    ACCOUNT.get_app("a"),
    ACCOUNT.count_apps(),
    ACCOUNT.list_countries(),
    ACCOUNT.list_templates(),
    ACCOUNT.add_template(name="n", text="t"),
    ACCOUNT.delete_templates(["a"]),
    ACCOUNT.list_template_variables("t"),
    ACCOUNT.list_signatures(),
    ACCOUNT.add_signature(text="s"),
    ACCOUNT.get_file("f"),
    ACCOUNT.delete_template("t"),
]


@given(body=st.binary(max_size=64) | _JSON, status=st.integers(100, 599), call=st.sampled_from(CALLS))
def test_no_response_raises_anything_else(body: Any, status: int, call: Call[Any]) -> None:
    """Whatever comes back is read, or is one `VendorError`."""
    with contextlib.suppress(VendorError):
        call.parse(response(body, status))
