"""`assert_sent`, `assert_not_sent_twice`, `assert_all_accounted_for`: what they find, and say when they fail."""

from collections.abc import AsyncIterator

import anyio
import pytest

from smsgate import Gateway, Message, Outcome, Policy, Reason, Template
from smsgate.sandbox.tencent import TENCENT_APP_KEY, TENCENT_SDK_APP_ID
from smsgate.tencent import TencentV5
from smsgate.testing import LOGIN_CODE, Outbox, Response, Rule, SandboxGateway

ANN, BOB = "+8613788888881", "+8613788888882"
PARAMS = {"code": "4821", "minutes": "5"}
KINDS = [Outbox, SandboxGateway]

pytestmark = pytest.mark.anyio


def code(to: str = ANN, code: str = "4821", key: str | None = None) -> Message:
    return Message(to, "login-code", {"code": code, "minutes": "5"}, key=key)


@pytest.mark.parametrize("kind", KINDS)
async def test_finds_what_was_sent(kind: type[Outbox] | type[SandboxGateway]) -> None:
    """By number, template, some or all parameters, a part of the text and how often; the newest comes back."""
    gateway = kind(templates=[LOGIN_CODE])
    for number in (1111, 2222):
        await gateway.send(code(code=str(number)))
    newest = gateway.messages[-1]
    assert gateway.assert_sent(ANN) is newest
    assert gateway.assert_sent(ANN, template="login-code", params={"minutes": "5"}, times=2) is newest
    assert gateway.assert_sent(ANN, params={"code": "1111", "minutes": "5"}, times=1) is gateway.messages[0]
    assert gateway.assert_sent(ANN, text="Your code is 2222") is newest
    assert gateway.assert_sent(gateway.results[0].message.to) is newest
    gateway.assert_not_sent_twice()
    gateway.assert_all_accounted_for()


@pytest.mark.parametrize("kind", KINDS)
async def test_says_what_was_nearest(kind: type[Outbox] | type[SandboxGateway]) -> None:
    """What was sent to whom, and in which respect it is not what was wanted, with no value and no number in full."""
    gateway = kind(templates=[LOGIN_CODE])
    await gateway.send(code())
    by = "tencent" if kind is SandboxGateway else "tencent-v5"
    line = f"  'login-code' to +86*******8881 with code, minutes, accepted by {by}"
    cases = {
        "its number differs in 1 digit": {"to": BOB, "template": "login-code"},
        "its template is 'login-code'": {"to": ANN, "template": "welcome"},
        "its parameter 'code' has another value": {"to": ANN, "params": {"code": "9999"}},
        "it has no parameter 'name'": {"to": ANN, "params": {"name": "Ann", "code": "4821"}},
        "its text has no such part": {"to": ANN, "text": "Hello"},
        "its number has another country code": {"to": "+4913788888881"},
    }
    for difference, wanted in cases.items():
        with pytest.raises(AssertionError) as caught:
            gateway.assert_sent(**wanted)  # type: ignore[arg-type]
        lines = str(caught.value).splitlines()
        assert lines[0].startswith("no message to +")
        assert f"{line}: {difference}" in lines
        assert lines[-2:] == ["accepted were 1:", line]
        assert not any(secret in str(caught.value) for secret in (ANN, BOB, "4821", "9999", "Hello"))


async def test_says_how_often_it_was() -> None:
    """A wrong number of messages is said with the number that there are; none may be wanted, too."""
    gateway = Outbox()
    gateway_sends = [code(code=str(number)) for number in range(1000, 1012)]
    for message in gateway_sends:
        await gateway.send(message)
    with pytest.raises(
        AssertionError, match=r"^12 messages to \+86\*{7}8881 with template 'login-code' were accepted, not 2"
    ):
        gateway.assert_sent(ANN, template="login-code", times=2)
    with pytest.raises(AssertionError, match=r"^1 message to \+86\*{7}8881 with the given code was accepted, not 2"):
        gateway.assert_sent(ANN, params={"code": "1000"}, times=2)
    with pytest.raises(AssertionError, match="accepted were 12, the newest 10 of them:"):
        gateway.assert_sent(BOB)


@pytest.mark.parametrize("kind", KINDS)
async def test_says_what_became_of_the_others(kind: type[Outbox] | type[SandboxGateway]) -> None:
    """A refused message is said with its reason; a gateway that had none says to look at the code under test."""
    gateway = kind(templates=[LOGIN_CODE])
    with pytest.raises(AssertionError, match="was given no message at all: does the code under test use another one"):
        gateway.assert_sent(ANN)
    if isinstance(gateway, Outbox):
        gateway.fail(Reason.BLOCKLISTED)
    else:
        gateway.script(Rule(refuse=Reason.BLOCKLISTED))
    await gateway.send(code())
    with pytest.raises(AssertionError) as caught:
        gateway.assert_sent(ANN)
    lines = str(caught.value).splitlines()
    assert lines[1:3] == ["nothing was accepted at all", "not accepted:"]
    assert lines[3].startswith("  login-code to +86*******8881: REJECTED; BLOCKLISTED")


async def test_another_template_of_the_same_vendor_is_named() -> None:
    """Messages are found by your names of templates and parameters, though vendors have ids and positions."""
    reset = Template("reset", params=("name", "code"), text="{name}: {code}", ids={"tencent-v5": "7", "huawei": "h7"})
    gateway = SandboxGateway(templates=[LOGIN_CODE, reset])
    for provider in ("tencent-v5", "huawei"):
        await gateway.send(Message(ANN, "reset", {"name": "Ann", "code": "77"}), providers=[provider])
    gateway.assert_sent(ANN, template="reset", params={"code": "77"}, text="Ann: 77", times=2)


