"""What `smsgate campaign` says at its end."""

from collections.abc import Mapping, Sequence
from typing import Final

import click

from smsgate.cli.campaign_plan import Plan
from smsgate.cli.campaign_rows import BadRows, People
from smsgate.cli.campaign_run import CampaignRun
from smsgate.cli.output import show_record, show_record_of, show_records
from smsgate.model.reason import Outcome
from smsgate.model.result import Result

__all__ = ["show_plan", "show_report"]

_HOW_TO_SETTLE: Final = """
Delivery reports settle them (CallbackApp, or Puller with this ledger), or a Settler asks the vendors. Each is a few
lines of Python: see docs/settling.md. `smsgate pull` shows reports, and does not write them into the ledger."""


def show_plan(plan: Plan, people: People, bad: BadRows, *, rate: float | None, as_json: bool) -> None:
    """What would be sent."""
    providers: list[dict[str, object]] = [
        {
            "provider": name,
            "messages": count,
            "segments": plan.segments[name] if plan.uncounted[name] < count else None,
            "without_text": plan.uncounted[name] or None,
        }
        for name, count in plan.messages.items()
    ]
    row: dict[str, object] = {
        "campaign": people.campaign,
        "rows": plan.rows,
        "to_send": plan.to_send,
        "numbers_more_than_once": plan.numbers_more_than_once or (0 if as_json else None),
        "finished": plan.finished,
        "unknown": plan.unknown,
        "bad_rows": bad.count,
        "bad_rows_file": str(bad.path) if bad.count else None,
        "seconds": None if rate is None else round(plan.to_send / rate),
    }
    show_record_of(row, "providers", providers, as_json=as_json)
    if not as_json:
        click.echo("\nNothing was sent: add --send.")


def show_report(run: CampaignRun, total: int, *, as_json: bool) -> int:
    """What was sent. Returns the exit status."""
    accepted, unknown = run.outcomes[Outcome.ACCEPTED], run.outcomes[Outcome.UNKNOWN]
    left = total - accepted - run.earlier - unknown - run.bad.count
    not_begun = left - run.reasons.total()
    row: dict[str, object] = {
        "campaign": run.people.campaign,
        "rows": total,
        "accepted": accepted,
        "accepted_earlier": run.earlier,
        "unknown": unknown,
        "not_sent": left,
        "not_sent_because": dict(run.reasons) if as_json else _words(run.reasons),
        "not_begun": not_begun if as_json else f"{not_begun} (interrupted)" if not_begun else None,
        "bad_rows": run.bad.count,
        "bad_rows_file": str(run.bad.path) if run.bad.count else None,
        "segments": dict(run.segments) if as_json else _words(run.segments),
    }
    named = [_named(each) for each in run.unknown]
    first = [_first_with(reason, each) for reason, each in run.examples.items()]
    if as_json:
        show_record({**row, "not_sent_first": first, "unknown_messages": named}, as_json=True)
    else:
        show_record(row, as_json=False)
        _show_unsent(first)
        _show_unknown(named, unknown)
        if left:
            click.echo("\nWhat was not sent is sent by the same command again.")
    return 3 if unknown else 1 if left or run.bad.count else 0


def _show_unsent(first: Sequence[dict[str, object]]) -> None:
    if first:
        click.echo("\nThe first message that was not sent for each reason:\n")
        show_records(first, as_json=False, empty="")


def _show_unknown(named: Sequence[dict[str, object]], count: int) -> None:
    if not count:
        return
    click.echo(f"\n{count} may have been sent. The same command again does not send them:\n")
    show_records(named, as_json=False, empty="")
    if count > len(named):
        click.echo(f"and {count - len(named)} more")
    click.echo(_HOW_TO_SETTLE)


def _named(result: Result) -> dict[str, object]:
    message = result.message
    return {"key": message.key, "to": message.to.masked, "provider": result.provider, "reason": result.reason}


def _first_with(reason: str, result: Result) -> dict[str, object]:
    return {"reason": reason, "provider": result.provider, "code": result.code, "description": result.description}


def _words(counts: Mapping[str, int]) -> str | None:
    return ", ".join(f"{name} {count}" for name, count in counts.items()) or None
