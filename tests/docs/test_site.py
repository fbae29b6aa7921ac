"""The documentation as a site: built strictly, complete, and loading nothing from elsewhere."""

import fcntl
import os
import re
import shutil
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

import attrs
import pytest

ROOT: Final = Path(__file__).parents[2]
SETTINGS: Final = ".zensical.toml"
NAMES: Final = (ROOT / "tests" / "public_api.txt").read_text("utf-8").splitlines()
LOADING: Final = {"script": "src", "img": "src", "iframe": "src", "source": "src", "link": "href", "object": "data"}
RAW_MARKDOWN: Final = re.compile(r"^:::|`|--8<--|\[![A-Z]+\]|\]\(|\]\[|\*\*|^\|.*\|$", re.MULTILINE)


@attrs.define
class Page(HTMLParser):
    """What the tests look at in a page of the site."""

    ids: set[str] = attrs.Factory(set[str])
    links: set[str] = attrs.Factory(set[str])
    loaded: set[str] = attrs.Factory(set[str])
    text: list[str] = attrs.Factory(list[str])
    italics: list[str] = attrs.Factory(list[str])
    _skipped: int = 0
    _italic: bool = False

    def __attrs_pre_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        self.ids |= {found["id"]} if "id" in found else set()
        if tag == "a" and "href" in found:
            self.links.add(found["href"])
        if tag in LOADING and found.get("rel") != "canonical":
            self.loaded.add(found.get(LOADING[tag], ""))
        self._italic |= tag == "em"
        self._skipped += tag in ("code", "script", "style", "title")

    def handle_endtag(self, tag: str) -> None:
        self._italic &= tag != "em"
        self._skipped -= tag in ("code", "script", "style", "title")

    def handle_data(self, data: str) -> None:
        if not self._skipped:
            self.text.append(data)
            self.italics += [data] if self._italic else []


@attrs.frozen
class Site:
    """The built site: its directory, and its pages by their path in it."""

    root: Path
    pages: dict[str, Page]


def build(place: Path) -> None:
    """Builds the site in *place*, from a copy: the settings want the pages beside them."""
    for name in ("docs", "smsgate", "tests/support"):
        shutil.copytree(ROOT / name, place / name, ignore=shutil.ignore_patterns("__pycache__"), dirs_exist_ok=True)
    for name in (SETTINGS, "CHANGELOG.md"):
        shutil.copy(ROOT / name, place / name)
    command = [sys.executable, "-m", "zensical", "build", "--clean", "--strict", "-f", SETTINGS]
    environment = {**os.environ, "PYTHONPATH": str(place)}
    done = subprocess.run(command, cwd=place, env=environment, capture_output=True, text=True, check=False)
    said = re.sub(r"\x1b\[[\d;]*m", "", done.stdout + done.stderr)
    assert done.returncode == 0, said.partition("Traceback")[0]


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """Built once for all workers of a run."""
    base = tmp_path_factory.getbasetemp()
    place = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "site"
    with open(f"{place}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (place / "built").exists():
            build(place)
            (place / "built").touch()
    root = (place / "build" / "site").resolve()
    return Site(root, {path.parent.relative_to(root).as_posix() + "/": read(path) for path in root.rglob("index.html")})


def read(path: Path) -> Page:
    page = Page()
    page.feed(path.read_text("utf-8"))
    return page


def test_every_public_name_is_in_the_reference(site: Site) -> None:
    """Each line of tests/public_api.txt has an entry, and a name that a second module lists has a link to it there."""
    reference = {path: page for path, page in site.pages.items() if path.startswith("reference/")}
    ids = set[str]().union(*(page.ids for page in reference.values()))
    ends = {".".join(each.split(".")[-depth:]) for each in ids for depth in (1, 2)}
    links = {link.rpartition("#")[2] for page in reference.values() for link in page.links}
    missing = [line for line in NAMES if not has_entry(line, ids, ends, links)]
    assert missing == [], "add `::: ` and the name to a page of docs/reference/"


def has_entry(line: str, ids: set[str], ends: set[str], links: set[str]) -> bool:
    """Whether the reference has what *line* names. Of a class that no module lists, the place is not public."""
    if alias := re.fullmatch(r"smsgate\S+ = (smsgate\S+)", line):
        return alias[1] in links
    if line.startswith(("#", "_", "class _", "entry point ", "command ")):  # test_cli_docs.py looks after commands
        return True
    (name,) = re.findall(r"^(?:class |fixture )?([\w.]+)", line)
    return name in ids if name.startswith("smsgate.") else name in ends


def test_nothing_is_loaded_from_elsewhere(site: Site) -> None:
    """No font, script, style or picture of another host: the site works without a network, and tells no one."""
    for path, page in site.pages.items():
        elsewhere = [each for each in page.loaded if urlsplit(each).netloc]
        assert elsewhere == [], path
    for style in site.root.rglob("*.css"):
        assert not re.search(r"@import|url\(['\"]?(?:https?:)?//", style.read_text("utf-8")), style.name


def test_links_of_the_site_lead_somewhere(site: Site) -> None:
    """Every link within the site has its page or file, and its anchor stands there, also in the reference."""
    for path, page in site.pages.items():
        for link in page.links:
            parts = urlsplit(link)
            if not (parts.scheme or parts.netloc):
                file = site.root / path / unquote(parts.path)
                assert file.exists(), f"{path}: {link}"
                target = page if not parts.path else site.pages.get(f"{file.resolve().relative_to(site.root)}/")
                if parts.fragment:
                    assert target is not None, f"{path}: {link}"
                    assert unquote(parts.fragment) in target.ids, f"{path}: {link}"


def test_no_markup_is_left(site: Site) -> None:
    """What is written for GitHub looks the same in the site: no fence, table, link or alert is shown as it is typed."""
    for path, page in site.pages.items():
        found = RAW_MARKDOWN.search("".join(page.text))
        assert found is None, f"{path}: {found}"
        if path.startswith("reference/"):  # where a pair of signs in a docstring is easily taken for emphasis
            assert [each for each in page.italics if not each.isidentifier()] == [], path
