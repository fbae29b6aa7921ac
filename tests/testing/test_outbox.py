"""`Outbox`: a gateway that records in place of sending."""

import asyncio
from collections.abc import Iterator
from typing import Any

import anyio
import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsgate import (
    Binding,
    ClosedError,
    ConfigurationError,
    Gateway,
    InvalidNumberError,
    Message,
    MessageError,
    Outcome,
    Policy,
    Reason,
    Result,
    Template,
)
from smsgate.testing import Outbox

NUMBER = "+8613788888888"
OTHER = "+8613788888889"
CODE = Message(NUMBER, "login-code", {"code": "4821"})
TEMPLATE = Template("login-code", params=("code",), ids={"first": "1", "second": Binding("2")})

pytestmark = pytest.mark.anyio


async def test_records_what_is_sent_oldest_first() -> None:
    """An outbox is a gateway: what is sent through it is accepted, and there to look at."""
    outbox = Outbox()
    assert isinstance(outbox, Gateway)
    result = await outbox.send(CODE)
    await outbox.send(Message(OTHER, "welcome"))
    assert (result.outcome, result.provider, result.message_id) == (Outcome.ACCEPTED, "outbox", "outbox-1")
    assert [str(message.to) for message in outbox.messages] == [NUMBER, OTHER]
    assert outbox.last_to(NUMBER).params == {"code": "4821"}
    assert outbox.results[0] is result


async def test_last_to_gives_the_newest() -> None:
    """`last_to` finds the newest message to a number."""
    outbox = Outbox()
    await outbox.send(CODE)
    await outbox.send(Message(OTHER, "login-code", {"code": "1111"}))
    await outbox.send(Message(NUMBER, "login-code", {"code": "2222"}))
    assert outbox.last_to(NUMBER).params["code"] == "2222"


async def test_last_to_a_number_without_messages_fails_the_test() -> None:
    """The failure is an assertion that says to whom there are messages, masked."""
    outbox = Outbox()
    with pytest.raises(AssertionError, match=r"for \+86\*+8888; nothing was accepted at all"):
        outbox.last_to(NUMBER)
    await outbox.send(CODE)
    with pytest.raises(AssertionError) as failure:
        outbox.last_to(OTHER)
    assert "accepted were messages to +86*******8888" in str(failure.value)
    assert NUMBER not in str(failure.value)


async def test_national_numbers_are_found_under_either_form() -> None:
    """With a default region, a number is the same however it is written."""
    outbox = Outbox(default_region="CN")
    await outbox.send(Message("137 8888 8888", "login-code", {"code": "1"}))
    assert outbox.last_to(NUMBER) is outbox.last_to("13788888888")


async def test_takes_any_template_if_none_is_declared() -> None:
    """Without templates, every name and every set of parameters is taken, call by call."""
    outbox = Outbox()
    for params in ({"code": "1"}, {"code": "1", "minutes": "5"}, {}):
        assert (await outbox.send(Message(NUMBER, "anything", params))).accepted


@pytest.mark.parametrize(
    ("message", "field"),
    [
        (Message(NUMBER, "", {}), "template"),
        (Message(NUMBER, "x", {"code": ""}), r"params\['code'\]"),
        (Message(NUMBER, "x", {"code": 4821}), r"params\['code'\]"),  # type: ignore[dict-item]
    ],
)
async def test_checks_values_also_without_templates(message: Message, field: str) -> None:
    """What a gateway would refuse is refused here too."""
    outbox = Outbox()
    with pytest.raises(MessageError, match=field):
        await outbox.send(message)
    assert outbox.messages == ()
    assert [result.outcome for result in outbox.results] == [Outcome.REJECTED]


async def test_checks_declared_templates() -> None:
    """With templates, unknown names and wrong parameters are refused as by the real gateway."""
    outbox = Outbox(templates=[TEMPLATE])
    with pytest.raises(MessageError, match="did you mean 'login-code'"):
        await outbox.send(Message(NUMBER, "logincode", {"code": "1"}))
    with pytest.raises(MessageError, match="lacks code and has unknown kode"):
        await outbox.send(Message(NUMBER, "login-code", {"kode": "1"}))
    with pytest.raises(InvalidNumberError):
        await outbox.send(Message("137", "login-code", {"code": "1"}))
    assert outbox.messages == ()


