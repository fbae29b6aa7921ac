"""One text with an id for mainland China and another for everywhere else: the number decides, before any request."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsgate import Binding, ConfigurationError, Message, MessageError, PhoneNumber, Template
from smsgate.config import load
from smsgate.provider import Batch, Job
from smsgate.sandbox.huawei import HUAWEI_TEMPLATE
from smsgate.sending.resolve import Text, make_job
from smsgate.tencent import TencentCloud, TencentV5
from smsgate.testing import SandboxGateway

HOME, ABROAD = "+8613788888888", "+6581234567"
WELCOME = Template(
    "welcome",
    params=("name", "day"),
    ids={"tencent-v5": Binding("19", abroad=Binding("1110", params=("day",), signature="Acme Ltd", extend="7"))},
)
V5 = TencentV5("1400006666", "key", sign="Home", sign_abroad="Abroad")
CLOUD = TencentCloud("id", "key", sdk_app_id="1400006666", sign="Home", sign_abroad="Abroad")


def job(to: str, template: Template, provider: Any = V5) -> Job | str:
    number = PhoneNumber(to)
    message = Message(number, template.name, dict.fromkeys(template.params, "x"))
    return make_job(message, Text(template, message.params, template.render(message.params)), provider)


numbers = st.sampled_from(["86", "852", "853", "886", "65", "1", "44"]).flatmap(
    lambda code: st.from_regex(r"1[3-9][0-9]{9}" if code == "86" else r"[1-9][0-9]{7}", fullmatch=True).map(
        lambda digits: f"+{code}{digits}"
    )
)


@given(numbers)
def test_number_decides_which_binding_is_used(to: str) -> None:
    """Mainland numbers have the binding itself, all others `abroad` with its own id, order, signature and extension."""
    made = job(to, WELCOME)
    assert isinstance(made, Job)
    found = (made.template_id, len(made.params), made.signature, made.extend)
    assert found == (("19", 2, None, None) if to.startswith("+86") else ("1110", 1, "Acme Ltd", "7"))


@given(numbers)
def test_provider_that_stays_at_home_gets_no_number_abroad(to: str) -> None:
    """With `abroad=False` a job is made for mainland numbers alone; without `abroad` for every number."""
    at_home = job(to, Template("t", ids={"tencent-v5": Binding("19", abroad=False)}))
    assert isinstance(at_home, Job) is to.startswith("+86")
    assert isinstance(job(to, Template("t", ids={"tencent-v5": "19"})), Job)


@given(numbers)
def test_provider_that_is_for_abroad_gets_no_number_at_home(to: str) -> None:
    """With `home=False` a job is made for the other numbers alone, and the refusal says so."""
    made = job(to, Template("t", ids={"tencent-v5": Binding("1110", home=False)}))
    if to.startswith("+86"):
        assert made == "to: template 't' has an id for other countries only (home=False)"
    else:
        assert isinstance(made, Job)


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"home": 0}, "home: must be True or False"),
        ({"home": None}, "home: must be True or False"),
        ({"home": False, "abroad": "1110"}, "home=False: must not have an `abroad`"),
        ({"home": False, "abroad": False}, "home=False: must not have an `abroad`"),
        ({"abroad": Binding("1110", home=False)}, "abroad: must not have an `abroad` or a `home`"),
    ],
)
def test_refuses_what_home_cannot_be(options: Any, problem: str) -> None:
    """A flag; a binding is for one side or has both, so nobody is left without."""
    with pytest.raises(ConfigurationError, match=f"^{problem}"):
        Binding("19", **options)


@pytest.mark.anyio
async def test_two_providers_share_the_world() -> None:
    """One serves the mainland and another all else; a bulk send gives each its own, and asks neither in vain."""
    ids = {"tencent-v5": Binding("1110", home=False), "huawei": Binding(HUAWEI_TEMPLATE, abroad=False)}
    gateway = SandboxGateway(templates=[Template("both", text="Hi", ids=ids)])
    messages = [Message(to, "both") for to in (HOME, ABROAD, "+14155552671", "+8613788888889")]
    results = [result async for result in gateway.send_many(messages, linger=60)]
    assert {(str(result.message.to).startswith("+86"), result.provider) for result in results} == {
        (True, "huawei"),
        (False, "tencent-v5"),
    }
    assert len(gateway.transport.requests) == 2


@pytest.mark.anyio
async def test_message_abroad_goes_to_the_next_provider_at_once() -> None:
    """What a provider is not to have costs no request and no attempt; if none may have it, the send is refused."""
    ids: dict[str, str | Binding] = {"tencent-v5": Binding("19", abroad=False), "huawei": HUAWEI_TEMPLATE}
    gateway = SandboxGateway(templates=[Template("both", text="Hi", ids=ids)])
    result = await gateway.send(Message(ABROAD, "both"))
    assert (result.provider, len(result.attempts), len(gateway.transport.requests)) == ("huawei", 1, 1)
    with pytest.raises(MessageError, match="mainland China only"):
        await gateway.send(Message(ABROAD, "both"), providers=["tencent-v5"])
    assert len(gateway.transport.requests) == 1


@pytest.mark.anyio
async def test_bulk_is_split_by_destination() -> None:
    """`send_many` gives each number its own id and signature, and puts the two into requests of their own."""
    gateway = SandboxGateway(templates=[Template("welcome", text="Hi", ids=WELCOME.ids, params=("name", "day"))])
    params = {"name": "Ann", "day": "Monday"}
    messages = [Message(to, "welcome", params) for to in (HOME, ABROAD, "+8613788888889")]
    results = [result async for result in gateway.send_many(messages, providers=["tencent-v5"], linger=60)]
    assert all(result.accepted for result in results)
    sent = sorted((json.loads(each.body) for each in gateway.transport.requests), key=lambda body: int(body["tpl_id"]))
    assert [(body["tpl_id"], body["sign"], body["params"]) for body in sent] == [
        (19, "Acme", ["Ann", "Monday"]),
        (1110, "Acme Ltd", ["Monday"]),
    ]


@pytest.mark.parametrize(("provider", "key"), [(V5, "sign"), (CLOUD, "SignName")], ids=["tencent-v5", "tencent"])
def test_signature_of_the_provider_depends_on_the_number(provider: Any, key: str) -> None:
    """`sign_abroad` is for other countries; without it they have `sign`."""
    template = Template("t", ids={provider.name: "19"})
    plain = {
        "tencent-v5": TencentV5("1", "key", sign="Home"),
        "tencent": TencentCloud("i", "k", sdk_app_id="1", sign="Home"),
    }
    for by, expected in ((provider, ("Home", "Abroad")), (plain[provider.name], ("Home", "Home"))):
        assert tuple(_body(by, to, template)[key] for to in (HOME, ABROAD)) == expected


def _body(provider: Any, to: str, template: Template) -> dict[str, Any]:
    made = job(to, template, provider)
    assert isinstance(made, Job)
    request = provider.build_request(Batch((made,), "tag"), now=1e9, nonce="1")
    found: dict[str, Any] = json.loads(request.body)
    return found


@pytest.mark.parametrize(
    "make",
    [
        lambda sign: TencentV5("1", "k", sign_abroad=sign),
        lambda sign: TencentCloud("i", "k", sdk_app_id="1", sign_abroad=sign),
    ],
)
def test_signature_for_abroad_is_checked(make: Any) -> None:
    """It is checked as `sign` is, and the error names it."""
    with pytest.raises(ConfigurationError, match=r"^sign_abroad: "):
        make("【Acme】")


@pytest.mark.parametrize("abroad", [True, 19, Binding("1", abroad="2"), Binding("1", abroad=False)])
def test_refuses_what_abroad_cannot_be(abroad: Any) -> None:
    """An id, a binding without an `abroad` of its own, or False."""
    with pytest.raises(ConfigurationError, match=r"^abroad: must"):
        Binding("19", abroad=abroad)


@pytest.mark.parametrize(
    ("abroad", "problem"),
    [("", r"ids\['a'\].abroad is empty"), (Binding("1", params=("nope",)), r"ids\['a'\].abroad.params uses 'nope'")],
)
def test_binding_abroad_is_checked_as_the_other(abroad: Any, problem: str) -> None:
    """A template checks id and parameter names of both bindings, and says in which one the fault is."""
    with pytest.raises(ConfigurationError, match=problem):
        Template("t", ids={"a": Binding("19", abroad=abroad)})


def test_settings_file_has_it_too(tmp_path: Path) -> None:
    """`abroad` in a settings file is an id, a table, or false."""
    account = '[accounts.tencent-v5]\nvendor = "tencent-v5"\nsdk_app_id = "1"\napp_key_env = "K"\n[templates.t.ids]\n'
    path = tmp_path / "smsgate.toml"
    cases: list[tuple[str, Binding | bool]] = [
        ('"1110"', Binding("1110")),
        ('{ id = "1110", signature = "Acme" }', Binding("1110", signature="Acme")),
        ("false", False),
    ]
    for written, abroad in cases:
        path.write_text(f'{account}tencent-v5 = {{ id = "19", abroad = {written} }}', encoding="utf-8")
        (template,) = load(path, {"K": "key"}).templates
        assert template.ids == {"tencent-v5": Binding("19", abroad=abroad)}
    path.write_text(f'{account}tencent-v5 = {{ id = "1110", home = false }}', encoding="utf-8")
    (template,) = load(path, {"K": "key"}).templates
    assert template.ids == {"tencent-v5": Binding("1110", home=False)}
