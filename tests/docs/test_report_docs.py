"""docs/delivery-reports.md says what the code does."""

import re

import docs_tables

from smsgate.model.delivery import Delivery
from smsgate.model.reason import RULES
from smsgate.model.report import StatusReport
from smsgate.model.states import DeliveryState


def test_the_tables_are_made_from_the_code() -> None:
    """The generated tables equal the code. If stale: python tests/support/docs_tables.py"""
    pages = [page.read_text(encoding="utf-8") for page in docs_tables.PAGES]
    assert sum(page.count("<!-- generated: ") for page in pages) == len(docs_tables.TABLES)
    assert [docs_tables.fill(page) for page in pages] == pages


def test_every_state_and_reason_is_in_a_table() -> None:
    """The generated tables have a row for each member, none without a meaning."""
    for table in (docs_tables.states(), docs_tables.reasons(), docs_tables.base_states()):
        rows = [line.split("|")[1:-1] for line in table.splitlines()[2:]]
        assert rows
        assert all(row[0].strip() and row[-1].strip() for row in rows)
    assert len(docs_tables.states().splitlines()) == 2 + len(DeliveryState)
    assert len(docs_tables.reasons().splitlines()) == 2 + len(RULES)


def test_the_page_names_what_there_is() -> None:
    """Every attribute of a report or a delivery that the page names exists."""
    page = docs_tables.PAGE.read_text(encoding="utf-8")
    for owner, made in (("report", StatusReport), ("delivery", Delivery)):
        names = set(re.findall(rf"\b{owner}\.([a-z_]+)", page))
        assert len(names) > 5
        assert names <= set(dir(made))
