"""What `TencentV5` sends."""

import hashlib
import json
from typing import Any

import pytest

from smsgate.model.errors import ConfigurationError
from smsgate.model.message import Message
from smsgate.model.phone import PhoneNumber
from smsgate.provider import Batch, Job, SmsProvider
from smsgate.tencent import TencentV5
from smsgate.wire import HttpRequest

KEY = "5f03a35d00ee52a21327ab048186a2c4"
NONCE = "0123456789abcdef0123456789abcdef"


def provider(**options: Any) -> TencentV5:
    return TencentV5("1400006666", KEY, **{"sign": "Acme"} | options)


def job(to: str = "+8613788888888", **changes: Any) -> Job:
    fields: dict[str, Any] = {"template_id": "19", "params": ("4821", "5")} | changes
    return Job(Message(to, "login"), PhoneNumber(to), **fields)


def build(*jobs: Job, by: TencentV5 | None = None, nonce: str = NONCE) -> HttpRequest:
    return (by or provider()).build_request(Batch(jobs, "tag-1"), now=1457336869.9, nonce=nonce)


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def test_single_mainland_goes_by_sendsms() -> None:
    """One mainland number: sendsms, `tel` an object, types as the guide's table, sdkappid and random in the query."""
    request = build(job())
    random = request.query.removeprefix("sdkappid=1400006666&random=")
    assert request.method == "POST"
    assert request.url == f"https://yun.tim.qq.com/v5/tlssmssvr/sendsms?sdkappid=1400006666&random={random}"
    assert json.loads(request.body) == {
        "ext": "tag-1",
        "extend": "",
        "params": ["4821", "5"],
        "sig": sha256(f"appkey={KEY}&random={random}&time=1457336869&mobile=13788888888"),
        "sign": "Acme",
        "tel": {"mobile": "13788888888", "nationcode": "86"},
        "time": 1457336869,
        "tpl_id": 19,
    }


def test_headers_are_explicit() -> None:
    """Host, as the base URL writes it, and the content type are given by the adapter, not left to the client."""
    request = build(job(), by=provider(base_url="http://127.0.0.1:8025"))
    assert request.headers.pairs == (("Host", "127.0.0.1:8025"), ("Content-Type", "application/json"))
    assert request.url.startswith("http://127.0.0.1:8025/v5/tlssmssvr/sendsms?")


def test_several_mainland_go_by_sendmultisms2_in_order() -> None:
    """Several numbers: sendmultisms2, `tel` an array in the order of the jobs, repetitions kept, and signed so."""
    request = build(job("+8613788888889"), job("+8613600000000"), job("+8613788888889"))
    random = request.query.rpartition("=")[2]
    body = json.loads(request.body)
    assert request.path == "/v5/tlssmssvr/sendmultisms2"
    assert [tel["mobile"] for tel in body["tel"]] == ["13788888889", "13600000000", "13788888889"]
    assert {tel["nationcode"] for tel in body["tel"]} == {"86"}
    numbers = "13788888889,13600000000,13788888889"
    assert body["sig"] == sha256(f"appkey={KEY}&random={random}&time=1457336869&mobile={numbers}")


def test_several_of_other_countries_go_by_sendmultisms2() -> None:
    """Several numbers abroad: sendmultisms2, each with its own country code, which the sig does not cover."""
    request = build(job("+14155552671"), job("+85251234567"))
    random = request.query.rpartition("=")[2]
    body = json.loads(request.body)
    assert request.path == "/v5/tlssmssvr/sendmultisms2"
    assert body["tel"] == [
        {"mobile": "4155552671", "nationcode": "1"},
        {"mobile": "51234567", "nationcode": "852"},
    ]
    assert body["sig"] == sha256(f"appkey={KEY}&random={random}&time=1457336869&mobile=4155552671,51234567")


def test_other_country_goes_by_sendisms() -> None:
    """A number of another country: sendisms, `tel` the text with its plus, and the sig signs exactly that."""
    request = build(job("+14155552671"))
    random = request.query.rpartition("=")[2]
    body = json.loads(request.body)
    assert request.path == "/v5/tlssmssvr/sendisms"
    assert body["tel"] == "+14155552671"
    assert body["sig"] == sha256(f"appkey={KEY}&random={random}&time=1457336869&tel=+14155552671")


def test_body_is_compact_utf8() -> None:
    """Chinese text goes out as UTF-8, and the JSON has no padding."""
    body = build(job(params=("验证码",), signature="腾讯云")).body
    assert '"params":["验证码"],'.encode() in body
    assert '"sign":"腾讯云",'.encode() in body


def test_signature_of_the_template_wins() -> None:
    """A binding's signature overrides the provider's; an empty one asks for the application's default."""
    assert json.loads(build(job(signature="Other")).body)["sign"] == "Other"
    assert json.loads(build(job(signature="")).body)["sign"] == ""
    assert json.loads(build(job(), by=provider(sign=None)).body)["sign"] == ""


