"""What became of a message: reports in any order and any number of copies."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta, timezone
from itertools import permutations

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smsgate.model.delivery import MAX_FACTS, WINDOW, Delivery, MessageStatus
from smsgate.model.message import Message
from smsgate.model.phone import PhoneNumber
from smsgate.model.reason import Outcome, Reason
from smsgate.model.report import Segment, StatusReport
from smsgate.model.result import Attempt, Result
from smsgate.model.states import DeliveryState
from smsgate.provider import STATES

START = datetime(2026, 1, 1, 12, tzinfo=UTC)
REASONS = {state: reason for reason, state in reversed(list(STATES.items()))}


def report(
    state: str,
    segment: tuple[int, int] | None = None,
    *,
    minute: float | None = 0,
    code: str = "",
    message_id: str = "id-1",
    provider: str = "huawei",
    to: str = "+8613800138000",
) -> StatusReport:
    return StatusReport(
        provider,
        message_id,
        PhoneNumber(to) if to else None,
        DeliveryState(state),
        REASONS.get(DeliveryState(state)),
        code or state,
        segment=Segment(*segment) if segment else None,
        reported_at=None if minute is None else START + timedelta(minutes=minute),
    )


def result(*attempts: tuple[Outcome, float]) -> Result:
    made = tuple(Attempt("huawei", outcome, started_at=START + timedelta(minutes=at)) for outcome, at in attempts)
    return Result(Message("+8613800138000", "login"), made[-1].outcome, "huawei", "id-1", attempts=made)


SEGMENTS = st.one_of(
    st.none(),
    st.builds(Segment, st.integers(-1, 4), st.integers(-1, 4)),
    st.builds(Segment, st.sampled_from([1, 99999]), st.sampled_from([255, 256, 99999])),
)
REPORTS = st.builds(
    StatusReport,
    st.just("huawei"),
    st.sampled_from(["id-1", "id-1", "id-2"]),
    st.sampled_from([None, None, PhoneNumber("+8613800138000"), PhoneNumber("+8613800138001")]),
    st.sampled_from(DeliveryState),
    reason=st.sampled_from([None, Reason.UNREACHABLE]),
    code=st.sampled_from(["", "A", "B"]),
    description=st.sampled_from([None, "", "None"]),
    segment=SEGMENTS,
    carrier_code=st.sampled_from([None, "000"]),
    suppress=st.booleans(),
    reported_at=st.sampled_from([None, START, START + WINDOW, datetime(9999, 1, 1, 0, 0, 0, 1, UTC)]),
)


OVERFLOWED = Delivery(overflowed=True)
REASONS_OF_SENDS = st.sampled_from([None, Reason.NETWORK, Reason.INVALID_NUMBER, Reason.RATE_LIMITED, Reason.NO_ANSWER])
MINUTES = st.integers(0, 5)


@st.composite
def results(draw: st.DrawFn) -> Result:
    """What a send may have come to, attempts of every outcome and times without a zone among them."""
    outcomes = draw(st.lists(st.sampled_from(Outcome), max_size=3))
    zone = draw(st.sampled_from([UTC, timezone(timedelta(hours=8)), None]))
    times = [START.replace(tzinfo=zone) + timedelta(minutes=draw(MINUTES)) for _ in outcomes]
    made = tuple(Attempt("huawei", outcome, started_at=time) for outcome, time in zip(outcomes, times, strict=True))
    message = Message("+8613800138000", "login")
    return Result(message, draw(st.sampled_from(Outcome)), reason=draw(REASONS_OF_SENDS), attempts=made)


@st.composite
def deliveries(draw: st.DrawFn) -> Delivery:
    """Deliveries as they come about: reports, sends and merges in any order, naive times among them."""
    delivery = Delivery()
    for _ in range(draw(st.integers(0, 6))):
        match draw(st.sampled_from(["apply", "naive", "received", "sent", "merge", "overflow"])):
            case "apply":
                delivery = delivery.apply(draw(REPORTS))
            case "naive":
                found = draw(REPORTS)
                time = found.reported_at and found.reported_at.replace(tzinfo=None)
                delivery = delivery.apply(attrs.evolve(found, reported_at=time))
            case "received":
                delivery = delivery.apply(draw(REPORTS), received_at=datetime(2026, 1, 2))  # noqa: DTZ001  # the point
            case "sent":
                delivery = delivery.sent(draw(results()))
            case "merge":
                delivery = delivery.merge(Delivery.of(draw(st.lists(REPORTS, max_size=3))).sent(draw(results())))
            case _:
                delivery = delivery.merge(OVERFLOWED)
    return delivery


def facts(delivery: Delivery) -> tuple[object, ...]:
    """All that a user can see."""
    state = (delivery.state, delivery.status, delivery.reason)
    shown = (delivery.report, delivery.total, delivery.partial, delivery.conflict)
    sends = (delivery.sent_at, delivery.answered, delivery.accepted, delivery.refused, delivery.overflowed)
    return (
        *state,
        *shown,
        delivery.reports,
        delivery.late,
        *sends,
        delivery.fault,
        delivery.permanent,
        delivery.suppress,
    )


def test_a_refused_send_is_final() -> None:
    """A message that was refused or not sent gets no report, so it is rejected, with the send's reason, and over."""
    for outcome, reason in [(Outcome.REJECTED, Reason.BLOCKLISTED), (Outcome.NOT_SENT, Reason.NETWORK)]:
        refused = attrs.evolve(result((outcome, 0)), reason=reason)
        delivery = Delivery().sent(refused)
        assert (delivery.state, delivery.final, delivery.reason, delivery.report) == ("REJECTED", True, reason, None)
        assert (delivery.suppress, delivery.permanent) == (reason.rule.suppress, reason.rule.permanent)
        assert (delivery.fault, delivery.remedy, delivery.conflict) == (reason.rule.fault, "", False)
        assert not delivery.overdue(START + 2 * WINDOW)
    no_reason = Delivery().sent(result((Outcome.REJECTED, 0)))
    assert (no_reason.state, no_reason.reason) == ("REJECTED", Reason.UNKNOWN)


