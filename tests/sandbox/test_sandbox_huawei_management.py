"""The simulated management APIs of Huawei: who may call, applications, templates, signatures, countries, files."""

import json
from typing import Any
from urllib.parse import quote

import attrs
import pytest
from sandbox_callers import NOW, HuaweiCaller
from sandbox_managers import PROJECT, ManagementCaller

from smsgate.sandbox import Sandbox
from smsgate.wire import HttpRequest

APP = "9e61f59c-1a6b-4ee5-9651-5bca450694b3"
TEMPLATE = {
    "app_id": APP,
    "region": "intl",
    "template_name": "login",
    "template_content": "Code ${NUM_6} for ${TXT_10}.",
    "template_type": "VERIFY_CODE_TYPE",
}
SIGNATURE = {"app_id": APP, "signature_name": "Contoso", "signature_type": "NOTIFY_TYPE"}


def token(sandbox: Sandbox, scope: Any = None, **change: Any) -> tuple[int, Any, str | None]:
    """Status, JSON and X-Subject-Token of a request for a token; *change* replaces parts of the user."""
    domain = {"name": change.pop("domain", "sandbox")}
    user = {"name": "sandbox", "password": "sandbox-password", "domain": domain, **change}
    identity = {"methods": ["password"], "password": {"user": user}}
    return ask(sandbox, {"auth": {"identity": identity, "scope": scope or {"project": {"name": "eu-west-101"}}}})


def ask(sandbox: Sandbox, body: object) -> tuple[int, Any, str | None]:
    """The same for any body."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    request = HttpRequest("POST", "http://127.0.0.1:8025/v3/auth/tokens", {"Content-Type": "application/json"}, data)
    answer = sandbox.handle(request, now=NOW).response
    assert answer is not None
    return answer.status, json.loads(answer.body), answer.headers.get("x-subject-token")


def test_token_opens_the_door() -> None:
    """HTTP 201, the token in the header, its end in the body; management takes it until then."""
    sandbox = Sandbox()
    status, told, value = token(sandbox)
    assert status == 201
    assert (told["token"]["issued_at"], told["token"]["expires_at"]) == (
        "2025-11-24T16:00:00.000000Z",
        "2025-11-25T16:00:00.000000Z",
    )
    assert told["token"]["methods"] == ["password"]
    assert told["token"]["project"] == {"name": "eu-west-101", "id": PROJECT, "domain": told["token"]["user"]["domain"]}
    caller = ManagementCaller(sandbox=sandbox, token=value, headers={})
    assert caller.call("GET", "apps")[0] == 200
    for later, expected in ((86_399.0, 200), (86_400.0, 401)):
        answer = sandbox.handle(caller.request("GET", "apps"), now=NOW + later)
        assert answer.response is not None
        assert answer.response.status == expected


def test_tokens_can_be_made_to_expire() -> None:
    """All at once, or by a short life; new ones are good."""
    sandbox = Sandbox()
    assert sandbox.token_lifetime == 86_400
    caller = ManagementCaller(sandbox=sandbox, token=token(sandbox)[2])
    sandbox.expire_tokens()
    assert caller.call("GET", "apps")[1]["error_msg"].endswith("decrypt token fail")
    sandbox.token_lifetime = 2
    caller.token = token(sandbox)[2]
    assert caller.call("GET", "apps")[0] == 200
    answer = sandbox.handle(caller.request("GET", "apps"), now=NOW + 2)
    assert answer.response is not None
    assert b"token expires" in answer.response.body
    with pytest.raises(ValueError, match="lifetime"):
        sandbox.token_lifetime = 0


@pytest.mark.parametrize("change", [{"password": "wrong"}, {"name": "nobody"}, {"domain": "acme"}, {"password": None}])
def test_wrong_password_is_refused(change: dict[str, Any]) -> None:
    """HTTP 401 in IAM's own shape, and no token."""
    status, told, value = token(Sandbox(), **change)
    assert (status, value) == (401, None)
    error = {"code": 401, "message": "The username or password is wrong.", "title": "Unauthorized"}
    assert told == {"error": error}


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"[]",
        b'"x"',
        b"[" * 100_000,
        {},
        {"auth": []},
        {"auth": {"identity": {"methods": ["token"]}}},
        {"auth": {"identity": {"methods": ["password"]}}},
        {"auth": {"identity": {"methods": ["password"], "password": {"user": {"name": "sandbox"}}}}},
    ],
)
def test_malformed_request_for_a_token_is_refused(body: object) -> None:
    """HTTP 400 in IAM's own shape."""
    status, told, value = ask(Sandbox(), body)
    assert (status, told["error"]["code"], value) == (400, 400, None)


