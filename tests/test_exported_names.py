"""What is public is what the packages list."""

import ast
import importlib
import pkgutil
import subprocess
import sys
import types
from pathlib import Path

import pytest
from public_modules import PUBLIC_MODULES

import smsgate
import smsgate.huawei
import smsgate.sandbox
import smsgate.tencent
import smsgate.testing
import smsgate.webhooks

NAMES = ["smsgate", *(each.name for each in pkgutil.walk_packages(smsgate.__path__, "smsgate."))]
PUBLIC = [smsgate, smsgate.tencent, smsgate.huawei, smsgate.webhooks, smsgate.sandbox, smsgate.testing]


@pytest.mark.parametrize("name", NAMES)
def test_every_module_lists_its_names(name: str) -> None:
    """`__all__` of every module is sorted, without repetitions, and every name in it can be imported."""
    module = importlib.import_module(name)
    if is_docstring_only(module):
        return
    listed: list[str] = module.__all__
    assert listed == sorted(listed, key=sort_key)
    assert len(set(listed)) == len(listed)
    assert [each for each in listed if not hasattr(module, each)] == []


def is_docstring_only(module: types.ModuleType) -> bool:
    """Whether it is the face of a package whose files are imported one by one."""
    return len(ast.parse(Path(str(module.__file__)).read_text(encoding="utf-8")).body) == 1


def sort_key(name: str) -> tuple[int, str]:
    """Constants, then classes, then functions: the order that the linter keeps."""
    return (0 if name.isupper() else 1 if name[:1].isupper() else 2), name


@pytest.mark.parametrize("module", PUBLIC, ids=lambda module: str(module.__name__))
def test_the_list_is_complete(module: types.ModuleType) -> None:
    """A package offers exactly what it lists: nothing else without an underscore but its modules."""
    for name in module.__all__:
        getattr(module, name)
    offered = {
        name
        for name, value in vars(module).items()
        if not name.startswith("_") and not isinstance(value, types.ModuleType)
    }
    assert offered == set(module.__all__)


def test_the_first_list_is_sorted() -> None:
    """The names of `smsgate` itself are in plain alphabetical order."""
    assert smsgate.__all__ == sorted(smsgate.__all__)


@pytest.mark.parametrize("module_name", PUBLIC_MODULES)
def test_public_names_are_documented(module_name: str) -> None:
    """Every public class and function has a docstring of its own."""
    module = importlib.import_module(module_name)
    for name in module.__all__:
        value = getattr(module, name)
        if isinstance(value, type | types.FunctionType):
            assert value.__doc__, name
            assert not value.__doc__.startswith(f"{name}("), f"{name} has the docstring that attrs or dataclasses makes"


def test_the_first_init_only_lists() -> None:
    """`smsgate` has its names, where each lives, and nothing of its own; type checkers see the same homes."""
    tree = ast.parse(Path(smsgate.__file__).read_text(encoding="utf-8"))
    checked = next(node for node in tree.body if isinstance(node, ast.If))
    seen = {each.name: node.module for node in checked.body if isinstance(node, ast.ImportFrom) for each in node.names}
    assert seen == smsgate._HOMES
    assert sorted(seen) == smsgate.__all__
    own = {name for name, value in vars(smsgate).items() if not isinstance(value, types.ModuleType)}
    assert [each for each in own if each.startswith("_") and each[1] != "_"] == ["_HOMES"]


def test_names_are_imported_when_they_are_used() -> None:
    """`import smsgate` alone loads nothing of it; a name that it does not have is an AttributeError that says so."""
    script = "import smsgate, sys; print(sorted(name for name in sys.modules if name.startswith('smsgate')))"
    assert subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout == (
        "['smsgate']\n"
    )
    with pytest.raises(AttributeError, match="module 'smsgate' has no attribute 'Gatewy'"):
        smsgate.Gatewy  # type: ignore[attr-defined]  # noqa: B018  # asking is the test
    assert set(smsgate.__all__) <= set(dir(smsgate))


def test_the_contract_of_the_first_page() -> None:
    """The names of the first program are where it imports them."""
    assert {"Gateway", "HttpRequest", "HttpResponse", "Message", "Outcome", "Policy", "Reason", "Template"} <= set(
        smsgate.__all__
    )
    assert {"TencentV5", "parse_callback"} <= set(smsgate.tencent.__all__)
    assert {"HuaweiSms", "parse_callback"} <= set(smsgate.huawei.__all__)
