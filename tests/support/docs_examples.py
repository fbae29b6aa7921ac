"""The examples of the documentation, to be run by tests as they are printed."""

import re
import sys
from pathlib import Path
from types import ModuleType

import pytest

DOCS = Path(__file__).parents[2] / "docs"


def example(page: str, name: str) -> str:
    """The code block under `<!-- example: name -->` in docs/*page*."""
    text = (DOCS / page).read_text(encoding="utf-8")
    (code,) = re.findall(rf"<!-- example: {re.escape(name)} -->\n```python\n(.*?)```", text, re.DOTALL)
    return str(code)


def load(page: str, name: str, module: str, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """Run an example as the module that a reader would put it in, until the test ends."""
    made = ModuleType(module)
    monkeypatch.setitem(sys.modules, module, made)
    exec(compile(example(page, name), f"docs/{page} ({name})", "exec"), made.__dict__)
    return made