@pytest.mark.parametrize(
    ("scope", "status"),
    [
        ({"project": {"id": PROJECT}}, 200),
        ({"project": {"name": "eu-west-101"}}, 200),
        ({"domain": {"name": "sandbox"}}, 401),
    ],
)
def test_token_is_for_a_project(scope: Any, status: int) -> None:
    """The token of the whole account is issued and does not open the door."""
    sandbox = Sandbox()
    created, told, value = token(sandbox, scope)
    assert (created, "project" in told["token"]) == (201, status == 200)
    assert ManagementCaller(sandbox=sandbox, token=value).call("GET", "apps")[0] == status


def test_unknown_project_is_refused() -> None:
    """No token for a project that the user has not."""
    assert token(Sandbox(), {"project": {"name": "cn-north-4"}})[0] == 401


def test_iam_has_nothing_else() -> None:
    """Other paths and methods are HTTP 404 in IAM's own shape."""
    for method, path in (("GET", "/v3/auth/tokens"), ("POST", "/v3/users")):
        answer = Sandbox().handle(HttpRequest(method, f"http://vendor{path}"), now=NOW).response
        assert answer is not None
        assert (answer.status, json.loads(answer.body)["error"]["code"]) == (404, 404)


@pytest.mark.parametrize(
    ("change", "status", "words"),
    [
        ({"key": "nobody"}, 401, "ak not exist"),
        ({"secret": "wrong"}, 401, "verify aksk signature fail"),
        ({"now": NOW - 901}, 401, "signature expired"),
        ({"headers": {}}, 401, "X-Project-Id"),
        ({"headers": {"x-project-id": "1"}}, 401, "X-Project-Id"),
        ({"token": "nonsense"}, 401, "decrypt token fail"),
        ({"project": "0" * 32}, 403, "forbidden"),
    ],
    ids=str,
)
def test_gateway_checks_who_calls(change: dict[str, Any], status: int, words: str) -> None:
    """The gateway's own shape: error_code, error_msg, request_id."""
    found, told = ManagementCaller(**change).call("GET", "apps")
    assert (found, told["error_code"]) == (status, "APIGW.0301" if status == 401 else "APIGW.0302")
    assert words in told["error_msg"]
    assert len(told["request_id"]) == 32


def test_caller_without_credentials_is_refused() -> None:
    """Neither token nor signature, or none that can be read."""
    caller = ManagementCaller()
    bare = caller.request("GET", "apps")
    for headers in ({}, {"Authorization": "Basic x"}):
        status, told = caller.told(attrs.evolve(bare, headers=headers))
        assert (status, told["error_code"]) == (401, "APIGW.0301")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", f"templates/{APP}/variable"),
        ("DELETE", f"apps/{APP}"),
        ("PATCH", "apps"),
        ("GET", "weather"),
        ("GET", f"apps/{APP}/a/b"),
        ("GET", ""),
    ],
)
def test_what_is_not_published_is_not_found(method: str, path: str) -> None:
    """The word that the guide's example spells right is HTTP 404, as is whatever Huawei does not have."""
    assert ManagementCaller().call(method, path)[0] == 404
    assert ManagementCaller().code(method, path) == "APIGW.0101"


