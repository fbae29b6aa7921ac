"""`smsgate stats`: counts of messages and delivery reports in a span of time."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import attrs
import click

from smsgate.cli.accounts import account_options, managed, run_calls
from smsgate.cli.output import show_record
from smsgate.management.client import ManagementClient
from smsgate.provider.management import Statistics
from smsgate.provider.records import DeliveryStatistics, SendStatistics

__all__ = ["command"]


class _Time(click.DateTime):
    """A day or an hour."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        try:
            return super().convert(value, param, ctx)
        except click.BadParameter:
            self.fail("write an hour, 2026-11-22T08:00:00+0800, or a day, 2026-11-22", param, ctx)


_TIME = _Time(["%Y-%m-%dT%H:%M:%S%z", "%Y-%m-%dT%H%z", "%Y-%m-%d"])


@click.command("stats")
@click.option(
    "--begin", type=_TIME, help="The first hour: 2026-11-22T08:00:00+0800, or a day (UTC). [default: a day ago]"
)
@click.option("--end", type=_TIME, help="The last hour, written the same way. [default: now]")
@account_options
def command(begin: datetime | None, end: datetime | None, config: Path, account: str | None, as_json: bool) -> None:
    """Counts of an account between two hours."""
    source = managed(config, account, Statistics, "statistics")  # type: ignore[type-abstract]
    last = _aware(end) if end else datetime.now(UTC)
    first = _aware(begin) if begin else last - timedelta(days=1)

    async def work(client: ManagementClient) -> tuple[SendStatistics, DeliveryStatistics]:
        sent = await client.run(source.send_statistics(begin=first, end=last))
        return sent, await client.run(source.delivery_statistics(begin=first, end=last))

    sent, delivered = run_calls(work)
    counts: dict[str, object] = {"provider": source.name, "begin": first, "end": last, **attrs.asdict(sent)}
    became = attrs.asdict(delivered)
    causes = {f"failed_{cause}": count for cause, count in became.pop("causes").items()}
    show_record(counts | became | causes, as_json=as_json)


def _aware(time: datetime) -> datetime:
    return time if time.tzinfo else time.replace(tzinfo=UTC)
