"""The account behind Tencent's two interfaces: what either of them accepts, both report.

Source: Tencent SMS Development Guide 2.0, "Pull SMS Status" (a queue) and "Pull SMS Status of a Single Mobile No.".
"""

import re
from collections import deque
from collections.abc import Mapping
from datetime import datetime
from typing import Final, TypeVar

import attrs

from smsgate.sandbox.events import follow
from smsgate.sandbox.state.message import AcceptedMessage
from smsgate.sandbox.state.queue import PullQueue, SandboxReply, SandboxReport
from smsgate.sandbox.state.scenarios import Codes, Scenario
from smsgate.sandbox.state.state import SandboxState, VendorState
from smsgate.sandbox.tencent.conditions import settings_of

__all__ = [
    "MAGIC_DIGIT",
    "VENDOR",
    "Content",
    "RefusedSend",
    "TencentAccount",
    "accept",
    "account_of",
    "find_replies",
    "find_reports",
    "refuse",
    "take_replies",
    "take_reports",
]

VENDOR: Final = "tencent"
MAGIC_DIGIT: Final = "1"
_REMEMBERED: Final = 100_000
Pulled = TypeVar("Pulled", SandboxReport, SandboxReply)


@attrs.frozen
class Content:
    """The text of one request, the same for all its numbers."""

    template_id: str | None
    params: tuple[str, ...] = attrs.field(repr=False)
    text: str = attrs.field(repr=False)
    signature: str
    kind: str
    """Of the template."""


@attrs.frozen
class RefusedSend:
    """A message to a number that was refused: Tencent's records have it beside those that were accepted."""

    to: str = attrs.field(repr=False)
    """The recipient in E.164."""
    time: datetime
    """When it was refused (aware, UTC)."""
    code: int | str
    """A result of v5 that API 3.0 has a name for, or that name."""
    content: Content | None
    """None where it is the content that was refused, or nobody looked at it."""


class TencentAccount(VendorState):
    """What Tencent keeps for itself."""

    def __init__(self) -> None:
        self.reports: PullQueue[SandboxReport] = PullQueue()
        self.replies: PullQueue[SandboxReply] = PullQueue()
        self.submitted: deque[tuple[float, int]] = deque(maxlen=_REMEMBERED)
        """Unix seconds and how many numbers, of every send that was authentic, accepted or not."""
        self.refused: deque[RefusedSend] = deque(maxlen=_REMEMBERED)
        """Oldest first."""

    def forget(self) -> None:
        """Forget the queues, the counts and what was refused."""
        self.reports.clear()
        self.replies.clear()
        self.submitted.clear()
        self.refused.clear()


def account_of(state: SandboxState) -> TencentAccount:
    """Tencent's part of *state*."""
    account: TencentAccount = state.of(VENDOR)
    return account


def accept(
    state: SandboxState,
    codes: Mapping[Scenario, Codes],
    content: Content,
    *,
    api: str,
    to: str,
    reference: str,
    extend: object,
    now: float,
    sender: str = "",
) -> AcceptedMessage:
    """Take a message to the number *to* (E.164), and let its delivery report come.

    *extend* and *sender* count only where the account has them; what is not enabled is passed over in silence, as no
    document knows a refusal for it.
    """
    account, scenario = settings_of(state), state.scenario(VENDOR, to)
    message = AcceptedMessage(
        vendor=VENDOR,
        api=api,
        to=to,
        template_id=content.template_id,
        params=content.params,
        text=content.text,
        message_id=f"8:{state.new_id().replace('-', '')}",
        time=state.moment(now),
        signature=content.signature or None,
        reference=reference or None,
        # SendSms, `SenderId`: for other countries than mainland China.
        sender=sender if sender and account.sender_id and not to.startswith("+86") else None,
        # `extend`: valid only when it is a pure numeral string.
        extend=extend if account.extend and isinstance(extend, str) and re.fullmatch("[0-9]+", extend) else "",
        scenario=scenario,
        report=codes[scenario or Scenario.DELIVERED].report,
    )
    state.accept(message)
    follow(state, message, now)
    return message


def refuse(state: SandboxState, to: str, code: int | str, content: Content | None, now: float) -> None:
    """Keep that a message to the number *to* (E.164) was refused with *code*."""
    account_of(state).refused.append(RefusedSend(to, state.moment(now), code, content))


def take_reports(state: SandboxState, limit: int) -> list[SandboxReport]:
    """The oldest reports that wait, at most *limit*. They never come again."""
    return _pull(state, account_of(state).reports, limit)


def take_replies(state: SandboxState, limit: int) -> list[SandboxReply]:
    """The oldest replies that wait, at most *limit*. They never come again."""
    return _pull(state, account_of(state).replies, limit)


def _pull(state: SandboxState, queue: PullQueue[Pulled], limit: int) -> list[Pulled]:
    taken = queue.take(limit)
    state.history.add_pull(item.entry for item in taken)
    return taken


def find_reports(state: SandboxState, number: str, begin: float, end: float) -> list[SandboxReport]:
    """The reports of messages to *number* (E.164) sent between *begin* and *end*, both included."""
    return account_of(state).reports.find(lambda report: report.to == number and begin <= report.sent <= end)


def find_replies(state: SandboxState, number: str, begin: float, end: float) -> list[SandboxReply]:
    """The replies from *number* (E.164) that came between *begin* and *end*, both included."""
    return account_of(state).replies.find(lambda reply: reply.sender == number and begin <= reply.time <= end)
