"""What messages have in common is found once, and none of them gets what is another's."""

import gc
import tracemalloc
from collections.abc import Callable, Hashable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import attrs
import pytest
from fake_vendors import LOGIN, FakeVendor, Wire, login, number
from hypothesis import given
from hypothesis import strategies as st

from smsgate import Binding, Gateway, Job, Message, PhoneNumber, SmsProvider, Template
from smsgate.huawei import HuaweiSms
from smsgate.provider import SortsNumbers, WeighsJobs
from smsgate.sending.batching import Batcher, JobWeights
from smsgate.sending.outgoing import OutgoingMessage
from smsgate.sending.personal import PersonalMessage
from smsgate.sending.preparer import Preparer
from smsgate.sending.preparing import Preparing
from smsgate.sending.resolve import KnownTexts, Problem, Text
from smsgate.sending.router import ProviderChoice
from smsgate.tencent import TencentCloud, TencentV5

PROVIDERS: list[SmsProvider] = [
    TencentV5("1400006666", "key", sign="Home", sign_abroad="Abroad"),
    TencentCloud("id", "key", sdk_app_id="1400006666", sign="Home", sign_abroad=""),
    HuaweiSms("key", "secret", sender="isms1", base_url="https://huawei.example"),
]
NAMES = [provider.name for provider in PROVIDERS]
TURNED = ("for", "code")
TEMPLATES = [
    Template("code", params=("code",), text="Code {code}", ids=dict.fromkeys(NAMES, "19")),
    Template("long", params=("code",), text="x" * 440 + "{code}", ids=dict.fromkeys(NAMES, "20")),
    Template("split", params=("code",), ids=dict.fromkeys(NAMES, Binding("21", abroad=Binding("22", signature="Ltd")))),
    Template("home", params=("code",), ids=dict.fromkeys(NAMES, Binding("23", abroad=False))),
    Template("turned", params=("code", "for"), text="{for}", ids=dict.fromkeys(NAMES, Binding("24", params=TURNED))),
    Template("some", params=("code", "for"), ids=dict.fromkeys(NAMES, Binding("25", params=TURNED[:1]))),
]
NOW = lambda: 0.0  # noqa: E731
CODES = st.sampled_from(["1", "1", "22", "x" * 20, "", "\n"])
MESSAGES = st.lists(
    st.builds(
        Message,
        st.sampled_from(
            [
                *("+8613800138000", "+8613800138001", "+861064912345678", "+861", "x"),
                *("+6581234567", "+6581234568", "+14155552671", "+447400123456", "+4407400123456", "+65 8123 4569"),
            ]
        ),
        st.sampled_from(["code", "code", "long", "split", "home", "turned", "turned", "some", "none"]),
        st.fixed_dictionaries({"code": CODES}) | st.fixed_dictionaries({"code": CODES, "for": CODES}),
        key=st.sampled_from([None, None, "order-1", ""]),
        extend=st.sampled_from([None, None, "01", "7", "x"]),
        kind=st.sampled_from([None, None, "verification", "x"]),
        expires_at=st.sampled_from([None, None, datetime(2026, 1, 1, tzinfo=UTC), datetime(1960, 1, 1, tzinfo=UTC)]),
    ),
    max_size=30,
)


def said_of(prepared: OutgoingMessage | Problem) -> object:
    """All that a request will be made of."""
    if isinstance(prepared, Problem):
        return prepared
    assigned = prepared.assigned
    key = None if assigned.key is None else prepared.request_key()
    text = prepared.text
    said = text.template.name, text.params, text.rendered
    weighed = JobWeights().weigh(prepared.example, prepared.provider)
    return prepared.message, prepared.job, key, assigned.batch_limit, weighed, said


GATEWAY = Gateway(PROVIDERS, templates=TEMPLATES)


def preparing(providers: Sequence[SmsProvider], known: KnownTexts | None = None) -> Preparing:
    """What prepares the messages of one call."""
    return Preparing(GATEWAY._preparer, GATEWAY._router, ProviderChoice(tuple(providers)), NOW, known)  # pyright: ignore[reportPrivateUsage]


@given(MESSAGES, st.permutations(PROVIDERS))
def test_shared_or_not_each_message_is_prepared_the_same(messages: list[Message], providers: list[SmsProvider]) -> None:
    """Whatever came before it, a message has the job, the key and the weight that it would have alone."""
    alone, among_others = preparing(providers), preparing(providers, {})
    for message in messages:
        assert said_of(among_others(message)) == said_of(alone(message))


