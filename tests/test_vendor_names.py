"""One vendor, one line: outside its own directories a vendor is named in one registry a side, and nowhere else."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

import smsgate
from smsgate.sandbox.core import VENDORS as SIMULATED
from smsgate.vendors import vendors

ROOT: Final = Path(smsgate.__file__).parent
NAMES: Final = {vendor.name for vendor in vendors()} | {vendor.name for vendor in SIMULATED}
REGISTRIES: Final = {"vendors.py", "sandbox/core.py"}
PLAYS_TWO_VENDORS: Final = {
    "cli/demo.py",
    "cli/demo_reports.py",
    "cli/demo_setup.py",
    "cli/sandbox_demo.py",
    "testing/vendors.py",
}
"""The demo and the test gateway are set up with two certain vendors: that is what they are for."""


def core_files() -> list[str]:
    """Every file that is in no vendor's directory."""
    files = [path.relative_to(ROOT) for path in sorted(ROOT.rglob("*.py"))]
    return [file.as_posix() for file in files if not NAMES & set(file.parts)]


def words_of(source: str) -> Iterator[str]:
    """The names and the texts of a program, without its docstrings and comments."""
    tree = ast.parse(source)
    prose = {
        id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in prose:
            yield node.value
        elif isinstance(node, ast.Name):
            yield node.id
        elif isinstance(node, ast.Attribute):
            yield node.attr
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""
        elif isinstance(node, ast.alias | ast.arg | ast.keyword | ast.FunctionDef | ast.ClassDef):
            yield str(getattr(node, "name", None) or getattr(node, "arg", ""))


@pytest.mark.parametrize("file", core_files())
def test_no_vendor_is_named(file: str) -> None:
    """Code that works with any vendor asks it: a new one is a directory a side and a line in each registry."""
    if file in REGISTRIES | PLAYS_TWO_VENDORS:
        return
    named = {word for word in words_of((ROOT / file).read_text("utf-8")) if any(name in word.lower() for name in NAMES)}
    assert named == set()


def test_reads_names_and_texts_but_no_prose() -> None:
    """The reader above finds a vendor in an import, a name, a keyword and a text, and leaves docstrings alone."""
    source = '"""huawei"""\nfrom a.tencent import b\nx = call(tencent_callback="huawei") # huawei\nx.huawei\n'
    assert [word for word in words_of(source) if any(name in word for name in NAMES)].count("huawei") == 2
    assert {"a.tencent", "tencent_callback"} <= set(words_of(source))


def test_the_registries_name_them_all() -> None:
    """Each side has the same vendors, and the files of the lists above are there."""
    assert {vendor.name for vendor in vendors()[:2]} == {vendor.name for vendor in SIMULATED}
    assert set(core_files()) >= REGISTRIES | PLAYS_TWO_VENDORS
