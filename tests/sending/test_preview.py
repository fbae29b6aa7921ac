"""A preview is what a send would do, without doing it; templates can be changed while a gateway is in use."""

from typing import Any

import anyio
import attrs
import pytest
from fake_vendors import LOGIN, FakeVendor, Wire, alpha, beta, gamma, login
from hypothesis import given
from hypothesis import strategies as st

from smsgate import (
    Binding,
    ConfigurationError,
    Gateway,
    Job,
    Message,
    MessageError,
    Preview,
    PreviewedProvider,
    Reason,
    Result,
    Template,
)
from smsgate.huawei import HuaweiSms
from smsgate.provider import SmsProvider
from smsgate.tencent import TencentCloud, TencentV5
from smsgate.testing import Outbox

NEWS = Template("news", params=("name",), text="Hello {name}", ids={"beta": "b-2", "gamma": "g-2"})


def test_who_would_be_tried() -> None:
    """Every provider in its place, with why it cannot take the message; the text and what it is charged as."""
    full = FakeVendor("alpha", takes=refusing)
    gateway = Gateway([full, beta(), gamma()], templates=[LOGIN, NEWS], transport=Wire(), default_region="CN")
    found = gateway.preview(login("138 0013 8000"))
    assert found == Preview(
        found.to,
        (
            PreviewedProvider("alpha", "to: not there"),
            PreviewedProvider("beta", None, "b-1", None, 1),
            PreviewedProvider("gamma", None, "g-1", None, 1),
        ),
        "Your code is 4821, valid for 5 minutes.",
    )
    assert (str(found.to), found.order, found.segments) == ("+8613800138000", ("beta", "gamma"), 1)
    assert "4821" not in repr(found)
    assert "13800138000" not in repr(found)
    narrowed = gateway.preview(Message("+8613800138000", "news", {"name": "Li"}), providers=["gamma", "alpha"])
    assert narrowed.order == ("gamma",)
    assert narrowed.providers[1].problem == "template 'news' has no id for it (ids has beta, gamma)"


def test_what_is_wrong() -> None:
    """A problem is in the preview, as the error of a send says it; what is no message at all is raised."""
    gateway = Gateway([alpha(), beta()], templates=[LOGIN, NEWS], transport=Wire())
    assert gateway.preview(login("+86110")).reason is Reason.INVALID_NUMBER
    assert gateway.preview(Message("+8613800138000", "nws")).reason is Reason.TEMPLATE_REJECTED
    nobody = gateway.preview(Message("+8613800138000", "news", {"name": "Li"}), providers=["alpha"])
    assert nobody.problem == "no provider can take it: alpha: template 'news' has no id for it (ids has beta, gamma)"
    assert (nobody.order, nobody.segments, nobody.text) == ((), None, "Hello Li")
    with pytest.raises(MessageError, match="must be a Message"):
        gateway.preview("hello")  # type: ignore[arg-type]  # the mistake
    with pytest.raises(ConfigurationError, match="does not have nope"):
        gateway.preview(login(), providers=["nope"])
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        nobody.text = ""  # type: ignore[misc]  # the mistake


def test_the_signature_is_charged() -> None:
    """The signature of the provider, or of the binding, counts into the segments."""
    providers: list[SmsProvider] = [
        TencentV5("1400006666", "k", sign="Acme"),
        TencentCloud("A", "k", sdk_app_id="1400006666", sign="Acme"),
        HuaweiSms("k", "s", sender="isms1", base_url="https://h", signature="Acme"),
        TencentV5("1400006666", "k", name="none"),
    ]
    ids: dict[str, str | Binding] = dict.fromkeys(("tencent-v5", "huawei", "none"), "1")
    ids["tencent"] = Binding("2", signature="Other name")
    gateway = Gateway(providers, templates=[Template("t", params=("x",), text="{x}", ids=ids)])
    found = gateway.preview(Message("+8613800138000", "t", {"x": "汉" * 60}))
    assert [(each.signature, each.segments) for each in found.providers] == [
        ("Acme", 1),
        ("Other name", 2),
        ("Acme", 1),
        (None, 1),
    ]
    assert gateway.preview(Message("+8613800138000", "t", {"x": "汉" * 65})).segments == 2