@given(deliveries(), REPORTS, results())
def test_any_report_beats_a_refused_send(delivery: Delivery, found: StatusReport, sent: Result) -> None:
    """Once there is a report, what the sends came to changes nothing of the state and its reason."""
    reported = delivery.apply(found)
    for other in (reported.sent(sent), delivery.sent(sent).apply(found)):
        assert (other.state, other.report, other.reason) == (reported.state, reported.report, reported.reason)


@given(deliveries(), results())
def test_a_send_that_may_have_left_beats_a_refusal(delivery: Delivery, sent: Result) -> None:
    """A message that was refused once and then sent again is pending until a report comes."""
    both = delivery.sent(sent)
    if not both.reports:
        waits = both.sent_at is not None or both.refused is None
        assert both.state == ("PENDING" if waits else "REJECTED")
        assert both.reason == (None if waits else both.refused)
    assert both.answered


@given(deliveries(), deliveries(), deliveries())
def test_sends_are_part_of_the_join(a: Delivery, b: Delivery, c: Delivery) -> None:
    """Merge is commutative, associative and idempotent whatever the sends came to."""
    assert a.merge(b) == b.merge(a)
    assert facts(a.merge(b)) == facts(b.merge(a))
    assert a.merge(b).merge(c) == a.merge(b.merge(c))
    assert a.merge(a) == a.merge(Delivery()) == Delivery().merge(a) == a


@given(deliveries())
def test_stored_facts_make_an_equal_delivery(delivery: Delivery) -> None:
    """What `reports` leaves out is a keyword of `of`: together they make any delivery again."""
    again = Delivery.of(
        delivery.reports,
        sent_at=delivery.sent_at,
        answered=delivery.answered,
        accepted=delivery.accepted,
        refused=delivery.refused,
        overflowed=delivery.overflowed,
    )
    assert again == delivery
    assert hash(again) == hash(delivery)
    assert facts(again) == facts(delivery)


