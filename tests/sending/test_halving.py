"""A batch that is refused as a whole for one bad message: it is found, and the others are sent."""

from collections.abc import Sequence

import attrs
import pytest
from fake_vendors import LOGIN, FakeVendor, Wire, beta, login, number
from hypothesis import given
from hypothesis import strategies as st

from smsgate import Batch, Gateway, HttpResponse, Message, Outcome, Reason, Result, Template, Verdict
from smsgate.provider import Meaning
from smsgate.sandbox.huawei import HUAWEI_TEMPLATE
from smsgate.sending.halving import halve
from smsgate.sending.outgoing import OutgoingMessage
from smsgate.sending.preparer import Preparer
from smsgate.testing import SandboxGateway

pytestmark = pytest.mark.anyio


@attrs.define
class AllOrNothing(FakeVendor):
    """A vendor that refuses a request as a whole for one bad number in it."""

    bad: frozenset[str] = frozenset()
    reason: Reason = Reason.INVALID_REQUEST
    requests: int = 0

    def parse_response(self, batch: Batch, response: HttpResponse) -> Sequence[Verdict]:
        self.requests += 1
        if not any(str(job.to) in self.bad for job in batch.jobs):
            return [Verdict.accepted(f"id-{job.to}") for job in batch.jobs]
        verdict = Verdict.refused("E000503", Meaning(self.reason, "malformed"))
        return [attrs.evolve(verdict, of_request=True) for _ in batch.jobs]


def vendor(*bad: int, limit: int = 500, **options: object) -> AllOrNothing:
    shares = options.pop("shares", lambda job: "all")
    return AllOrNothing("alpha", limit, shares=shares, bad=frozenset(map(number, bad)), **options)  # type: ignore[arg-type]


async def send(under_test: AllOrNothing, count: int, *others: FakeVendor, codes: int = 1) -> dict[str, Result]:
    async with Gateway([under_test, *others], templates=[LOGIN], transport=Wire()) as gateway:
        messages = [login(number(index), code=str(index % codes)) for index in range(count)]
        return {str(each.message.to): each async for each in gateway.send_many(messages, concurrency=2, linger=60)}


@pytest.mark.parametrize(("count", "bad"), [(2, 0), (2, 1), (7, 3), (200, 199), (500, 250)])
async def test_one_bad_message_fails_alone(count: int, bad: int) -> None:
    """All others are accepted; the bad one is refused, with at most 2·log2(n) requests more."""
    alpha = vendor(bad)
    results = await send(alpha, count)
    assert {to for to, result in results.items() if not result.accepted} == {number(bad)}
    assert results[number(bad)].reason is Reason.INVALID_REQUEST
    assert alpha.requests <= 1 + 2 * (count - 1).bit_length()


@given(st.integers(2, 300), st.sets(st.integers(0, 299), max_size=40), st.integers(1, 3))
def test_any_number_of_bad_messages(count: int, bad: set[int], codes: int) -> None:
    """However many are bad: the search ends, no part is empty, each message is in one part, requests are bounded."""
    alpha = vendor(*bad)
    parts, requests, accepted = [outgoing(alpha, count, codes)], 0, set[int]()
    while parts:
        part = parts.pop()
        requests += 1
        indexes = {int(str(message.job.to)[-8:]) for message in part}
        if not indexes & bad:
            assert not indexes & accepted
            accepted |= indexes
            continue
        verdict = Verdict.refused("E", Meaning(Reason.INVALID_REQUEST, "malformed"))
        if halve(part, [attrs.evolve(verdict, of_request=True)] * len(part)):
            keys = [message.request_key() for message in part]
            halves = [[each for each in part if each.request_key() == key] for key in dict.fromkeys(keys)]
            assert len(halves) == 2
            assert abs(len(halves[0]) - len(halves[1])) <= 1
            parts += halves
    assert requests <= 1 + 4 * (count - 1).bit_length()
    if len(bad & set(range(count))) <= 1:
        assert accepted == set(range(count)) - bad


def outgoing(alpha: AllOrNothing, count: int, codes: int) -> list[OutgoingMessage]:
    preparer = Preparer([LOGIN], ["alpha"], None)
    made = [
        preparer.prepare(login(number(index), code=str(index % codes)), lambda *_: [alpha], lambda: 0.0)
        for index in range(count)
    ]
    return [each for each in made if isinstance(each, OutgoingMessage)]


