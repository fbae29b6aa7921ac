"""The documentation is in plain technical English, one word for one thing, and names what is public."""

import ast
import re
from importlib import import_module
from pathlib import Path
from pkgutil import resolve_name
from typing import Final

import pytest
from public_modules import PUBLIC_MODULES

import smsgate

ROOT: Final = Path(__file__).parents[2]
DOCS: Final = ROOT / "docs"
PAGES: Final = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted(DOCS.rglob("*.md"))]
METAPHORS: Final = re.compile(
    r"\b(asks? again|asked again|asks? nobody|asking anybody|falls? silent|is told|are told|gives? away|whose move"
    r"|the door|journey|flight|courier|on its way|on their way|set out|travels? (alone|together)|on the wire"
    r"|hands? over|handed over|befalls?|switchboard|the whole story|tries twice more|tells? what|what became of"
    r"|everybody|nobody|stranger)\b",
    re.IGNORECASE,
)
PRIVATE_ROOMS: Final = ("smsgate.cli", "smsgate.model", "smsgate.sending")


def page_name(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def prose_of(page: Path) -> str:
    """The page without its code and without its generated tables, whose words are the code's."""
    text = page.read_text("utf-8")
    text = re.sub(r"<!-- generated.*?<!-- end -->", "", text, flags=re.DOTALL)
    return re.sub(r"^```.*?^```$|`[^`\n]+`", "", text, flags=re.DOTALL | re.MULTILINE)


@pytest.mark.parametrize("page", PAGES, ids=page_name)
def test_no_metaphors(page: Path) -> None:
    """A library retries, times out, fails over, returns, raises and reports."""
    assert [found[0] for found in METAPHORS.finditer(prose_of(page))] == []


@pytest.mark.parametrize("page", PAGES, ids=page_name)
def test_examples_import_public_names(page: Path) -> None:
    """Every import from smsgate in a code block is of a name that a public module lists."""
    for block in re.findall(r"^```python\n(.*?)^```$", page.read_text("utf-8"), re.MULTILINE | re.DOTALL):
        for node in ast.walk(ast.parse(block)):
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names if alias.name.partition(".")[0] == "smsgate"]
                assert set(names) <= set(PUBLIC_MODULES)
            if isinstance(node, ast.ImportFrom) and str(node.module).partition(".")[0] == "smsgate":
                assert node.module in PUBLIC_MODULES
                for alias in node.names:
                    listed: list[str] = import_module(node.module).__all__
                    assert alias.name in listed or f"{node.module}.{alias.name}" in PUBLIC_MODULES, alias.name


@pytest.mark.parametrize("page", [page for page in PAGES if page.name != "public-api.md"], ids=page_name)
def test_paths_in_the_text_are_public(page: Path) -> None:
    """A dotted path that the text names is a public module or a name in one: `Reason.rule`, not a module's table."""
    for path in set(re.findall(r"`(smsgate(?:\.\w+)+)", page.read_text("utf-8"))):
        assert not path.startswith(PRIVATE_ROOMS), path
        if path.startswith(PUBLIC_MODULES[1:]):
            assert any(is_public_in(module, path) for module in PUBLIC_MODULES), path


def is_public_in(module: str, path: str) -> bool:
    """Whether *path* is *module*, or begins with one of the names that it lists."""
    if path == module:
        return True
    rest = path.removeprefix(f"{module}.")
    listed: list[str] = import_module(module).__all__
    return rest != path and rest.partition(".")[0] in listed and resolve_name(path) is not None


def test_the_readme_links_once() -> None:
    """No target is linked twice."""
    links = re.findall(r"\]\(([^)]+)\)", (ROOT / "README.md").read_text("utf-8"))
    assert len(links) > 10
    assert sorted(set(links)) == sorted(links)


def test_the_glossary_is_in_order_and_names_public_classes() -> None:
    """A line a term, in alphabetical order, each with a meaning; a class that a line names is public."""
    text = (DOCS / "glossary.md").read_text("utf-8")
    rows = re.findall(r"^\| (.+?) \| (.+?) \|$", text, re.MULTILINE)[2:]
    terms = [term.lower() for term, _ in rows]
    assert len(terms) > 30
    assert terms == sorted(set(terms))
    public = {name for module in PUBLIC_MODULES for name in import_module(module).__all__}
    for _, meaning in rows:
        for name in re.findall(r"`([A-Za-z_.]+)`", meaning):
            assert name.partition(".")[0] in public | set(smsgate.Outcome), name


def test_the_architecture_names_files_that_exist() -> None:
    """Each file and package that the page names exists, and its table has everything on the ground of `smsgate`."""
    text = (DOCS / "architecture.md").read_text("utf-8")
    named = set(re.findall(r"`([\w*/.]+(?:\.py|/))`", text))
    assert len(named) > 20
    for path in named:
        where = [ROOT] if path.startswith("tests/") else [ROOT / "smsgate", *(ROOT / "smsgate").iterdir()]
        assert any(list(each.glob(path)) for each in where if each.is_dir()), path
    table = set(re.findall(r"`([\w.]+?)/?`", "".join(re.findall(r"^\| \d \| (.*?) \|", text, re.MULTILINE))))
    ground = {
        path.name for path in (ROOT / "smsgate").iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()
    }
    assert table == {name for name in ground if not re.match(r"_[a-z]|__main__", name)}
