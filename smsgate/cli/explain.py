"""`smsgate explain`: what a vendor's code means, at every vendor that knows it."""

import difflib
from collections.abc import Iterator
from typing import Final

import attrs
import click

from smsgate.model.reason import Next
from smsgate.provider.codes import Codebook, Meaning, state_of
from smsgate.provider.protocol import Verdict
from smsgate.vendors import vendors

__all__ = ["NEXT_WORDS", "command"]


@attrs.frozen
class _Table:
    vendor: str
    place: str
    codes: Codebook
    of_reports: bool = False


_TABLES: Final = tuple(
    _Table(vendor.name, table.place, table.codes, table.of_reports)
    for vendor in vendors()
    for table in vendor.codebooks
)
_VENDORS: Final = tuple(dict.fromkeys(table.vendor for table in _TABLES))

NEXT_WORDS: Final = {
    Next.STOP: "stop",
    Next.OTHER_PROVIDER: "next vendor",
    Next.PAUSE: "same vendor after a pause, then the next",
    Next.RESYNC: "same vendor with its clock, then the next",
    Next.RATE_LIMIT_OPT_IN: "stop; next vendor with on_rate_limited",
    Next.UNKNOWN_OPT_IN: "stop; next vendor with on_unknown",
}
"""What a send does after a reason, for people."""


@click.command("explain")
@click.argument("code")
@click.option("--vendor", type=click.Choice(_VENDORS), help="This vendor only.")
@click.pass_context
def command(context: click.Context, code: str, vendor: str | None) -> None:
    """What a vendor's code means, and what to do.

    CODE comes from a delivery report or from the answer to a send. Exits with 1 if no vendor lists it.
    """
    code = "".join(char if char.isprintable() else "\ufffd" for char in code)
    tables = [table for table in _TABLES if vendor in (None, table.vendor)]
    found = [(table, table.codes[code]) for table in tables if code in table.codes]
    for table, meaning in found:
        click.echo(f"{code} at {table.vendor}, {table.place}")
        for name, words in _lines(table, meaning, code):
            click.echo(f"  {name:<11} {words}")
    if not found:
        _suggest(code, vendor, tables)
        context.exit(1)


def _lines(table: _Table, meaning: Meaning, code: str) -> Iterator[tuple[str, str]]:
    yield "meaning", meaning.text
    if _plain(code) not in map(_plain, table.codes):
        yield "match", "not listed as it is: this is its other spelling, family or base state"
    if meaning.carrier:
        yield "carrier", meaning.carrier
    if meaning.reason:
        yield "reason", f"{meaning.reason}: {meaning.reason.meaning}"
    if table.of_reports:
        state = state_of(meaning)
        yield "state", f"{state}, {'final' if state.final else 'not final: another report should follow'}"
    elif meaning.reason:
        outcome = Verdict.refused(code, meaning).outcome
        yield "outcome", outcome
        yield "failover", NEXT_WORDS[meaning.reason.rule.next]
    if meaning.reason and meaning.reason.rule.suppress:
        yield "number", "send nothing more to it"
    if meaning.remedy:
        yield "what to do", meaning.remedy


def _suggest(code: str, vendor: str | None, tables: list[_Table]) -> None:
    click.echo(f"{vendor or 'No vendor'} {'does not list' if vendor else 'lists'} {code}.")
    elsewhere = dict.fromkeys(table.vendor for table in _TABLES if table not in tables and code in table.codes)
    if elsewhere:
        click.echo(f"Listed by: {', '.join(elsewhere)} (leave --vendor out).")
    listed = {_plain(each): each for table in tables for each in table.codes}
    alike = [each for each in listed if _bare(each) == _bare(_plain(code))]
    near = [listed[each] for each in dict.fromkeys([*alike, *difflib.get_close_matches(_plain(code), listed, n=5)])]
    if near:
        click.echo(f"Near it: {', '.join(near)}")
    click.echo("What comes with it is classified as UNKNOWN and keeps the code as it came.")


def _plain(code: str) -> str:
    return "".join(code.split()).upper()


def _bare(code: str) -> str:
    """The code without its zeros and punctuation, which are what is left out most."""
    return "".join(char for char in code if char.isalnum() and char != "0")
