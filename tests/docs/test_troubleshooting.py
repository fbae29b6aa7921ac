"""docs/troubleshooting.md: its codes are the vendors', with what they leave open; its symptoms are what one sees."""

import re
from collections import defaultdict
from pathlib import Path
from typing import Final

import anyio
import pytest
from docs_examples import DOCS

from smsgate import LedgerError, Message
from smsgate.cli.code_tables import TABLES
from smsgate.ledger import SqlLedger
from smsgate.model.reason import Outcome, Reason, outcome_of
from smsgate.testing import Outbox

PAGE: Final = (DOCS / "troubleshooting.md").read_text("utf-8")
(REFUSED,) = re.findall(r"^## Codes of a refused send\n(.*?)^## ", PAGE, re.MULTILINE | re.DOTALL)
SECTIONS: Final = re.findall(r"^### ([^\n]*?): [^\n]*\n(.*?)(?=^### |\Z)", REFUSED, re.MULTILINE | re.DOTALL)
WORD: Final = re.compile(r"\b(?:\d{4,5}|E\d{6}|APIGW\.\d{4}|[A-Z][a-z]\w+(?:\.[A-Z]\w+)?)\b")


def meanings() -> dict[str, set[Reason | None]]:
    """The reasons of each code of a response, and of the second half of a name of API 3.0, as people search for it."""
    found: dict[str, set[Reason | None]] = defaultdict(set)
    tables = [table for _, table in TABLES if not table.of_reports]
    for code, meaning in (row for table in tables for row in table.codes.items()):
        found[code].add(meaning.reason)
        found[code.rpartition(".")[2]].add(meaning.reason)
    return found


@pytest.mark.parametrize(("heading", "text"), SECTIONS, ids=lambda text: text[:30])
def test_the_codes_are_the_vendors(heading: str, text: str) -> None:
    """Each code of a heading and of a table is in the vendors' lists; `UNKNOWN` is said where their outcome is that."""
    known = meanings()
    codes = WORD.findall(heading) + re.findall(r"`([\w.]+)`", "".join(re.findall(r"^\| (`.*?) \|", text, re.MULTILINE)))
    assert codes
    for code in codes:
        assert known[code], code
        unknown = {outcome_of(reason) for reason in known[code]} == {Outcome.UNKNOWN}
        assert unknown is ("the outcome is `UNKNOWN`" in text), code


def test_each_section_can_be_searched() -> None:
    """The words that people search for are in headings."""
    headings = " ".join(re.findall(r"^### (.*)$", PAGE, re.MULTILINE))
    for word in "1001 1004 60008 E000103 E000510 SignatureIncorrectOrUnapproved UNKNOWN".split():
        assert word in headings


@pytest.mark.anyio
async def test_a_ledger_without_tables(tmp_path: Path) -> None:
    """Nothing is sent, the reason is that of the heading, and the error has the words of the page."""
    ledger = SqlLedger(f"sqlite:///{tmp_path}/sms.db")
    outbox = Outbox(ledger=ledger)
    for key in (None, "order-7"):
        result = await outbox.send(Message("+8613788888888", "hello", key=key))
        assert (result.outcome, result.reason) == (Outcome.NOT_SENT, Reason.NOT_RECORDED)
    with pytest.raises(LedgerError, match="no such table"):
        await ledger.result("order-7")
    await ledger.aclose()
    assert "`LedgerError`: *no such table*" in PAGE
    assert not outbox.messages


@pytest.mark.anyio
async def test_a_message_that_was_stopped() -> None:
    """One that waited when the gateway was closed has no attempt, and the description of the page."""
    outbox = Outbox(coalesce=60)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(outbox.send, Message("+8613788888888", "hello"))
        await anyio.wait_all_tasks_blocked()
        await outbox.aclose()
    (result,) = outbox.results
    assert (result.outcome, result.reason, result.attempts) == (Outcome.NOT_SENT, Reason.NETWORK, ())
    assert f"`{result.description}`" in PAGE
