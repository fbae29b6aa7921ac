"""Where a test's ledger is, and requests to write into it."""

import secrets
from datetime import UTC, datetime
from typing import Any

import attrs
from fake_vendors import LOGIN, Wire, alpha, login, number
from sqlalchemy import update

from smsgate import Attempt, Claim, Gateway, Message, Outcome, Reason, SendRequest
from smsgate.ledger import SqlLedger

__all__ = [
    "GRANTED",
    "HELD",
    "Place",
    "attempts_for",
    "claim",
    "gateway_of",
    "let_leases_pass",
    "request_for",
    "stand_still",
]

GRANTED, HELD = Claim(), Claim(held=True)


@attrs.frozen
class Place:
    """Where a test's own tables are."""

    url: str
    prefix: str

    @property
    def arguments(self) -> dict[str, Any]:
        """Those of `SqlLedger`, for another process too."""
        return {"url_or_engine": self.url, "prefix": self.prefix}


def gateway_of(wire: Wire, ledger: SqlLedger) -> Gateway:
    """A gateway with *ledger*, whose one vendor takes batches."""
    return Gateway([alpha(batch_limit=100)], templates=[LOGIN], transport=wire, ledger=ledger)


async def let_leases_pass(ledger: SqlLedger) -> None:
    """As if no process had given a sign of life for longer than the lease: that needs no waiting."""
    await ledger._threads.write(lambda connection: connection.execute(update(ledger._tables.holders).values(seen_at=0)))


async def stand_still(ledger: SqlLedger) -> None:
    """As if the process of *ledger* had stood still for longer than the lease, and gave no sign of life from now on."""
    ledger._threads._pulses = ()
    await let_leases_pass(ledger)


async def claim(ledger: SqlLedger, *messages: Message) -> list[Claim]:
    """What *ledger* says of the keys of *messages*."""
    return list(await ledger.claim(messages))


def request_for(*keys: str | None, provider: str = "alpha", at: float = 1_700_000_000.0) -> SendRequest:
    """A request for a message with each of *keys*, to `number(0)` and so on."""
    nonce = secrets.token_hex(16)  # a child that was forked has ids of its own
    reference = f"sgq.{nonce[-10:]}" if len(keys) > 1 else f"sgu.{keys[0] or nonce[-10:]}"
    return SendRequest(
        id=nonce,
        provider=provider,
        messages=tuple(login(number(index), key=key) for index, key in enumerate(keys)),
        reference=reference,
        references=(reference,) * len(keys),
        started_at=datetime.fromtimestamp(at, UTC),
    )


def attempts_for(request: SendRequest, outcome: Outcome = Outcome.ACCEPTED) -> list[Attempt]:
    """An attempt for each message of *request*."""
    reason = None if outcome is Outcome.ACCEPTED else Reason.NO_ANSWER
    return [
        Attempt(
            request.provider,
            outcome,
            reason,
            message_id=f"id-{message.key}" if outcome is Outcome.ACCEPTED else None,
            started_at=request.started_at,
            reference=request.reference,
        )
        for message in request.messages
    ]