async def test_plays_the_providers_that_templates_name() -> None:
    """Results name your own providers, and `providers=` works as in production."""
    outbox = Outbox(templates=[TEMPLATE])
    assert (await outbox.send(CODE)).provider == "first"
    assert (await outbox.send(CODE, providers=["second"])).provider == "second"
    with pytest.raises(ConfigurationError, match="third"):
        await outbox.send(CODE, providers=["third"])


@pytest.mark.parametrize(
    ("reason", "outcome", "tried"),
    [
        (Reason.NETWORK, Outcome.NOT_SENT, ["first", "second"]),
        (Reason.NO_ANSWER, Outcome.UNKNOWN, ["first"]),
        (Reason.BLOCKLISTED, Outcome.REJECTED, ["first"]),
        (Reason.INSUFFICIENT_BALANCE, Outcome.REJECTED, ["first", "second"]),
        (Reason.TRY_LATER, Outcome.REJECTED, ["first", "first", "second", "second"]),
    ],
)
async def test_fail_gives_the_outcome_of_the_reason(reason: Reason, outcome: Outcome, tried: list[str]) -> None:
    """The next message meets the reason at every provider, with the failover that goes with it; then all is well."""
    outbox = Outbox(templates=[TEMPLATE])
    outbox.fail(reason)
    result = await outbox.send(CODE)
    assert (result.outcome, result.reason) == (outcome, reason)
    assert [attempt.provider for attempt in result.attempts] == tried
    assert outbox.messages == ()
    assert (await outbox.send(CODE)).accepted


@pytest.mark.parametrize(
    ("reason", "code"),
    [
        (Reason.BLOCKLISTED, "BLOCKLISTED"),
        (Reason.NO_ANSWER, None),
        (Reason.NETWORK, None),
        (Reason.OVERLOADED, None),
        (Reason.NOT_RECORDED, None),
    ],
)
async def test_what_no_vendor_said_has_no_code(reason: Reason, code: str | None) -> None:
    """As in production: without a readable response there is no vendor's code, in the result and in its attempts."""
    outbox = Outbox(templates=[TEMPLATE])
    outbox.fail(reason)
    result = await outbox.send(CODE)
    assert (result.reason, result.code) == (reason, code)
    assert {attempt.code for attempt in result.attempts} == {code}


async def test_fail_for_one_number_and_without_end() -> None:
    """`to` picks a number, `times=None` lasts until `clear()`."""
    outbox = Outbox()
    outbox.fail(Reason.UNREACHABLE, to=NUMBER, times=None)
    assert (await outbox.send(Message(OTHER, "x"))).accepted
    for _ in range(3):
        assert (await outbox.send(CODE)).reason is Reason.UNREACHABLE
    outbox.clear()
    assert (outbox.messages, outbox.results) == ((), ())
    assert (await outbox.send(CODE)).accepted


async def test_no_frame_of_a_failure_shows_a_full_number() -> None:
    """pytest shows local variables on request: those of the test kit are masked."""
    outbox = Outbox()
    await outbox.send(CODE)
    with pytest.raises(AssertionError) as failure:
        outbox.last_to(OTHER)
    frames = failure.traceback[1:]
    assert len(frames) == 3
    assert not [frame for frame in frames if OTHER[-6:] in repr(frame.frame.f_locals)]


async def test_policy_is_the_gateways() -> None:
    """A policy of your own decides about failover here too."""
    outbox = Outbox(templates=[TEMPLATE], policy=Policy(on_unknown="failover"))
    outbox.fail(Reason.NO_ANSWER)
    result = await outbox.send(CODE)
    assert len(result.attempts) == 2
    assert result.possible_duplicate


async def test_send_many_records_in_order() -> None:
    """`send_many` gives one result per message, and the outbox has them all."""
    outbox = Outbox()
    outbox.fail(Reason.INVALID_NUMBER, to=f"+86137{7:08}")
    numbers = [f"+86137{index:08}" for index in range(250)]
    messages = [Message(number, "x", {"n": number}) for number in numbers]
    results = [result async for result in outbox.send_many(messages, concurrency=1, linger=60)]
    assert sorted(str(result.message.to) for result in results) == numbers
    assert [str(message.to) for message in outbox.messages] == [number for number in numbers if number != numbers[7]]
    assert outbox.last_to(numbers[8]).params == {"n": numbers[8]}


@pytest.mark.parametrize("is_async", [False, True])
async def test_hands_results_to_your_handler(is_async: bool) -> None:
    """`on_result` is called as by the real gateway, plain or async."""
    seen: list[Result] = []

    async def later(result: Result) -> None:
        seen.append(result)

    outbox = Outbox(on_result=later if is_async else seen.append)
    await outbox.send(CODE)
    assert tuple(seen) == outbox.results


