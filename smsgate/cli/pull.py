"""`smsgate pull`: fetch delivery reports or replies out of a vendor's queue, into a spool first."""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import click

from smsgate.cli.accounts import Interrupted, account_options, managed, run_calls
from smsgate.cli.output import show_records
from smsgate.management.client import ManagementClient
from smsgate.management.gaps import Gap, KeepError, Kind
from smsgate.management.puller import Puller
from smsgate.management.spool import FileSpool, may_be_spool
from smsgate.model.errors import ConfigurationError
from smsgate.model.report import Reply, StatusReport
from smsgate.provider.management import ReportSource
from smsgate.provider.records import Pulled

__all__ = ["command"]


@click.command("pull")
@click.option(
    "--spool",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The file that keeps every raw response before it is read.  [default: smsgate-ACCOUNT-KIND.spool]",
)
@click.option("--kind", type=click.Choice(["reports", "replies"]), default="reports", show_default=True)
@click.option("--follow", is_flag=True, help="Go on pulling until interrupted; with --json, one object a line.")
@click.option(
    "--interval", type=click.FloatRange(0.1, 3600), default=5.0, show_default=True, help="Seconds between pulls."
)
@click.option("--replay", is_flag=True, help="Make no request: show what the spool holds.")
@account_options
def command(
    spool: Path | None,
    kind: Kind,
    follow: bool,
    interval: float,
    replay: bool,
    config: Path,
    account: str | None,
    as_json: bool,
) -> None:
    """Delivery reports or replies. What is pulled is gone at the vendor: the spool keeps it."""
    source = managed(config, account, ReportSource, "reports to pull")  # type: ignore[type-abstract]
    spool = spool or Path(f"smsgate-{source.name}-{kind}.spool")  # a spool does not say whose responses it holds
    try:
        file = FileSpool(spool)
    except ConfigurationError as error:
        raise ConfigurationError(str(error).replace("FileSpool:", "--spool:", 1)) from None

    async def work(client: ManagementClient) -> list[StatusReport | Reply]:
        puller = Puller(source, client, keep=file.keep, kind=kind, on_gap=_report_gap)
        if replay:
            return list(puller.replay(file.read()))
        if follow:
            async for item in puller.loop(interval=interval):
                click.echo(json.dumps(_row(item), ensure_ascii=False) if as_json else _line(item))
            return []
        pulled = await puller.pull()
        if pulled.unreadable:
            click.echo(f"{pulled.unreadable} could not be read; {spool} has their bytes", err=True)
        return [*pulled.reports, *pulled.replies]

    try:
        if not replay:
            _check_spool(spool)
        found = run_calls(work)
    except Interrupted:
        if follow:
            return
        raise Interrupted(f"interrupted: {spool} keeps what was pulled, --replay shows it") from None
    except KeepError as error:  # the vendor does not repeat them: what could be read is shown at least
        pulled = error.pulled or Pulled()
        rows = [*map(_row, pulled.reports), *map(_row, pulled.replies)]
        show_records(rows, as_json=as_json, empty="Nothing of the response could be read.")
        raise click.ClickException(f"{spool}: {error}") from None
    except OSError as error:
        raise click.ClickException(f"{spool}: {error.strerror}") from None
    empty = f"{spool} holds no {kind}." if replay else f"No {kind} are waiting."
    show_records([_row(item) for item in found], as_json=as_json, empty=empty)


def _check_spool(spool: Path) -> None:
    """Raise `OSError` if nothing can be written there: after the pull it would be too late.

    `ConfigurationError` if it is a file of another kind: records of bytes in it would spoil it.
    """
    if not may_be_spool(spool):
        raise ConfigurationError(f"--spool: {spool} is not a spool: name another file")
    os.close(os.open(spool, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600))


def _report_gap(gap: Gap) -> None:
    click.echo(f"GAP: {gap.kind} may be lost between {gap.began_at} and {gap.ended_at}: {gap.error}", err=True)


def _row(item: StatusReport | Reply) -> dict[str, object]:
    if isinstance(item, Reply):
        at = item.received_at.isoformat() if item.received_at else None
        return {"provider": item.provider, "from": str(item.sender), "text": item.text, "received_at": at}
    return {
        "provider": item.provider,
        "message_id": item.message_id,
        "to": str(item.to) if item.to else None,
        "state": item.state,
        "reason": item.reason,
        "code": item.code,
        "meaning": item.meaning,
        "reported_at": item.reported_at.isoformat() if item.reported_at else None,
    }


def _line(item: StatusReport | Reply) -> str:
    return "  ".join(_shown(_row(item)))


def _shown(row: dict[str, object]) -> Iterator[str]:
    for value in row.values():
        if value is not None:
            yield "".join(char if char.isprintable() else "\ufffd" for char in str(value))
