"""Who may import whom, read from the source.

A vendor is a package of `smsgate` that is none of the house's own. It and every module that is not listed as having
hands are pure: clock, nonce and network come in as arguments, so that a signature can be asserted byte for byte.
"""

import ast
from pathlib import Path

import attrs
import pytest

import smsgate

ROOT = Path(smsgate.__file__).parent
HOUSE = {"sandbox", "cli", "testing", "webhooks"}
VENDORS = sorted(path.parent.name for path in ROOT.glob("*/__init__.py") if path.parent.name not in HOUSE)

WORLD = set(
    "aiohttp anyio asyncio h11 httpcore httpx os random requests secrets select socket ssl subprocess threading time "
    "trio urllib3".split()
)
"""What a pure module has no use for."""
HANDS = set(
    "campaign courier exchange gateway management outgoing pools pulling pytest_plugin spool tasks".split(),
)
"""The modules beside the packages that touch the world."""
NETWORK = {"exchange", "outgoing", "pools"}
"""Of these, those that know httpx at run time."""
EXTRAS = {"click", "rich", "starlette", "uvicorn"}
TEST_SIDE = {"cli", "pytest_plugin", "sandbox", "testing"}
"""What a program that only sends and receives never loads."""

PATH_TYPES_ONLY = {"admin": {"os"}}
"""`os.PathLike` is the standard library's name for a type."""


@attrs.frozen
class Import:
    """One name that a module imports."""

    name: str
    typing_only: bool


@attrs.frozen
class Module:
    """One source file."""

    name: str
    """Below `smsgate`: "tencent.v5"."""
    tree: ast.Module

    @property
    def part(self) -> str:
        return self.name.partition(".")[0]

    @property
    def pure(self) -> bool:
        return self.part in VENDORS or self.part not in HOUSE | HANDS

    @property
    def imports(self) -> list[Import]:
        return _imports(self.tree, typing_only=False)

    def names(self, *, run_time: bool = False) -> set[str]:
        """What it imports, whole names."""
        return {each.name for each in self.imports if not (run_time and each.typing_only)}

    def roots(self) -> set[str]:
        """The packages that it imports from."""
        return {name.partition(".")[0] for name in self.names()}

    def ours(self) -> set[str]:
        """The parts of `smsgate` that it imports."""
        return {name.split(".")[1] for name in self.names() if name.startswith("smsgate.")}


def _imports(node: ast.AST, *, typing_only: bool) -> list[Import]:
    found: list[Import] = []
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import):
            found += [Import(alias.name, typing_only) for alias in child.names]
        elif isinstance(child, ast.ImportFrom):
            assert child.level == 0, "relative import"
            names = [f"{child.module}.{alias.name}" for alias in child.names] if child.module == "smsgate" else []
            found += [Import(name, typing_only) for name in [str(child.module), *names]]
        elif isinstance(child, ast.If) and ast.unparse(child.test) == "TYPE_CHECKING":
            found += _imports(ast.Module(child.body, []), typing_only=True)
            found += _imports(ast.Module(child.orelse, []), typing_only=typing_only)
        else:
            found += _imports(child, typing_only=typing_only)
    return found


