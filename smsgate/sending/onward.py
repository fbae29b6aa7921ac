"""Which messages have a next request after one that was made for them, and what it takes of the budget. Pure."""

from collections.abc import Hashable, Sequence

from smsgate.sending.failover import Policy, takes_of_budget
from smsgate.sending.outgoing import OutgoingMessage
from smsgate.sending.router import Router

__all__ = ["go_on"]


def go_on(
    messages: Sequence[OutgoingMessage], policy: Policy, router: Router, wall_time: float
) -> list[OutgoingMessage]:
    """Assign the next provider of each of *messages* that has one, and return these. *wall_time*: Unix seconds.

    The budget is asked once for all of them: those that shared a request, and share the next one, have one fate.
    """
    left = [message for message in messages if message.accepted is None]
    if not left:
        return []
    budget, now = router.budget, router.now()
    may_retry, may_fail_over = budget.allows_retry(now), budget.allows_failover(now)
    going: list[OutgoingMessage] = []
    for message in left:
        message.candidates = router.rank(message.candidates)
        if message.advance(policy, wall_time, may_retry=may_retry, may_fail_over=may_fail_over):
            going.append(message)
    budget.take(_count_requests([message for message in going if takes_of_budget(message.attempts[-1])]))
    return going


def _count_requests(messages: Sequence[OutgoingMessage]) -> int:
    """How many requests *messages* need, if they find no other company."""
    count, sizes = 0, dict[Hashable, int]()
    for message in messages:
        try:
            key = message.request_key()
            size = sizes.get(key, 0)
            sizes[key] = size + 1
        except Exception:  # the key of a provider's own class fails to be compared: the message is sent alone
            size = 0
        count += size % message.batch_limit == 0
    return count
