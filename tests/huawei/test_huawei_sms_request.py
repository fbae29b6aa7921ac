"""What `HuaweiSms` puts on the wire, and what it refuses to."""

import json
import traceback
from typing import Any
from urllib.parse import parse_qs, unquote

import pytest

from smsgate.huawei import HuaweiSms
from smsgate.huawei.signing import signature
from smsgate.model.errors import ConfigurationError
from smsgate.model.message import Message
from smsgate.model.phone import PhoneNumber
from smsgate.model.secret import Secret
from smsgate.provider import Batch, Job, SmsProvider
from smsgate.wire import HttpRequest

NOW, NONCE = 1684457438.25, "66c92b11ff8a425fb8d4ccfe0ed9ed1f"
TEMPLATE = "8ff55eac1d0b478ab3c06c3c6a492300"
A, B, C = "+8615512345678", "+8615512345679", "+2412000000"


def provider(**options: Any) -> HuaweiSms:
    settings: dict[str, Any] = {"sender": "isms100000001", "base_url": "https://smsapi.example.com:443"}
    return HuaweiSms("app-key", "app-secret", **(settings | options))


def job(to: str, *params: str, template_id: str = TEMPLATE, **more: Any) -> Job:
    return Job(Message(to, "login"), PhoneNumber(to), template_id, params, **more)


def build(*jobs: Job, reference: str = "sgu.order-1", **options: Any) -> HttpRequest:
    return provider(**options).build_request(Batch(jobs, reference), now=NOW, nonce=NONCE)


def form(request: HttpRequest) -> dict[str, str]:
    assert request.headers["content-type"] == "application/x-www-form-urlencoded"
    return {name: value for name, [value] in parse_qs(request.body.decode(), strict_parsing=True).items()}


def test_it_is_a_provider() -> None:
    """`HuaweiSms` has everything that the gateway asks of a provider."""
    huawei: SmsProvider = provider(name="huawei-eu")
    assert isinstance(huawei, SmsProvider)
    assert (huawei.name, huawei.batch_limit) == ("huawei-eu", 500)


def test_one_message_travels_as_a_form() -> None:
    """A single message goes to batchSendSms, with `templateParas` as a JSON array written as a string."""
    request = build(job(A, "369751", "人民公园"), signature="华为云短信测试", status_callback="https://my.com/r?t=1")
    assert (request.method, request.url) == ("POST", "https://smsapi.example.com:443/sms/batchSendSms/v1")
    assert form(request) == {
        "from": "isms100000001",
        "to": A,
        "templateId": TEMPLATE,
        "templateParas": '["369751","人民公园"]',
        "signature": "华为云短信测试",
        "statusCallback": "https://my.com/r?t=1",
        "extend": "sgu.order-1",
    }


def test_equal_texts_share_one_form() -> None:
    """Messages that differ in their numbers only share one form, their numbers in order and joined by commas."""
    assert form(build(job(A, "1"), job(B, "1"), job(A, "1")))["to"] == f"{A},{B},{A}"


def test_a_form_is_percent_encoded_throughout() -> None:
    """Nothing but unreserved characters stands bare in a form: a space is %20, so that no reader can mistake it."""
    body = build(job(A, "a b+c&d=e%~"), reference="x").body.decode()
    assert "+" not in body
    assert "templateParas=%5B%22a%20b%2Bc%26d%3De%25~%22%5D" in body
    assert unquote(body).endswith('["a b+c&d=e%~"]&extend=x')


def test_empty_fields_are_left_out() -> None:
    """A template without variables, no signature, no callback: their fields are absent, never empty."""
    assert set(form(build(job(A)))) == {"from", "to", "templateId", "extend"}