async def test_closed_means_closed() -> None:
    """Code that sends through a closed gateway fails in its tests too."""
    async with Outbox() as outbox:
        await outbox.send(CODE)
    with pytest.raises(ClosedError):
        await outbox.send(CODE)
    assert outbox.last_to(NUMBER) == CODE


def numbered() -> Iterator[Message]:
    for index in range(2_000):
        yield Message(f"+86137{index:08}", "x")


async def test_leaving_send_many_early_stops_reading() -> None:
    """A loop that is left early does not go on behind the test's back, and closes its source."""
    read, outbox = list[Message](), Outbox()

    def source() -> Iterator[Message]:
        try:
            for message in numbered():
                read.append(message)
                yield message
        finally:
            read.append(CODE)

    async for _ in outbox.send_many(source(), window=200):
        break
    for _ in range(20):
        await anyio.lowlevel.checkpoint()
    assert len(read) < 1000
    assert read[-1] is CODE


def test_serves_one_event_loop_after_another() -> None:
    """A test client that opens a loop per request can use one outbox throughout."""
    outbox = Outbox()
    assert asyncio.run(outbox.send(CODE)).accepted
    assert anyio.run(outbox.send, CODE, backend="trio").accepted


async def test_serves_two_event_loops_at_once() -> None:
    """An application in a thread of its own and the test can share one outbox."""
    outbox = Outbox()

    async def many() -> int:
        return len([result async for result in outbox.send_many(numbered()) if result.accepted])

    counts: list[int] = []

    async def elsewhere() -> None:
        counts.append(await anyio.to_thread.run_sync(anyio.run, many))

    async with anyio.create_task_group() as group:
        group.start_soon(elsewhere)
        counts.append(await many())
    assert counts == [2_000, 2_000]


@pytest.mark.parametrize(
    ("reason", "text"),
    [
        ("UNSUBSCRIBED", r"reason must be a Reason \(write Reason\.UNSUBSCRIBED\), not str 'UNSUBSCRIBED'"),
        ("gone", r"reason must be a Reason \(as in Reason\.BLOCKLISTED\), not str 'gone'"),
        (None, "not NoneType 'None'"),
        (Outcome.REJECTED, "not Outcome 'REJECTED'"),
    ],
)
def test_fail_takes_a_reason_only(reason: object, text: str) -> None:
    """What is no `Reason` is refused at once, the text of one too: a type checker refuses it as well."""
    with pytest.raises(ConfigurationError, match=text):
        Outbox().fail(reason)  # type: ignore[arg-type]


@pytest.mark.parametrize("times", [0, -1, 1.5, True, "2"])
def test_fail_takes_a_number_of_messages(times: Any) -> None:
    """*times* counts messages: none, a part of one, or a truth value is no count."""
    with pytest.raises(ConfigurationError, match="times must be a number of messages"):
        Outbox().fail(Reason.NETWORK, times=times)


@pytest.mark.parametrize("reason", list(Reason))
async def test_fail_takes_every_reason(reason: Reason) -> None:
    """Whatever reason a message is to meet, it is the one in its result."""
    outbox = Outbox()
    outbox.fail(reason)
    assert (await outbox.send(CODE)).reason is reason


ODD = st.one_of(st.none(), st.integers(), st.text(max_size=5), st.binary(max_size=3), st.lists(st.text(max_size=2)))


@given(
    template=st.one_of(st.just("x"), ODD),
    params=st.one_of(ODD, st.dictionaries(st.one_of(st.integers(), st.none(), st.text(max_size=5)), ODD, max_size=3)),
)
def test_any_template_refuses_what_a_gateway_refuses(template: Any, params: Any) -> None:
    """Without templates, what cannot be a message is a `MessageError` with its result, and nothing else."""
    outbox = Outbox()
    outcome = asyncio.run(outcome_of(outbox, Message(NUMBER, template, params)))
    right = isinstance(params, dict) and all(isinstance(each, str) for each in (template, *params, *params.values()))
    if not (right and template and all(params)):
        assert outcome is Outcome.REJECTED
    assert [result.outcome for result in outbox.results] == [outcome]


async def outcome_of(outbox: Outbox, message: Message) -> Outcome:
    try:
        return (await outbox.send(message)).outcome
    except MessageError as error:
        return Outcome(error.result.outcome if error.result else "no result")