def test_a_message_that_differs_in_number_alone_is_prepared_at_once() -> None:
    """After two with a text, others to mobile numbers of mainland China need no check, nor with a good key.

    Nor do they after one to another country, if the numbers are of one kind to the provider, and of a known form.
    """
    prepare = preparing(PROVIDERS, {})
    for index in range(2):
        assert prepare.like_last(login_code(number(index))) is None
        assert isinstance(prepare(login_code(number(index))), OutgoingMessage)
    for message in (login_code(number(2)), login_code(number(3), key="order-1"), login_code(PhoneNumber(number(4)))):
        prepared = prepare.like_last(message)
        assert prepared is not None
        assert prepared.job == attrs.evolve(prepared.assigned.example, message=message, to=message.to)
    others: list[Message] = [
        login_code("+4407400123456"),
        login_code(f"{number(5)} "),
        login_code(number(5), key=""),
        login_code(number(5), extend="1"),
        Message(number(5), "long", {"code": "1"}),
    ]
    assert [prepare.like_last(message) for message in others] == [None] * len(others)
    known = prepare(login_code("+6581234567"))
    prepared = prepare.like_last(login_code("+6581234568"))
    assert isinstance(known, OutgoingMessage)
    assert prepared is not None
    assert prepared.assigned is known.assigned


def test_one_with_values_of_its_own_goes_on_to_another_provider() -> None:
    """It takes its own values along, in the other vendor's order."""
    prepare, alone = preparing(PROVIDERS[1:], {}), preparing(PROVIDERS[2:])
    messages = [Message(f"+658123456{each}", "turned", {"code": f"{each}", "for": f"{each}x"}) for each in range(5)]
    for index, message in enumerate(messages):
        prepared = prepare(message)
        assert isinstance(prepared, PersonalMessage if index else OutgoingMessage)
        assert prepared.job.params == (f"{index}x", f"{index}")
        assert prepared.reroute(lambda _: True)
        assert prepared.provider.name == "huawei"
        assert said_of(prepared) == said_of(alone(message))


def test_of_values_of_their_own_no_more_is_checked_than_these() -> None:
    """After one with a template, others with good values of their own need no other check, unless they are refused."""
    prepare, alone = preparing(PROVIDERS, {}), preparing(PROVIDERS)
    prepare(login_code(number(0)))
    for index, code in enumerate(("2", "二", "3", "3", "2")):
        message = Message(number(index), "code", {"code": code})
        prepared = prepare.like_last(message) or prepare.patiently(message)
        assert said_of(prepared) == said_of(alone(message))
    assert prepare.like_last(Message(number(5), "code", {"code": "4"})) is not None
    others = [{"code": ""}, {"code": "\n"}, {"code": 1}, {"codes": "1"}, {}, {"code": "1", "more": "1"}]
    for params in others:
        given: Any = params
        assert prepare.like_last(Message(number(6), "code", given)) is None
    abroad = [Message(to, "code", {"code": to[-1]}) for to in ("+6581234567", "+6581234568", "+14155552671")]
    assert prepare.like_last(abroad[0]) is None
    for message in abroad:
        assert said_of(prepare(message)) == said_of(alone(message))
    assert prepare.like_last(Message("+6581234569", "code", {"code": "9"})) is not None
    assert prepare.like_last(Message("+4407400123456", "code", {"code": "9"})) is None


@attrs.define
class Picky(FakeVendor):
    """A provider that takes no code "7", and fails over "8"."""

    def number_kind(self, to: PhoneNumber) -> Hashable:
        return None

    def refuse(self, job: Job) -> str | None:
        if job.params[0] == "8":
            raise RuntimeError
        return "params: not this one" if job.params[0] == "7" else None


@pytest.mark.anyio
async def test_a_provider_is_asked_of_each_text() -> None:
    """It may refuse some values and take others: what it says of a text holds for that text alone."""
    messages = [login(number(index), str(index % 10)) for index in range(40)]
    results, requests = await send(Picky("alpha", batch_limit=100), *messages)
    refused = {to for to, accepted in results.items() if not accepted}
    assert refused == {str(message.to) for message in messages if message.params["code"] in "78"}
    assert sum(requests) == 32


def login_code(to: str | PhoneNumber, **options: Any) -> Message:
    return Message(to, "code", {"code": "1"}, **options)


@pytest.mark.parametrize("provider", PROVIDERS, ids=NAMES)
@given(st.sampled_from(["+8613800138000", "+6581234567", "+85291234567", "+4915112345678"]), st.integers(0, 9))
def test_numbers_of_one_kind_are_alike(provider: Any, to: str, last: int) -> None:
    """What a provider says of two jobs whose numbers are of one kind is the same: the promise of `SortsNumbers`."""
    sorting: object = provider
    assert isinstance(sorting, SortsNumbers)
    jobs = [Job(login(each), PhoneNumber(each), "19", ("1",)) for each in (to, f"{to[:-1]}{last}")]
    assert len({provider.number_kind(job.to) for job in jobs}) == 1
    assert len({provider.batch_key(job) for job in jobs}) == 1
    assert len({provider.refuse(job) for job in jobs}) == 1
    if isinstance(sorting, WeighsJobs):
        assert len({(sorting.weight(job), sorting.text_key(job)) for job in jobs}) == 1


@attrs.define
class Sorting(FakeVendor):
    """A provider that sorts numbers by their last digit."""

    asked: list[str] = attrs.field(factory=list[str])
    kind: Callable[[PhoneNumber], Hashable] = lambda to: str(to)[-1]

    def number_kind(self, to: PhoneNumber) -> Hashable:
        return self.kind(to)

    def refuse(self, job: Job) -> str | None:
        self.asked.append(str(job.to))
        return "to: not this one" if str(job.to).endswith("7") else None


