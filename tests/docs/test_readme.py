"""The README does what it says."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Final

import demo_picture
import pypi_readme
import pytest

from smsgate.sandbox.server import SandboxServer

README: Final = (Path(__file__).parents[2] / "README.md").read_text("utf-8")
(PROGRAM,) = re.findall(r"^```python\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
QUICK_START: Final = README.partition("## Quick start\n")[2].partition("\n## ")[0]


def test_quick_start_has_two_commands_of_one_line() -> None:
    """The first sets up and runs the demo, the second sets up and runs the tests; there are no others."""
    blocks = re.findall(r"^```(\w*)\n(.*?)^```$", QUICK_START, re.MULTILINE | re.DOTALL)
    assert [language for language, _ in blocks] == ["sh", "sh"]
    demo, tests = (text for _, text in blocks)
    assert demo.endswith("/smsgate demo\n")
    assert "pytest" in tests
    assert demo.count("\n") == tests.count("\n") == 1


def test_the_picture_is_what_the_demo_prints() -> None:
    """Line by line, but for ports and seconds. If stale: python tests/support/demo_picture.py"""
    shown = demo_picture.lines_of(demo_picture.PICTURE.read_text("utf-8"))
    assert shown == [line.rstrip() for line in demo_picture.output().plain.splitlines()]
    assert shown[-1] == "All as promised."


def test_the_picture_loads_nothing() -> None:
    """It draws from itself alone: no font, image or script of another address."""
    picture = demo_picture.PICTURE.read_text("utf-8")
    assert not re.search(r"url\((?!#)|href=|<script|@import", picture)
    assert f"]({demo_picture.PICTURE.relative_to(demo_picture.PICTURE.parents[1]).as_posix()})" in README


def test_the_program_runs_against_the_sandbox(tmp_path: Path) -> None:
    """As printed, but for the port: it sends one message and prints what became of it."""
    assert PROGRAM.count("http://127.0.0.1:8025") == 1
    with SandboxServer() as server:
        (tmp_path / "program.py").write_text(PROGRAM.replace("http://127.0.0.1:8025", server.url), "utf-8")
        command = [sys.executable, "-W", "error", str(tmp_path / "program.py")]
        output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        (message,) = server.sandbox.messages
    assert output == f"ACCEPTED tencent-v5 {message.message_id}\n"
    (shown,) = re.findall(r"^```text\n(ACCEPTED .*\n)```$", README, re.MULTILINE)
    assert re.sub(r"\w", "x", shown.split()[2]) == re.sub(r"\w", "x", message.message_id)
    assert message.text == "【Acme】Your code is 4821, valid for 5 minutes."


def test_the_program_of_the_sites_first_page_runs(capsys: pytest.CaptureFixture[str]) -> None:
    """As printed, but for the port."""
    index = (Path(__file__).parents[2] / "docs" / "index.md").read_text("utf-8")
    (program,) = re.findall(r"^```python\n(.*?)^```$", index, re.MULTILINE | re.DOTALL)
    assert program.count("http://127.0.0.1:8025") == 1
    with SandboxServer() as server:
        exec(program.replace("http://127.0.0.1:8025", server.url), {"__name__": "__main__"})
    assert capsys.readouterr().out == "ACCEPTED\n"


def test_on_pypi_every_link_is_absolute() -> None:
    """The release rewrites relative links and the picture, and nothing else."""
    address = "https://code.example/team/smsgate"
    text = pypi_readme.absolute(README, address, "v0.1.0")
    assert f"]({address}/raw/v0.1.0/docs/demo.svg)" in text
    assert f"]({address}/blob/v0.1.0/docs/sandbox.md)" in text
    assert [target for target in re.findall(r"\]\(([^)]*)\)", text) if not target.startswith("https://")] == []
    back = text.replace(f"{address}/raw/v0.1.0/", "").replace(f"{address}/blob/v0.1.0/", "")
    assert back == README
    release = (Path(__file__).parents[2] / ".github" / "workflows" / "release.yml").read_text("utf-8")
    assert release.index("pypi_readme.py") < release.index("python -m build")


@pytest.mark.parametrize("checker", [["pyright", "--pythonpath", sys.executable], ["mypy", "--strict"]])
def test_the_program_passes_a_strict_type_checker(checker: list[str], tmp_path: Path) -> None:
    """A stranger who copies it gets no complaint from pyright or mypy at their strictest."""
    (tmp_path / "program.py").write_text(f"# pyright: strict\n{PROGRAM}", "utf-8")
    command = [sys.executable, "-m", *checker, "program.py"]
    result = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr
