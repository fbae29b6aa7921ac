"""Which send a record without a tag is of: never a wrong one, whatever is sent near it."""

from collections import Counter
from datetime import timedelta

import attrs
from hypothesis import given
from hypothesis import strategies as st
from virtual_time import at

from smsgate import Attempt, DeliveryState, Message, Outcome, PhoneNumber, Reason, Result, StatusReport
from smsgate.ledger.entries import LedgerEntry, is_refusal
from smsgate.ledger.evidence import record_of, tell_apart
from smsgate.model.delivery import Delivery
from smsgate.provider.records import SendRecord

TO = PhoneNumber("+8613788888888")


@attrs.frozen
class Sent:
    """A send, and what its vendor knows of it."""

    entry: LedgerEntry
    record: SendRecord | None


def attempt(outcome: Outcome, started: float, took: float, message_id: str | None) -> Attempt:
    reason = None if outcome is Outcome.ACCEPTED else Reason.NO_ANSWER
    return Attempt("alpha", outcome, reason, message_id=message_id, started_at=at(started), duration=took)


@st.composite
def sends(draw: st.DrawFn) -> list[Sent]:
    """Some sends to one number, within minutes or hours; the responses to some were lost."""
    found: list[Sent] = []
    for index in range(draw(st.integers(1, 5))):
        started = draw(st.floats(0, 600) | st.floats(0, 36_000))
        took = draw(st.floats(0, 30))
        taken = draw(st.sampled_from([Outcome.ACCEPTED, Outcome.REJECTED, None]))  # None: it never arrived
        heard = draw(st.booleans())
        known = Outcome.UNKNOWN if not heard or taken is None else taken
        own = f"id-{index}" if taken is Outcome.ACCEPTED else None
        recorded = attempt(known, started, took, own if heard else None) if draw(st.booleans()) or heard else None
        message = Message(TO, "login", key=f"key-{index}")
        delivery = Delivery(sent_at=at(started))
        if recorded is not None:
            delivery = Delivery().sent(Result(message, known, reason=recorded.reason, attempts=(recorded,)))
        entry = LedgerEntry(
            id=str(index),
            message=message,
            provider="alpha",
            reference=f"tag-{index}",
            started_at=at(started),
            recorded=recorded,
            delivery=delivery,
        )
        sent_at = at(started + draw(st.floats(0, took)) + draw(st.floats(-59, 59)))  # the clocks differ
        record = None
        if taken is not None and draw(st.booleans()):
            record = SendRecord(provider="alpha", message_id=own, to=TO, outcome=taken, sent_at=sent_at)
            if taken is Outcome.ACCEPTED and draw(st.booleans()):  # only its report is there, which has no tag
                reported = sent_at + timedelta(seconds=draw(st.floats(0, 1000))) if draw(st.booleans()) else None
                report = StatusReport("alpha", own or "", TO, DeliveryState.DELIVERED, reported_at=reported)
                record = record_of(report)
        found.append(Sent(entry, record))
    return found


@given(sends())
def test_a_record_is_matched_to_its_own_send_or_to_none(sent: list[Sent]) -> None:
    """Whatever else was sent, taken, refused or lost near it: what is applied is about the send that it carries."""
    evidence = tell_apart([each.entry for each in sent], [each.record for each in sent if each.record], "alpha")
    by_tag = {each.entry.reference: each for each in sent}
    for report in evidence.reports:
        own = by_tag[report.reference or ""]
        assert own.record is not None
        assert own.entry.attempt.outcome is Outcome.UNKNOWN
        assert (report.message_id or None) == own.record.message_id
        assert is_refusal(report) == (own.record.outcome is Outcome.REJECTED)
    assert max(Counter(report.reference for report in evidence.reports).values(), default=1) == 1
    told = {each.entry.id for each in sent if each.entry.reference in {report.reference for report in evidence.reports}}
    assert not told & evidence.ambiguous
    unknown = {each.entry.id for each in sent if each.entry.attempt.outcome is Outcome.UNKNOWN}
    assert evidence.ambiguous <= unknown


@given(sends())
def test_another_accounts_sends_are_only_in_the_way(sent: list[Sent]) -> None:
    """What was sent through other accounts may be what a record is of, and is never told by this one."""
    entries = [attrs.evolve(each.entry, provider="beta") for each in sent]
    evidence = tell_apart(entries, [each.record for each in sent if each.record], "alpha")
    assert (evidence.reports, evidence.ambiguous) == ((), frozenset())


def test_a_record_that_cannot_be_read_may_be_of_any() -> None:
    """One unreadable record leaves open what another one would have told."""
    entry = LedgerEntry(
        id="0",
        message=Message(TO, "login"),
        provider="alpha",
        reference="tag-0",
        started_at=at(0),
        recorded=None,
        delivery=Delivery(sent_at=at(0)),
    )
    good = SendRecord(provider="alpha", message_id="id-0", to=TO, outcome=Outcome.ACCEPTED, sent_at=at(1))
    assert [report.message_id for report in tell_apart([entry], [good], "alpha").reports] == ["id-0"]
    unreadable = SendRecord(provider="alpha", outcome=Outcome.UNKNOWN)
    assert tell_apart([entry], [good, unreadable], "alpha").ambiguous == {"0"}
    assert tell_apart([entry], [unreadable], "alpha").ambiguous == {"0"}