def test_path_with_a_space_is_signed_encoded() -> None:
    """The query is signed as it is encoded, in any order."""
    caller = ManagementCaller()
    assert caller.call("GET", f"apps?app_name={quote('测试 app~1')}&limit=10&offset=0&region=cn")[1]["total"] == 0


def test_application_that_is_there() -> None:
    """With the field names of Huawei's SDK, and the key that sends."""
    caller = ManagementCaller()
    status, told = caller.call("GET", f"apps/{APP}")
    assert status == 200
    assert told == {
        "id": APP,
        "create_time": "2024-01-01 00:00:00",
        "update_time": "2024-01-01 00:00:00",
        "customer_id": told["tenant"]["customer_id"],
        "tenant": told["tenant"],
        "resource_id": told["resource_id"],
        "developer_account": "sandbox_sms",
        "app_name": "sandbox",
        "omp_app_name": APP.replace("-", ""),
        "app_key": "sandbox-huawei-app-key",
        "up_link_addr": None,
        "status": "LAUNCHED",
        "industry": 14,
        "region": "intl",
        "intl_channel_num": "isms100000001",
        "enterprise_project_id": "0",
        "enterprise_project_name": "default",
        "app_access_addr": "http://127.0.0.1:8025",
        "protocol": "HTTP",
        "platform": "NFV",
        "is_support_multiomp": False,
    }
    assert caller.call("GET", "apps")[1] == {"results": [told], "total": 1}


def test_new_application_sends_with_its_own_key() -> None:
    """Its key, secret and channel work together, and not with another's."""
    caller = ManagementCaller()
    made = caller.call("POST", "apps", {"app_name": "shop", "region": "cn", "show_secret": True})[1]
    assert set(made) == {"id", "app_key", "app_name", "app_secret"}
    channel = caller.call("GET", f"apps/{made['id']}")[1]["intl_channel_num"]
    huawei = HuaweiCaller(caller.sandbox, key=made["app_key"], secret=made["app_secret"])
    assert huawei.form(sender=channel)[0] == 200
    assert huawei.form()[1]["result"][0]["status"] == "E200018"
    huawei.secret = "sandbox-huawei-app-secret"
    assert huawei.form(sender=channel)[1]["code"] == "E000101"


def test_applications_are_counted_and_changed() -> None:
    """The count is by region; a change keeps what it leaves out."""
    caller = ManagementCaller()
    made = caller.call("POST", "apps", {"app_name": "shop", "region": "cn", "up_link_addr": "https://shop.test/up"})[1]
    assert "app_secret" not in made
    assert caller.call("GET", "apps-count", region="cn")[1] == {"total": 100, "used": 1}
    assert caller.call("GET", "apps-count", region="intl")[1] == {"total": 100, "used": 1}
    changed = caller.call("PUT", f"apps/{made['id']}", {"app_name": "store", "enterprise_project_id": "7"})[1]
    assert changed == {"id": made["id"], "app_key": made["app_key"], "app_name": "store"}
    row = caller.call("GET", "apps", app_name="store")[1]["results"][0]
    assert (row["region"], row["up_link_addr"], row["enterprise_project_id"]) == ("cn", "https://shop.test/up", "7")


def test_no_more_than_a_hundred_applications() -> None:
    """The quota that apps-count tells is real."""
    caller = ManagementCaller()
    for _ in range(99):
        caller.call("POST", "apps", {"app_name": "shop", "region": "intl"})
    assert caller.code("POST", "apps", {"app_name": "shop", "region": "intl"}) == "MSGSMS.0002"