async def send(provider: FakeVendor, *messages: Message) -> tuple[dict[str, bool], list[int]]:
    """Whether each number was accepted, and how many messages each request had."""
    wire = Wire()
    async with Gateway([provider], templates=[LOGIN], transport=wire) as gateway:
        results = [result async for result in gateway.send_many(messages, concurrency=1, linger=60)]
    return {str(result.message.to): result.accepted for result in results}, [len(call.to) for call in wire.calls]


@pytest.mark.anyio
async def test_a_provider_that_sorts_is_asked_once_for_each_kind() -> None:
    """It is asked for the first number of each kind, and its answer holds for the others, a refusal too."""
    provider = Sorting("alpha", batch_limit=100)
    abroad = [f"+658123{index:04}" for index in range(40)]
    results, requests = await send(provider, *map(login, abroad))
    assert provider.asked == abroad[:10]
    assert results == {to: index % 10 != 7 for index, to in enumerate(abroad)}
    assert requests == [36]


@pytest.mark.anyio
async def test_of_the_mainland_two_numbers_are_asked_for() -> None:
    """Mobile numbers of mainland China are of one kind: once a text has come twice, no further one is asked for."""
    provider = Sorting("alpha", batch_limit=100)
    results, requests = await send(provider, *[login(number(index)) for index in range(7)])
    assert provider.asked == [number(0), number(1)]
    assert all(results.values())
    assert requests == [7]


@pytest.mark.anyio
@pytest.mark.parametrize("fault", ["raises", "unhashable"])
async def test_one_that_fails_to_sort_takes_nothing(fault: str) -> None:
    """Its messages are refused, as with every adapter that raises before a request, and no other is harmed."""

    def kind(to: PhoneNumber) -> Hashable:
        if fault == "raises":
            raise ValueError
        return []  # type: ignore[return-value]

    results, requests = await send(Sorting("alpha", kind=kind), login(number(1)), login(number(2)))
    assert results == {number(1): False, number(2): False}
    assert requests == []


def test_a_message_that_was_changed_after_it_was_read_changes_no_other() -> None:
    """Texts are compared with a copy: the same object with another code is another text."""
    gateway = Gateway([Sorting("alpha")], templates=[LOGIN])
    prepare = gateway._preparing(gateway._chosen(None), {})  # pyright: ignore[reportPrivateUsage]
    message = login(number(1))
    first = prepare(message)
    changed: Any = message.params
    changed["code"] = "2"
    second = prepare(message)
    assert isinstance(first, OutgoingMessage)
    assert isinstance(second, OutgoingMessage)
    assert [first.job.params, second.job.params] == [("4821", "5"), ("2", "5")]


def test_a_queued_message_takes_little() -> None:
    """A message that waits for company takes about 100 bytes beside what its caller made."""
    prepare, batcher = preparing(PROVIDERS[2:], {}), Batcher(60)
    messages = [login_code(number(index)) for index in range(499)]
    gc.collect()
    tracemalloc.start()
    try:
        for message in messages:
            prepared = prepare(message)
            assert isinstance(prepared, OutgoingMessage)
            batcher.add(prepared, 0.0)
        taken = tracemalloc.get_traced_memory()[0] / len(messages)
    finally:
        tracemalloc.stop()
    assert taken <= 100


def test_what_is_found_of_a_text_takes_no_more_room_for_ever() -> None:
    """Messages may have a deadline each of its own: what is kept of them is bounded, and each has its own job."""
    provider, known = Sorting("alpha"), dict[str, Text]()
    preparer, start = Preparer([LOGIN], ["alpha"], None), datetime(2026, 1, 1, tzinfo=UTC)
    for index in range(2500):
        message = attrs.evolve(login(number(1)), expires_at=start + timedelta(seconds=index))
        prepared = preparer.prepare(message, lambda *_: [provider], NOW, known)
        assert isinstance(prepared, OutgoingMessage)
        assert prepared.job.expires_at == message.expires_at
    assert len(known["login"].assignments or ()) <= 1000


@given(st.lists(st.integers(0, 39), max_size=40), st.booleans())
def test_of_other_countries_the_first_provider_is_asked_of_each_kind(indexes: list[int], personal: bool) -> None:
    """What another provider was found for says nothing of a number that the first one may take."""
    first, second = Sorting("alpha", kind=lambda to: str(to)[-1]), Sorting("beta", kind=lambda to: str(to)[-2])
    gateway = Gateway([first, second], templates=[LOGIN])
    choice = ProviderChoice((first, second))
    parts = gateway._preparer, gateway._router, choice, NOW  # pyright: ignore[reportPrivateUsage]
    alone, among = Preparing(*parts, None), Preparing(*parts, {})
    for index in indexes:
        message = login(f"+6581234{index:03}", str(index) if personal else "1")
        assert said_of(among(message)) == said_of(alone(message))
