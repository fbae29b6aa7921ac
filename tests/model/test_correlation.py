"""Which send a report is about, whatever was lost between the two."""

from collections.abc import Sequence

import anyio
import attrs
import httpx
import pytest
from fake_vendors import LOGIN, FakeVendor, Wire, alpha, beta, login, number
from hypothesis import given
from hypothesis import strategies as st
from ledger import messages

from smsgate import (
    Batch,
    Delivery,
    DeliveryState,
    Gateway,
    HttpRequest,
    Job,
    Outcome,
    PhoneNumber,
    Reason,
    Secret,
    SendRequest,
    StatusReport,
)
from smsgate.model.delivery import is_about
from smsgate.tags import correlation_id, make_tag, read_tag

pytestmark = pytest.mark.anyio
SECRET = Secret("a secret for tags of ours")
PHONES = st.integers(0, 9).map(lambda index: PhoneNumber(number(index)))


def report_of(reference: str | None, to: PhoneNumber | None, message_id: str = "unknown") -> StatusReport:
    return StatusReport("alpha", message_id, to, DeliveryState.DELIVERED, reference=reference)


@given(PHONES, PHONES, st.sampled_from([None, SECRET]), st.booleans())
def test_a_request_and_a_key_are_told_apart(
    one: PhoneNumber, other: PhoneNumber, secret: Secret | None, of: bool
) -> None:
    """The tag of a request names no message without its number; that of a message does so alone."""
    tag = make_tag("abc", to=None if of else one, secret=secret, of_request=of)
    read = read_tag(tag, to=one, secrets=[SECRET])
    assert read is not None
    assert (read.key, read.of_request, read.proven) == ("abc", of, secret is not None)
    assert (correlation_id(tag, one) == correlation_id(tag, other)) is (one == other or not of)
    assert correlation_id(tag, None) == (None if of else tag)


def test_without_a_reference_there_is_nothing_in_common() -> None:
    """A vendor that echoes nothing is matched by its own id alone."""
    assert correlation_id(None, PhoneNumber(number(1))) is None
    assert correlation_id("", PhoneNumber(number(1))) is None


def test_a_tag_of_a_request_cannot_be_turned_into_a_messages() -> None:
    """The kind of a tag is part of what is proven."""
    tag = make_tag("k", secret=SECRET, of_request=True)
    changed = read_tag(tag.replace("sgr", "sgk", 1), secrets=[SECRET])
    assert changed is not None
    assert not changed.proven


async def test_a_lost_response_of_a_batch_is_matched_by_its_reports() -> None:
    """The response to a batch is lost: each report finds its message all the same, by tag and number."""
    wire = Wire(alpha=httpx.ReadTimeout(""))
    async with Gateway([alpha(batch_limit=10)], templates=[LOGIN], transport=wire, tag_secret=SECRET) as gateway:
        results = [result async for result in gateway.send_many(messages(5), linger=60)]
    assert {result.outcome for result in results} == {Outcome.UNKNOWN}
    assert len({result.correlation_id for result in results}) == 5
    [call] = wire.calls
    reports = [report_of(call.tag, PhoneNumber(to)) for to in call.to]
    assert [result.correlation_id for result in results] == [report.correlation_id for report in reports]
    for result, report in zip(results, reports, strict=True):
        assert [is_about(each, result) for each in reports] == [each is report for each in reports]
        delivery = Delivery.for_result(result, reports)
        assert (delivery.state, delivery.reports, delivery.answered) == (DeliveryState.DELIVERED, (report,), True)


async def test_reports_of_every_attempt_count() -> None:
    """After a failover, a report of any provider that may have sent the message is about it."""
    wire = Wire(alpha=httpx.ReadTimeout(""))
    providers = [alpha(), beta()]
    async with Gateway(providers, templates=[LOGIN], transport=wire) as gateway:
        result = await gateway.send(login(on_unknown="failover", key="order-1"))
    assert result.provider == "beta"
    assert result.correlation_id == "sgu.order-1"
    by_id = attrs.evolve(report_of(None, None, message_id=str(result.message_id)), provider="beta")
    assert is_about(by_id, result)
    assert not is_about(attrs.evolve(by_id, provider="alpha"), result)
    assert not is_about(attrs.evolve(by_id, to=PhoneNumber(number(9))), result)
    assert is_about(report_of(wire.calls[0].tag, None), result)


async def test_a_vendor_with_a_field_for_each_number() -> None:
    """Each message has a tag of its own, with its key, in the requests, the records, the attempts and the reports."""

    seen: list[str] = []

    class EachItsOwn(FakeVendor):
        def references_jobs(self, jobs: Sequence[Job]) -> bool:
            return len(jobs) == 3

        def build_request(self, batch: Batch, *, now: float, nonce: str) -> HttpRequest:
            seen.extend(str(job.reference) for job in batch.jobs)
            return super().build_request(batch, now=now, nonce=nonce)

    @attrs.define
    class Book:
        requests: list[SendRequest] = attrs.field(factory=list)

        async def leaving(self, request: SendRequest) -> None:
            await anyio.lowlevel.checkpoint()
            self.requests.append(request)

        async def left(self, request: SendRequest, attempts: Sequence[object]) -> None:
            await anyio.lowlevel.checkpoint()

    vendor, book = EachItsOwn("alpha", 10), Book()
    several = [login(number(index), key=f"order-{index}" if index else None) for index in range(3)]
    async with Gateway([vendor], templates=[LOGIN], transport=Wire(), ledger=book, tag_secret=SECRET) as gateway:
        results = [result async for result in gateway.send_many(several, linger=60)]
    [request] = book.requests
    assert list(request.references) == seen == [result.reference for result in results]
    assert list(request.correlation_ids) == [result.correlation_id for result in results]
    tags = [read_tag(result.reference, to=result.message.to, secrets=[SECRET]) for result in results]
    assert [(tag.key, tag.proven, tag.of_request) for tag in tags if tag][1:] == [
        ("order-1", True, False),
        ("order-2", True, False),
    ]
    assert len({tag.key for tag in tags if tag}) == 3


async def test_a_refused_message_has_no_correlation_id() -> None:
    """Nothing left, so no report can come."""
    async with Gateway([alpha(takes=lambda job: "no")], templates=[LOGIN], transport=Wire()) as gateway:
        [result] = [result async for result in gateway.send_many([login()])]
    assert (result.reason, result.correlation_id) == (Reason.INVALID_REQUEST, None)
    assert Delivery.for_result(result, [report_of("sgu.x", None)]).reports == ()