def test_different_texts_share_one_document() -> None:
    """Messages that differ in parameters, template or signature go to batchSendDiffSms, `templateParas` an array."""
    request = build(
        job(A, "4821", "五"),
        job(B, "7310", "5", signature="Other"),
        job(C, template_id="t2"),
        signature="华为",
        status_callback="https://my.com/r",
    )
    assert request.url == "https://smsapi.example.com:443/sms/batchSendDiffSms/v1"
    assert request.headers["content-type"] == "application/json"
    assert json.loads(request.body) == {
        "from": "isms100000001",
        "smsContent": [
            {"to": [A], "templateId": TEMPLATE, "templateParas": ["4821", "五"], "signature": "华为"},
            {"to": [B], "templateId": TEMPLATE, "templateParas": ["7310", "5"], "signature": "Other"},
            {"to": [C], "templateId": "t2", "signature": "华为"},
        ],
        "statusCallback": "https://my.com/r",
        "extend": "sgu.order-1",
    }


def test_a_document_leaves_empty_fields_out_too() -> None:
    """Neither signature nor callback is invented in the JSON form."""
    document = json.loads(build(job(A), job(B, "1")).body)
    assert document["smsContent"] == [{"to": [A], "templateId": TEMPLATE}, document["smsContent"][1]]
    assert set(document) == {"from", "smsContent", "extend"}


@pytest.mark.parametrize("reference", ["", "has space", "{braces}", "x" * 129, "é"])
def test_an_extend_that_huawei_refuses_is_left_out(reference: str) -> None:
    """A reference that would make Huawei refuse the whole request is not sent along."""
    assert "extend" not in form(build(job(A), reference=reference))


def test_an_extend_of_128_characters_is_sent() -> None:
    """The longest `extend` is 128 bytes."""
    assert form(build(job(A), reference="x" * 128))["extend"] == "x" * 128


def test_jobs_are_shared_by_sender() -> None:
    """Messages share a request when they leave from the same channel number, whatever else differs."""
    huawei = provider()
    assert huawei.batch_key(job(A, "1")) == huawei.batch_key(job(B, "2", template_id="t2", signature="S"))
    assert huawei.batch_key(job(A)) != huawei.batch_key(job(A, sender="isms2"))


@pytest.mark.parametrize("params", [(("1",), ("1",)), (("1",), ("2",))], ids=["form", "document"])
def test_the_sender_of_a_template_wins(params: tuple[tuple[str, ...], tuple[str, ...]]) -> None:
    """A binding's own sender takes the place of the provider's in both forms."""
    request = build(*(job(to, *values, sender="isms2") for to, values in zip((A, B), params, strict=True)))
    text = request.body.decode()
    assert "from=isms2&" in text or '"from":"isms2"' in text
    assert "isms100000001" not in text


def test_aksk_signs_what_is_sent() -> None:
    """By default content type, host and date are signed over the very bytes of the body, with the Host that is sent."""
    request = build(job(A, "1"))
    assert [name for name, _ in request.headers.pairs] == ["Host", "Content-Type", "X-Sdk-Date", "Authorization"]
    assert request.headers["host"] == "smsapi.example.com:443"
    assert request.headers["x-sdk-date"] == "20230519T005038Z"
    seal = signature(request, ["content-type", "host", "x-sdk-date"], Secret("app-secret"))
    assert request.headers["authorization"] == (
        f"SDK-HMAC-SHA256 Access=app-key, SignedHeaders=content-type;host;x-sdk-date, Signature={seal}"
    )


def test_wsse_headers() -> None:
    """With auth="wsse" the request carries the two WSSE headers and no X-Sdk-Date."""
    request = build(job(A, "1"), auth="wsse", base_url="http://127.0.0.1:8025/prefix")
    assert request.url == "http://127.0.0.1:8025/prefix/sms/batchSendSms/v1"
    assert request.headers["authorization"] == 'WSSE realm="SDP",profile="UsernameToken",type="Appkey"'
    assert request.headers["x-wsse"].startswith('UsernameToken Username="app-key",PasswordDigest="')
    assert request.headers["x-wsse"].endswith(f'",Nonce="{NONCE}",Created="2023-05-19T00:50:38Z"')
    assert "x-sdk-date" not in request.headers


