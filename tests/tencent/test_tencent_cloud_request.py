"""What `TencentCloud` sends."""

import json
from pathlib import Path
from typing import Any

import pytest

from smsgate.model.errors import ConfigurationError
from smsgate.model.message import Message
from smsgate.model.phone import PhoneNumber
from smsgate.model.secret import Secret
from smsgate.provider import Batch, Job, SmsProvider
from smsgate.tencent import TencentCloud
from smsgate.tencent.signing import tc3_authorization
from smsgate.wire import HttpRequest

VECTORS: list[dict[str, Any]] = json.loads(
    (Path(__file__).parent.parent / "vectors" / "tencent_tc3.json").read_text(encoding="utf-8")
)
SECRET_ID, SECRET_KEY = "AKIDz8krbsJ5yKBZQpn74WFkmLPx3EXAMPLE", "Gu5t9xGARNpq86cd98joQYCN3EXAMPLE"


def provider(**options: Any) -> TencentCloud:
    return TencentCloud(SECRET_ID, SECRET_KEY, **{"sdk_app_id": "1400006666", "sign": "腾讯云"} | options)


def job(to: str = "+8618511122233", **changes: Any) -> Job:
    fields: dict[str, Any] = {"template_id": "1110", "params": ("1234",)} | changes
    return Job(Message(to, "login"), PhoneNumber(to), **fields)


def build(*jobs: Job, now: float = 1551113065.7, **options: Any) -> HttpRequest:
    return provider(**options).build_request(Batch(jobs, "test"), now=now, nonce="0" * 32)


