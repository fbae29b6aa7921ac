"""Huawei's own SDKs for management and IAM, huaweicloudsdkmsgsms and huaweicloudsdkiam, against the sandbox."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import huaweicloudsdkiam.v3 as iam
import huaweicloudsdkmsgsms.v2 as msgsms
import pytest
from huaweicloudsdkcore.auth.credentials import BasicCredentials, GlobalCredentials
from huaweicloudsdkcore.exceptions.exceptions import ClientRequestException
from huaweicloudsdkcore.http.formdata import FormFile
from huaweicloudsdkcore.http.http_config import HttpConfig

from smsgate.sandbox.server import SandboxServer

PROJECT = "845ada5bc7444f1295cd517af0123da1"
APP = "9e61f59c-1a6b-4ee5-9651-5bca450694b3"


@pytest.fixture
def server() -> Iterator[SandboxServer]:
    """A running sandbox."""
    with SandboxServer() as running:
        yield running


def client(server: SandboxServer, key: str = "sandbox-huawei-ak", secret: str = "sandbox-huawei-sk") -> Any:
    """The SDK's client for management, which signs with the access key."""
    builder = msgsms.MsgsmsClient.new_builder().with_http_config(HttpConfig.get_default_config())
    return builder.with_credentials(BasicCredentials(key, secret, PROJECT)).with_endpoint(server.url).build()


@pytest.mark.parametrize(
    ("key", "secret", "words"),
    [("sandbox-huawei-ak", "wrong", "verify aksk signature fail"), ("nobody", "sandbox-huawei-sk", "ak not exist")],
    ids=["secret", "key"],
)
def test_wrong_key_is_refused(server: SandboxServer, key: str, secret: str, words: str) -> None:
    """HTTP 401 in the gateway's shape, which the SDK reads."""
    with pytest.raises(ClientRequestException) as caught:
        client(server, key, secret).list_app_details(msgsms.ListAppDetailsRequest())
    assert (caught.value.status_code, caught.value.error_code) == (401, "APIGW.0301")
    assert words in caught.value.error_msg


def test_applications(server: SandboxServer) -> None:
    """Created, listed, counted, shown, changed."""
    caller = client(server)
    body = msgsms.SmsAppAddReq(app_name="商店", region="cn", show_secret=True)
    made = caller.create_app(msgsms.CreateAppRequest(body=body))
    assert (made.app_name, bool(made.app_key), bool(made.app_secret)) == ("商店", True, True)
    listed = caller.list_app_details(msgsms.ListAppDetailsRequest(app_name="商店", limit=10, offset=0, region="cn"))
    assert (listed.total, [row.id for row in listed.results]) == (1, [made.id])
    assert listed.results[0].tenant.enterprise_name == "Sandbox Ltd."
    count = caller.show_app_count(msgsms.ShowAppCountRequest(region="cn"))
    assert (count.total, count.used) == (100, 1)
    change = msgsms.SmsAppUpdateReq(app_name="store", up_link_addr="https://shop.test/up")
    assert caller.update_app(msgsms.UpdateAppRequest(id=made.id, body=change)).app_name == "store"
    shown = caller.show_app(msgsms.ShowAppRequest(id=made.id))
    assert (shown.app_name, shown.up_link_addr, shown.region) == ("store", "https://shop.test/up", "cn")
    assert shown.intl_channel_num.startswith("isms")


def test_templates(server: SandboxServer) -> None:
    """Created, rejected, changed, approved, its variables listed at the real path, deleted."""
    caller = client(server)
    fields = {"app_id": APP, "region": "intl", "template_name": "login", "template_content": "Code ${NUM_6}."}
    body = msgsms.SmsTemplateReq(**fields, template_desc="[reject: vague]", template_type="NOTIFY_TYPE")
    id = caller.create_template(msgsms.CreateTemplateRequest(body=body)).id
    shown = caller.show_template(msgsms.ShowTemplateRequest(id=id))
    assert (shown.flow_status, shown.review_desc, shown.template_id) == ("Reject", "vague", None)
    change = msgsms.SmsTemplateReq(**fields, template_desc="[approve]", template_type="VERIFY_CODE_TYPE")
    assert caller.update_template(msgsms.UpdateTemplateRequest(id=id, body=change)).id == id
    listed = caller.list_template_details(msgsms.ListTemplateDetailsRequest(template_name="login", limit=10))
    (row,) = listed.results
    assert (row.flow_status, row.has_variable, len(row.template_id)) == ("Adopted", "Yes", 32)
    variables = caller.list_template_varilable_details(msgsms.ListTemplateVarilableDetailsRequest(id=id))
    assert [(each.variable_type, each.variable_length) for each in variables.results] == [("NUM", 6)]
    caller.delete_template(msgsms.DeleteTemplateRequest(id=id))
    with pytest.raises(ClientRequestException) as caught:
        caller.show_template(msgsms.ShowTemplateRequest(id=id))
    assert (caught.value.status_code, caught.value.error_code) == (404, "MSGSMS.0009")