def test_lists_are_paged_sorted_and_filtered() -> None:
    """Newest first unless asked otherwise; a field of the row filters; times are a span."""
    caller = ManagementCaller()
    for name in ("b", "c", "d"):
        caller.call("POST", "apps", {"app_name": name, "region": "cn"})
    names = [
        [row["app_name"] for row in caller.call("GET", "apps", limit="2", offset=offset)[1]["results"]]
        for offset in ("0", "2", "4")
    ]
    assert names == [["d", "c"], ["b", "sandbox"], []]
    oldest = caller.call("GET", "apps", sort_dir="asc", region="cn")[1]
    assert ([row["app_name"] for row in oldest["results"]], oldest["total"]) == (["b", "c", "d"], 3)
    assert caller.call("GET", "apps", start_time="2025-01-01 00:00:00")[1]["total"] == 3
    assert caller.call("GET", "apps", end_time="2025-01-01 00:00:00")[1]["total"] == 1


@pytest.mark.parametrize(
    ("method", "path", "body", "code"),
    [
        ("GET", "apps?limit=x", None, "MSGSMS.0002"),
        ("GET", "apps?limit=1001", None, "MSGSMS.0002"),
        ("GET", "apps?offset=-1", None, "MSGSMS.0002"),
        ("GET", "apps?sort_dir=up", None, "MSGSMS.0002"),
        ("GET", "apps-count", None, "MSGSMS.0002"),
        ("GET", "apps/none", None, "MSGSMS.0076"),
        ("PUT", "apps/none", {"app_name": "x"}, "MSGSMS.0076"),
        ("POST", "apps", {"region": "intl"}, "MSGSMS.0002"),
        ("POST", "apps", {"app_name": "", "region": "intl"}, "MSGSMS.0002"),
        ("POST", "apps", {"app_name": "x", "region": "mars"}, "MSGSMS.0002"),
        ("POST", "apps", {"app_name": "x", "region": "intl", "up_link_addr": 7}, "MSGSMS.0002"),
        ("POST", "apps", [], "MSGSMS.0002"),
        ("GET", "templates/none", None, "MSGSMS.0009"),
        ("DELETE", "templates/none", None, "MSGSMS.0009"),
        ("GET", "templates/none/varilable", None, "MSGSMS.0009"),
        ("POST", "templates", {**TEMPLATE, "app_id": "none"}, "MSGSMS.0076"),
        ("POST", "templates", {**TEMPLATE, "template_content": None}, "MSGSMS.0002"),
        ("POST", "templates", {**TEMPLATE, "template_type": "LOVE"}, "MSGSMS.0002"),
        ("POST", "templates", {**TEMPLATE, "universal_template": 2}, "MSGSMS.0002"),
        ("POST", "templates", {**TEMPLATE, "universal_template": True}, "MSGSMS.0002"),
        ("POST", "templates", {**TEMPLATE, "region": "cn"}, "MSGSMS.0005"),
        ("POST", "templates", {**TEMPLATE, "region": "eu"}, "MSGSMS.0002"),
        ("POST", "templates", {**TEMPLATE, "region": "eu", "send_country": [999]}, "MSGSMS.0002"),
        ("POST", "templates", {**TEMPLATE, "region": "eu", "send_country": [[]]}, "MSGSMS.0002"),
        ("POST", "templates", {**TEMPLATE, "send_country": 5}, "MSGSMS.0002"),
        ("POST", "templates", {**TEMPLATE, "variable_attributes": {}}, "MSGSMS.0002"),
        ("POST", "templates", {**TEMPLATE, "variable_attributes": [7]}, "MSGSMS.0002"),
        ("POST", "templates", {**TEMPLATE, "variable_attributes": [{"variable_index": []}]}, "MSGSMS.0002"),
        ("GET", "signatures/none", None, "MSGSMS.0005"),
        ("DELETE", "signatures/none", None, "MSGSMS.0005"),
        ("PUT", "signatures/none/active", None, "MSGSMS.0005"),
        ("POST", "signatures", {**SIGNATURE, "signature_type": None}, "MSGSMS.0002"),
        ("POST", "signatures", {**SIGNATURE, "file_id": "none"}, "MSGSMS.0011"),
        ("POST", "signatures", {**SIGNATURE, "power_attorney_fileid": "none"}, "MSGSMS.0011"),
        ("POST", "signatures", {**SIGNATURE, "signature_source": 6}, "MSGSMS.0002"),
        ("POST", "signatures", {**SIGNATURE, "signature_name": "Acme"}, "MSGSMS.0004"),
        ("GET", "upload-files", None, "MSGSMS.0011"),
        ("GET", "upload-files?file_id=none", None, "MSGSMS.0011"),
    ],
    ids=str,
)
def test_wrong_call_is_refused(method: str, path: str, body: Any, code: str) -> None:
    """The service's own shape, with the detail that is wrong."""
    status, told = ManagementCaller().call(method, path, body)
    assert (status in (400, 404), told["error_code"]) == (True, code)
    assert set(told) == {"error_code", "error_msg", "error_detail"}


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b'{"app_name":"\\ud800"}', b"[" * 100_000])
def test_body_is_an_object(body: bytes) -> None:
    """Anything else than a JSON object is an invalid parameter."""
    caller = ManagementCaller()
    assert caller.told(caller.request("POST", "apps", body))[1]["error_code"] == "MSGSMS.0002"


