"""The tables of magic numbers and of accounts in docs/sandbox.md, made from the code.

Run `python tests/support/magic_table.py` to write it again; a test fails while it is stale.
"""

import re
from pathlib import Path

from smsgate.config.schemas import field_texts
from smsgate.sandbox.core import SENDERS, VENDORS
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


def accounts() -> str:
    """One row for each field of an account: whose it is, and its documentation."""
    rows: dict[str, list[str]] = {}
    for vendor in VENDORS:
        for name, text in _field_texts(vendor.account).items():
            rows.setdefault(f"`{name}` | %s | {text}", []).append(vendor.name)
    head = _row(["field", "vendor", "what it does"]) + _row(["---"] * 3)
    whose = {row: "all" if len(names) == len(VENDORS) else names[0] for row, names in rows.items()}
    return head + "".join(f"| {row % whose[row]} |\n" for row in rows)


def _field_texts(account: type) -> dict[str, str]:
    """Name and docstring of every field, those of base classes first."""
    found: dict[str, str] = {}
    for each in reversed(account.__mro__[:-1]):
        found |= field_texts(each)
    return found


def fill(page: str) -> str:
    """*page* with the tables made new."""
    for name, made in (("magic numbers", table()), ("accounts", accounts())):
        marks = rf"(<!-- generated: {name} -->\n).*?(<!-- end -->)"
        found = re.search(marks, page, re.DOTALL)
        assert found is not None
        page = f"{page[: found.start()]}{found[1]}{made}{found[2]}{page[found.end() :]}"
    return page


def _row(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |\n"


if __name__ == "__main__":
    PAGE.write_text(fill(PAGE.read_text("utf-8")), "utf-8")
