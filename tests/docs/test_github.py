"""The workflows run what the README and the classifiers promise, and no address or contact is made up."""

import re
import tomllib
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parents[2]
GITHUB: Final = ROOT / ".github"
CI: Final = (GITHUB / "workflows" / "ci.yml").read_text("utf-8")
RELEASE: Final = (GITHUB / "workflows" / "release.yml").read_text("utf-8")
FILES: Final = sorted(GITHUB.rglob("*.yml"))


def test_every_supported_python_is_tested() -> None:
    """The matrix has the versions of the classifiers."""
    classifiers = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["classifiers"]
    (matrix,) = re.findall(r"python: \[(.*)\]", CI)
    assert re.findall(r'"(3\.\d+)"', matrix) == re.findall(r"Python :: (3\.\d+)", "\n".join(classifiers))


def test_the_readmes_command_is_run() -> None:
    """The tests run by the second command of the README's quick start, and the checks by `.ci/run`."""
    _, command = re.findall(r"^```sh\n(.*)\n```$", (ROOT / "README.md").read_text("utf-8"), re.MULTILINE)
    assert f"run: {command}\n" in CI
    assert "run: .ci/run\n" in CI
    assert (ROOT / ".ci" / "run").stat().st_mode & 0o111


def test_the_release_is_checked_and_holds_no_token() -> None:
    """Nothing is published before the checks have passed; PyPI trusts the workflow, so there is no secret."""
    assert "uses: ./.github/workflows/ci.yml" in RELEASE
    assert re.search(r"  build:\n    needs: ci\n", RELEASE)
    assert re.search(r"  publish:\n    needs: build\n", RELEASE)
    assert RELEASE.count("id-token: write") == 1
    assert "secrets." not in RELEASE + CI
    assert "permissions:\n  contents: read\n" in RELEASE
    assert "permissions:\n  contents: read\n" in CI


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_no_address_is_made_up(path: Path) -> None:
    """No repository, site or mail address of the project is known, so none is written."""
    assert re.findall(r"https?://\S+|\S+@\S+\.\w+", path.read_text("utf-8")) == []


@pytest.mark.parametrize(
    "path", [path for path in FILES if "name:" in path.read_text("utf-8")], ids=lambda path: path.name
)
def test_the_files_are_plain_yaml(path: Path) -> None:
    """No tabs, no trailing blanks, and each form has a name, a description and a body."""
    text = path.read_text("utf-8")
    assert not re.search(r"\t|[ ]$", text, re.MULTILINE)
    if path.parent.name == "ISSUE_TEMPLATE":
        assert re.match(r"name: .+\ndescription: .+\nlabels: \[\w+\]\nbody:\n", text)
        ids = re.findall(r"^    id: (\w+)$", text, re.MULTILINE)
        assert len(ids) == len(set(ids)) > 1
