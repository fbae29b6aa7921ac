"""The delivery state of one message, from reports in any order and any number of copies.

A `Delivery` is a set of facts, and merging is union: a join semilattice, so `apply` and `merge` are commutative,
associative and idempotent, and whoever has seen the same reports holds an equal `Delivery`.

1. A fact is the earliest report for one vendor message id, one number, one part and one state. Another report for these
   replaces it if it is earlier (an undated one is later than all dated ones; ties are broken by the report's text),
   else it changes nothing. So a delivery does not grow with duplicates.
2. At most `MAX_FACTS` facts are kept: the least ones in a fixed order. More than that is a conflict.
3. The send adds four facts: that its result is known, the earliest time at which the message may have left, whether a
   vendor accepted it, and why it was refused or not sent. Of several such reasons the first in the order of `Reason`
   is kept.

The state is then read from the facts:

4. Without a report: `PENDING`; or `REJECTED`, which is final, once a send was refused or not sent and none may have
   left. No report will come of such a message. If one comes all the same, it counts and the refusal does not.
5. One part: the best evidence wins, `DELIVERED` before any failure, a failure before `PENDING`. Different final states
   for one part are a conflict.
6. A long message: a failed part fails it, and it is delivered when all parts are. Until each part has a final state it
   is partial. The highest `total` counts; another total, or a part outside 1 to `total`, is a conflict.
7. A report without part numbers, or with a total of 1, is about every part.
8. More than one vendor message id (only after a failover that you opted into): one delivered copy is a delivery, and
   while a copy is pending so is the message.
9. Reports about two numbers are about two messages, also with one id (Tencent Cloud SMS, SendSms, prints one `SerialNo`
   for two numbers): a conflict, in which a failure is not hidden by the other number's delivery. A report without a
   number is about each.

All times are aware. One without a time zone, as some databases give them back, is taken for UTC: it could not be
compared with the others, and one odd report must not keep a message's other reports from being merged.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import cached_property
from typing import Final, Self

import attrs

from smsgate.model.correlation import correlation_id
from smsgate.model.delivery_reading import Reading, order, read_reports
from smsgate.model.reason import Fault, Outcome, Reason
from smsgate.model.report import Segment, StatusReport
from smsgate.model.result import Result
from smsgate.model.states import DeliveryState

__all__ = ["MAX_FACTS", "WINDOW", "Delivery", "MessageStatus", "is_about"]

WINDOW: Final = timedelta(hours=72)
"""How long after the send a vendor reports (Huawei Message & SMS API Reference, 3.2.5); later reports are late."""
MAX_FACTS: Final = 1024
"""The most facts that one delivery keeps: enough for all parts of the longest message, several times over."""

_Slot = tuple[str, str, str, int, int, str]
_REASONS: Final = list(Reason)


class MessageStatus(StrEnum):
    """What became of a message so far: one word for a page or a column, of a send and its reports together."""

    NEW = "NEW"
    """Neither the result of its send nor a report is known."""
    NOT_SENT = "NOT_SENT"
    """It was refused or never left, so that nobody gets it. Final."""
    UNKNOWN = "UNKNOWN"
    """It may have been sent: a vendor had the request, and neither its response nor a report is known."""
    SENT = "SENT"
    """A vendor has accepted it, and no final report has come."""
    DELIVERED = "DELIVERED"
    """The handset has it, all parts of it. Final."""
    FAILED = "FAILED"
    """It was sent and did not reach the handset. Final; `Delivery.reason` says why."""


def _aware(time: datetime | None) -> datetime | None:
    return time if time is None or time.utcoffset() is not None else time.replace(tzinfo=UTC)


@attrs.frozen
class Delivery:
    """The state of one message as its reports arrive: a value, so `delivery = delivery.apply(report)`.

    It may begin with the send or with a report, whichever comes first. To store it, store `reports`, `sent_at`,
    `answered`, `accepted`, `refused` and `overflowed`. `Delivery.of` takes all six and makes an equal one again.
    """

    _facts: Mapping[_Slot, StatusReport] = attrs.field(factory=dict[_Slot, StatusReport], repr=False, hash=False)
    sent_at: datetime | None = attrs.field(default=None, converter=_aware)
    """When the message may first have left (aware). None before `sent`, and if it never left."""
    answered: bool = False
    """Whether the send's own result is known, so whether `sent` was called. Reports may come before it."""
    accepted: bool = False
    """Whether a vendor has accepted it in the response to a send. False of what was stored before there was this."""
    refused: Reason | None = None
    """Why a send of it was refused or not sent. None if none was."""
    overflowed: bool = attrs.field(default=False, repr=False)
    """Whether more different reports came than the 1,024 that are kept, so that some were dropped."""

    @classmethod
    def of(
        cls,
        reports: Iterable[StatusReport],
        *,
        sent_at: datetime | None = None,
        answered: bool = False,
        accepted: bool = False,
        refused: Reason | None = None,
        overflowed: bool = False,
    ) -> Self:
        """The delivery that *reports* make, and what its sends have added to it: see the fields of these names."""
        delivery = cls(sent_at=sent_at, answered=answered, accepted=accepted, refused=refused, overflowed=overflowed)
        for report in reports:
            delivery = delivery.apply(report)
        return delivery

    @classmethod
    def for_result(cls, result: Result, reports: Iterable[StatusReport]) -> Self:
        """The delivery of the message that *result* is of, by those of *reports* that are about it: by id or by tag."""
        return cls.of(report for report in reports if is_about(report, result)).sent(result)

    def apply(self, report: StatusReport, *, received_at: datetime | None = None) -> Self:
        """With what *report* says. *received_at* (aware) dates a report that its vendor has not dated."""
        reported_at = _aware(received_at if report.reported_at is None else report.reported_at)
        if reported_at is not report.reported_at:
            report = attrs.evolve(report, reported_at=reported_at)
        return self._with({_slot(report): report})

    def sent(self, result: Result) -> Self:
        """With the result of a send. A message that was refused or not sent is final with it."""
        left = (Outcome.ACCEPTED, Outcome.UNKNOWN)
        times = [_aware(attempt.started_at) for attempt in result.attempts if attempt.outcome in left]
        refused = None if result.outcome in left else result.reason or Reason.UNKNOWN
        return attrs.evolve(
            self,
            sent_at=_earliest(self.sent_at, *times),
            answered=True,
            accepted=self.accepted
            or result.accepted
            or any(each.outcome is Outcome.ACCEPTED for each in result.attempts),
            refused=_first_reason(self.refused, refused),
        )

    def merge(self, other: "Delivery") -> Self:
        """With all that *other* knows of the same message."""
        both = self._with(other._facts)
        return attrs.evolve(
            both,
            sent_at=_earliest(self.sent_at, other.sent_at),
            answered=self.answered or other.answered,
            accepted=self.accepted or other.accepted,
            refused=_first_reason(self.refused, other.refused),
            overflowed=both.overflowed or other.overflowed,
        )

    def overdue(self, now: datetime) -> bool:
        """Whether no final report has come within 72 hours of the send, at *now* (aware)."""
        return not self.final and self.sent_at is not None and (_aware(now) or now) > self.sent_at + WINDOW

    @property
    def state(self) -> DeliveryState:
        """Where the message is, as rules 4 to 9 read it."""
        return self._reading.state

    @property
    def status(self) -> MessageStatus:
        """What became of the message so far, by its send and its reports, in one word."""
        if self.state is DeliveryState.DELIVERED:
            return MessageStatus.DELIVERED
        if self.final:
            return MessageStatus.NOT_SENT if self.report is None else MessageStatus.FAILED
        if self.accepted or self._facts:  # a vendor that reports on it has taken it
            return MessageStatus.SENT
        return MessageStatus.NEW if self.sent_at is None else MessageStatus.UNKNOWN

    @property
    def final(self) -> bool:
        """Whether the message is delivered or has failed. A contradicting report can still change the state."""
        return self.state.final

    @property
    def report(self) -> StatusReport | None:
        """The report that decided the state. None if the send did, or if what decides is that a report is missing."""
        return self._reading.report

    @property
    def reason(self) -> Reason | None:
        """Why it was not delivered: the deciding report's reason, or the send's. None if it was, or while not known."""
        return self._reading.reason

    @property
    def remedy(self) -> str:
        """What to do about it, as the deciding report says; for a refused send see `Result.remedy`."""
        return self.report.remedy if self.report else ""

    @property
    def suppress(self) -> bool:
        """Whether to send nothing more to this number, by the deciding report or send."""
        if self.report is not None:
            return self.report.suppress
        return self.reason is not None and self.reason.rule.suppress

    @property
    def permanent(self) -> bool:
        """Whether the same message to the same number will fail again tomorrow."""
        return self.reason is not None and self.reason.rule.permanent

    @property
    def fault(self) -> Fault | None:
        """Who has to act before it can be delivered. None if it was delivered, or while the cause is not known."""
        return None if self.reason is None else self.reason.rule.fault

    @property
    def total(self) -> int:
        """How many parts the message has, as far as its reports say."""
        return self._reading.total

    @property
    def partial(self) -> bool:
        """Whether a part of a long message has no final state yet."""
        return self._reading.partial

    @property
    def conflict(self) -> bool:
        """Whether reports contradict each other or themselves. `reports` has all sides."""
        return self._reading.conflict

    @property
    def reports(self) -> tuple[StatusReport, ...]:
        """The reports that are kept, the earliest first."""
        return tuple(sorted(self._facts.values(), key=lambda report: (order(report), _slot(report))))

    @property
    def late(self) -> tuple[StatusReport, ...]:
        """Those of `reports` that are dated more than 72 hours after the send. They count like others."""
        if self.sent_at is None:
            return ()
        end = self.sent_at + WINDOW
        return tuple(report for report in self.reports if report.reported_at and report.reported_at > end)

    @cached_property
    def _reading(self) -> Reading:
        reading = read_reports(self._facts.values())
        if reading is not None:
            return attrs.evolve(reading, conflict=True) if self.overflowed else reading
        unsent = self.refused is not None and self.sent_at is None
        return Reading(
            DeliveryState.REJECTED if unsent else DeliveryState.PENDING, refused=self.refused if unsent else None
        )

    def _with(self, facts: Mapping[_Slot, StatusReport]) -> Self:
        news = {slot: report for slot, report in facts.items() if _earlier(report, self._facts.get(slot))}
        if not news:
            return self
        merged = {**self._facts, **news}
        full = len(merged) > MAX_FACTS
        kept = {slot: merged[slot] for slot in sorted(merged)[:MAX_FACTS]} if full else merged
        return attrs.evolve(self, facts=kept, overflowed=self.overflowed or full)


