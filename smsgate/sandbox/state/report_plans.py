"""Which reports follow on a message, where somebody wants others than those of its number."""

from collections.abc import Sequence

import attrs

from smsgate.sandbox.state.condition import Condition
from smsgate.sandbox.state.message import AcceptedMessage

__all__ = ["PlannedReport", "ReportPlan", "ReportPlans"]


@attrs.frozen(kw_only=True)
class PlannedReport:
    """One report."""

    code: str | None = None
    """The vendor's code; that of the message's number if None."""
    after: float = 0.0
    """Seconds by which it comes later than reports do."""
    times: int = 1
    """How often it comes."""


@attrs.define(kw_only=True)
class ReportPlan(Condition):
    """The reports on a message, in place of the one that it would have, for as many messages as `left` says."""

    vendor: str
    reports: tuple[PlannedReport, ...]


class ReportPlans:
    """The plans of a sandbox. The first one that fits a message decides."""

    def __init__(self) -> None:
        self._plans: list[ReportPlan] = []

    def add(self, *plans: ReportPlan) -> None:
        """Set plans, before those that are set."""
        self._plans[:0] = plans

    def clear(self) -> None:
        """Forget them all."""
        self._plans.clear()

    def take(self, message: AcceptedMessage, now: float) -> Sequence[PlannedReport] | None:
        """The reports that follow on *message*, which was accepted *now* (Unix seconds); None if no plan fits."""
        for plan in self._plans:
            recipients = {message.to: message.template_id or ""}
            if plan.vendor == message.vendor and plan.is_time(now) and plan.fits(recipients):
                plan.use_up(self._plans)
                return plan.reports
        return None
