"""What the documentation draws and links to is there."""

import re
from pathlib import Path
from typing import Final

import smsgate
from smsgate.model import errors

DOCS: Final = Path(__file__).parents[2] / "docs"


def test_the_tree_of_errors_is_the_codes() -> None:
    """errors.md draws the tree that errors.py draws, and the tree has every error at its place."""
    assert errors.__doc__ is not None
    drawn = "\n".join(line[4:] for line in errors.__doc__.splitlines() if line.startswith("    "))
    assert f"```text\n{drawn}\n```" in (DOCS / "errors.md").read_text("utf-8")
    depths = {found[2]: len(found[1]) for found in re.finditer(r"^([│├└─ ]*)(\w+)", drawn, re.MULTILINE)}
    assert sorted(depths) == [name for name in smsgate.__all__ if name.endswith("Error")]
    for name, depth in depths.items():
        assert depth == 4 * (len([kind for kind in getattr(smsgate, name).__mro__ if kind.__name__ in depths]) - 1), (
            name
        )


def test_links_lead_somewhere() -> None:
    """Every relative link in the README and the documentation has a page, and its anchor a heading."""
    for page in [DOCS.parent / "README.md", *DOCS.rglob("*.md")]:
        for target in re.findall(r"\]\((?!https?:)([^)]+)\)", page.read_text("utf-8")):
            path, _, anchor = target.partition("#")
            other = page.parent / path if path else page
            assert other.exists(), f"{page.name}: {target}"
            if anchor:
                headings = re.findall(r"^#+ (.*)$", other.read_text("utf-8"), re.MULTILINE)
                anchors = [re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings]
                assert anchor in anchors, f"{page.name}: {target}"


def test_every_page_can_be_found() -> None:
    """The index links to every page of the documentation; those of the reference are in the site's navigation."""
    index = (DOCS / "index.md").read_text("utf-8")
    for page in set(DOCS.rglob("*.md")) - {DOCS / "index.md", *(DOCS / "reference").iterdir()}:
        assert f"({page.relative_to(DOCS).as_posix()})" in index, page.name
