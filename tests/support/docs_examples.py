"""The examples of the documentation, to be run by tests as they are printed."""

import ast
import contextlib
import inspect
import io
import re
import sys
from collections.abc import Callable
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any, Final

import attrs
import pytest

from smsgate.ledger import SqlLedger
from smsgate.sandbox.huawei import (
    HUAWEI_APP_KEY,
    HUAWEI_APP_SECRET,
    HUAWEI_MANAGEMENT_AK,
    HUAWEI_MANAGEMENT_SK,
    HUAWEI_PASSWORD,
)
from smsgate.sandbox.tencent import TENCENT_APP_KEY, TENCENT_SECRET_ID, TENCENT_SECRET_KEY

DOCS = Path(__file__).parents[2] / "docs"
FENCE: Final = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
KEYS: Final = {
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
TOKENS: Final = "TENCENT_CALLBACK_TOKEN NEW_CALLBACK_TOKEN HUAWEI_CALLBACK_TOKEN TAG_SECRET OLD_TAG_SECRET".split()


@attrs.frozen
class Block:
    """A fenced block of a page, and the line that it begins on."""

    language: str
    text: str
    line: int


def blocks_of(page: Path) -> list[Block]:
    """The fenced blocks of *page*, in order."""
    text = page.read_text("utf-8")
    return [Block(found[1], found[2], text.count("\n", 0, found.start()) + 2) for found in FENCE.finditer(text)]


def compiled(page: Path, block: Block) -> CodeType:
    """*block* as code that may await, with the lines of the page in its errors."""
    source = "\n" * (block.line - 1) + block.text
    code: CodeType = compile(source, str(page), "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True)
    return code


def set_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """The sandbox's keys, and tokens, in the variables of the environment that the pages name."""
    for variable, key in KEYS.items():
        monkeypatch.setenv(variable, key)
    for variable in TOKENS:
        monkeypatch.setenv(variable, f"{variable}-0123456789abcdef0123456789abcdef")


async def run_page(name: str, edit: Callable[[str], str] = str) -> dict[str, Any]:
    """Run docs/*name* as one program, its blocks as *edit* gives them. A `text` block is what the last one prints.

    What the program has made comes back by its names.
    """
    page = DOCS / name
    namespace: dict[str, Any] = {"__name__": "docs"}
    printed: io.StringIO | None = None
    for block in blocks_of(page):
        if block.language == "text" and printed is not None:
            assert printed.getvalue() == block.text, f"{name}:{block.line}"
        if block.language == "python":
            printed = io.StringIO()
            with contextlib.redirect_stdout(printed):
                await _run(compiled(page, attrs.evolve(block, text=edit(block.text))), namespace)
        else:
            printed = None
    for value in namespace.values():
        if isinstance(value, SqlLedger):  # a page shows once how one is closed
            await value.aclose()
    return namespace


async def _run(code: CodeType, namespace: dict[str, Any]) -> None:
    value = eval(code, namespace)
    if inspect.isawaitable(value):
        await value


def example(page: str, name: str) -> str:
    """The code block under `<!-- example: name -->` in docs/*page*."""
    text = (DOCS / page).read_text(encoding="utf-8")
    (code,) = re.findall(rf"<!-- example: {re.escape(name)} -->\n```python\n(.*?)```", text, re.DOTALL)
    return str(code)


def load_application(page: str, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """Run the example that is the reader's `myapp.sms`, where the others of *page* import it, until the test ends."""
    package = ModuleType("myapp")
    monkeypatch.setitem(sys.modules, "myapp", package)
    package.sms = module = load(page, "myapp/sms.py", "myapp.sms", monkeypatch)  # type: ignore[attr-defined]
    return module


def load(page: str, name: str, module: str, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """Run an example as the module that a reader would put it in, until the test ends."""
    made = ModuleType(module)
    monkeypatch.setitem(sys.modules, module, made)
    exec(compile(example(page, name), f"docs/{page} ({name})", "exec"), made.__dict__)
    return made
