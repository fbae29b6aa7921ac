"""What a campaign would send, and be charged for."""

from collections import Counter

import attrs

from smsgate.cli.campaign_rows import BadRows, People
from smsgate.ledger.sql_ledger import SqlLedger
from smsgate.model.reason import Outcome
from smsgate.model.result import Result
from smsgate.sending.gateway import Gateway
from smsgate.sending.idempotency import may_try_again

__all__ = ["Plan", "known_result", "plan", "why_refused"]


@attrs.define
class Plan:
    """What would be sent, by provider, and what not."""

    rows: int = 0
    to_send: int = 0
    messages: Counter[str] = attrs.field(factory=Counter[str])
    segments: Counter[str] = attrs.field(factory=Counter[str])
    """By provider. Those of templates without a text are not known, and not in it."""
    uncounted: Counter[str] = attrs.field(factory=Counter[str])
    numbers_more_than_once: int = 0
    """How many numbers two or more of those to send are to."""
    finished: int = 0
    """Were accepted in an earlier run."""
    unknown: int = 0
    """May have been sent in an earlier run, and are not sent again."""


async def plan(
    people: People, gateway: Gateway, providers: tuple[str, ...] | None, ledger: SqlLedger | None, bad: BadRows
) -> Plan:
    """Read all rows, and ask the gateway what it would do with each that *ledger* does not have."""
    found = Plan()
    # An int of up to 15 digits: some 70 bytes for each row, in which the text of the number would be half as much more.
    numbers, again = set[int](), set[int]()
    for row in people.rows():
        found.rows += 1
        if row.message is None:
            bad.add(row, row.problem)
            continue
        known = None if ledger is None else await known_result(ledger, row.message.key or "")
        if known is not None:
            found.unknown += known.outcome is Outcome.UNKNOWN
            found.finished += known.accepted
            if known.outcome is not Outcome.UNKNOWN and not known.accepted:
                bad.add(row, why_refused(known))
            continue
        previewed = gateway.preview(row.message, providers=providers)
        if previewed.problem is not None:
            bad.add(row, previewed.problem)
            continue
        provider, segments = previewed.order[0], previewed.segments
        found.to_send += 1
        number = int(str(previewed.to))
        (again if number in numbers else numbers).add(number)
        found.messages[provider] += 1
        found.segments[provider] += segments or 0
        found.uncounted[provider] += segments is None
    found.numbers_more_than_once = len(again)
    return found


async def known_result(ledger: SqlLedger, key: str) -> Result | None:
    """The result of an earlier run for which a message is not sent again; None if it would be sent."""
    result = await ledger.result(key)
    return None if result is None or may_try_again(result) else result


def why_refused(result: Result) -> str:
    """What is written of a row that is not sent again because it was refused for good."""
    return result.description or str(result.reason)
