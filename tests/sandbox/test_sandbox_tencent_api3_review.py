"""The simulated API 3.0 beside SendSms, in both versions: templates and signatures."""

import base64
from typing import Any

import pytest
from sandbox_managers import NEW, OLD, CloudCaller

VERSIONS = pytest.mark.parametrize("version", [OLD, NEW])
PICTURE = base64.b64encode(b"\x89PNG").decode()
TEMPLATE = {
    "TemplateName": "login",
    "TemplateContent": "Code {1}.",
    "SmsType": 2,
    "International": 0,
    "Remark": "for logins",
}


@VERSIONS
def test_template_is_pending_then_approved_then_gone(version: str) -> None:
    """Status 1, then 0; the id of the first answer is text, later ones are numbers."""
    cloud = CloudCaller(version=version)
    id = cloud.call("AddSmsTemplate", **TEMPLATE)["AddTemplateStatus"]["TemplateId"]
    assert isinstance(id, str)
    send = {"TemplateID" if version == OLD else "TemplateId": id, "TemplateParamSet": ["7"]}
    refused = "FailedOperation.TemplateIncorrectOrUnapproved"
    assert describe(cloud, int(id))["StatusCode"] == 1
    assert cloud.send(**send)[0]["Code"] == refused
    cloud.sandbox.review("tencent", "template", id, "approved", "fine")
    content = {"TemplateContent": "Code {1}."} if version == NEW else {}
    assert describe(cloud, int(id)) == {
        "TemplateId": int(id),
        "International": 0,
        "StatusCode": 0,
        "ReviewReply": "fine",
        "TemplateName": "login",
        "CreateTime": 1764000000,
        **content,
    }
    assert cloud.send(**send)[0]["Code"] == "Ok"
    deleted = cloud.call("DeleteSmsTemplate", TemplateId=int(id))
    assert deleted == {"DeleteTemplateStatus": {"DeleteStatus": "return successfully!", "DeleteTime": 1764000000}}
    assert cloud.send(**send)[0]["Code"] == refused
    assert cloud.code("DeleteSmsTemplate", TemplateId=int(id)) == "FailedOperation.TemplateIdNotExist"
    assert cloud.code("DescribeSmsTemplateList", International=0, TemplateIdSet=[int(id)]) == (
        "FailedOperation.TemplateIdNotExist"
    )


def describe(cloud: CloudCaller, id: int, international: int = 0) -> dict[str, Any]:
    """The row of one template."""
    answer = cloud.call("DescribeSmsTemplateList", International=international, TemplateIdSet=[id])
    (row,) = answer["DescribeTemplateStatusSet"]
    fields: dict[str, Any] = row
    return fields


def test_rejected_template_is_changed() -> None:
    """-1 and the reason, then pending again; what was approved cannot be changed."""
    cloud = CloudCaller()
    id = int(
        cloud.call("AddSmsTemplate", **{**TEMPLATE, "Remark": "[reject: vague]"})["AddTemplateStatus"]["TemplateId"]
    )
    row = describe(cloud, id)
    assert (row["StatusCode"], row["ReviewReply"]) == (-1, "vague")
    changed = {**TEMPLATE, "SmsType": 1, "International": 1, "TemplateName": "sale"}
    assert cloud.call("ModifySmsTemplate", TemplateId=id, **changed) == {"ModifyTemplateStatus": {"TemplateId": id}}
    row = describe(cloud, id, international=1)
    assert (row["StatusCode"], row["ReviewReply"], row["TemplateName"]) == (1, "", "sale")
    cloud.sandbox.review("tencent", "template", str(id), "approved")
    assert cloud.code("ModifySmsTemplate", TemplateId=id, **TEMPLATE) == "FailedOperation.TemplateAlreadyPassedCheck"
    assert cloud.code("ModifySmsTemplate", TemplateId=7, **TEMPLATE) == "FailedOperation.MissingTemplateToModify"


