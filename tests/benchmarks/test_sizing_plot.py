"""The picture of the page about sizing."""

from importlib import import_module
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

SVG = "{http://www.w3.org/2000/svg}"
WORKERS = (
    "# Some\n\n## Throughput\n\ntext\n\n| workers | a second |\n|---:|---:|\n| 1 | 1,000 |\n| 2 | 2,000 |\n\n| x |\n"
)
SIZING = "# Some\n\n## A database\n\n| a | b | c | d | e |\n|---|---|---|---|---|\n| `<x>` | 30 | - | - | 4 |\n"


@pytest.fixture
def plot(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The program, whose directory is that of its imports."""
    monkeypatch.syspath_prepend(str(Path(__file__).parent))
    return import_module("sizing_plot")


def test_the_picture_has_what_the_tables_have(plot: Any) -> None:
    """A bar for each row, in their order, as long as its figure on a scale that begins at 0; texts are escaped."""
    root = ElementTree.fromstring(plot.picture(WORKERS, SIZING))
    widths = [float(bar.attrib["width"]) for bar in root.iter(f"{SVG}rect")]
    assert len(widths) == 4
    assert widths[1] == max(widths) == 2 * widths[0]
    texts = [text.text for text in root.iter(f"{SVG}text")]
    assert {"1,000", "2,000", "30", "4"} <= set(texts)
    assert texts.count("<x>") == 2
    assert "prefers-color-scheme: dark" in str(root.findtext(f"{SVG}style"))


def test_the_picture_is_that_of_the_pages(plot: Any) -> None:
    """It has the figures of the pages' tables. If stale: python tests/benchmarks/sizing_plot.py"""
    pages = [(plot.DOCS / name).read_text("utf-8") for name in ("several-workers.md", "sizing.md")]
    assert plot.PICTURE.read_text("utf-8") == plot.picture(*pages)
    assert "](sizing.svg)" in pages[1]


def test_a_heading_that_is_gone_is_named(plot: Any) -> None:
    """A page without the heading ends the program with its name."""
    with pytest.raises(SystemExit, match="Throughput"):
        plot.rows_below(SIZING, "Throughput")
