"""The one table of what a reason means and what happens next."""

import pytest

from smsgate import Outcome, Reason
from smsgate.model.reason import RULES, Fault, Next, outcome_of

R = Reason
NOT_SENT = {R.NETWORK, R.OVERLOADED, R.NOT_RECORDED, R.NO_CREDENTIALS, R.CANCELLED, R.GIVEN_UP}
ROWS: dict[Next, tuple[Outcome, set[Reason]]] = {
    # Of this account with this vendor: another vendor may do better.
    Next.OTHER_PROVIDER: (
        Outcome.REJECTED,
        {
            R.AUTH_FAILED,
            R.PERMISSION_DENIED,
            R.ACCOUNT_SUSPENDED,
            R.INSUFFICIENT_BALANCE,
            R.QUOTA_EXCEEDED,
            R.REGION_BLOCKED,
            R.SIGNATURE_REJECTED,
            R.TEMPLATE_REJECTED,
            R.SENDER_REJECTED,
            R.UNSUPPORTED,
            R.INVALID_REQUEST,
            R.NETWORK,
            R.NO_CREDENTIALS,
        },
    ),
    # Busy, or calls come too fast: the same vendor after a pause, then the next.
    Next.PAUSE: (Outcome.REJECTED, {R.TRY_LATER}),
    # The clock: the same vendor once more with its own time, then the next.
    Next.RESYNC: (Outcome.REJECTED, {R.CLOCK_SKEW}),
    # A cap against harassment: only on demand.
    Next.RATE_LIMIT_OPT_IN: (Outcome.REJECTED, {R.RATE_LIMITED}),
    # It may have been sent: only on demand.
    Next.UNKNOWN_OPT_IN: (Outcome.UNKNOWN, {R.PLATFORM_FAULT, R.CARRIER_FAULT, R.NO_ANSWER, R.UNKNOWN}),
    # The number, the content, the request: no vendor would or should take it.
    Next.STOP: (
        Outcome.REJECTED,
        {
            R.INVALID_NUMBER,
            R.UNREACHABLE,
            R.HANDSET_FAULT,
            R.PORTING_FAULT,
            R.BLOCKLISTED,
            R.UNSUBSCRIBED,
            R.CONTENT_BLOCKED,
            R.INTERCEPTED,
            R.IN_REVIEW,
            R.OUTSIDE_HOURS,
            R.OVERLOADED,
            R.NOT_RECORDED,
            R.TOO_LONG,
            R.DUPLICATE,
            R.REFUSED,
            R.EXPIRED,
            R.DELETED,
            R.CANCELLED,
            R.GIVEN_UP,
        },
    ),
}


def test_complete() -> None:
    """Every reason has a row, and every row has a meaning of one line."""
    assert set(RULES) == set(Reason)
    for reason, rule in RULES.items():
        assert reason.rule is rule
        assert reason.meaning == rule.meaning
        assert rule.meaning
        assert rule.meaning.isprintable()
        assert len(rule.meaning) < 100


@pytest.mark.parametrize("step", list(Next))
def test_what_happens_next(step: Next) -> None:
    """Exactly these reasons lead to this step, and each to its outcome."""
    outcome, reasons = ROWS[step]
    assert {reason for reason in Reason if RULES[reason].next is step} == reasons
    assert {outcome_of(reason) for reason in reasons - NOT_SENT} == {outcome}


def test_outcome_of_the_wire() -> None:
    """What never left was not sent; a refusal without a reason leaves the outcome open."""
    assert outcome_of(Reason.NETWORK) is Outcome.NOT_SENT
    assert outcome_of(None) is Outcome.UNKNOWN


def test_suppression() -> None:
    """Only a number that is none, is blocked or has opted out is to be sent to no more, and that is permanent."""
    suppressed = {reason for reason in Reason if RULES[reason].suppress}
    assert suppressed == {Reason.INVALID_NUMBER, Reason.BLOCKLISTED, Reason.UNSUBSCRIBED}
    assert all(RULES[reason].permanent and RULES[reason].fault is Fault.RECIPIENT for reason in suppressed)


def test_who_is_at_fault() -> None:
    """What another provider may do better is about this account, the request or the way, never the recipient."""
    for reason in ROWS[Next.OTHER_PROVIDER][1] - {R.INVALID_REQUEST}:
        assert RULES[reason].fault in (Fault.ACCOUNT, Fault.NOBODY)
    assert RULES[R.INVALID_REQUEST].fault is Fault.CALLER
    assert RULES[R.RATE_LIMITED].fault is Fault.CALLER, "its remedy is to send less often"
    for fault in Fault:
        assert any(rule.fault is fault for rule in RULES.values())


def test_is_read_only() -> None:
    """The table cannot be changed from outside."""
    with pytest.raises(TypeError):
        RULES[Reason.UNKNOWN] = RULES[Reason.DELETED]  # type: ignore[index]
