"""The code in the documentation is run as it is printed, with simulated vendors behind every connection."""

import ast
import contextlib
import inspect
import io
import re
from pathlib import Path
from types import CodeType
from typing import Any, Final

import attrs
import pytest

from smsgate.sandbox import Sandbox, SandboxTransport
from smsgate.sandbox.huawei import (
    HUAWEI_APP_KEY,
    HUAWEI_APP_SECRET,
    HUAWEI_MANAGEMENT_AK,
    HUAWEI_MANAGEMENT_SK,
    HUAWEI_PASSWORD,
)
from smsgate.sandbox.tencent import TENCENT_APP_KEY, TENCENT_SECRET_ID, TENCENT_SECRET_KEY
from smsgate.transport.pool import ConnectionPool

ROOT: Final = Path(__file__).parents[2]
PAGES: Final = sorted((ROOT / "docs").rglob("*.md"))
RUN: Final = (
    "adding-a-vendor.md",
    "errors.md",
    "failover.md",
    "ledger.md",
    "sending.md",
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


@pytest.mark.parametrize("name", RUN)
async def test_blocks_run_in_order_and_print_what_the_page_says(
    name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A page is one program. A `text` block after a `python` block is what that prints."""
    sandbox = Sandbox(lenient=True)
    monkeypatch.setattr(ConnectionPool, "_new_transport", lambda *_: SandboxTransport(sandbox, delay_scale=0))
    keys = {
        "TENCENT_APP_KEY": TENCENT_APP_KEY,
        "TENCENT_SECRET_ID": TENCENT_SECRET_ID,
        "TENCENT_SECRET_KEY": TENCENT_SECRET_KEY,
        "HUAWEI_APP_KEY": HUAWEI_APP_KEY,
        "HUAWEI_APP_SECRET": HUAWEI_APP_SECRET,
        "HUAWEI_IAM_PASSWORD": HUAWEI_PASSWORD,
        "HUAWEI_ACCESS_KEY": HUAWEI_MANAGEMENT_AK,
        "HUAWEI_SECRET_KEY": HUAWEI_MANAGEMENT_SK,
    }
    for variable, key in keys.items():
        monkeypatch.setenv(variable, key)
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
    both_loops, one_loop = 4 + 2 + 1 + 3, 3 + 1 + 1 + 1
    result.assert_outcomes(passed=2 * both_loops + one_loop)
