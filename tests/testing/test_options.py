"""The options of the test gateways are those of `Gateway`, and what is wrong with them is said with their fixture."""

import ssl
from collections.abc import Callable, Sequence
from typing import Any, get_type_hints

import anyio
import httpx
import httpx2
import pytest

from smsgate import (
    Attempt,
    Binding,
    ConfigurationError,
    Gateway,
    InvalidNumberError,
    Message,
    MessageError,
    Outcome,
    PhoneNumber,
    Policy,
    QuietHours,
    Reason,
    Result,
    Secret,
    Template,
    Timeouts,
)
from smsgate.sending.arguments import SharedArguments
from smsgate.sending.ledger import SendRequest
from smsgate.tags import read_tag
from smsgate.testing import Outbox, SandboxGateway, SmsOptions
from smsgate.transport.connection import Transport

NUMBER = "+8613788888888"
CODE = Message(NUMBER, "login-code", {"code": "4821", "minutes": "5"})
NOT_HANDED_ON = {"providers", "templates", "client", "transport", "return"}

Kind = Callable[..., Outbox | SandboxGateway]

pytestmark = pytest.mark.anyio


@pytest.fixture(params=[Outbox, SandboxGateway])
def kind(request: pytest.FixtureRequest) -> Kind:
    made: Kind = request.param
    return made