def test_countries(server: SandboxServer) -> None:
    """An array without an envelope."""
    request = msgsms.ListSendCountryDetailsRequest(country_name_en="Ireland")
    (row,) = client(server).list_send_country_details(request).body
    assert (row.country_id, row.country_name_zh) == (10, "爱尔兰")


def test_signatures_and_files(server: SandboxServer, tmp_path: Path) -> None:
    """A licence is uploaded; the signature is created, rejected, changed, approved, activated, deleted."""
    caller = client(server)
    path = tmp_path / "licence.png"
    path.write_bytes(b"\x89PNG")
    file = FormFile(str(path), "image/png")
    upload = msgsms.UploadSignatureFileRequest(
        file_desc="licence", body=msgsms.UploadSignatureFileRequestBody(file=file)
    )
    file_id = caller.upload_signature_file(upload).file_id
    stored = caller.show_signature_file(msgsms.ShowSignatureFileRequest(file_id=file_id))
    assert (stored.file_name, stored.file_size, stored.file_desc) == ("licence.png", 4, "licence")
    fields = {"app_id": APP, "signature_name": "Contoso", "signature_type": "NOTIFY_TYPE", "file_id": file_id}
    body = msgsms.SmsSignatureReq(**fields, apply_desc="[reject: blurred]", is_involved_third="No")
    id = caller.create_signature(msgsms.CreateSignatureRequest(body=body)).id
    assert caller.show_signature(msgsms.ShowSignatureRequest(id=id)).review_desc == "blurred"
    change = msgsms.SmsSignatureReq(**fields, apply_desc="[approve]")
    assert caller.update_signature(msgsms.UpdateSignatureRequest(id=id, body=change)).signature_name == "Contoso"
    listed = caller.list_signature_details(msgsms.ListSignatureDetailsRequest(signature_name="Contoso"))
    (row,) = listed.results
    assert (row.status, row.channel_num) == ("REVIEW_PROCESSING_COMPLETED", "isms100000001")
    caller.enable_signature(msgsms.EnableSignatureRequest(id=id))
    caller.delete_signature(msgsms.DeleteSignatureRequest(id=id))
    with pytest.raises(ClientRequestException) as caught:
        caller.show_signature(msgsms.ShowSignatureRequest(id=id))
    assert caught.value.error_code == "MSGSMS.0005"


def token(server: SandboxServer, password: str = "sandbox-password") -> Any:
    """IAM's answer to the SDK's request for a token of the project."""
    credentials = GlobalCredentials("any", "any", "d78cbac186b744899480f25bd022f468")
    builder = iam.IamClient.new_builder().with_http_config(HttpConfig.get_default_config())
    caller = builder.with_credentials(credentials).with_endpoint(server.url).build()
    user = iam.PwdPasswordUser(domain=iam.PwdPasswordUserDomain(name="sandbox"), name="sandbox", password=password)
    identity = iam.PwdIdentity(methods=["password"], password=iam.PwdPassword(user=user))
    scope = iam.AuthScope(project=iam.AuthScopeProject(name="eu-west-101"))
    body = iam.KeystoneCreateUserTokenByPasswordRequestBody(auth=iam.PwdAuth(identity=identity, scope=scope))
    request = iam.KeystoneCreateUserTokenByPasswordRequest(body=body)
    return caller.keystone_create_user_token_by_password(request)


def test_token(server: SandboxServer) -> None:
    """The SDK finds the token in the header and its end and project in the body."""
    answer = token(server)
    assert answer.x_subject_token
    assert (answer.token.project.id, answer.token.methods) == (PROJECT, ["password"])
    assert answer.token.expires_at.endswith("Z")


def test_wrong_password_is_refused(server: SandboxServer) -> None:
    """HTTP 401 in IAM's shape, which the SDK reads."""
    with pytest.raises(ClientRequestException) as caught:
        token(server, "wrong")
    assert (caught.value.status_code, caught.value.error_msg) == (401, "The username or password is wrong.")
