"""`smsgate lint`: the settings file, and its templates beside the vendors' own copies."""

from collections.abc import Iterator
from pathlib import Path

import click

from smsgate.cli.accounts import as_json_option, config_option, run_calls, settings_from
from smsgate.cli.checks import approvals, show_findings, unmade
from smsgate.cli.vendor_copies import Bound, Copies, Made, bindings, copies_of, made_of
from smsgate.config.settings import Settings
from smsgate.management.client import ManagementClient
from smsgate.management.findings import Finding, Level
from smsgate.management.template_check import compare_template
from smsgate.model.errors import ConfigurationError
from smsgate.model.suggestion import did_you_mean

__all__ = ["command"]


@click.command("lint")
@click.option("--offline", is_flag=True, help="Look at the file alone: make no request.")
@config_option
@as_json_option
def command(offline: bool, config: Path, as_json: bool) -> None:
    """Compare templates with the vendors' copies: parameters, order, text, kind, countries. Sends nothing.

    Exit status: 1 if messages would be refused or would say something else, else 0.
    """
    settings = settings_from(config)
    made = made_of(settings)
    findings = list(_of_the_file(settings, made))
    if not offline:
        findings += run_calls(lambda client: _beside_copies(client, settings, made))
    show_findings(findings, as_json=as_json)


def _of_the_file(settings: Settings, made: list[Made]) -> Iterator[Finding]:
    """What can be found without a request."""
    if problems := unmade(made):
        yield from problems
        return
    try:
        settings.gateway()
    except ConfigurationError as error:
        yield Finding(Level.ERROR, "settings", "gateway", str(error), "correct the file")
    for template in settings.templates:
        for name in template.ids:
            if name not in settings.accounts:
                text = f"ids has {name}, which is no account of the file{did_you_mean(name, settings.accounts)}"
                yield Finding(Level.WARNING, template.name, "account", text, "correct its name, or delete it")
    for bound in _bound(settings, made):
        yield _taken(bound)


def _taken(bound: Bound) -> Finding:
    """Whether the provider would take a message of it, as far as it knows before a request."""
    problem = bound.provider.refuse(bound.job())
    if problem is None:
        return Finding(Level.OK, bound.subject, "request", "its account can send it")
    return Finding(Level.ERROR, bound.subject, "request", problem, "correct the template, its id or the account")


def _bound(settings: Settings, made: list[Made]) -> Iterator[Bound]:
    for each in made:
        if each.provider is not None:
            yield from bindings(settings, each.provider)


async def _beside_copies(client: ManagementClient, settings: Settings, made: list[Made]) -> list[Finding]:
    findings: list[Finding] = []
    for each in made:
        if each.provider is None:
            continue
        bound = list(bindings(settings, each.provider))
        copies = await copies_of(client, each, {one.binding.id for one in bound})
        findings += copies.problems
        for one in bound:
            findings += [*approvals(one, copies), *_compared(one, copies)]
    return findings


def _compared(bound: Bound, copies: Copies) -> Iterator[Finding]:
    record = bound.record(copies)
    if record is None:
        return
    different = list(compare_template(bound.template, bound.binding, record, bound.subject, abroad=bound.abroad))
    yield from different
    if not different:
        yield Finding(Level.OK, bound.subject, "copy", "as the vendor's")
