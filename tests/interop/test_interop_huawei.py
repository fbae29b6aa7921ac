"""Huawei's own SDKs send to the sandbox over a real socket: huaweicloudsdksmsapi and the core SDK's signer."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
from huaweicloudsdkcore.auth.credentials import BasicCredentials
from huaweicloudsdkcore.exceptions.exceptions import ClientRequestException
from huaweicloudsdkcore.http.http_config import HttpConfig
from huaweicloudsdkcore.sdk_request import SdkRequest
from huaweicloudsdkcore.signer.signer import Signer
from huaweicloudsdksmsapi.v1 import (
    BatchSendDiffSmsRequest,
    BatchSendDiffSmsRequestBody,
    BatchSendSmsRequest,
    BatchSendSmsRequestBody,
    SmsContent,
)
from huaweicloudsdksmsapi.v1.smsapi_client import SMSApiClient
from huaweicloudsdksmsapi.v1.smsapi_credentials import SMSApiCredentials

from smsgate.sandbox import Scenario
from smsgate.sandbox.server import SandboxServer

KEY, SECRET, SENDER = "sandbox-huawei-app-key", "sandbox-huawei-app-secret", "isms100000001"
TEMPLATE = "8ff55eac1d0b478ab3c06c3c6a492300"


@pytest.fixture
def server() -> Iterator[SandboxServer]:
    """A running sandbox."""
    with SandboxServer() as running:
        yield running


def client(server: SandboxServer, key: str = KEY, secret: str = SECRET) -> Any:
    """The SDK's client for the sending APIs."""
    config = HttpConfig.get_default_config()
    builder = SMSApiClient.new_builder().with_credentials(SMSApiCredentials(key, secret)).with_http_config(config)
    return builder.with_endpoint(server.url).build()


def form(to: str = "+8613788888888", **change: str) -> Any:
    """The SDK's request of one text to many."""
    fields = {"_from": SENDER, "to": to, "template_id": TEMPLATE, "template_paras": '["4821","5"]', **change}
    return BatchSendSmsRequest(body=BatchSendSmsRequestBody(**fields))


def test_form_is_accepted(server: SandboxServer) -> None:
    """The SDK's signature, over an unsigned payload, is right for the sandbox, and the SDK reads the answer."""
    answer = client(server).batch_send_sms(form("+8613788888888,+8613788888889", extend="order-7"))
    assert (answer.code, answer.description) == ("000000", "Success")
    messages = server.sandbox.messages
    assert [row.sms_msg_id for row in answer.result] == [message.message_id for message in messages]
    assert [message.to for message in messages] == ["+8613788888888", "+8613788888889"]
    assert {message.reference for message in messages} == {"order-7"}


def test_diff_is_accepted(server: SandboxServer) -> None:
    """The SDK signs the hash of a JSON body."""
    common = {"template_id": TEMPLATE, "signature": "华为云短信测试"}
    rows = [SmsContent(to=[f"+861378888888{n}"], template_paras=[f"{n}", "5"], **common) for n in range(3)]
    request = BatchSendDiffSmsRequest(body=BatchSendDiffSmsRequestBody(_from=SENDER, sms_content=rows))
    answer = client(server).batch_send_diff_sms(request)
    assert [row.status for row in answer.result] == ["000000"] * 3
    assert [message.params[0] for message in server.sandbox.messages] == ["0", "1", "2"]


def test_refused_number_is_told(server: SandboxServer) -> None:
    """A refusal of every number is HTTP 400 and E000510, which the SDK raises."""
    with pytest.raises(ClientRequestException) as caught:
        client(server).batch_send_sms(form(Scenario.OUT_OF_BALANCE.number))
    assert caught.value.status_code == 400
    assert '"status":"E000629"' in caught.value.error_msg
    assert not server.sandbox.messages


@pytest.mark.parametrize(
    ("key", "secret", "code"), [(KEY, "wrong", "E000045"), ("nobody", SECRET, "E000102")], ids=["secret", "key"]
)
def test_wrong_key_is_refused(server: SandboxServer, key: str, secret: str, code: str) -> None:
    """A wrong secret or an unknown key is HTTP 401 with its code."""
    with pytest.raises(ClientRequestException) as caught:
        client(server, key, secret).batch_send_sms(form())
    assert caught.value.status_code == 401
    assert f'"code":"{code}"' in caught.value.error_msg
    assert not server.sandbox.messages


@pytest.mark.parametrize("host", ["127.0.0.1:{port}", "127.0.0.1", "sms.test"])
def test_core_signer_is_right(server: SandboxServer, host: str) -> None:
    """Huawei's signer, for the Host that is sent, with or without its port."""
    signed_host = host.format(port=server.port)
    body = urlencode({"from": SENDER, "to": "+8613788888888", "templateId": TEMPLATE, "templateParas": '["1","5"]'})
    request = SdkRequest(
        method="POST",
        schema="http",
        host=signed_host,
        resource_path="/sms/batchSendSms/v1",
        query_params=[],
        header_params={"Content-Type": "application/x-www-form-urlencoded"},
        body=body,
    )
    signed = Signer(BasicCredentials(KEY, SECRET)).sign(request)
    headers = {**signed.header_params, "Host": signed_host if host == "sms.test" else f"127.0.0.1:{server.port}"}
    answer = httpx.post(
        f"{server.url}{signed.uri}", content=signed.body, headers=headers, trust_env=False, verify=False
    )
    assert answer.json()["code"] == "000000"
