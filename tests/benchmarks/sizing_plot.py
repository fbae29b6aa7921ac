"""Draw docs/sizing.svg from the tables of the pages: messages a second by workers, and by the ledger's database.

python tests/benchmarks/sizing_plot.py
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from bench_measure import Comparison, Figure
from bench_plot import draw

__all__ = ["DOCS", "PICTURE", "picture", "rows_below"]

DOCS: Final = Path(__file__).parents[2] / "docs"
PICTURE: Final = DOCS / "sizing.svg"


def rows_below(page: str, heading: str) -> list[list[str]]:
    """The cells of the first table below *heading* in the Markdown of *page*, without its own headings."""
    _, found, text = page.partition(f"\n## {heading}\n")
    if not found:
        raise SystemExit(f"there is no heading {heading!r}")
    table = text.partition("\n|")[2].partition("\n\n")[0]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()[2:]]


def picture(workers: str, sizing: str) -> str:
    """The picture of the tables on these two pages."""
    throughput, ledgers = rows_below(workers, "Throughput"), rows_below(sizing, "A database")
    groups = (
        ("A campaign by number of workers of procrastinate, all on the same two CPUs", throughput, 1),
        ("send_many in one process, by ledger", ledgers, 1),
        ("send in one process, 50 at a time, by ledger", ledgers, 4),
    )
    return draw("Messages a second, more is better", [_comparison(*each) for each in groups])


def _comparison(title: str, rows: Sequence[Sequence[str]], column: int) -> Comparison:
    figures = [Figure(row[0].replace("`", ""), float(row[column].replace(",", ""))) for row in rows]
    return Comparison(title, "messages a second", tuple(figures))


def main() -> None:
    """Draw it again."""
    pages = [(DOCS / name).read_text("utf-8") for name in ("several-workers.md", "sizing.md")]
    PICTURE.write_text(picture(*pages), "utf-8")


if __name__ == "__main__":
    main()