def create(caller: ManagementCaller, **change: Any) -> str:
    """The id of a new template."""
    status, told = caller.call("POST", "templates", {**TEMPLATE, **change})
    assert (status, set(told)) == (200, {"id", "template_name"})
    id: str = told["id"]
    return id


def test_template_is_pending_then_approved_then_gone() -> None:
    """The approval brings the template_id that sends take, with its variables checked; deleting ends that."""
    caller = ManagementCaller()
    huawei = HuaweiCaller(caller.sandbox)
    id = create(caller)
    row = caller.call("GET", f"templates/{id}")[1]
    assert (row["flow_status"], "template_id" in row, row["has_variable"]) == ("Reviewing", False, "Yes")
    caller.sandbox.review("huawei", "template", id, "approved", "fine")
    row = caller.call("GET", f"templates/{id}")[1]
    assert (row["flow_status"], row["review_desc"], row["template_type"]) == ("Adopted", "fine", "VERIFY_CODE_TYPE")
    send = {"templateId": row["template_id"]}
    assert huawei.form(**send, templateParas='["123456","Contoso"]')[0] == 200
    assert caller.sandbox.messages[-1].text == "【Acme】Code 123456 for Contoso."
    for params in ('["1234567","x"]', '["12a","x"]', '["1"]', '["1","more than ten"]'):
        assert huawei.form(**send, templateParas=params)[1]["result"][0]["status"] == "E200028"
    response = caller.response(caller.request("DELETE", f"templates/{id}"))
    assert (response.status, response.body) == (204, b"")
    assert huawei.form(**send, templateParas='["1","x"]')[1]["result"][0]["status"] == "E200030"
    assert caller.call("GET", f"templates/{id}")[0] == 404


def test_built_in_template_is_listed() -> None:
    """What was approved from the start has all the fields of a row."""
    caller = ManagementCaller()
    (row,) = caller.call("GET", "templates")[1]["results"]
    assert row["template_id"] == "8ff55eac1d0b478ab3c06c3c6a492300"
    assert (row["app_key"], row["flow_status"], row["site"]) == ("sandbox-huawei-app-key", "Adopted", "cn")
    variables = caller.call("GET", f"templates/{row['id']}/varilable")[1]
    assert [(each["variable_type"], each["variable_length"]) for each in variables["results"]] == [
        ("NUM", 6),
        ("TXT", 6),
    ]


def test_only_rejected_template_is_changed() -> None:
    """A change makes it pending again, under the same ids."""
    caller = ManagementCaller()
    id = create(caller, template_desc="[reject: vague]")
    row = caller.call("GET", f"templates/{id}")[1]
    assert (row["flow_status"], row["review_desc"]) == ("Reject", "vague")
    changed = {**TEMPLATE, "template_name": "login 2", "template_content": "Code ${NUM_4}."}
    assert caller.call("PUT", f"templates/{id}", changed)[1] == {"id": id, "template_name": "login 2"}
    row = caller.call("GET", f"templates/{id}")[1]
    assert (row["flow_status"], row["template_content"], row["review_desc"]) == ("Reviewing", "Code ${NUM_4}.", "")
    assert caller.code("PUT", f"templates/{id}", changed) == "MSGSMS.0010"