def body(*jobs: Job, **options: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(build(*jobs, **options).body)
    return found


@pytest.mark.parametrize("vector", [v for v in VECTORS if v["action"] == "SendSms"], ids=lambda v: v["id"])
def test_body_and_headers_are_those_of_the_vendor_s_sdk(vector: dict[str, Any]) -> None:
    """For the inputs of a published call, we send the same fields and headers, name for name, in either version."""
    theirs: dict[str, Any] = json.loads(vector["body"])
    jobs = [job(to) for to in theirs["PhoneNumberSet"]]
    request = build(*jobs, now=vector["time"], version=vector["version"], language="zh-CN")
    assert json.loads(request.body) == theirs
    ours = dict(request.headers.pairs)
    assert ours.pop("Authorization").startswith("TC3-HMAC-SHA256 Credential=")
    assert ours == vector["headers"] | {"Content-Type": "application/json"}


def test_request_is_signed_as_it_is_sent() -> None:
    """The signature covers exactly the host, content type, body and time that are sent."""
    request = build(job(), base_url="http://127.0.0.1:8025")
    assert (request.method, request.url) == ("POST", "http://127.0.0.1:8025/")
    assert request.headers["host"] == "127.0.0.1:8025"
    assert request.headers["content-type"] == "application/json"
    assert request.headers["x-tc-timestamp"] == "1551113065"
    assert request.headers["authorization"] == tc3_authorization(
        Secret(SECRET_ID),
        Secret(SECRET_KEY),
        host="127.0.0.1:8025",
        content_type="application/json",
        body=request.body,
        time=1551113065,
    )


def test_fields_of_both_versions() -> None:
    """The older version says SmsSdkAppid, TemplateID and Sign; the current one SmsSdkAppId, TemplateId and SignName."""
    assert set(body(job())) == {
        "PhoneNumberSet", "SmsSdkAppId", "TemplateId", "SignName", "TemplateParamSet", "SessionContext",
    }  # fmt: skip
    assert set(body(job(), version="2019-07-11")) == {
        "PhoneNumberSet", "SmsSdkAppid", "TemplateID", "Sign", "TemplateParamSet", "SessionContext",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("options", "region"),
    [
        ({}, "ap-guangzhou"),
        ({"region": "ap-nanjing"}, "ap-nanjing"),
        ({"region": "ap-shanghai-fsi"}, "ap-shanghai-fsi"),
        ({"region": "ap-beijing-1"}, "ap-beijing-1"),
        ({"version": "2019-07-11"}, None),
        ({"version": "2019-07-11", "region": "ap-beijing"}, "ap-beijing"),
    ],
)
def test_region(options: dict[str, Any], region: str | None) -> None:
    """The current version always names a region, the older one only if it is given one."""
    assert build(job(), **options).headers.get("x-tc-region") == region


def test_token_and_language() -> None:
    """Temporary credentials add their token; the language is English unless Chinese is asked for."""
    plain, other = build(job()), build(job(), token="TOKEN", language="zh-CN")
    assert "x-tc-token" not in plain.headers
    assert (plain.headers["x-tc-language"], other.headers["x-tc-language"]) == ("en-US", "zh-CN")
    assert other.headers["x-tc-token"] == "TOKEN"


def test_signature_and_sender() -> None:
    """A binding's signature wins; other countries may do without one, and take a sender id."""
    assert body(job(signature="Other"))["SignName"] == "Other"
    abroad = body(job("+14155552671", sender="Acme"), sign=None)
    assert "SignName" not in abroad
    assert abroad["SenderId"] == "Acme"
    assert abroad["PhoneNumberSet"] == ["+14155552671"]


def test_extension_of_the_message_or_binding_wins() -> None:
    """`ExtendCode` is the provider's unless the job has one; jobs with different ones do not share a request."""
    assert "ExtendCode" not in body(job())
    assert body(job(), extend="07")["ExtendCode"] == "07"
    assert body(job(extend="1"), extend="07")["ExtendCode"] == "1"
    assert provider().batch_key(job(extend="1")) != provider().batch_key(job())
    assert (provider().refuse(job(extend="a")) or "").startswith("extend:")
    with pytest.raises(ConfigurationError, match=r"^extend:"):
        provider(extend="")


def test_refuses_what_sendsms_cannot_carry() -> None:
    """Mainland texts need a signature and take no sender; texts must be text. Each refusal names its field."""
    assert provider().refuse(job()) is None
    assert provider().refuse(job("+14155552671", sender="Acme")) is None
    assert provider(sign=None).refuse(job("+14155552671")) is None
    assert (provider(sign=None).refuse(job()) or "").startswith("signature:")
    assert (provider().refuse(job(signature="")) or "").startswith("signature:")
    assert (provider().refuse(job(sender="Acme")) or "").startswith("sender:")
    assert (provider().refuse(job(template_id=" ")) or "").startswith("template id:")
    assert (provider().refuse(job(params=("\ud800",))) or "").startswith("params:")


def test_mainland_and_other_countries_travel_apart() -> None:
    """Jobs share a request if they agree in all but the number, and are all of the mainland or all of elsewhere."""
    key = provider().batch_key
    assert key(job()) == key(job("+8613900000000"))
    assert key(job("+14155552671")) == key(job("+85251234567"))
    assert key(job()) != key(job("+14155552671"))
    for changes in ({"template_id": "2"}, {"params": ("5",)}, {"signature": "B"}, {"sender": "S"}):
        assert key(job()) != key(job(**changes))


def test_mixed_and_oversized_batches_are_never_built() -> None:
    """A call with numbers of both kinds, or with more than 200, is a fault of the caller, not a request."""
    with pytest.raises(ValueError, match="200 numbers"):
        build(job(), job("+14155552671"))
    with pytest.raises(ValueError, match="200 numbers"):
        build(*[job()] * 201)
    assert len(body(*[job()] * 200)["PhoneNumberSet"]) == 200


def test_is_a_provider() -> None:
    """`TencentCloud` satisfies the provider protocol, takes 200 messages a request and shows its name only."""
    made = provider()
    assert isinstance(made, SmsProvider)
    assert (made.name, made.batch_limit, repr(made)) == ("tencent", 200, "TencentCloud(name='tencent')")


@pytest.mark.parametrize(
    ("field", "arguments", "options"),
    [
        ("secret_id", ("", SECRET_KEY), {}),
        ("secret_id", (SECRET_KEY + "\n", SECRET_KEY), {}),
        ("secret_key", (SECRET_ID, SECRET_KEY + "\n"), {}),
        ("secret_key", (SECRET_ID, None), {}),
        ("sdk_app_id", (SECRET_ID, "x"), {"sdk_app_id": SECRET_KEY}),
        ("token", (SECRET_ID, SECRET_KEY), {"token": SECRET_KEY + " "}),
        ("sign", (SECRET_ID, SECRET_KEY), {"sign": ""}),
        ("name", (SECRET_ID, SECRET_KEY), {"name": ""}),
        ("version", (SECRET_ID, SECRET_KEY), {"version": "2020-01-01"}),
        ("version", (SECRET_ID, SECRET_KEY), {"version": None}),
        ("language", (SECRET_ID, SECRET_KEY), {"language": "fr"}),
        ("region", (SECRET_ID, SECRET_KEY), {"region": "Guangzhou"}),
        ("region", (SECRET_ID, SECRET_KEY), {"region": ""}),
        ("region", (SECRET_ID, SECRET_KEY), {"region": []}),
        ("base_url", (SECRET_ID, SECRET_KEY), {"base_url": "https://user:secret@host"}),
    ],
)
def test_constructor_names_the_bad_field_and_hides_keys(
    field: str, arguments: tuple[Any, Any], options: dict[str, Any]
) -> None:
    """What cannot be right is one error that names the field; no key shows in it or in the frames that raised it."""
    with pytest.raises(ConfigurationError) as caught:
        TencentCloud(*arguments, **{"sdk_app_id": "1400006666"} | options)
    assert str(caught.value).startswith(field)
    shown, frame = str(caught.value), caught.tb.tb_next
    while frame is not None:
        shown += repr(frame.tb_frame.f_locals)
        frame = frame.tb_next
    assert SECRET_KEY not in shown
    assert "user:secret" not in shown