class Book:
    """A ledger."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    async def leaving(self, request: SendRequest) -> None:
        self.lines.append(f"leaving {request.provider}")

    async def left(self, request: SendRequest, attempts: Sequence[Attempt]) -> None:
        self.lines.append(f"left {request.provider}")


def test_options_are_those_of_a_gateway() -> None:
    """Whoever adds an option to `Gateway`, or changes its type, does so to the options of the test gateways."""
    later = {"httpx": httpx, "httpx2": httpx2, "SSLContext": ssl.SSLContext}
    later |= {"QuietHours": QuietHours, "Transport": Transport}
    hints = get_type_hints(Gateway.__init__, localns=later)
    assert get_type_hints(SharedArguments) == {name: hints[name] for name in hints if name not in NOT_HANDED_ON}
    assert SmsOptions.__optional_keys__ - SharedArguments.__optional_keys__ == {"one_event_loop"}


async def test_every_option_works(kind: Kind) -> None:
    """Each option of a gateway does what it does there."""
    seen, book = list[Result](), Book()
    gateway = kind(
        policy=Policy(retries=0),
        default_region="CN",
        on_result=seen.append,
        ledger=book,
        timeouts=Timeouts(read=1),
        ssl_context=ssl.create_default_context(),
        max_connections=3,
        keepalive_expiry=20,
        tag_secret="a secret of sixteen characters and more",
        clock=lambda: 1_800_000_000.0,
        one_event_loop=True,
    )
    result = await gateway.send(Message("137 8888 8888", "login-code", CODE.params, key="order-7"))
    assert seen == [result]
    assert book.lines == [f"leaving {result.provider}", f"left {result.provider}"]
    assert str(result.message.to) == NUMBER
    assert result.attempts[0].started_at.timestamp() == 1_800_000_000
    assert result.accepted


async def test_sends_may_share_requests() -> None:
    """With `coalesce` concurrent sends share a request of the simulated vendor, as they do in a gateway."""
    book = Book()
    gateway = SandboxGateway(coalesce=0.01, ledger=book)
    async with anyio.create_task_group() as tasks:
        for index in range(3):
            tasks.start_soon(gateway.send, Message(f"+861378888888{index}", "login-code", CODE.params))
    assert len(book.lines) == 2
    assert len(gateway.messages) == 3


async def test_tag_secret_proves_the_reports(kind: Kind) -> None:
    """With `tag_secret` first among the options, the reference of a message is one that the secret proves."""
    secret = "a secret of sixteen characters and more"
    result = await kind(tag_secret=secret).send(Message(NUMBER, "login-code", CODE.params, key="order-7"))
    assert result.reference is not None
    tag = read_tag(result.reference, to=PhoneNumber(NUMBER), secrets=[Secret(secret)])
    assert tag is not None
    assert (tag.key, tag.proven) == ("order-7", True)
    assert result.reference != (await kind().send(CODE)).reference


async def test_the_vendors_have_the_clock_of_the_gateway() -> None:
    """A clock of the test's own is the vendors' too: they take its signatures, and date messages by it."""
    gateway = SandboxGateway(clock=lambda: 1_000_000_000.0)
    result = await gateway.send(CODE)
    assert [attempt.outcome for attempt in result.attempts] == [Outcome.ACCEPTED]
    assert gateway.messages[0].time.timestamp() == 1_000_000_000


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"default_regoin": "CN"}, "^default_regoin: not an option of a test gateway .did you mean default_region"),
        ({"lenient": True}, "^lenient: not an option .*it takes routes, policy, default_region, on_result, ledger"),
        ({"transport": None}, "^transport: .*its own network"),
        ({"client": None}, "^client: .*its own network"),
        ({"providers": []}, r"^providers: .*Gateway\(…, transport=sms_sandbox.transport\)"),
        ({"default_region": "XX"}, "^default_region: 'XX' is not a region"),
        ({"on_result": 5}, "^on_result: must be callable"),
        ({"ledger": 5}, "^ledger: must have"),
        ({"max_connections": 0}, "^max_connections: "),
        ({"templates": Template("x")}, "^templates: must be a list of templates, not Template"),
        ({"templates": ["x"]}, "^templates: str is not a Template"),
        ({"templates": [Template("x"), Template("x")]}, "^templates: two are named 'x'"),
    ],
)
def test_wrong_options_are_named(kind: Kind, options: dict[str, Any], text: str) -> None:
    """What a test gateway cannot take is a `ConfigurationError` that begins with its name."""
    with pytest.raises(ConfigurationError, match=text):
        kind(**options)


@pytest.mark.parametrize(
    ("callbacks", "text"),
    [
        ({"tencent": "https://app.example.com/x"}, "no simulated provider is named 'tencent', only tencent-v5, huawei"),
        ({"huawei": "/sms/huawei"}, r"callbacks\['huawei'\]: must be a URL"),
        ({"tencent-v5": None}, r"callbacks\['tencent-v5'\]: must be a URL"),
        (["https://app.example.com/x"], "callbacks: must map providers to URLs, not list"),
    ],
)
def test_wrong_callbacks_are_named(callbacks: Any, text: str) -> None:
    """A callback that no push would ever go to is refused, not passed over."""
    with pytest.raises(ConfigurationError, match=text):
        SandboxGateway(callbacks=callbacks)


async def test_a_missing_template_names_the_fixture(kind: Kind) -> None:
    """A template that the gateway was not given is refused with the fixture that would give it."""
    gateway = kind(templates=[Template("other", ids={"huawei": "1"})])
    with pytest.raises(
        MessageError, match=r"'login-code' is not a template .*\(it has other\); .*fixture sms_templates"
    ):
        await gateway.send(CODE)
    assert gateway.messages == ()


async def test_a_template_for_other_providers_names_the_fixture() -> None:
    """A template without an id for a simulated provider is refused with the fixture that has its ids."""
    gateway = SandboxGateway(templates=[Template("shipped", ids={"ours": Binding("1")})])
    with pytest.raises(MessageError, match=r"has no id for it \(ids has ours\).*fixture sms_templates"):
        await gateway.send(Message(NUMBER, "shipped"))


async def test_a_national_number_names_the_fixture(kind: Kind) -> None:
    """Without a default region, a national number is refused with the fixture that would set one."""
    gateway = kind()
    for wrong in (gateway.send(Message("13788888888", "login-code", CODE.params)), gateway.wait_for("13788888888")):
        with pytest.raises(InvalidNumberError, match="fixture sms_options"):
            await wrong
    for look_up in (gateway.last_to, gateway.code_for):
        with pytest.raises(InvalidNumberError, match="fixture sms_options"):
            look_up("13788888888")


async def test_other_problems_are_said_as_in_production(kind: Kind) -> None:
    """What no fixture would mend has the words that the gateway has for it."""
    gateway = kind(templates=[Template("login-code", params=["code"], ids={"huawei": "1", "tencent-v5": "2"})])
    for message in (Message("+8612", "login-code", {"code": "1"}), Message(NUMBER, "login-code", {"kode": "1"})):
        with pytest.raises(MessageError) as caught:
            await gateway.send(message)
        assert "sms_" not in str(caught.value)
    gateway = kind()
    with pytest.raises(InvalidNumberError):
        await gateway.send(Message("+8612", "a template that is not there"))


async def test_results_of_many_name_the_fixture(kind: Kind) -> None:
    """`send_many` says in the description what `send` says in its error."""
    gateway = kind(templates=[Template("other", ids={"huawei": "1"})])
    (result,) = [result async for result in gateway.send_many([CODE])]
    assert result.reason is Reason.TEMPLATE_REJECTED
    assert "fixture sms_templates" in str(result.description)


async def test_unknown_providers_say_where_the_names_come_from() -> None:
    """`providers=` with a name that only production has is refused with where a test gateway's names come from."""
    with pytest.raises(ConfigurationError, match=r"does not have tencent; it has outbox .*fixture sms_templates"):
        await Outbox().send(CODE, providers=["tencent"])
    with pytest.raises(ConfigurationError, match=r"has tencent-v5, huawei .*transport=sms_sandbox.transport"):
        await SandboxGateway().send(CODE, providers=["tencent"])