@pytest.mark.parametrize(
    ("action", "change", "code"),
    [
        ("AddSmsTemplate", {"SmsType": 4}, "InvalidParameterValue.InvalidSmsType"),
        ("AddSmsTemplate", {"International": 2}, "InvalidParameterValue.InvalidInternational"),
        ("AddSmsTemplate", {"Remark": None}, "MissingParameter"),
        ("AddSmsTemplate", {"TemplateId": 7}, "UnknownParameter"),
        ("DescribeSmsTemplateList", {"International": 3}, "InvalidParameterValue.InvalidInternational"),
        ("DescribeSmsTemplateList", {"TemplateIdSet": list(range(101))}, "InvalidParameter.InvalidParameters"),
        ("DescribeSmsTemplateList", {"TemplateIdSet": ["19"]}, "InvalidParameter"),
        ("DescribeSmsTemplateList", {"Limit": 101}, "InvalidParameterValue.LimitVerifyFail"),
    ],
    ids=lambda value: value if isinstance(value, str) else ",".join(value),
)
def test_wrong_template_call_is_refused(action: str, change: dict[str, Any], code: str) -> None:
    """What is missing, unknown or out of range."""
    params = TEMPLATE if action == "AddSmsTemplate" else {"International": 0}
    given = {name: value for name, value in {**params, **change}.items() if value is not None}
    assert CloudCaller().code(action, **given) == code


def test_lists_are_paged_in_the_new_version_only() -> None:
    """The old one wants ids; without a limit the new one lists no template and ten signatures."""
    cloud = CloudCaller()
    for _ in range(3):
        cloud.call("AddSmsTemplate", **TEMPLATE)
    pages = [
        cloud.call("DescribeSmsTemplateList", International=0, Limit=2, Offset=offset)["DescribeTemplateStatusSet"]
        for offset in (0, 2, 4)
    ]
    assert [[row["TemplateId"] for row in page] for page in pages] == [[19, 1000001], [1000002, 1000003], []]
    assert pages[0][0]["International"] == 0
    assert cloud.call("DescribeSmsTemplateList", International=0)["DescribeTemplateStatusSet"] == []
    assert len(cloud.call("DescribeSmsSignList", International=0)["DescribeSignListStatusSet"]) == 2
    cloud.version = OLD
    assert cloud.code("DescribeSmsTemplateList", International=0) == "FailedOperation.MissingTemplateList"
    assert cloud.code("DescribeSmsSignList", International=0) == "FailedOperation.MissingSignatureList"
    assert cloud.code("DescribeSmsTemplateList", International=0, Limit=10) == "UnknownParameter"


def sign(cloud: CloudCaller, **change: Any) -> dict[str, Any]:
    """The parameters of a signature in the caller's version."""
    params = {
        "SignName": "Contoso",
        "SignType": 0,
        "DocumentType": 0,
        "International": 0,
        "UsedMethod" if cloud.version == OLD else "SignPurpose": 0,
        "ProofImage": PICTURE,
        **change,
    }
    return {name: value for name, value in params.items() if value is not None}


