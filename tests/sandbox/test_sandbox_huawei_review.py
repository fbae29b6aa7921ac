"""The simulated templates and signatures of Huawei: applied for, reviewed, sent, deleted."""

from typing import Any

import pytest
from sandbox_callers import HuaweiCaller
from sandbox_managers import HUAWEI_SIGNATURE, HUAWEI_TEMPLATE, ManagementCaller


def create(caller: ManagementCaller, **change: Any) -> str:
    """The id of a new template."""
    status, payload = caller.call("POST", "templates", {**HUAWEI_TEMPLATE, **change})
    assert (status, set(payload)) == (200, {"id", "template_name"})
    id: str = payload["id"]
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
    changed = {**HUAWEI_TEMPLATE, "template_name": "login 2", "template_content": "Code ${NUM_4}."}
    assert caller.call("PUT", f"templates/{id}", changed)[1] == {"id": id, "template_name": "login 2"}
    row = caller.call("GET", f"templates/{id}")[1]
    assert (row["flow_status"], row["template_content"], row["review_desc"]) == ("Reviewing", "Code ${NUM_4}.", "")
    assert caller.code("PUT", f"templates/{id}", changed) == "MSGSMS.0010"


def test_several_templates_are_deleted() -> None:
    """Each for itself: one that is not known spares the others."""
    caller = ManagementCaller()
    ids = [create(caller), "none", create(caller)]
    status, payload = caller.call("POST", "templates/batch-delete", {"ids": ids})
    assert status == 200
    assert payload == {
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
    """The countries are found by a part of the name, and up to three of them are listed."""
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
    made = caller.call("POST", "signatures", HUAWEI_SIGNATURE)[1]
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
    id = caller.call("POST", "signatures", {**HUAWEI_SIGNATURE, "apply_desc": "[reject: no licence]"})[1]["id"]
    row = caller.call("GET", f"signatures/{id}")[1]
    assert (row["status"], row["review_desc"]) == ("REVIEW_NOT_PASS", "no licence")
    assert caller.code("PUT", f"signatures/{id}", {**HUAWEI_SIGNATURE, "signature_name": "Acme"}) == "MSGSMS.0004"
    changed = caller.call("PUT", f"signatures/{id}", {**HUAWEI_SIGNATURE, "is_involved_third": "Yes"})[1]
    assert changed["signature_id"] == row["signature_id"]
    row = caller.call("GET", "signatures", signature_name="Contoso")[1]["results"][0]
    assert (row["status"], row["is_involved_third"]) == ("PENDING_REVIEW", "Yes")
    assert caller.code("PUT", f"signatures/{id}", HUAWEI_SIGNATURE) == "MSGSMS.0007"


def test_file_is_uploaded_for_a_signature() -> None:
    """A form with one part; name, size and description come back."""
    caller = ManagementCaller()
    part = b'Content-Disposition: form-data; name="file"; filename="licence.png"\r\nContent-Type: image/png'
    body = b"--cut\r\n" + part + b"\r\n\r\n\x89PNG\r\n--\r\n--cut--\r\n"
    request = caller.request("POST", "upload-files?file_desc=licence", body, "multipart/form-data; boundary=cut")
    status, payload = caller.payload(request)
    assert status == 200
    row = caller.call("GET", "upload-files", file_id=payload["file_id"])[1]
    assert (row["file_name"], row["file_size"], row["file_desc"]) == ("licence.png", 8, "licence")
    assert caller.call("POST", "signatures", {**HUAWEI_SIGNATURE, "file_id": payload["file_id"]})[0] == 200


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
    status, payload = caller.payload(caller.request("POST", "upload-files", body, content_type))
    assert (status, payload["error_code"], payload["error_detail"]) == (400, "MSGSMS.0002", "file")