def refusing(job: Job) -> str | None:
    """The `refuse` of a provider that takes nothing."""
    return "to: not there"


def willing(job: Job) -> str | None:
    """That of one that takes everything."""
    return None


MESSAGES = st.builds(
    Message,
    st.sampled_from(["+8613800138000", "+86 138-0013-8000", "13800138000", "+6581234567", "+1415555", "x", ""]),
    st.sampled_from(["login", "news", "other"]),
    st.dictionaries(st.sampled_from(["code", "minutes", "name"]), st.sampled_from(["5", "", "\u202e", "汉" * 80])),
)


@given(MESSAGES, st.sets(st.sampled_from(["alpha", "beta", "gamma"])), st.permutations(["alpha", "beta", "gamma"]))
def test_as_it_is_previewed_so_it_is_sent(message: Message, full: set[str], names: list[str]) -> None:
    """The first of the order is asked, with the number of the preview; a problem is the error's text."""

    async def send() -> tuple[Preview, Result | MessageError, list[str]]:
        wire = Wire()
        vendors = [FakeVendor(name, takes=refusing if name in full else willing) for name in names]
        async with Gateway(vendors, templates=[LOGIN, NEWS], transport=wire) as gateway:
            preview = gateway.preview(message)
            try:
                return preview, await gateway.send(message), wire.asked
            except MessageError as error:
                return preview, error, wire.asked

    preview, result, asked = anyio.run(send)
    if isinstance(result, MessageError):
        assert str(result) == f"{preview.problem}. Nothing was sent to {message.to.masked}."
        assert (asked, preview.order) == ([], ())
    else:
        assert preview.problem is None
        assert (asked, result.message.to) == ([preview.order[0]], preview.to)


@pytest.mark.anyio
async def test_templates_change_on_a_running_gateway() -> None:
    """The next message has the new ones; what cannot be right changes nothing; one in flight keeps its own."""
    release = anyio.Event()

    async def busy(call: Any) -> Reason:
        await release.wait()
        return Reason.INSUFFICIENT_BALANCE

    wire = Wire(alpha=busy)
    async with Gateway([alpha(), beta()], templates=[LOGIN], transport=wire) as gateway:
        assert gateway.templates == (LOGIN,)
        gateway.add_template(NEWS)
        assert (await gateway.send(Message("+8613800138000", "news", {"name": "Li"}))).provider == "beta"
        for wrong in (NEWS, Template("x", ids={"nope": "1"}), "text"):
            with pytest.raises(ConfigurationError):
                gateway.add_template(wrong)  # type: ignore[arg-type]  # one of them is the mistake
        results: list[Result] = []
        async with anyio.create_task_group() as tasks:

            async def send() -> None:
                results.append(await gateway.send(login()))

            tasks.start_soon(send)
            await anyio.wait_all_tasks_blocked()
            gateway.replace_templates([NEWS])
            release.set()
        assert results[0].provider == "beta"
        with pytest.raises(MessageError, match="'login' is not a template of this gateway"):
            await gateway.send(login())
        with pytest.raises(ConfigurationError, match="two are named"):
            gateway.replace_templates([LOGIN, LOGIN])
        assert gateway.templates == (NEWS,)


@pytest.mark.anyio
async def test_an_outbox_takes_a_template_that_is_added() -> None:
    """An outbox without templates takes any name; one that is added since is held to its parameters."""
    outbox = Outbox()
    await outbox.send(Message("+8613800138000", "news", {"anything": "1"}))
    outbox.add_template(Template("news", params=("name",)))
    with pytest.raises(MessageError, match="params: lacks name"):
        await outbox.send(Message("+8613800138000", "news", {"anything": "1"}))