@VERSIONS
def test_signature_is_pending_then_approved_then_gone(version: str) -> None:
    """The old version also gives the id of the application, as a number and later as text."""
    cloud = CloudCaller(version=version)
    status = cloud.call("AddSmsSign", **sign(cloud, QualificationId=7))["AddSignStatus"]
    id = status["SignId"]
    assert status == ({"SignId": id, "SignApplyId": id} if version == OLD else {"SignId": id})
    changed = cloud.call("ModifySmsSign", SignId=id, **sign(cloud, Remark="ours"))["ModifySignStatus"]
    assert changed == ({"SignId": id, "SignApplyId": str(id)} if version == OLD else {"SignId": id})
    name = {"Sign" if version == OLD else "SignName": "Contoso"}
    assert cloud.send(**name)[0]["Code"] == "FailedOperation.SignatureIncorrectOrUnapproved"
    cloud.sandbox.review("tencent", "signature", str(id), "approved")
    assert cloud.send(**name)[0]["Code"] == "Ok"
    assert cloud.call("DescribeSmsSignList", International=0, SignIdSet=[id])["DescribeSignListStatusSet"] == [
        {
            "SignId": id,
            "International": 0,
            "StatusCode": 0,
            "ReviewReply": "",
            "SignName": "Contoso",
            "CreateTime": 1764000000,
            "QualificationId": 7,
            "QualificationName": "qualification 7",
            "QualificationStatusCode": 1,
        }
    ]
    assert cloud.code("ModifySmsSign", SignId=id, **sign(cloud)) == "InvalidParameterValue.SignAlreadyPassedCheck"
    assert cloud.call("DeleteSmsSign", SignId=id)["DeleteSignStatus"]["DeleteTime"] == 1764000000
    assert cloud.send(**name)[0]["Code"] == "FailedOperation.SignatureIncorrectOrUnapproved"
    assert cloud.code("DeleteSmsSign", SignId=id) == "FailedOperation.SignIdNotExist"
    assert cloud.code("ModifySmsSign", SignId=id, **sign(cloud)) == "FailedOperation.MissingSignatureToModify"


@pytest.mark.parametrize(
    ("version", "change", "code"),
    [
        (NEW, {"SignName": "x" * 13}, "InvalidParameterValue.SignNameLengthTooLong"),
        (NEW, {"SignName": "[Acme]"}, "FailedOperation.SignatureIncorrectOrUnapproved"),
        (NEW, {"International": 2}, "InvalidParameterValue.InvalidInternational"),
        (NEW, {"DocumentType": 9}, "InvalidParameterValue.InvalidDocumentType"),
        (NEW, {"SignType": 7}, "InvalidParameterValue.InvalidDocumentType"),
        (NEW, {"SignPurpose": 2}, "InvalidParameterValue.InvalidSignPurpose"),
        (OLD, {"UsedMethod": 2}, "InvalidParameterValue.InvalidUsedMethod"),
        (OLD, {"SignPurpose": 0}, "UnknownParameter"),
        (NEW, {"ProofImage": "data:image/png;base64,AAAA"}, "InvalidParameterValue.ImageInvalid"),
        (NEW, {"CommissionImage": "AAA"}, "InvalidParameterValue.ImageInvalid"),
        (NEW, {"ProofImage": None}, "MissingParameter"),
        (NEW, {"SignName": "Acme"}, "InvalidParameterValue.SignAlreadyPassedCheck"),
        (NEW, {"SignName": "Fabrikam"}, "InvalidParameterValue.SignExistAndUnapproved"),
    ],
    ids=str,
)
def test_wrong_signature_is_refused(version: str, change: dict[str, Any], code: str) -> None:
    """Length, types, pictures, and what there is already."""
    cloud = CloudCaller(version=version)
    assert cloud.code("AddSmsSign", **sign(cloud, SignName="Fabrikam")) == ""
    assert cloud.code("AddSmsSign", **sign(cloud, **change)) == code


def test_signature_is_not_changed_into_another() -> None:
    """A pending signature can be changed into itself and not into one that is pending."""
    cloud = CloudCaller()
    ids = [
        cloud.call("AddSmsSign", **sign(cloud, SignName=name))["AddSignStatus"]["SignId"]
        for name in ("Contoso", "Fabrikam")
    ]
    assert cloud.code("ModifySmsSign", SignId=ids[1], **sign(cloud)) == "InvalidParameterValue.SignExistAndUnapproved"
    assert cloud.code("ModifySmsSign", SignId=ids[0], **sign(cloud)) == ""


def test_unknown_action_is_refused() -> None:
    """What the sandbox does not simulate is an invalid action."""
    assert CloudCaller().code("DescribeMobileNumbers") == "InvalidAction"
