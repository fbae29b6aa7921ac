"""Requests as they were seen in the wild, and what the documents rule out."""

import ssl
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import attrs
import pytest
import trustme
from sandbox_callers import FORM, FORM_TYPE, NOW, HuaweiCaller, TencentCaller
from sandbox_managers import CloudCaller

from smsgate.model.errors import ConfigurationError
from smsgate.sandbox import PushSettings, Sandbox
from smsgate.sandbox.server import SandboxServer


def test_wsse_header_contains_its_word() -> None:
    """A client in wide use puts a quotation mark in front of UsernameToken, and Huawei takes it."""
    from urllib.parse import urlencode

    huawei = HuaweiCaller()
    request = huawei.wsse("/sms/batchSendSms/v1", urlencode(FORM).encode(), FORM_TYPE)
    headers = [(name, f'"{value}' if name == "X-WSSE" else value) for name, value in request.headers.pairs]
    assert huawei.handle(attrs.evolve(request, headers=headers))[1]["code"] == "000000"


@pytest.mark.parametrize("nonce", ["x" * 129, "a b", "ü"])
def test_nonce_is_up_to_128_letters_and_digits(nonce: str) -> None:
    """Anything else is no valid request, and the reason is kept."""
    huawei = HuaweiCaller()
    request = huawei.wsse("/sms/batchSendSms/v1", b"", FORM_TYPE, {"Nonce": nonce})
    assert huawei.handle(request)[1]["code"] == "E000027"
    assert huawei.sandbox.refused[0].why == "X-WSSE: Nonce is 1 to 128 letters and digits"


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"])
def test_v3_takes_json_only(content_type: str) -> None:
    """A POST signed with TC3 whose content type is another is refused, though the signature is right."""
    cloud = CloudCaller(content_type=content_type)
    assert cloud.code("SendSms", **cloud.sms("+8613788888888")) == "InvalidParameter"
    assert CloudCaller(content_type="application/json; charset=utf-8").send("+8613788888888")[0]["Code"] == "Ok"


def test_signed_headers_are_in_order() -> None:
    """SignedHeaders out of order are refused."""
    cloud = CloudCaller()
    request = cloud.request("PullSmsSendStatus", b"{}")
    turned = [(name, value.replace("content-type;host", "host;content-type")) for name, value in request.headers.pairs]
    cloud.sandbox.handle(attrs.evolve(request, headers=turned), now=NOW)
    assert cloud.sandbox.refused[0].results[0].code == "AuthFailure.SignatureFailure"


def test_words_are_those_of_the_vendors() -> None:
    """Where a public answer shows the vendor's own words, the sandbox has them."""
    cloud = CloudCaller()
    error = cloud.call("SendSms", **{**cloud.sms("+8613788888888"), "SmsSdkAppId": 1400006666})["Error"]
    assert error == {
        "Code": "InvalidParameter",
        "Message": "The value type of parameter `SmsSdkAppId` is not valid.",
    }
    tencent = TencentCaller()
    assert tencent.sendsms(params=None)["errmsg"] == "package format error, template params format error"
    assert tencent.handle("sendsms", {"tel": {}}, "").response is not None
    assert tencent.sandbox.refused[-1].results[0].text == "package format errorcannot get /tel/mobile"


@pytest.fixture
def https_callback() -> Iterator[tuple[str, trustme.CA, list[bytes]]]:
    """The URL of a callback with a certificate of a CA of its own, and what it received."""
    authority, received = trustme.CA(), list[bytes]()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            received.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b'{"result":0,"errmsg":"OK"}')

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"https://127.0.0.1:{server.server_port}/sms", authority, received
    server.shutdown()
    thread.join()
    server.server_close()


def pushed(sandbox: Sandbox, settled: threading.Event) -> None:
    """Let one report be pushed by a server."""
    settle = sandbox.settle_push

    def noted(*args: Any, **options: Any) -> Any:
        made = settle(*args, **options)
        settled.set()
        return made

    sandbox.settle_push = noted  # type: ignore[method-assign]
    with SandboxServer(sandbox, clock=lambda: NOW):
        TencentCaller(sandbox).sendsms()
        assert settled.wait(30)


def test_pushes_to_https_with_a_private_ca(https_callback: tuple[str, trustme.CA, list[bytes]], tmp_path: Path) -> None:
    """With the CA's file the push arrives; without it the reason names the certificate."""
    url, authority, received = https_callback
    path = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(path)
    settings = PushSettings(tencent_callback=url, report_delay=0, retry_after=3600)
    distrustful = Sandbox(pushes=settings)
    pushed(distrustful, threading.Event())
    assert received == []
    assert "certificate" in distrustful.pushes[0].error
    trusting = Sandbox(pushes=attrs.evolve(settings, ca_file=str(path)))
    pushed(trusting, threading.Event())
    assert [push.acknowledged for push in trusting.pushes] == [True]
    assert len(received) == 1


@pytest.mark.parametrize("content", [None, "no certificate"])
def test_wrong_ca_file_is_named(content: str | None, tmp_path: Path) -> None:
    """A file that is not there or has no certificate, before anything listens."""
    path = tmp_path / "ca.pem"
    if content is not None:
        path.write_text(content)
    server = SandboxServer(Sandbox(pushes=PushSettings(ca_file=str(path))))
    with pytest.raises(ConfigurationError, match=r"ca_file: .*ca\.pem has no certificates in PEM"):
        server.start()