def test_several_templates_are_deleted() -> None:
    """Each for itself: one that is not known spares the others."""
    caller = ManagementCaller()
    ids = [create(caller), "none", create(caller)]
    status, told = caller.call("POST", "templates/batch-delete", {"ids": ids})
    assert status == 200
    assert told == {
        "success_count": 2,
        "success_ids": [ids[0], ids[2]],
        "failed_count": 1,
        "failed_template_list": [{"id": "none", "error_msg": "Template does not exist."}],
    }
    assert caller.call("GET", "templates")[1]["total"] == 1
    for wrong in ([], "none", ["x"] * 51, None):
        assert caller.code("POST", "templates/batch-delete", {"ids": wrong}) == "MSGSMS.0002"


def test_variables_of_a_template() -> None:
    """At `varilable`, with what the application said about them."""
    caller = ManagementCaller()
    attributes = [{"variable_index": 1, "variable_type": "CHARDIGIT", "variable_desc": "the code"}]
    id = create(caller, variable_attributes=attributes)
    assert caller.call("GET", f"templates/{id}/varilable")[1] == {
        "results": [
            {
                "id": 15000001,
                "user_name": None,
                "temp_name": "login",
                "variable_index": 1,
                "variable_type": "NUM",
                "variable_length": 6,
                "variable_desc": "the code",
            },
            {
                "id": 15000002,
                "user_name": None,
                "temp_name": "login",
                "variable_index": 2,
                "variable_type": "TXT",
                "variable_length": 10,
                "variable_desc": "",
            },
        ],
        "total": 2,
    }


def test_templates_are_filtered() -> None:
    """By any field of the row: name, type, flow_status, whether it has variables, application."""
    caller = ManagementCaller()
    create(caller, template_content="Hello.", template_name="hello", template_type="NOTIFY_TYPE")
    for query in (
        {"template_name": "hello"},
        {"flow_status": "Reviewing"},
        {"has_variable": "No"},
        {"app_name": "sandbox", "template_type": "NOTIFY_TYPE", "flow_status": "Reviewing"},
    ):
        assert caller.call("GET", "templates", **query)[1]["total"] == 1


def test_countries_of_a_template() -> None:
    """The countries are found by a part of the name, and up to three of them are told."""
    caller = ManagementCaller()
    (ireland,) = caller.call("GET", "country", country_name_en="irel")[1]
    (germany,) = caller.call("GET", "country", country_name_zh="德")[1]
    assert ireland == {"country_id": 10, "country_name_en": "Ireland", "country_name_zh": "爱尔兰"}
    assert len(caller.call("GET", "country")[1]) > 10
    id = create(caller, region="eu", send_country=[ireland["country_id"], germany["country_id"]])
    row = caller.call("GET", f"templates/{id}")[1]
    assert (row["send_country1"], row["send_country2"], row["country_name"]) == (10, 6, "Ireland~Germany")


