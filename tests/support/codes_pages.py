"""The pages of docs/codes, made from the tables of codes.

Run `python tests/support/codes_pages.py` to write them again; a test fails while they are stale.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

import attrs

from smsgate.cli.code_tables import NEXT_WORDS, TABLES
from smsgate.model.reason import RULES, Reason
from smsgate.model.states import Certainty
from smsgate.provider.codes import Codebook
from smsgate.provider.meanings import Document, Meaning, state_of
from smsgate.provider.unofficial_codes import UNOFFICIAL_CODES
from smsgate.provider.vendor import CodeTable

FOLDER: Final = Path(__file__).parents[2] / "docs" / "codes"
CARRIERS: Final = (None, "China Mobile", "China Unicom", "China Telecom")


@attrs.frozen
class Page:
    """One generated page."""

    name: str
    title: str
    intro: str
    tables: tuple[CodeTable, ...]


def of(vendor: str, *, reports: bool) -> tuple[CodeTable, ...]:
    """The tables of one vendor, of its reports or of its responses."""
    return tuple(table for name, table in TABLES if name == vendor and table.of_reports is reports)


PAGES: Final = (
    Page(
        "tencent-reports.md",
        "Tencent: codes of delivery reports",
        "The `errmsg` of a report whose `report_status` is `FAIL`, and `Description` of one that was pulled through"
        " API 3.0.",
        of("tencent", reports=True),
    ),
    Page(
        "tencent-responses.md",
        "Tencent: codes of responses",
        "`result` of the v5 interface; `Response.Error.Code` and each number's `Code` of API 3.0.",
        of("tencent", reports=False),
    ),
    Page(
        "huawei-reports.md",
        "Huawei: codes of delivery reports",
        "The `status` of a report.",
        of("huawei", reports=True),
    ),
    Page(
        "huawei-responses.md",
        "Huawei: codes of responses",
        "The `code` of a response, the `status` of a number in it, and the `error_code` of what stands in front.",
        of("huawei", reports=False),
    ),
    Page(
        "unofficial.md",
        "Codes that no vendor explains",
        "What other providers and practitioners publish. It is read after a vendor's own list, says so in"
        " `report.certainty`, never suppresses a number and is never a delivery.",
        (CodeTable(place="in a delivery report", codes=UNOFFICIAL_CODES, of_reports=True),),
    ),
)


def write(page: Page) -> str:
    """The whole text of *page*."""
    made = "<!-- made by tests/support/codes_pages.py -->"
    parts = [f"# {page.title}\n\n{made}\n\n{page.intro} How to read it: [codes](../codes.md).\n"]
    for table in page.tables:
        rows = list(table.codes.items())
        if len(page.tables) > 1:
            parts.append(f"\n## Codes {table.place}\n")
        parts.append(f"\n{len(rows)} codes and families. {_sources(table.codes, rows)}\n")
        parts += _by_carrier(table, rows)
    return "".join(parts)


def _by_carrier(table: CodeTable, rows: list[tuple[str, Meaning]]) -> Iterator[str]:
    for carrier in CARRIERS:
        own = [row for row in rows if row[1].carrier == carrier]
        if not own:
            continue
        if any(meaning.carrier for _, meaning in rows):
            yield f"\n### {carrier or 'All carriers'}\n"
        yield f"\n{_table(table, own)}"


def _table(table: CodeTable, rows: Iterable[tuple[str, Meaning]]) -> str:
    order = [None, *RULES]
    head = ("code", "meaning", "reason", "state" if table.of_reports else "then", "suppress", "source")
    lines = [head, ("---",) * len(head)]
    for code, meaning in sorted(rows, key=lambda row: order.index(row[1].reason)):
        lines.append(
            (
                f"`{code}`",
                meaning.text,
                f"`{meaning.reason}`" if meaning.reason else "",
                f"`{state_of(meaning)}`" if table.of_reports else _then(table, meaning.reason),
                "yes" if meaning.suppress else "",
                _edition(table.codes.document(meaning), meaning.certainty),
            )
        )
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _then(table: CodeTable, reason: Reason | None) -> str:
    return NEXT_WORDS[reason.rule.next] if table.of_sends and reason else ""


def _edition(document: Document | None, certainty: Certainty) -> str:
    edition = document.edition if document else ""
    return edition if certainty is Certainty.LISTED else f"{edition}, {certainty.lower()}"


def _sources(codes: Codebook, rows: Iterable[tuple[str, Meaning]]) -> str:
    documents = dict.fromkeys(filter(None, (codes.document(meaning) for _, meaning in rows)))
    named = [f"*{document.title}* ({document.edition})" for document in documents]
    return f"Source{'s' if len(named) > 1 else ''}: {'; '.join(named)}."


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for each in PAGES:
        (FOLDER / each.name).write_text(write(each), encoding="utf-8")
