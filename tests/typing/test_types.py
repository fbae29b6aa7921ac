"""The public types, as the two type checkers of strangers see them."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
PROGRAMS = (HERE / "api.py", HERE / "suite.py")


def run(*command: str, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """Run a tool of this environment."""
    environment = os.environ | {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"}
    return subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def pyright() -> str:
    """The path of pyright, if it can run: it needs Node.js, which it downloads where there is none."""
    found = shutil.which("pyright", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}")
    if found is None:
        pytest.skip("pyright is not installed")
    version = run(found, "--version")
    if version.returncode:
        pytest.skip(f"pyright cannot run: {(version.stderr or version.stdout).strip()[:200]}")
    return found


def test_a_strangers_program_under_pyright(pyright: str) -> None:
    """The program and the test suite beside this file have no error under pyright's strict mode."""
    done = run(pyright, "--outputjson", *map(str, PROGRAMS))
    found: dict[str, Any] = json.loads(done.stdout)
    assert found["summary"]["filesAnalyzed"] == len(PROGRAMS)
    assert found["generalDiagnostics"] == []


def test_a_strangers_program_under_mypy() -> None:
    """The program and the test suite beside this file have no error under mypy's strict mode."""
    done = run(sys.executable, "-m", "mypy", "--strict", *map(str, PROGRAMS))
    assert (done.returncode, done.stderr) == (0, ""), done.stdout


def test_public_types_are_complete(pyright: str, tmp_path: Path) -> None:
    """Every public name has a full type that all checkers read alike, and a docstring."""
    done = run(pyright, "--outputjson", "--ignoreexternal", "--verifytypes", "smsgate", cwd=tmp_path)
    report: dict[str, Any] = json.loads(done.stdout)["typeCompleteness"]
    assert report["pyTypedPath"]
    unclear = [each["name"] for each in report["symbols"] if each["isExported"] and not each["isTypeKnown"]]
    assert unclear == []
    assert report["completenessScore"] == 1
