"""The code in the documentation is run as it is printed, with simulated vendors behind every connection."""

import ast
import contextlib
import inspect
import io
import re
import subprocess
import sys
import textwrap
from pathlib import Path
from types import CodeType
from typing import Any, Final

import attrs
import pytest
from networks import simulate_network

from smsgate.sandbox import Sandbox, SandboxTransport
from smsgate.sandbox.huawei import (
    HUAWEI_APP_KEY,
    HUAWEI_APP_SECRET,
    HUAWEI_MANAGEMENT_AK,
    HUAWEI_MANAGEMENT_SK,
    HUAWEI_PASSWORD,
)
from smsgate.sandbox.tencent import TENCENT_APP_KEY, TENCENT_SECRET_ID, TENCENT_SECRET_KEY

ROOT: Final = Path(__file__).parents[2]
PAGES: Final = sorted((ROOT / "docs").rglob("*.md"))
RUN: Final = (
    "adding-a-vendor.md",
    "delivery-reports.md",
    "errors.md",
    "failover.md",
    "ledger.md",
    "production.md",
    "reasons.md",
    "securing-callbacks.md",
    "sending.md",
    "transports.md",
    "vendor-down.md",
    "vendors/huawei.md",
    "vendors/tencent.md",
)
FENCE: Final = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)

pytestmark = pytest.mark.anyio


@attrs.frozen
class Block:
    language: str
    text: str
    line: int


def blocks_of(page: Path) -> list[Block]:
    text = page.read_text("utf-8")
    return [Block(found[1], found[2], text.count("\n", 0, found.start()) + 2) for found in FENCE.finditer(text)]


def compiled(page: Path, block: Block) -> CodeType:
    source = "\n" * (block.line - 1) + block.text  # so that an error names the line of the page
    code: CodeType = compile(source, str(page), "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True)
    return code


@pytest.mark.parametrize("page", [ROOT / "README.md", *PAGES], ids=lambda page: page.name)
def test_every_python_block_compiles(page: Path) -> None:
    """What looks like Python is Python."""
    for block in blocks_of(page):
        if block.language == "python":
            compiled(page, block)


def programs_of(page: Path) -> list[str]:
    """What a page says is in files of their own, each by itself, and all that is not, as one program."""
    text = page.read_text("utf-8")
    files = re.findall(r"<!-- example: \S.*? -->\n```python\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    rest = [block.text for block in blocks_of(page) if block.language == "python" and block.text not in files]
    return [*files, "".join(rest)]


@pytest.mark.parametrize("page", [ROOT / "README.md", *PAGES], ids=lambda page: page.name)
def test_blocks_define_what_they_use(page: Path) -> None:
    """Every name in the code of a page is imported or made there, before it is used."""
    command = [
        sys.executable,
        "-m",
        "ruff",
        "check",
        "--isolated",
        "--select",
        "F821",
        "--output-format",
        "concise",
        "-",
    ]
    for program in programs_of(page):
        inside = f"async def page():\n{textwrap.indent(program, '    ')}\n    ...\n"
        found = subprocess.run(command, input=inside, capture_output=True, text=True, check=False)
        assert found.returncode == 0, found.stdout


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_pages_say_what_sends_real_messages(page: Path) -> None:
    """Code that would text somebody with a real account's keys says so above the first such block."""
    blocks = [block.text for block in blocks_of(page) if block.language == "python"]
    code = "".join(blocks)
    if re.search(r'environ\["(TENCENT|HUAWEI)', code) and re.search(r"\.send(_many)?\(", code):
        first = next(text for text in blocks if re.search(r'environ\["(TENCENT|HUAWEI)', text))
        before = page.read_text("utf-8").partition(first)[0]
        assert "real messages" in before
        assert "sandbox.md#inside-the-process" in before


@pytest.mark.parametrize("name", ["adding-a-vendor.md", "ledger.md"])
def test_classes_to_copy_are_typed(name: str, tmp_path: Path) -> None:
    """A class that a page shows for copying fits the protocol that it is for, under mypy's strict mode."""
    program = tmp_path / "page.py"
    code = "".join(block.text for block in blocks_of(ROOT / "docs" / name) if block.language == "python")
    program.write_text(f"async def page() -> None:\n{textwrap.indent(code, '    ')}", "utf-8")
    command = [sys.executable, "-m", "mypy", "--strict", str(program)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, ""), done.stdout


@pytest.mark.parametrize("name", RUN)
async def test_blocks_run_in_order_and_print_what_the_page_says(
    name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A page is one program. A `text` block after a `python` block is what that prints."""
    sandbox = Sandbox(lenient=True)
    sandbox.change_account("tencent", pulls=True)
    simulate_network(monkeypatch, SandboxTransport(sandbox, delay_scale=0))
    keys = {
        "TENCENT_APP_KEY": TENCENT_APP_KEY,
        "TENCENT_SECRET_ID": TENCENT_SECRET_ID,
        "TENCENT_SECRET_KEY": TENCENT_SECRET_KEY,
        "HUAWEI_APP_KEY": HUAWEI_APP_KEY,
        "HUAWEI_APP_SECRET": HUAWEI_APP_SECRET,
        "HUAWEI_IAM_PASSWORD": HUAWEI_PASSWORD,
        "HUAWEI_ACCESS_KEY": HUAWEI_MANAGEMENT_AK,
        "HUAWEI_SECRET_KEY": HUAWEI_MANAGEMENT_SK,
        "HUAWEI_PUSH_SECRET": "push-secret",
    }
    callbacks = (
        "TENCENT_CALLBACK_TOKEN",
        "NEW_CALLBACK_TOKEN",
        "HUAWEI_CALLBACK_TOKEN",
        "TAG_SECRET",
        "OLD_TAG_SECRET",
    )
    keys |= {variable: f"{variable}-0123456789abcdef0123456789abcdef" for variable in callbacks}
    for variable, key in keys.items():
        monkeypatch.setenv(variable, key)
    settings = next(block.text for block in blocks_of(ROOT / "docs/settings.md") if block.language == "toml")
    (tmp_path / "smsgate.toml").write_text(settings, "utf-8")
    (tmp_path / "licence.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    monkeypatch.chdir(tmp_path)
    page, namespace = ROOT / "docs" / name, {"__name__": "docs"}
    printed: io.StringIO | None = None
    for block in blocks_of(page):
        if block.language == "text" and printed is not None:
            assert printed.getvalue() == block.text, f"{name}:{block.line}"
        if block.language == "python":
            printed = io.StringIO()
            with contextlib.redirect_stdout(printed):
                await run(compiled(page, block), namespace)
        else:
            printed = None


async def run(code: CodeType, namespace: dict[str, Any]) -> None:
    value = eval(code, namespace)
    if inspect.isawaitable(value):
        await value


def test_the_examples_of_testing_pass(pytester: pytest.Pytester) -> None:
    """The files that testing.md shows, put side by side, are a suite that passes."""
    page = (ROOT / "docs" / "testing.md").read_text("utf-8")
    for name, text in re.findall(r"<!-- example: (\S+) -->\n```python\n(.*?)```", page, re.DOTALL):
        (pytester.path / name).write_text(text, "utf-8")
    pytester.makeini("[pytest]\nasyncio_default_fixture_loop_scope = function\nfilterwarnings = error\n")
    result = pytester.runpytest_inprocess("-p", "no:cacheprovider")
    both_loops, one_loop = 4 + 2 + 1 + 1 + 3, 3 + 1 + 1 + 1
    result.assert_outcomes(passed=2 * both_loops + one_loop)