def is_about(report: StatusReport, result: Result) -> bool:
    """Whether *report* is about the message of *result*.

    By the vendor's message id and the number, where the report has one, because a vendor may give one id to several
    numbers; or by the `correlation_id` that the report has in common with one of the attempts, which holds
    also where the response to the send was lost. A tag is no proof without a secret: see `smsgate.tags`.
    """
    to = result.message.to
    if report.to is not None and report.to != to:
        return False
    by_id = ((attempt.provider, attempt.message_id) for attempt in result.attempts if attempt.message_id)
    if (report.provider, report.message_id) in by_id:
        return True
    known = {correlation_id(attempt.reference, to) for attempt in result.attempts}
    return report.correlation_id is not None and report.correlation_id in known


def _slot(report: StatusReport) -> _Slot:
    part = report.segment or Segment(-1, -1)
    return report.provider, report.message_id, str(report.to or ""), part.total, part.sequence, report.state.value


def _earlier(report: StatusReport, kept: StatusReport | None) -> bool:
    return kept is None or (report != kept and order(report) < order(kept))


def _earliest(*times: datetime | None) -> datetime | None:
    return min((time for time in times if time is not None), default=None)


def _first_reason(*reasons: Reason | None) -> Reason | None:
    # Any fixed order keeps `merge` commutative; this one has what suppresses a number before what resending mends.
    return min((reason for reason in reasons if reason is not None), key=_REASONS.index, default=None)