@given(deliveries(), REPORTS)
def test_times_without_a_zone_are_utc(delivery: Delivery, found: StatusReport) -> None:
    """A naive time, which cannot be compared with any other, is read as UTC: nothing raises, all times are aware."""
    time = found.reported_at and found.reported_at.replace(tzinfo=None)
    naive = delivery.apply(attrs.evolve(found, reported_at=time))
    assert naive == delivery.apply(found)
    assert all(each.reported_at is None or each.reported_at.tzinfo for each in naive.reports)
    assert Delivery(sent_at=START.replace(tzinfo=None)).sent_at == START
    assert naive.overdue(START.replace(tzinfo=None)) == naive.overdue(START)


@given(reports=st.lists(REPORTS, max_size=12), data=st.data())
def test_order_copies_and_grouping_do_not_matter(reports: list[StatusReport], data: st.DataObject) -> None:
    """The same reports, shuffled, repeated and merged from any partition, make the same delivery."""
    expected = Delivery.of(reports, sent_at=START)
    copies = data.draw(st.permutations(reports + data.draw(st.lists(st.sampled_from(reports))) if reports else []))
    cut = data.draw(st.integers(0, len(copies)))
    left, right = Delivery.of(copies[:cut]), Delivery.of(copies[cut:], sent_at=START)
    for other in (Delivery.of(copies, sent_at=START), left.merge(right), right.merge(left)):
        assert other == expected
        assert facts(other) == facts(expected)


@given(*[st.lists(REPORTS, max_size=6).map(Delivery.of)] * 3)
def test_merging_is_a_join(a: Delivery, b: Delivery, c: Delivery) -> None:
    """Merge is commutative, associative and idempotent, and an empty delivery adds nothing."""
    assert a.merge(b) == b.merge(a)
    assert a.merge(b).merge(c) == a.merge(b.merge(c))
    assert a.merge(a) == a.merge(Delivery()) == Delivery().merge(a) == a


SIX = [
    report("PENDING", (1, 2), code="ACCEPTD", minute=1),
    report("DELIVERED", (1, 2), minute=2),
    report("UNDELIVERED", (2, 2), minute=3),
    report("DELIVERED", (2, 2), minute=4),
    report("DELIVERED", (2, 3), minute=5),
    report("EXPIRED", None, minute=None),
]


def test_all_720_orders_of_six_reports() -> None:
    """Six reports that contradict each other make one state in each of their 720 orders."""
    seen = {facts(Delivery.of(order)) for order in permutations(SIX)}
    assert len(seen) == 1


def test_the_send_may_come_at_any_moment() -> None:
    """A report before the send's own answer waits for it: the answer makes the same delivery whenever it comes."""
    sent = result((Outcome.NOT_SENT, 0), (Outcome.UNKNOWN, 1), (Outcome.ACCEPTED, 2))
    deliveries = []
    for place in range(len(SIX) + 1):
        delivery = Delivery.of(SIX[:place]).sent(sent)
        deliveries.append(Delivery.of(SIX[place:]).merge(delivery))
    assert Delivery.of(SIX).answered is False
    assert all(delivery == deliveries[0] for delivery in deliveries)
    assert (deliveries[0].answered, deliveries[0].sent_at) == (True, START + timedelta(minutes=1))


def test_a_send_that_never_left_starts_no_window() -> None:
    """Without a try that may have left, nothing is overdue and nothing is late."""
    delivery = Delivery.of([report("DELIVERED", minute=10**6)]).sent(result((Outcome.REJECTED, 0)))
    assert (delivery.sent_at, delivery.answered, delivery.late) == (None, True, ())
    assert not Delivery().sent(result((Outcome.NOT_SENT, 0))).overdue(START + 2 * WINDOW)


