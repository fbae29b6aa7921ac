"""Every page of docs/ is in the navigation of the site, and every public name of `smsgate` in its reference."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from public_modules import PUBLIC_MODULES

import smsgate

ROOT: Final = Path(__file__).parents[1]
DOCS: Final = ROOT / "docs"
SETTINGS: Final = ".zensical.toml"


def test_the_navigation_has_every_page_once() -> None:
    """No page of docs/ is left out of the site's navigation, and none is in it twice."""
    settings = tomllib.loads((ROOT / SETTINGS).read_text("utf-8"))
    listed = list(pages_in(settings["project"]["nav"]))
    pages = [page.relative_to(DOCS).as_posix() for page in DOCS.rglob("*.md")]
    assert sorted(listed) == sorted(pages), f"each page of docs/ needs one line in `nav` of {SETTINGS}"


def pages_in(nav: Any) -> Iterator[str]:
    if isinstance(nav, str):
        yield nav
    for each in nav.values() if isinstance(nav, dict) else nav if isinstance(nav, list) else ():
        yield from pages_in(each)


def test_the_reference_has_every_name_once() -> None:
    """Each name of `smsgate` has a line on the page of its subject, and each other public module one for all of it."""
    pages = [page.read_text("utf-8") for page in (DOCS / "reference").glob("*.md")]
    lines = re.findall(r"^::: (smsgate\S*)$", "".join(pages), re.MULTILINE)
    expected = {f"smsgate.{name}" for name in smsgate.__all__} | set(PUBLIC_MODULES[1:])
    missing = sorted(expected - set(lines))
    assert missing == [], "add `::: ` and the name to the page of docs/reference/ that it belongs to"
    assert len(lines) == len(set(lines))


def test_the_changelog_links_to_no_page() -> None:
    """It is a page of the site too, in another directory, so it names pages and links to none."""
    changelog = (ROOT / "CHANGELOG.md").read_text("utf-8")
    assert re.findall(r"\]\((?!https?:)[^)]*\)", changelog) == []
    assert (DOCS / "changelog.md").read_text("utf-8") == '--8<-- "CHANGELOG.md"\n'
