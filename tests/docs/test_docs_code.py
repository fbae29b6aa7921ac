"""The code in the documentation is run as it is printed, with simulated vendors behind every connection."""

import ast
import codeop
import os
import re
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Final

import httpx
import pytest
from docs_examples import blocks_of, compiled, run_page, set_keys
from networks import simulate_network

from smsgate.sandbox import Sandbox, SandboxTransport

ROOT: Final = Path(__file__).parents[2]
PAGES: Final = sorted((ROOT / "docs").rglob("*.md"))
RUN: Final = (
    "adding-a-vendor.md",
    "concepts.md",
    "delivery-reports.md",
    "errors.md",
    "failover.md",
    "ledger.md",
    "observers.md",
    "production.md",
    "reasons.md",
    "recipes.md",
    "securing-callbacks.md",
    "sending.md",
    "settings.md",
    "settling.md",
    "shared-rate.md",
    "storing.md",
    "transports.md",
    "vendor-down.md",
    "vendors/huawei.md",
    "vendors/tencent.md",
)

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("page", [ROOT / "README.md", *PAGES], ids=lambda page: page.name)
def test_every_python_block_compiles(page: Path) -> None:
    """What looks like Python is Python."""
    for block in blocks_of(page):
        if block.language == "python":
            compiled(page, block)


def programs_of(page: Path) -> list[str]:
    """What a page says is in files of their own, each by itself, and all that is not, as one program."""
    text = page.read_text("utf-8")
    files = re.findall(r"<!-- (?:example|django): \S.*? -->\n```python\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
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
        assert re.search(r"\(\S*sandbox\.md", before)


def awaits_outside_functions(text: str) -> bool:
    try:
        compile(text, "block", "exec", dont_inherit=True)
    except SyntaxError:
        return True
    return False


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_blocks_that_await_can_be_pasted(page: Path) -> None:
    """`python -m asyncio` takes each, also before Python 3.13, where it reads line by line; the note says so."""
    blocks = [block for block in blocks_of(page) if block.language == "python" and awaits_outside_functions(block.text)]
    text = page.read_text("utf-8")
    if "sends real messages" not in text:
        return
    assert ("pasted into `python -m asyncio`" in text) is bool(blocks)
    for block in blocks:
        read = codeop.CommandCompiler()
        read.compiler.flags |= ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
        entered = list[str]()
        for number, line in enumerate([*block.text.split("\n"), ""]):
            entered.append(line)
            try:
                if read("\n".join(entered), "pasted", "single") is not None:
                    entered.clear()
            except SyntaxError:
                pytest.fail(f"line {block.line + number}: a blank line is missing above it")
        assert not any(entered)


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
    set_keys(monkeypatch)
    settings = next(block.text for block in blocks_of(ROOT / "docs/settings.md") if block.language == "toml")
    (tmp_path / "smsgate.toml").write_text(settings, "utf-8")
    (tmp_path / "licence.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    monkeypatch.chdir(tmp_path)
    await run_page(name)


async def test_the_view_of_sending_refuses_a_mistyped_number(monkeypatch: pytest.MonkeyPatch) -> None:
    """It sends, and what cannot be a number is HTTP 400 with the number masked."""
    simulate_network(monkeypatch, SandboxTransport(Sandbox(lenient=True), delay_scale=0))
    set_keys(monkeypatch)
    app = (await run_page("sending.md"))["app"]
    transport = httpx.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://app") as client,
    ):
        assert (await client.post("/code", params={"to": "+8613788888888"})).json() == {"outcome": "ACCEPTED"}
        for params in ({"to": "+86139000"}, {}):
            answer = await client.post("/code", params=params)
            assert (answer.status_code, "139000" in answer.text) == (400, False)


def test_the_examples_of_testing_pass(pytester: pytest.Pytester) -> None:
    """The files that testing.md shows, put side by side, are a suite that passes."""
    page = (ROOT / "docs" / "testing.md").read_text("utf-8")
    for name, text in re.findall(r"<!-- example: (\S+) -->\n```python\n(.*?)```", page, re.DOTALL):
        (pytester.path / name).write_text(text, "utf-8")
    pytester.makeini("[pytest]\nasyncio_default_fixture_loop_scope = function\nfilterwarnings = error\n")
    result = pytester.runpytest_inprocess("-p", "no:cacheprovider")
    both_loops, one_loop = 4 + 2 + 1 + 1 + 3 + 1 + 1 + 2 + 1 + 2 + 2, 3 + 1 + 2 + 1 + 1
    result.assert_outcomes(passed=2 * both_loops + one_loop)


def test_the_django_example_of_testing_passes(tmp_path: Path) -> None:
    """Django's own runner runs what testing.md shows of it, in a project of its own."""
    page = (ROOT / "docs" / "testing.md").read_text("utf-8")
    for name, text in re.findall(r"<!-- django: (\S+) -->\n```python\n(.*?)```", page, re.DOTALL):
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_text(text, "utf-8")
    (tmp_path / "project.py").write_text("SECRET_KEY = 'x'\nALLOWED_HOSTS = ['*']\nSMS = None\n", "utf-8")
    command = [sys.executable, "-m", "django", "test", "shop", "--settings=project"]
    paths = os.pathsep.join([str(tmp_path), str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])
    environment = {**os.environ, "PYTHONPATH": paths}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, "Ran 3 tests" in done.stderr) == (0, True), done.stderr