@pytest.mark.parametrize(
    ("bad", "field"),
    [
        ({"template_id": ""}, "template id"),
        ({"template_id": "x" * 33}, "template id"),
        ({"template_id": "a b"}, "template id"),
        ({"sender": "1" * 22}, "sender"),
        ({"signature": " "}, "signature"),
        ({"signature": "【Acme】"}, "signature"),
        ({"signature": "half \ud800"}, "signature"),
    ],
)
def test_what_huawei_would_refuse_is_refused_before_sending(bad: dict[str, Any], field: str) -> None:
    """A job that the guide's limits exclude is refused with the field's name."""
    problem = provider().refuse(job(A, "1", **bad))
    assert problem is not None
    assert problem.startswith(f"{field}: ")


def test_a_good_job_is_not_refused() -> None:
    """What fits the guide's limits is taken."""
    assert provider().refuse(job(A, "it's fine", sender="1069031221280012", signature="华为云")) is None


@pytest.mark.parametrize(
    ("bad", "field"),
    [
        ({"sender": ""}, "sender"),
        ({"sender": 10690}, "sender"),
        ({"sender": "10 69"}, "sender"),
        ({"base_url": "https://user:canary@h"}, "base_url"),
        ({"base_url": "smsapi.example.com"}, "base_url"),
        ({"signature": ""}, "signature"),
        ({"signature": 5}, "signature"),
        ({"auth": "token"}, "auth"),
        ({"status_callback": "ftp://my.com/canary"}, "status_callback"),
        ({"status_callback": "https://my.com/" + "x" * 1020}, "status_callback"),
        ({"status_callback": ""}, "status_callback"),
        ({"status_callback": 7}, "status_callback"),
        ({"name": ""}, "name"),
        ({"name": None}, "name"),
        ({"app_secret": "canary\n"}, "app_secret"),
        ({"app_secret": "canaryé"}, "app_secret"),
        ({"app_key": ""}, "app_key"),
        ({"app_key": "can,ary"}, "app_key"),
    ],
)
def test_a_wrong_option_is_named_and_not_shown(bad: dict[str, Any], field: str) -> None:
    """A wrong option is a ConfigurationError that names it; neither its text nor our frames' locals show a secret."""
    settings: dict[str, Any] = {
        "sender": "isms1",
        "base_url": "https://h",
        "app_key": "canary-key",
        "app_secret": "canary-secret",
    } | bad
    key, secret = settings.pop("app_key"), settings.pop("app_secret")
    with pytest.raises(ConfigurationError, match=f"^{field}: ") as caught:
        HuaweiSms(key, secret, **settings)
    frames = traceback.TracebackException.from_exception(caught.value, capture_locals=True).stack[1:]
    shown = str(caught.value) + "".join(str(frame.locals) for frame in frames)
    assert "can" not in shown.replace("cannot", "").replace("scan", "")


def test_repr_shows_no_secret() -> None:
    """The repr tells name, host and way of signing, and nothing else."""
    huawei = provider(status_callback="https://my.com/canary")
    assert repr(huawei) == "HuaweiSms(name='huawei', host='smsapi.example.com:443', auth='aksk')"


def test_secrets_may_come_wrapped() -> None:
    """Key, secret and callback may be given as `Secret`."""
    huawei = HuaweiSms(
        Secret("app-key"),
        Secret("app-secret"),
        sender="isms100000001",
        base_url="https://smsapi.example.com:443",
        status_callback=Secret("https://my.com/r"),
    )
    batch = Batch((job(A),), "r")
    expected = provider(status_callback="https://my.com/r").build_request(batch, now=NOW, nonce=NONCE)
    assert huawei.build_request(batch, now=NOW, nonce=NONCE) == expected
