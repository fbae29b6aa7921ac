"""Every fault of the matrix under a deadline."""

from datetime import UTC, datetime

import pytest

from smsgate import Outcome, Reason

from .driver import NUMBER, Fault, code, gateway, tencent
from .matrix import MATRIX
from .scripts import accept
from .stub import Stub
from .vendors import Bulky

pytestmark = pytest.mark.anyio

SECONDS = 0.15


@pytest.mark.parametrize("fault", MATRIX, ids=lambda fault: f"{fault.row}-{fault.name}".replace(" ", "-"))
async def test_fault(fault: Fault) -> None:
    """No try begins after the deadline, what may have been sent is never `NOT_SENT`, and nothing is charged twice."""
    with Stub(fault.script) as first, Stub(accept) as second:
        faulty = Bulky("first", first.url, fault.size) if fault.size else tencent("first", first.url)
        async with gateway(faulty, tencent("second", second.url), timeouts=fault.timeouts) as sms:
            result = await sms.send(code(), within=SECONDS)
            told = datetime.now(UTC)
    expires_at = result.message.expires_at
    assert expires_at is not None
    assert all(attempt.started_at <= expires_at for attempt in result.attempts)
    outcomes = [attempt.outcome for attempt in result.attempts]
    if Outcome.UNKNOWN in outcomes:
        assert result.outcome in (Outcome.UNKNOWN, Outcome.ACCEPTED)
        assert Outcome.UNKNOWN not in outcomes[:-1], "a second vendor was asked after UNKNOWN"
    if result.outcome is Outcome.NOT_SENT:
        assert not first.charges + second.charges, "NOT_SENT of what was processed"
    if result.reason is Reason.EXPIRED:
        assert result.outcome is Outcome.NOT_SENT
        assert told >= expires_at
    if result.outcome is not Outcome.REJECTED:
        assert (first.charges + second.charges).count(NUMBER) <= 1, "charged twice"