def test_extension_of_the_message_or_binding_wins() -> None:
    """`extend` is the provider's unless the job has one; jobs with different ones do not share a request."""
    for to in ("+8613788888888", "+14155552671"):
        assert json.loads(build(job(to), by=provider(extend="07")).body)["extend"] == "07"
        assert json.loads(build(job(to, extend="1"), by=provider(extend="07")).body)["extend"] == "1"
    bulk = build(job(extend="1"), job("+8613900000000", extend="1"))
    assert json.loads(bulk.body)["extend"] == "1"
    assert provider().batch_key(job(extend="1")) != provider().batch_key(job())


@pytest.mark.parametrize("extend", ["", " 1", "a1", "１", "1" * 21, "1\n", 1])
def test_refuses_what_is_no_extension(extend: Any) -> None:
    """An extension is 1 to 20 ASCII digits, as text, wherever it is written."""
    assert (provider().refuse(job(extend=extend)) or "").startswith("extend:")
    with pytest.raises(ConfigurationError, match=r"^extend:"):
        provider(extend=extend)


def test_random_is_digits_and_follows_the_nonce() -> None:
    """`random` is nine digits made from the nonce: equal for equal nonces, different for others; never in the body."""
    first, again, other = build(job()), build(job()), build(job(), nonce="f" * 32)
    random = first.query.rpartition("=")[2]
    assert random.isdigit()
    assert len(random) == 9
    assert first.url == again.url != other.url
    assert "random" not in json.loads(first.body)


def test_batches_share_template_params_and_signature() -> None:
    """Jobs with equal template, parameters and signature have equal keys, mainland and other countries apart."""
    key = provider().batch_key
    assert key(job()) == key(job("+8613900000000")) is not None
    assert key(job()) != key(job(template_id="20"))
    assert key(job()) != key(job(params=("4821", "6")))
    assert key(job()) != key(job(signature="Other"))
    assert key(job("+14155552671")) == key(job("+85251234567")) != key(job())
    assert key(job("+14155552671", params=("4821", "6"))) != key(job("+14155552671"))


@pytest.mark.parametrize("template_id", ["", "abc", "19a", "-19", "019", "1.5", "１９", "9" * 19, "19\n"])
def test_refuses_template_ids_that_are_no_json_number(template_id: str) -> None:
    """`tpl_id` is a JSON number, so an id that is not plain digits is refused by name before anything is sent."""
    problem = provider().refuse(job(template_id=template_id))
    assert problem is not None
    assert problem.startswith("template id:")


def test_refuses_what_v5_cannot_carry() -> None:
    """A channel number, and text that UTF-8 cannot hold, are refused with the field's name and without the value."""
    assert provider().refuse(job()) is None
    assert provider().refuse(job("+14155552671")) is None
    assert (provider().refuse(job(sender="1069")) or "").startswith("sender:")
    assert (provider().refuse(job(params=("4821\ud800",))) or "").startswith("params:")
    assert (provider().refuse(job(params=(4821,))) or "").startswith("params:")
    assert (provider().refuse(job(signature="\udfff")) or "").startswith("signature:")
    assert "4821" not in (provider().refuse(job(params=("4821\ud800",))) or "")


def test_mixed_and_oversized_batches_are_never_built() -> None:
    """A bulk call with a foreign number, or with more than 200 numbers, is a fault of the caller, not a request."""
    with pytest.raises(ValueError, match="mainland"):
        build(job(), job("+14155552671"))
    with pytest.raises(ValueError, match="200"):
        build(*[job()] * 201)
    assert len(json.loads(build(*[job()] * 200).body)["tel"]) == 200


def test_is_a_provider() -> None:
    """`TencentV5` satisfies the provider protocol, takes 200 messages a request and shows its name only."""
    made = provider()
    assert isinstance(made, SmsProvider)
    assert (made.name, made.batch_limit) == ("tencent-v5", 200)
    assert repr(made) == "TencentV5(name='tencent-v5')"


@pytest.mark.parametrize(
    ("field", "arguments"),
    [
        ("sdk_app_id", ("", KEY)),
        ("sdk_app_id", (KEY, "1400006666")),
        ("sdk_app_id", (1400006666, KEY)),
        ("sdk_app_id", ("1４", KEY)),
        ("app_key", ("1400006666", "")),
        ("app_key", ("1400006666", KEY + "\n")),
        ("app_key", ("1400006666", None)),
    ],
)
def test_constructor_names_the_bad_field_and_hides_its_value(field: str, arguments: tuple[Any, Any]) -> None:
    """A wrong id or key, also when the two are swapped, is one error that names the field and never shows the key."""
    with pytest.raises(ConfigurationError) as caught:
        TencentV5(*arguments)
    assert str(caught.value).startswith(field)
    assert KEY not in str(caught.value)
    frame = caught.tb.tb_next
    while frame is not None:
        assert KEY not in repr(frame.tb_frame.f_locals)
        frame = frame.tb_next


@pytest.mark.parametrize(
    "options", [{"sign": " "}, {"sign": "a\nb"}, {"name": ""}, {"name": None}, {"base_url": "ftp://x"}]
)
def test_constructor_refuses_options_that_cannot_be_right(options: dict[str, Any]) -> None:
    """An empty or unprintable signature or name, and a base URL that is none, are refused by name."""
    with pytest.raises(ConfigurationError, match=f"^{next(iter(options))}"):
        provider(**options)