def modules() -> list[Module]:
    found = []
    for path in sorted(ROOT.rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        name = ".".join(part for part in parts if part != "__init__") or "__init__"
        found.append(Module(name, ast.parse(path.read_text(encoding="utf-8"))))
    return found


MODULES = modules()
PURE = [module for module in MODULES if module.pure]


def ids(module: Module) -> str:
    return module.name


def test_the_lists_are_true() -> None:
    """Every name in the lists above is a module, and the pure ones include those that decide."""
    names = {module.part for module in MODULES}
    assert names >= HANDS | HOUSE | set(PATH_TYPES_ONLY)
    assert NETWORK <= HANDS
    assert {"tencent", "huawei"} <= set(VENDORS)
    decide = "message report reason phone secret wire failover provider resolve journey codes envelope address tags"
    assert {module.name for module in PURE} >= {*decide.split(), "delivery", "base_states", "errors"}


def test_reads_imports_of_all_kinds() -> None:
    """The reader of imports below misses none: inside functions, from the package itself, for types only."""
    source = """
import os.path
from smsgate import sandbox
if TYPE_CHECKING:
    import httpx
else:
    import trio
def late():
    from smsgate.tencent import TencentV5
    try:
        import socket
    except ImportError:
        import ssl
"""
    module = Module("x", ast.parse(source))
    assert module.roots() == {"os", "smsgate", "httpx", "trio", "socket", "ssl"}
    assert module.ours() == {"sandbox", "tencent"}
    assert module.names() - module.names(run_time=True) == {"httpx"}


@pytest.mark.parametrize("module", PURE, ids=ids)
def test_pure_modules_do_not_touch_the_world(module: Module) -> None:
    """No clock, no randomness, no environment, no socket, no event loop: not even as a type."""
    assert module.roots() & WORLD <= PATH_TYPES_ONLY.get(module.name, set())
    nodes = list(ast.walk(module.tree))
    assert not [node for node in nodes if isinstance(node, ast.Await | ast.AsyncFunctionDef | ast.AsyncWith)]
    now = [node for node in nodes if isinstance(node, ast.Attribute) and node.attr in ("now", "utcnow", "today")]
    assert not [node for node in now if ast.unparse(node.value).split(".")[-1] in ("datetime", "date")]


@pytest.mark.parametrize("module", [each for each in MODULES if each.part in VENDORS], ids=ids)
def test_vendors_stand_alone(module: Module) -> None:
    """A vendor imports itself and pure modules: no other vendor, nothing that sends, no sandbox."""
    pure = {each.part for each in PURE if each.part not in VENDORS}
    assert module.ours() <= pure | {module.part}


@pytest.mark.parametrize("module", [each for each in MODULES if each.part not in {*VENDORS, *TEST_SIDE}], ids=ids)
def test_the_core_knows_no_vendor(module: Module) -> None:
    """Gateway, courier, campaign, webhooks and all else of the core know protocols, never a vendor."""
    assert not module.ours() & set(VENDORS)


@pytest.mark.parametrize("module", [each for each in MODULES if each.part == "sandbox"], ids=ids)
def test_the_sandbox_shares_no_code_with_the_adapters(module: Module) -> None:
    """A simulator that shared our signer would bless our bug: it has plain data and numbers from the core, no more."""
    assert module.ours() <= {"sandbox", "wire", "errors", "phone"}


@pytest.mark.parametrize("module", [each for each in MODULES if each.part not in TEST_SIDE], ids=ids)
def test_programs_that_send_load_no_sandbox(module: Module) -> None:
    """Nothing outside the test side imports the sandbox, the command line, the test kit, pytest or an extra."""
    assert not module.ours() & TEST_SIDE
    assert not module.roots() & (EXTRAS | {"pytest", "tomllib"})


@pytest.mark.parametrize("module", [each for each in MODULES if each.part not in TEST_SIDE], ids=ids)
def test_the_network_is_one_module(module: Module) -> None:
    """One module awaits the network; two make its connections and requests. The others know httpx as a type only."""
    known = module.part in NETWORK
    assert known or not {name.partition(".")[0] for name in module.names(run_time=True)} & {"httpx", "httpcore"}
    calls = [node for node in ast.walk(module.tree) if isinstance(node, ast.Attribute)]
    assert module.name == "exchange" or not [node for node in calls if node.attr == "handle_async_request"]
    if "outgoing" in module.ours():
        assert module.name == "exchange"
    if "pools" in module.ours():
        assert module.name == "exchange"


def test_httpx_is_imported_when_it_is_used() -> None:
    """No module but `outgoing`, which is itself imported late, imports httpx at its top."""
    for module in MODULES:
        top = [node for node in module.tree.body if isinstance(node, ast.Import | ast.ImportFrom)]
        names = {each.name for each in _imports(ast.Module([*top], []), typing_only=False)}
        if module.part in HANDS - {"outgoing"}:
            assert not names & {"httpx", "smsgate.outgoing"}


def test_one_module_knows_the_clock_of_a_send() -> None:
    """What a vendor's rule needs of the world comes through the courier: the clock and the nonce."""
    courier = next(module for module in MODULES if module.name == "courier")
    assert courier.roots() >= {"secrets", "time"}
    chance = [module.name for module in MODULES if module.part not in TEST_SIDE and "random" in module.roots()]
    assert chance == ["courier"]