def test_duplicates_do_not_grow_it() -> None:
    """A report a thousand times is one fact, and the same object comes back."""
    once = Delivery().apply(report("DELIVERED"))
    many = once
    for _ in range(1000):
        many = many.apply(report("DELIVERED"))
    assert many is once
    assert len(many.reports) == 1


def test_memory_is_bounded() -> None:
    """However many parts a stranger makes up, a delivery keeps so many facts and says that there is a conflict."""
    forged = [report("DELIVERED", (number, 99999 + number)) for number in range(MAX_FACTS + 50)]
    delivery = Delivery.of(forged)
    backwards = Delivery.of(reversed(forged))
    assert len(delivery.reports) == MAX_FACTS
    assert delivery.conflict
    assert facts(delivery) == facts(backwards)
    honest = Delivery.of(forged[: MAX_FACTS // 2]).merge(Delivery.of(forged[MAX_FACTS // 2 :]))
    assert honest == delivery
    assert honest.merge(Delivery()) == delivery


def test_before_any_report() -> None:
    """A delivery without a report is pending."""
    delivery = Delivery()
    assert (delivery.state, delivery.final, delivery.report, delivery.reason) == ("PENDING", False, None, None)
    assert (delivery.partial, delivery.conflict, delivery.suppress) == (False, False, False)


@pytest.mark.parametrize("state", DeliveryState)
def test_a_short_message_is_in_the_state_of_its_report(state: DeliveryState) -> None:
    """One report without parts, or part 1 of 1, says it all."""
    for segment in (None, (1, 1)):
        delivery = Delivery.of([report(state, segment)])
        assert (delivery.state, delivery.final, delivery.reason) == (state, state.final, REASONS.get(state))
        assert (delivery.total, delivery.partial, delivery.conflict) == (1, False, False)


def test_a_final_report_ends_pending() -> None:
    """Whichever comes first, a final report decides over one that is not."""
    for order in permutations([report("PENDING", minute=9), report("UNDELIVERED", minute=1)]):
        delivery = Delivery.of(order)
        assert (delivery.state, delivery.conflict) == ("UNDELIVERED", False)


def parts(*segments: tuple[str, int, int]) -> Iterable[StatusReport]:
    return (report(state, (number, total), minute=number) for state, number, total in segments)


@pytest.mark.parametrize(
    ("segments", "state", "partial", "conflict"),
    [
        ([("DELIVERED", 1, 2), ("DELIVERED", 2, 2)], "DELIVERED", False, False),
        ([("DELIVERED", 3, 5)], "PENDING", True, False),
        ([("DELIVERED", 1, 2), ("UNDELIVERED", 2, 2)], "UNDELIVERED", False, False),
        ([("UNDELIVERED", 2, 3)], "UNDELIVERED", True, False),
        ([("EXPIRED", 1, 2), ("REJECTED", 2, 2)], "REJECTED", False, False),
        ([("DELIVERED", 1, 2), ("PENDING", 2, 2)], "PENDING", True, False),
        ([("DELIVERED", 0, 5)], "PENDING", True, True),
        ([("DELIVERED", 6, 5)], "PENDING", True, True),
        ([("DELIVERED", -1, 5)], "PENDING", True, True),
        ([("DELIVERED", 0, 0)], "DELIVERED", False, True),
        ([("DELIVERED", 1, 2), ("DELIVERED", 2, 3)], "PENDING", True, True),
        ([("DELIVERED", 1, 2), ("DELIVERED", 2, 2), ("DELIVERED", 1, 1)], "DELIVERED", False, True),
        ([("DELIVERED", 99999, 99999)], "PENDING", False, True),
        ([("DELIVERED", 1, 2), ("DELIVERED", 2, 2), ("DELIVERED", 3, 99999)], "DELIVERED", False, True),
    ],
)
def test_parts(segments: list[tuple[str, int, int]], state: str, partial: bool, conflict: bool) -> None:
    """A long message is delivered when all parts are, failed when one is, partial until all are; odd parts show."""
    for order in permutations(parts(*segments)):
        delivery = Delivery.of(order)
        assert (delivery.state, delivery.partial, delivery.conflict) == (state, partial, conflict)


def test_a_report_without_parts_is_about_every_part() -> None:
    """A report on the whole message fills in for parts that have no report of their own."""
    delivery = Delivery.of([report("DELIVERED", (1, 3)), report("DELIVERED")])
    assert (delivery.state, delivery.total, delivery.partial, delivery.conflict) == ("DELIVERED", 3, False, False)


def test_conflicting_finals_are_flagged_and_kept() -> None:
    """DELIVRD then UNDELIV and the other way round: delivered, flagged, and both reports are there."""
    both = [report("DELIVERED", minute=2), report("UNDELIVERED", minute=1)]
    for order in permutations(both):
        delivery = Delivery.of(order)
        assert (delivery.state, delivery.conflict) == ("DELIVERED", True)
        assert set(delivery.reports) == set(both)


def test_the_deciding_report() -> None:
    """Delivered says the last part, a failure the first part that failed so; a missing part has no report."""
    first, last = report("DELIVERED", (1, 2), minute=7), report("DELIVERED", (2, 2), minute=5)
    assert Delivery.of([first, last]).report == first
    assert Delivery.of([first]).report is None
    early, later = report("EXPIRED", (1, 2), minute=1), report("EXPIRED", (2, 2), minute=2)
    assert Delivery.of([later, early]).report == early


def test_the_earliest_of_equal_states_is_kept() -> None:
    """For one part and state the earliest report stays, an undated one only while there is no dated one."""
    undated, late, early = (report("DELIVERED", minute=minute) for minute in (None, 5, 1))
    assert Delivery.of([undated, late, early]).reports == (early,)
    assert Delivery.of([late, undated]).reports == (late,)


def test_suppress_follows_the_deciding_report() -> None:
    """A number is to be suppressed if the report that decides says so, and not once the message was delivered."""
    gone = attrs.evolve(report("UNDELIVERED"), reason=Reason.INVALID_NUMBER)
    assert Delivery.of([gone]).suppress
    assert not Delivery.of([gone, report("DELIVERED")]).suppress


def test_one_delivered_copy_is_a_delivery() -> None:
    """After a failover that was opted into, one vendor's delivery counts, and a pending copy keeps the message open."""
    failed = report("REJECTED", provider="tencent-v5", message_id="other")
    delivery = Delivery.of([failed, report("DELIVERED")])
    assert (delivery.state, delivery.conflict) == ("DELIVERED", False)
    assert Delivery.of([failed, report("PENDING")]).state == "PENDING"
    assert Delivery.of([failed, report("EXPIRED")]).state == "REJECTED"


@pytest.mark.parametrize(("hours", "late"), [(0, False), (72, False), (73, True)])
def test_late_reports_are_marked_and_count(hours: int, late: bool) -> None:
    """A report 72 hours after the send is in time, one after 73 is late; both decide the state."""
    sent = result((Outcome.ACCEPTED, 0))
    came = report("DELIVERED", minute=hours * 60)
    for delivery in (Delivery().sent(sent).apply(came), Delivery().apply(came).sent(sent)):
        assert delivery.late == ((came,) if late else ())
        assert delivery.state == "DELIVERED"


def test_the_receiver_dates_what_the_vendor_does_not() -> None:
    """An undated report takes the time at which it was received, a dated one keeps its own."""
    received = START + timedelta(hours=80)
    undated = Delivery(sent_at=START).apply(report("EXPIRED", minute=None), received_at=received)
    assert [found.reported_at for found in undated.late] == [received]
    dated = Delivery(sent_at=START).apply(report("EXPIRED", minute=5), received_at=received)
    assert dated.late == ()
    assert Delivery.of([report("EXPIRED", minute=None)], sent_at=START).late == ()


def test_overdue() -> None:
    """A message without a final report 72 hours after its send is overdue; a final one never is."""
    waiting = Delivery.of([report("PENDING")], sent_at=START)
    assert not waiting.overdue(START + WINDOW)
    assert waiting.overdue(START + WINDOW + timedelta(seconds=1))
    assert not waiting.apply(report("EXPIRED")).overdue(START + 2 * WINDOW)


def test_a_stored_delivery_is_made_again() -> None:
    """What is stored, the reports and the time of the send, makes an equal delivery."""
    delivery = Delivery.of(SIX).sent(result((Outcome.ACCEPTED, 0)))
    assert Delivery.of(delivery.reports, sent_at=delivery.sent_at, answered=True, accepted=True) == delivery


@settings(max_examples=20)
@given(st.lists(REPORTS, max_size=8))
def test_it_shows_no_number(reports: list[StatusReport]) -> None:
    """The repr of a delivery has no report in it, and a delivery can be a key."""
    delivery = Delivery.of([*reports, report("DELIVERED")])
    assert "13800138000" not in repr(delivery)
    assert len({delivery, Delivery.of(delivery.reports)}) == 1


@pytest.mark.parametrize("other", ["UNDELIVERED", "REJECTED", "PENDING"])
def test_two_numbers_with_one_id_are_two_messages(other: str) -> None:
    """A vendor may give two numbers one id: neither report hides the other, and the worse one decides."""
    both = [report("DELIVERED", minute=1), report(other, minute=2, to="+8613800138001")]
    for order in permutations(both):
        delivery = Delivery.of(order)
        assert (delivery.state, delivery.conflict) == (DeliveryState(other), True)
        assert len(delivery.reports) == 2
    alone = Delivery.of([report("DELIVERED"), report("PENDING", to="")])
    assert (alone.state, alone.conflict) == (DeliveryState.DELIVERED, False), "a report without a number fits any"
    same = [report("REJECTED", minute=3), report("REJECTED", minute=3, to="+8613800138001")]
    assert len(Delivery.of(same).reports) == 2, "equal but for the number"


REFUSED = attrs.evolve(result((Outcome.REJECTED, 0)), reason=Reason.BLOCKLISTED)


@pytest.mark.parametrize(
    ("delivery", "status"),
    [
        (Delivery(), MessageStatus.NEW),
        (Delivery().sent(REFUSED), MessageStatus.NOT_SENT),
        (Delivery().sent(result((Outcome.UNKNOWN, 0))), MessageStatus.UNKNOWN),
        (Delivery().sent(result((Outcome.UNKNOWN, 0), (Outcome.ACCEPTED, 1))), MessageStatus.SENT),
        (Delivery().sent(result((Outcome.ACCEPTED, 0))), MessageStatus.SENT),
        (Delivery().sent(result((Outcome.UNKNOWN, 0))).apply(report("PENDING")), MessageStatus.SENT),
        (Delivery().apply(report("PENDING")), MessageStatus.SENT),
        (Delivery().apply(report("DELIVERED")), MessageStatus.DELIVERED),
        (Delivery().apply(report("DELIVERED", (1, 2))), MessageStatus.SENT),
        (Delivery().sent(REFUSED).apply(report("DELIVERED")), MessageStatus.DELIVERED),
        (Delivery().sent(result((Outcome.ACCEPTED, 0))).apply(report("REJECTED")), MessageStatus.FAILED),
        (Delivery().apply(report("EXPIRED")), MessageStatus.FAILED),
    ],
)
def test_one_word_for_a_send_and_its_reports(delivery: Delivery, status: MessageStatus) -> None:
    """The status of a message is one word, whichever of send and reports is known."""
    assert delivery.status is status


@given(deliveries())
def test_the_status_is_final_if_the_state_is(delivery: Delivery) -> None:
    """A status says neither less nor more than the state: final ones are final, and delivered is delivered."""
    final = delivery.status in (MessageStatus.NOT_SENT, MessageStatus.DELIVERED, MessageStatus.FAILED)
    assert final is delivery.final
    assert (delivery.status is MessageStatus.DELIVERED) is (delivery.state is DeliveryState.DELIVERED)