def test_signature_is_pending_then_approved_then_gone() -> None:
    """The approval brings the channel number; a template for mainland China stops with its signature."""
    caller = ManagementCaller()
    huawei = HuaweiCaller(caller.sandbox)
    made = caller.call("POST", "signatures", SIGNATURE)[1]
    id = made["id"]
    assert made == {"id": id, "signature_id": made["signature_id"], "signature_name": "Contoso"}
    row = caller.call("GET", f"signatures/{id}")[1]
    assert (row["status"], "channel_num" in row) == ("PENDING_REVIEW", False)
    assert caller.code("PUT", f"signatures/{id}/active") == "MSGSMS.0002"
    caller.sandbox.review("huawei", "signature", made["signature_id"], "approved")
    row = caller.call("GET", f"signatures/{id}")[1]
    assert (row["status"], row["channel_num"]) == ("REVIEW_PROCESSING_COMPLETED", "isms100000001")
    assert caller.call("PUT", f"signatures/{id}/active") == (204, None)
    template = create(caller, region="cn", sign_id=id, template_desc="[approve]")
    send = {"templateId": caller.call("GET", f"templates/{template}")[1]["template_id"], "templateParas": '["1","x"]'}
    assert huawei.form(**send)[0] == 200
    assert caller.sandbox.messages[-1].signature == "Contoso"
    assert caller.call("DELETE", f"signatures/{id}") == (204, None)
    assert huawei.form(**send)[1]["result"][0]["status"] == "E200020"


def test_general_template_names_its_signature() -> None:
    """For mainland China a general template belongs to no signature, so each message names one."""
    caller = ManagementCaller()
    huawei = HuaweiCaller(caller.sandbox)
    id = create(caller, region="cn", universal_template=1, template_desc="[approve]")
    send = {"templateId": caller.call("GET", f"templates/{id}")[1]["template_id"], "templateParas": '["1","x"]'}
    assert huawei.form(**send)[1]["result"][0]["status"] == "E200025"
    assert huawei.form(**send, signature="Acme")[0] == 200


def test_only_rejected_signature_is_changed() -> None:
    """A change makes it pending again; not into one that there is."""
    caller = ManagementCaller()
    id = caller.call("POST", "signatures", {**SIGNATURE, "apply_desc": "[reject: no licence]"})[1]["id"]
    row = caller.call("GET", f"signatures/{id}")[1]
    assert (row["status"], row["review_desc"]) == ("REVIEW_NOT_PASS", "no licence")
    assert caller.code("PUT", f"signatures/{id}", {**SIGNATURE, "signature_name": "Acme"}) == "MSGSMS.0004"
    changed = caller.call("PUT", f"signatures/{id}", {**SIGNATURE, "is_involved_third": "Yes"})[1]
    assert changed["signature_id"] == row["signature_id"]
    row = caller.call("GET", "signatures", signature_name="Contoso")[1]["results"][0]
    assert (row["status"], row["is_involved_third"]) == ("PENDING_REVIEW", "Yes")
    assert caller.code("PUT", f"signatures/{id}", SIGNATURE) == "MSGSMS.0007"


def test_file_is_uploaded_for_a_signature() -> None:
    """A form with one part; name, size and description come back."""
    caller = ManagementCaller()
    part = b'Content-Disposition: form-data; name="file"; filename="licence.png"\r\nContent-Type: image/png'
    body = b"--cut\r\n" + part + b"\r\n\r\n\x89PNG\r\n--\r\n--cut--\r\n"
    request = caller.request("POST", "upload-files?file_desc=licence", body, "multipart/form-data; boundary=cut")
    status, told = caller.told(request)
    assert status == 200
    row = caller.call("GET", "upload-files", file_id=told["file_id"])[1]
    assert (row["file_name"], row["file_size"], row["file_desc"]) == ("licence.png", 8, "licence")
    assert caller.call("POST", "signatures", {**SIGNATURE, "file_id": told["file_id"]})[0] == 200


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("application/json", b"{}"),
        ("multipart/form-data", b"--cut\r\n\r\n--cut--"),
        ("multipart/form-data; boundary=cut", b'--cut\r\nname="other"\r\n\r\nx\r\n--cut--'),
    ],
)
def test_upload_without_a_file_is_refused(content_type: str, body: bytes) -> None:
    """No form, no boundary, no part of that name."""
    caller = ManagementCaller()
    status, told = caller.told(caller.request("POST", "upload-files", body, content_type))
    assert (status, told["error_code"], told["error_detail"]) == (400, "MSGSMS.0002", "file")
