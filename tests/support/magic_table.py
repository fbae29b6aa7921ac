"""The table of magic numbers in docs/sandbox.md, made from the code.

Run `python tests/support/magic_table.py` to write it again; a test fails while it is stale.
"""

import re
from pathlib import Path

from smsgate.sandbox.core import SENDERS
from smsgate.sandbox.state.scenarios import Scenario

PAGE = Path(__file__).parents[2] / "docs" / "sandbox.md"


def table() -> str:
    """One row for each scenario: number, name in Python, what happens, and each vendor's two codes."""
    vendors = [f"{simulator.name}: {when}" for simulator in SENDERS for when in ("send", "report")]
    lines = [_row(["number", "`Scenario`", "what happens", *vendors]), _row(["---"] * (3 + len(vendors)))]
    for scenario in Scenario:
        codes = [code for each in SENDERS for code in (each.codes[scenario].send, each.codes[scenario].report)]
        cells = [f"`{scenario.number}`", f"`{scenario}`", scenario.meaning]
        lines.append(_row([*cells, *(f"`{code}`" if code else "-" for code in codes)]))
    return "".join(lines)


def fill(page: str) -> str:
    """*page* with the table made new."""
    marks = r"(<!-- generated: magic numbers -->\n).*?(<!-- end -->)"
    return re.sub(marks, lambda found: f"{found[1]}{table()}{found[2]}", page, flags=re.DOTALL)


def _row(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |\n"


if __name__ == "__main__":
    PAGE.write_text(fill(PAGE.read_text("utf-8")), "utf-8")