async def test_what_is_found_goes_to_the_next_provider() -> None:
    """The bad message was refused before anything was sent: another vendor may take it."""
    results = await send(vendor(5), 20, beta())
    assert results[number(5)].provider == "beta"
    assert results[number(5)].accepted
    assert {result.provider for to, result in results.items() if to != number(5)} == {"alpha"}


@pytest.mark.parametrize(
    ("reason", "codes", "searched"),
    [
        (Reason.TEMPLATE_REJECTED, 3, True),
        (Reason.TEMPLATE_REJECTED, 1, False),
        (Reason.CONTENT_BLOCKED, 3, True),
        (Reason.CONTENT_BLOCKED, 1, False),
        (Reason.AUTH_FAILED, 3, False),
        (Reason.INSUFFICIENT_BALANCE, 3, False),
        (Reason.TRY_LATER, 3, False),
        (Reason.UNKNOWN, 3, False),
        (Reason.NO_ANSWER, 3, False),
    ],
)
def test_only_what_one_message_can_cause(reason: Reason, codes: int, searched: bool) -> None:
    """Credentials, balance and a busy vendor are nobody's text; what may have been sent is never sent again."""
    verdict = attrs.evolve(Verdict.refused("E", Meaning(reason, "refused")), of_request=True)
    assert bool(halve(outgoing(vendor(), 6, codes), [verdict] * 6)) is searched


COUNTRIES = ("44", "49", "65", "66", "91")


def abroad(country: str, index: int) -> str:
    """The mobile number of that country with this index."""
    plans = {"44": "7400", "49": "1512", "65": "8", "66": "81", "91": "98"}
    lengths = {"44": 10, "49": 11, "65": 8, "66": 9, "91": 10}
    return f"+{country}{plans[country]}{index:0{lengths[country] - len(plans[country])}d}"


@pytest.mark.parametrize("blocked", [("65",), ("44", "91"), COUNTRIES])
async def test_a_country_that_is_blocked_keeps_back_no_other(blocked: tuple[str, ...]) -> None:
    """A refusal for the region holds for messages to one country, and these alone go to the next provider."""
    messages = [login(abroad(country, index)) for index in range(20) for country in COUNTRIES]
    bad = frozenset(str(each.to) for each in messages if str(each.to)[1:3] in blocked)
    alpha = AllOrNothing("alpha", 500, shares=lambda job: "all", bad=bad, reason=Reason.REGION_BLOCKED)
    async with Gateway([alpha, beta()], templates=[LOGIN], transport=Wire()) as gateway:
        results = [each async for each in gateway.send_many(messages, linger=60)]
    assert len(results) == len(messages)
    assert {(result.provider, str(result.message.to)[1:3]) for result in results if result.accepted} == {
        ("beta" if country in blocked else "alpha", country) for country in COUNTRIES
    }
    assert alpha.requests <= 1 + 4 * (len(messages) - 1).bit_length()


async def test_one_country_is_not_searched() -> None:
    """Where all go to one country nothing is gained: one request, and the next provider."""
    alpha = vendor(1, reason=Reason.REGION_BLOCKED)
    results = await send(alpha, 10, beta())
    assert ({result.provider for result in results.values()}, alpha.requests) == ({"beta"}, 1)


async def test_request_that_a_vendor_refuses_for_one_country() -> None:
    """Huawei refuses the whole request for one country that is not the account's own; the others are sent."""
    gateway = SandboxGateway(templates=[Template("t", text="Hi", ids={"huawei": HUAWEI_TEMPLATE})])
    gateway.transport.sandbox.change_account("huawei", blocked_countries=["65"])
    messages = [Message(abroad(country, index), "t") for index in range(3) for country in ("44", "65")]
    results = [each async for each in gateway.send_many(messages, linger=60)]
    assert {(result.accepted, result.code, str(result.message.to)[1:3]) for result in results} == {
        (True, None, "44"),
        (False, "E000628", "65"),
    }


async def test_a_refusal_of_each_is_believed() -> None:
    """A vendor that names every number in its refusal means each of them: nothing is sent again."""

    class Each(AllOrNothing):
        def parse_response(self, batch: Batch, response: HttpResponse) -> Sequence[Verdict]:
            return [attrs.evolve(each, of_request=False) for each in super().parse_response(batch, response)]

    alpha = Each("alpha", 500, shares=lambda job: "all", bad=frozenset({number(1)}))
    results = await send(alpha, 10)
    assert {result.outcome for result in results.values()} == {Outcome.REJECTED}
    assert alpha.requests == 1
