"""`smsgate explain`: what a vendor's code means, at every vendor that knows it, and which codes have a reason."""

import difflib
import json
import re
from collections.abc import Sequence
from itertools import takewhile
from typing import Any, Final

import click

from smsgate.cli.code_tables import NEXT_WORDS, TABLES, VENDORS, Explanation, explain
from smsgate.cli.output import show_records
from smsgate.model.reason import Reason
from smsgate.provider.codes import Match, MatchKind
from smsgate.provider.vendor import CodeTable

__all__ = ["command"]

_NEGATIVE: Final = re.compile(r"-[0-9].*")


class _Command(click.Command):
    """Takes `-37` for a code, though it looks like an option."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if "--" not in args:
            codes = [arg for arg in args if _NEGATIVE.fullmatch(arg)]
            args = [*(arg for arg in args if arg not in codes), "--", *codes]
        return super().parse_args(ctx, args)


@click.command("explain", cls=_Command)
@click.argument("codes", metavar="[CODE]...", nargs=-1)
@click.option("--vendor", type=click.Choice(VENDORS), help="This vendor only.")
@click.option(
    "--reason",
    "listed",
    type=click.Choice([str(reason) for reason in Reason], case_sensitive=False),
    help="List the codes that have this reason.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
@click.pass_context
def command(
    context: click.Context, codes: tuple[str, ...], vendor: str | None, listed: str | None, as_json: bool
) -> None:
    """What a vendor's code means, and what to do.

    CODE comes from a delivery report or from a vendor's response, or is a reason of smsgate's. Exits with 1 if one of
    the codes is listed by no vendor.
    """
    if not codes and listed is None:
        raise click.UsageError("give a code, or --reason to list the codes of a reason")
    if codes and listed is not None:
        raise click.UsageError("give codes or --reason, not both")
    if not all(code.strip() for code in codes):
        raise click.UsageError("a code is empty")
    tables = tuple(each for each in TABLES if vendor in (None, each[0]))
    if listed is not None:
        _list(Reason(listed.upper()), tables, as_json=as_json)
        return
    clean = ["".join(char if char.isprintable() else "\ufffd" for char in code) for code in codes]
    answers = [(code, explain(code, tables)) for code in clean]
    unknown = [code for code, found in answers if not found and _reason(code) is None]
    if as_json:
        click.echo(json.dumps([row for code, found in answers for row in _rows(code, found)], indent=2))
    else:
        for code, found in answers:
            _show(code, found, vendor, tables)
    if unknown:
        context.exit(1)


def _rows(code: str, found: Sequence[Explanation]) -> list[dict[str, Any]]:
    reason = _reason(code)
    rows = [each.to_json() for each in found]
    if reason is not None:
        rule = reason.rule
        rows.append({"reason": reason, "meaning": rule.meaning, "fault": rule.fault, "permanent": rule.permanent})
        rows[-1] |= {"next": rule.next, "suppress": rule.suppress}
    return rows or [{"code": code, "match": MatchKind.NONE.lower(), "reason": Reason.UNKNOWN}]


def _show(code: str, found: Sequence[Explanation], vendor: str | None, tables: Sequence[tuple[str, CodeTable]]) -> None:
    for each in found:
        click.echo(f"{code} at {each.vendor}, {each.table.place}")
        for name, words in each.lines():
            click.echo(f"  {name:<11} {words}")
    reason = _reason(code)
    if reason is not None:
        _show_reason(reason)
    elif not found:
        _suggest(code, vendor, tables)


def _reason(code: str) -> Reason | None:
    return Reason.__members__.get(code.strip().upper())


def _show_reason(reason: Reason) -> None:
    rule = reason.rule
    click.echo(f"{reason}, a reason of smsgate's")
    lines = {
        "meaning": rule.meaning,
        "at fault": rule.fault.lower(),
        "permanent": "yes" if rule.permanent else "no",
        "failover": NEXT_WORDS[rule.next],
        "number": "send nothing more to it, unless a code says that it is not proven" if rule.suppress else "",
        "its codes": f"smsgate explain --reason {reason}",
    }
    for name, words in lines.items():
        if words:
            click.echo(f"  {name:<11} {words}")


def _list(reason: Reason, tables: Sequence[tuple[str, CodeTable]], *, as_json: bool) -> None:
    found = [
        Explanation(code, vendor, table, Match(meaning, MatchKind.EXACT, code))
        for vendor, table in tables
        for code, meaning in table.codes.items()
        if meaning.reason is reason
    ]
    if as_json:
        click.echo(json.dumps([each.to_json() for each in found], indent=2))
        return
    rows = [
        {
            "code": each.code,
            "vendor": each.vendor,
            "where": each.table.place,
            "carrier": each.meaning.carrier,
            "suppress": "yes" if each.meaning.suppress else "",
            "meaning": each.meaning.text,
        }
        for each in found
    ]
    show_records(rows, as_json=False, empty=f"No vendor's code has the reason {reason}.")


def _suggest(code: str, vendor: str | None, tables: Sequence[tuple[str, CodeTable]]) -> None:
    click.echo(f"{vendor or 'No vendor'} {'does not list' if vendor else 'lists'} {code}.")
    elsewhere = dict.fromkeys(each.vendor for each in explain(code) if (each.vendor, each.table) not in tables)
    if elsewhere:
        click.echo(f"Listed by: {', '.join(elsewhere)} (leave --vendor out).")
    listed = {_plain(each): each for _, table in tables for each in table.codes}
    alike = [each for each in listed if _bare(each) == _bare(_plain(code))]
    alike.sort(key=lambda each: -_common_end(each, _plain(code)))
    near = [listed[each] for each in dict.fromkeys([*alike, *difflib.get_close_matches(_plain(code), listed, n=5)])]
    if near:
        click.echo(f"Near it: {', '.join(near)}")
    click.echo("What comes with it is classified as UNKNOWN and keeps the code as it came.")


def _common_end(one: str, other: str) -> int:
    pairs = zip(reversed(one), reversed(other), strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))


def _plain(code: str) -> str:
    return "".join(code.split()).upper()


def _bare(code: str) -> str:
    """The code without its zeros and punctuation, which are what is left out most."""
    return "".join(char for char in code if char.isalnum() and char != "0")
