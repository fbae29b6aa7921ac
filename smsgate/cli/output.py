"""What the commands print: a table for people, JSON for programs."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

import click
from rich.markup import escape
from rich.measure import Measurement
from rich.table import Table

from smsgate.cli.console import make_console

__all__ = ["show_record", "show_record_of", "show_records"]

Row = Mapping[str, object]

_WIDEST: Final = 10_000


def show_records(rows: Sequence[Row], *, as_json: bool, empty: str) -> None:
    """Print *rows*, which all have the same keys; *empty* is printed when there are none."""
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False, indent=2, default=_plain))
        return
    if not rows:
        click.echo(empty)
        return
    table = Table(box=None, pad_edge=False)
    for column in rows[0]:
        table.add_column(column.replace("_", " "), overflow="fold", no_wrap=column.endswith("id"))  # ids are copied
    for row in rows:
        table.add_row(*[escape(_text(value)) for value in row.values()])
    console = make_console()
    if not console.is_terminal:  # in a pipe, a line for each row
        whole = Measurement.get(console, console.options.update(max_width=_WIDEST), table)
        console.width = max(console.width, whole.maximum)
    console.print(table)


def show_record(row: Row, *, as_json: bool) -> None:
    """Print one record, a line for each of its fields that has a value."""
    if as_json:
        click.echo(json.dumps(row, ensure_ascii=False, indent=2, default=_plain))
        return
    shown = {key.replace("_", " "): _text(value) for key, value in row.items() if value is not None}
    width = max(map(len, shown), default=0)
    for key, text in shown.items():
        click.echo(f"{key:<{width}}  {text}")


def show_record_of(row: Row, name: str, rows: Sequence[Row], *, as_json: bool) -> None:
    """Print one record that has others in it: *rows*, which is its field *name* in JSON and a table below it else."""
    if as_json:
        show_record({**row, name: rows}, as_json=True)
        return
    show_record(row, as_json=False)
    if rows:
        click.echo()
        show_records(rows, as_json=False, empty="")


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"a {type(value).__name__} has no form in JSON")


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M:%S %z}"
    return "".join(char if char.isprintable() else "\ufffd" for char in str(value))
