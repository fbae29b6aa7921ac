"""`smsgate campaign`: a message to each row of a file, once, also if it takes several runs."""

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any, Final

import anyio
import click
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from smsgate.cli.accounts import Interrupted, as_json_option, config_option, settings_from, with_options
from smsgate.cli.campaign_plan import Plan, plan
from smsgate.cli.campaign_progress import Bar
from smsgate.cli.campaign_report import show_plan, show_report
from smsgate.cli.campaign_rows import BadRows, People
from smsgate.cli.campaign_run import CampaignRun, Stop
from smsgate.cli.params import params_option, to_params
from smsgate.cli.shared_rates import shared_rates
from smsgate.config.settings import Settings
from smsgate.ledger.sql_ledger import SqlLedger
from smsgate.model.errors import ConfigurationError
from smsgate.model.suggestion import did_you_mean
from smsgate.model.template import Template
from smsgate.sending.gateway import Gateway

__all__ = ["command"]

_LEDGER: Final = "sqlite:///smsgate.db"


@click.command("campaign")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--template", required=True, help="The name of a [templates.…] section. Its parameters are columns.")
@click.option("--key-column", required=True, help="The column with what a row is known by: each row once.")
@click.option("--to-column", default="to", show_default=True, help="The column with the number.")
@params_option
@click.option("--delimiter", default=",", show_default=True, help="What stands between two cells.")
@click.option("--name", help="The campaign's name in the ledger.  [default: the name of the file]")
@click.option("--ledger", help=f"The database that knows what was sent.  [default: that of the file, or {_LEDGER}]")
@click.option("--send", is_flag=True, help="Send. Without it nothing is: what would be sent is shown.")
@click.option("--rate", type=click.FloatRange(0.001, 100_000), help="Messages a second, at most.")
@click.option("--provider", "providers", multiple=True, help="Only these accounts, in this order.")
@click.option("--region", "default_region", help="The region of numbers without a country code: CN.")
@click.option("--bad-rows", type=click.Path(dir_okay=False, path_type=Path), help="The file for rows that are wrong.")
@config_option
@as_json_option
@click.pass_context
def command(context: click.Context, /, **given: Any) -> None:
    """A message to each row of FILE, a CSV file whose first line has the names of the columns.

    Without --send, nothing is sent: it shows what would be, and what it would be charged as. The same command again
    sends what has not been sent. Ctrl+C waits for what is in progress; a second one does not.

    Exit status: 0 if all rows were or can be sent, 1 if some were not, 3 if some may have been.
    """
    settings = settings_from(given["config"])
    people = _people(settings, given)
    region = given["default_region"]
    make = partial(settings.gateway, **({} if region is None else {"default_region": region}))
    in_file = settings.ledger_options
    make_ledger = partial(settings.ledger, given["ledger"] or (None if in_file else _LEDGER))
    given["ledger"] = given["ledger"] or (in_file.address if in_file else _LEDGER)
    path = given["bad_rows"] or people.path.with_suffix(f".bad{people.path.suffix}")
    if path.resolve() == people.path.resolve():
        raise ConfigurationError("--bad-rows: is the file itself")
    rates = settings.rates_options
    for url, what in ((given["ledger"], "ledger"), (rates.address if rates else "", "shared rates")):
        database = _database_file(url)
        if database is not None and path.resolve() == database.resolve():
            raise ConfigurationError(f"--bad-rows: is the file of the {what}")
    try:
        with BadRows(path, people.header(), people.delimiter, sending=given["send"]) as bad:
            run = partial(_send, settings) if given["send"] else _show
            status = run(people, make, make_ledger, bad, given)
    except ConfigurationError as error:
        raise click.ClickException(with_options(str(error))) from None
    except OSError as error:
        raise click.ClickException(f"{path}: {error.strerror}") from None
    context.exit(status)


def _people(settings: Settings, given: Mapping[str, Any]) -> People:
    if len(given["delimiter"]) != 1:
        raise ConfigurationError("--delimiter: must be one character")
    template, fixed = _template(settings, given["template"]), to_params(given["params"])
    for name in fixed:
        if name not in template.params:
            near, has = did_you_mean(name, template.params), ", ".join(template.params) or "none"
            raise ConfigurationError(f"--param: {template.name} has no parameter {name!r}{near}; it has {has}")
    return People(
        path=given["file"],
        campaign=given["name"] or given["file"].stem,
        template=template,
        to=given["to_column"],
        key=given["key_column"],
        fixed=fixed,
        delimiter=given["delimiter"],
    )


def _template(settings: Settings, name: str) -> Template:
    known = {template.name: template for template in settings.templates}
    if name not in known:
        near = did_you_mean(name, known)
        raise ConfigurationError(f"--template: {settings.path} has no template {name!r}{near}")
    return known[name]


def _show(
    people: People,
    make: Callable[..., Gateway],
    make_ledger: Callable[[], SqlLedger],
    bad: BadRows,
    given: Mapping[str, Any],
) -> int:
    """Show what would be sent. Returns the exit status."""

    async def main() -> Plan:
        gateway, providers = make(), given["providers"] or None
        ledger = make_ledger()
        if not _has_file(given["ledger"]):  # only a send makes one
            return await plan(people, gateway, providers, None, bad)
        async with ledger:
            return await plan(people, gateway, providers, ledger, bad)

    found = _run(main)
    show_plan(found, people, bad, rate=given["rate"], as_json=given["as_json"])
    return 1 if bad.count else 0


def _send(
    settings: Settings,
    people: People,
    make: Callable[..., Gateway],
    make_ledger: Callable[[], SqlLedger],
    bad: BadRows,
    given: Mapping[str, Any],
) -> int:
    """Send. Returns the exit status."""
    total = people.count()
    with Bar(total) as bar, Stop() as stop:
        run = CampaignRun(
            people=people, providers=given["providers"] or None, rate=given["rate"], bad=bad, bar=bar, stop=stop
        )

        async def main() -> None:
            async with (
                make_ledger() as ledger,
                shared_rates(settings) as rates,
                make(ledger=ledger, rates=rates, on_result=run.note) as gateway,
            ):
                await run.run(gateway, ledger)

        _run(main)
    return show_report(run, total, as_json=given["as_json"])


def _run(main: Callable[[], Any]) -> Any:
    try:
        return anyio.run(main)
    except KeyboardInterrupt:
        raise Interrupted("interrupted: what was in progress may have been sent, the ledger has it") from None


def _has_file(url: str) -> bool:
    """Whether there may be a ledger at *url*: a database of SQLite is a file."""
    file = _database_file(url)
    return file is None or file.exists()


def _database_file(url: str) -> Path | None:
    """The file of a database of SQLite; None for any other one, and for what is no URL."""
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        return None
    return Path(parsed.database or "") if parsed.get_backend_name() == "sqlite" else None
