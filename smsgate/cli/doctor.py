"""`smsgate doctor`: whether the accounts of the settings file work, from here and now. Sends no message."""

from collections.abc import Collection, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import anyio
import click

from smsgate.cli.accounts import as_json_option, config_option, settings_from
from smsgate.cli.checks import approvals, show_findings, unmade
from smsgate.cli.reachability import REACHING, Network, callback_finding
from smsgate.cli.vendor_copies import Made, bindings, copies_of, made_of
from smsgate.config.settings import Settings
from smsgate.management.client import ManagementClient
from smsgate.management.findings import Finding, Level
from smsgate.model.errors import InvalidCallError, VendorError
from smsgate.provider.call import Call
from smsgate.provider.management import SignatureList, Statistics, TemplateAdmin
from smsgate.provider.protocol import HasAddress

__all__ = ["command"]


@click.command("doctor")
@click.option(
    "--callbacks",
    metavar="URL",
    help="Where the vendors push to, without account and token: https://example.com/sms. It gets a made-up token.",
)
@config_option
@as_json_option
def command(callbacks: str | None, config: Path, as_json: bool) -> None:
    """Check each account: address, TLS, clock, credentials, templates, signatures. Sends no message.

    Exit status: 1 if something does not work, else 0.
    """
    settings = settings_from(config)
    show_findings(anyio.run(_examine, settings, callbacks), as_json=as_json)


async def _examine(settings: Settings, callbacks: str | None) -> list[Finding]:
    made = made_of(settings)
    findings = unmade(made)
    network = Network(settings.timeouts)
    try:
        unreached = set[str]()
        for address in dict.fromkeys(address for each in made for address in _addresses(each)):
            found = await network.look_at(address)
            findings += found
            if found[0].level is Level.ERROR:
                unreached.add(address)
        async with ManagementClient(timeouts=settings.timeouts) as client:
            for each in made:
                findings += await _account(client, settings, each, unreached)
        if callbacks is not None:
            for each in made:
                if each.provider is not None:
                    findings.append(await callback_finding(network, callbacks, each.account.name))
    finally:
        await network.aclose()
    return findings


def _addresses(made: Made) -> list[str]:
    return [each.address for each in (made.provider, made.manager) if isinstance(each, HasAddress)]


async def _account(
    client: ManagementClient, settings: Settings, made: Made, unreached: Collection[str]
) -> list[Finding]:
    if made.problem is not None:
        return []
    manager = made.manager
    if isinstance(manager, HasAddress) and manager.address in unreached:
        text = f"{manager.address} is not reached"
        return [
            Finding(Level.SKIPPED, f"account {made.account.name}", "credentials", text, "see the row of this address")
        ]
    findings = [await _credentials(client, made)]
    bound = [] if made.provider is None else list(bindings(settings, made.provider))
    if bound and findings[0].level is not Level.ERROR:
        copies = await copies_of(client, made, {each.binding.id for each in bound})
        findings += copies.problems
        for each in bound:
            findings += approvals(each, copies)
    return findings


async def _credentials(client: ManagementClient, made: Made) -> Finding:
    """Whether the account's own key is taken, by a call that only reads."""
    subject = f"account {made.account.name}"
    manager = made.manager if made.account.kind.manages else None
    for call in _reading_calls(manager):
        try:
            await client.run(call)
        except VendorError as error:
            remedy = REACHING if error.code is None else "see `smsgate explain` for the code"
            return Finding(Level.ERROR, subject, "credentials", str(error), remedy)
        return Finding(Level.OK, subject, "credentials", f"accepted ({call.name})")
    text = "its kind has no call that only reads: whether its key is taken, the first message shows"
    return Finding(Level.SKIPPED, subject, "credentials", text, "send one to yourself: `smsgate send`")


def _reading_calls(manager: object) -> Iterator[Call[object]]:
    """The smallest calls that the account has. An interface may have a method and refuse it."""
    if isinstance(manager, TemplateAdmin):
        with suppress(InvalidCallError):
            yield manager.list_templates(limit=1)
    if isinstance(manager, SignatureList):
        with suppress(InvalidCallError):
            yield manager.list_signatures(limit=1)
    if isinstance(manager, Statistics):
        hour = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) - timedelta(hours=1)
        with suppress(InvalidCallError):
            yield manager.send_statistics(begin=hour, end=hour)