@pytest.mark.parametrize("keys", [(None, None), ("a", "a")], ids=["content", "key"])
async def test_copies_are_found(keys: tuple[str | None, str | None]) -> None:
    """Without a key, messages of one content are one message; with one, those of the key, whatever they say."""
    gateway = SandboxGateway()
    other = SandboxGateway(sandbox=gateway.sandbox)  # a gateway sends a key once
    await gateway.send(code(key=keys[0]), providers=["tencent-v5"])
    await other.send(code(code="4821" if keys[1] is None else "1234", key=keys[1]), providers=["huawei"])
    gateway.assert_not_sent_twice(BOB)
    with pytest.raises(AssertionError) as caught:
        gateway.assert_not_sent_twice(ANN, results=other.results)
    assert str(caught.value).splitlines() == [
        "a message was sent twice",
        "'login-code' to +86*******8881 with code, minutes was accepted 2 times:",
        "  by tencent; its send said ACCEPTED",
        "  by huawei; its send said ACCEPTED",
    ]


async def test_sends_of_one_key_share_a_result() -> None:
    """A key that is sent again is accounted for: it has the result of the first send."""
    gateway = SandboxGateway()
    for _ in range(2):
        assert (await gateway.send(code(key="a"))).accepted
    gateway.assert_sent(ANN, times=1)
    gateway.assert_all_accounted_for()


async def test_messages_of_two_keys_are_two_messages() -> None:
    """Equal content with different keys is no copy."""
    for gateway in (Outbox(), SandboxGateway()):
        await gateway.send(code(key="a"))
        await gateway.send(code(key="b"))
        gateway.assert_not_sent_twice()


async def test_a_copy_that_was_opted_into_is_said() -> None:
    """One send that two vendors accepted is found, and said to be a failover that was opted into."""
    policy = Policy(on_unknown="failover")
    gateway = SandboxGateway(policy=policy, script=[Rule(provider="tencent-v5", response=Response.LOST)])
    await gateway.send(code())
    with pytest.raises(AssertionError, match="by huawei; its send said ACCEPTED and possible_duplicate: a failover"):
        gateway.assert_not_sent_twice()


async def test_a_send_without_a_result_is_not_accounted_for() -> None:
    """What has not ended is named, on its own and in bulk; once it has its result, all is well."""
    waits, goes_on = anyio.Event(), anyio.Event()

    async def source() -> AsyncIterator[Message]:
        yield code()
        waits.set()
        await goes_on.wait()
        yield code(BOB)

    gateway = SandboxGateway()
    async with anyio.create_task_group() as tasks:

        async def consume() -> None:
            async with gateway.send_many(source(), linger=60) as results:
                assert [result.outcome async for result in results] == [Outcome.ACCEPTED] * 2

        tasks.start_soon(consume)
        await waits.wait()
        with pytest.raises(
            AssertionError, match=r"\n  'login-code' to \+86\*{7}8881 has no result yet: await its send"
        ):
            gateway.assert_all_accounted_for()
        goes_on.set()
    gateway.assert_all_accounted_for()


async def test_what_a_vendor_has_and_no_result_tells() -> None:
    """A message of another gateway is unaccounted for until its result is given, and so is one that a result denies."""
    kit = SandboxGateway()
    provider = TencentV5(TENCENT_SDK_APP_ID, TENCENT_APP_KEY, sign="Acme")
    async with Gateway([provider], templates=[LOGIN_CODE], transport=kit.transport) as own:
        result = await own.send(code())
        again = await own.send(code())
    with pytest.raises(AssertionError, match=r"accepted by tencent, is in no result \(give those of other gateways as"):
        kit.assert_all_accounted_for()
    kit.assert_all_accounted_for(results=[result, again])
    with pytest.raises(AssertionError, match="for another gateway"):
        kit.assert_not_sent_twice()
    with pytest.raises(AssertionError, match="its send said ACCEPTED"):
        kit.assert_not_sent_twice(results=[result, again])


@pytest.mark.parametrize("response", list(Response))
async def test_every_response_is_accounted_for(response: Response) -> None:
    """Whatever comes back, the results say what the vendors have, also for many messages that share a request."""
    gateway = SandboxGateway(script=[Rule(response=response)], policy=Policy(health=None))
    await gateway.send(code())
    messages = [code(f"+86137888888{index}", "1234") for index in range(10, 40)]
    results = [result async for result in gateway.send_many(messages, linger=60)]
    taken = response in (Response.LOST, Response.UNREADABLE, Response.TIMEOUT)
    assert {result.outcome for result in results} <= {Outcome.UNKNOWN, Outcome.NOT_SENT}
    assert len(gateway.messages) == (31 if taken else 0)
    gateway.assert_all_accounted_for()
    gateway.assert_not_sent_twice()


async def test_a_refused_message_is_accounted_for() -> None:
    """What is wrong before anything is sent has its result too, whatever it is."""
    gateway = SandboxGateway()
    for message in (Message("12", "login-code", PARAMS), Message(ANN, "no-such", PARAMS)):
        with pytest.raises(ValueError, match=r"Nothing was sent"):
            await gateway.send(message)
    gateway.assert_all_accounted_for()
    gateway = SandboxGateway(default_region="CN")
    await gateway.send(Message("137 8888 8881", "login-code", PARAMS))
    gateway.assert_all_accounted_for()
    gateway.assert_sent("13788888881")


async def test_an_outbox_has_no_reports() -> None:
    """`reported=True` says which gateway has reports."""
    with pytest.raises(AssertionError, match="an outbox has no delivery reports: use a SandboxGateway"):
        Outbox().assert_all_accounted_for(reported=True)
