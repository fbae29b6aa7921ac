"""Who may import whom, read from the source: six floors, no circle of files, pure rooms that never touch the world."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import attrs
import pytest

import smsgate

ROOT = Path(smsgate.__file__).parent

FLOORS: Final = {
    "_lazy": 1,
    "model": 1,
    "wire": 1,
    "provider": 2,
    "guard": 2,
    "transport": 2,
    "tags": 2,
    "sandbox": 2,
    "observers": 2,
    "routing": 2,
    "sending": 3,
    "webhooks": 3,
    "management": 3,
    "vendor": 3,
    "sync": 4,
    "data": 3,
    "ledger": 4,
    "vendors": 4,
    "config": 5,
    "tasks": 5,
    "testing": 5,
    "": 5,
    "cli": 6,
    "pytest_plugin": 6,
    "__main__": 7,
}
"""The floor of each room; "" is `smsgate` itself, which lists the public names. `__main__` only calls `cli`."""
VENDORS: Final = sorted(
    path.parent.name for path in ROOT.glob("*/__init__.py") if path.parent.name not in FLOORS and path.parent != ROOT
)
"""A vendor is a package that is none of the house's own."""

WORLD = set(
    "aiohttp anyio asyncio h11 httpcore httpcore2 httpx httpx2 os random requests secrets select socket ssl subprocess "
    "threading time trio urllib3".split()
)
"""What a pure room has no use for."""
HANDS_IN_SENDING: Final = {
    f"sending.{name}"
    for name in (
        "administration admission arguments bulk bulk_batches bulk_claims claiming coalescing dispatch dispatcher gate "
        "gateway key_memory keys ledger lifecycle numbering part_options parts provider_calls recording renewed_event "
        "rates result_queue results shared_pace signing source warming".split()
    )
}
"""`ledger` is an async protocol, `part_options` is what connections are made of. The others decide, and are pure."""
LIBRARIES: Final = {"aiohttp", "httpcore", "httpcore2", "httpx", "httpx2", "yarl"}
"""HTTP libraries: each is known to the file that is named after it, and to those that this one imports."""
KNOWS_A_LIBRARY: Final = {"transport.aiohttp_connection"}
"""It imports one at its top, and is itself imported late."""
AWAITS_A_LIBRARY: Final = {"transport.aiohttp_connection", "transport.core_connection", "transport.httpx_connection"}
TEST_SIDE = {"__main__", "cli", "pytest_plugin", "sandbox", "testing"}
"""What a program that only sends and receives never loads."""
EXTRAS = set(
    "celery click cryptography dbos procrastinate prometheus_client psycopg pymysql redis rich sqlalchemy starlette "
    "taskiq uvicorn".split()
)

OWN_EXTRAS: Final = {
    "observers.prometheus": {"prometheus_client"},
    "ledger": {"sqlalchemy"},
    "ledger.redis_rates": {"redis"},
    "tasks.sealing": {"cryptography"},
    "tasks.connections": {"psycopg"},
    "tasks.celery": {"celery", "cryptography"},
    "tasks.procrastinate": {"cryptography", "procrastinate"},
    "tasks.procrastinate_jobs": {"procrastinate", "psycopg"},
    "tasks.dbos": {"cryptography", "dbos"},
    "tasks.dbos_jobs": {"dbos"},
    "tasks.taskiq": {"cryptography", "taskiq"},
}
"""Files and rooms that exist for the sake of an extra, and import it when they are first used."""


@attrs.frozen
class Import:
    """One name that a module imports."""

    name: str
    typing_only: bool


@attrs.frozen
class Module:
    """One source file."""

    name: str
    """Below `smsgate`: "tencent.v5.provider"; "" is `smsgate` itself."""
    tree: ast.Module

    @property
    def room(self) -> str:
        """The directory or file on the ground that it belongs to."""
        return self.name.partition(".")[0]

    @property
    def is_vendor(self) -> bool:
        return self.room in VENDORS

    @property
    def floor(self) -> int:
        return FLOORS["vendor" if self.is_vendor else self.room]

    @property
    def is_pure(self) -> bool:
        if self.room == "sending":
            return self.name not in HANDS_IN_SENDING
        own = {"guard", "model", "observers", "provider", "routing", "tags", "wire"}
        return self.is_vendor or self.room in own

    def imports(self, *, run_time: bool = False) -> set[str]:
        """The whole names that it imports, those for type checkers among them unless only *run_time* is asked for."""
        return {each.name for each in _imports(self.tree, False) if not (run_time and each.typing_only)}

    def roots(self, *, run_time: bool = False) -> set[str]:
        """The packages that it imports from."""
        return {name.partition(".")[0] for name in self.imports(run_time=run_time)}

    def files(self) -> set[str]:
        """The files of `smsgate` that it imports, typing-only imports counted."""
        found: set[str] = set()
        for name in self.imports():
            parts = name.split(".")
            if parts[0] == "smsgate":
                below = [".".join(parts[1:end]) for end in range(len(parts), 0, -1)]
                found.add(next(each for each in below if each in NAMES))
        return found - {self.name}

    def rooms(self) -> set[str]:
        """The other rooms that it imports."""
        return {NAMES[file].room for file in self.files()} - {self.room}


def _imports(node: ast.AST, typing_only: bool) -> Iterator[Import]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import):
            yield from (Import(alias.name, typing_only) for alias in child.names)
        elif isinstance(child, ast.ImportFrom):
            assert child.level == 0, "relative import"
            yield from (Import(f"{child.module}.{alias.name}", typing_only) for alias in child.names)
        elif isinstance(child, ast.If) and ast.unparse(child.test).removeprefix("typing.") == "TYPE_CHECKING":
            yield from _imports(ast.Module(child.body, []), True)
            yield from _imports(ast.Module(child.orelse, []), typing_only)
        else:
            yield from _imports(child, typing_only)


def modules() -> list[Module]:
    found = []
    for path in sorted(ROOT.rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        name = ".".join(part for part in parts if part != "__init__")
        found.append(Module(name, ast.parse(path.read_text(encoding="utf-8"))))
    return found


MODULES = modules()
NAMES = {module.name: module for module in MODULES}
PURE = [module for module in MODULES if module.is_pure]


def ids(module: Module) -> str:
    return module.name or "smsgate"


def test_the_lists_are_true() -> None:
    """Every room that the lists above name exists, and the pure files include those that decide."""
    rooms = {module.room for module in MODULES}
    assert rooms - set(VENDORS) <= set(FLOORS)
    assert rooms >= {"model", "wire", "provider", "transport", "tags", "sandbox", "sending", "webhooks", "management"}
    assert {"tencent", "huawei"} <= set(VENDORS)
    assert set(NAMES) >= HANDS_IN_SENDING | KNOWS_A_LIBRARY | AWAITS_A_LIBRARY
    assert {module.name for module in PURE} >= {
        "model.reason",
        "provider.codes",
        "provider.meanings",
        "sending.batching",
        "sending.deadlines",
        "sending.failover",
        "sending.outgoing",
        "sending.resolve",
        "tags",
        "wire",
    }


def test_the_ground_has_few_rooms() -> None:
    """Who opens the package sees at most 26 rooms."""
    assert len({module.room for module in MODULES}) <= 26


def test_reads_imports_of_all_kinds() -> None:
    """The reader of imports above misses none: inside functions, from the package itself, for types only."""
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
    assert module.rooms() == {"sandbox", "tencent"}
    assert module.imports() - module.imports(run_time=True) == {"httpx"}


@pytest.mark.parametrize("module", MODULES, ids=ids)
def test_rooms_import_lower_floors_only(module: Module) -> None:
    """An arrow runs down: no room imports one of its own floor or above. `testing` and `cli` have all below them."""
    known = {"", *TEST_SIDE, *VENDORS} if module.room == "" else {""}
    wrong = {file for file in module.files() if NAMES[file].room not in {module.room, *known}}
    assert {file for file in wrong if NAMES[file].floor >= module.floor} == set()
    if module.room:
        assert "" not in module.files(), "import the module that has the name, not the package that lists it"


def test_there_is_no_circle_of_files() -> None:
    """Files import each other in no circle, typing-only imports counted."""
    left = {module.name: module.files() for module in MODULES}
    while free := [name for name, files in left.items() if not files & set(left)]:
        for name in free:
            del left[name]
    assert left == {}


@pytest.mark.parametrize("module", PURE, ids=ids)
def test_pure_rooms_do_not_touch_the_world(module: Module) -> None:
    """No clock, no randomness, no environment, no file, no socket, no event loop: not even as a type."""
    assert not module.roots() & WORLD
    nodes = list(ast.walk(module.tree))
    assert not [node for node in nodes if isinstance(node, ast.Await | ast.AsyncFunctionDef | ast.AsyncWith)]
    now = [node for node in nodes if isinstance(node, ast.Attribute) and node.attr in ("now", "utcnow", "today")]
    assert not [node for node in now if ast.unparse(node.value).split(".")[-1] in ("datetime", "date")]
    assert "pathlib" not in module.roots()
    assert not [node for node in nodes if isinstance(node, ast.Call) and ast.unparse(node.func) == "open"]


@pytest.mark.parametrize("module", [each for each in MODULES if each.is_vendor], ids=ids)
def test_vendors_stand_alone(module: Module) -> None:
    """A vendor imports `provider`, `model`, `wire` and itself: no other vendor, nothing that sends, no sandbox."""
    assert module.rooms() <= {"provider", "model", "wire", "_lazy"}


@pytest.mark.parametrize(
    "module", [each for each in MODULES if each.room not in {"cli", "testing", "vendors"}], ids=ids
)
def test_no_core_room_knows_a_vendor(module: Module) -> None:
    """Gateway, webhooks, management and all else of the core know protocols, never a vendor."""
    assert not module.rooms() & set(VENDORS)


@pytest.mark.parametrize("module", [each for each in MODULES if each.room == "sandbox"], ids=ids)
def test_the_sandbox_shares_no_code_with_the_adapters(module: Module) -> None:
    """A simulator that shared our signer would accept our bug: it has plain data and numbers from below, no more.

    What a text is charged as is a rule of carriers and not of an adapter: two counts would let a bill differ from the
    preview of it.
    """
    assert module.rooms() <= {"wire", "model"}
    known = {"model.errors", "model.phone", "model.plain", "model.segments", "model.suggestion"}
    assert {file for file in module.files() if file.startswith("model")} <= known


@pytest.mark.parametrize("module", [each for each in MODULES if each.room not in TEST_SIDE], ids=ids)
def test_programs_that_send_load_no_sandbox(module: Module) -> None:
    """Nothing outside the test side imports the sandbox, the command line, the test kit, pytest or an extra."""
    assert not module.rooms() & (TEST_SIDE - {module.room})
    extras = EXTRAS - OWN_EXTRAS.get(module.name, set()) - OWN_EXTRAS.get(module.room, set())
    assert not module.roots() & (extras | {"pytest"} | (set() if module.room == "config" else {"tomllib"}))


@pytest.mark.parametrize("module", [each for each in MODULES if each.room not in TEST_SIDE], ids=ids)
def test_the_network_is_one_room(module: Module) -> None:
    """`exchange` alone awaits a connection, one file for each library awaits that. Elsewhere libraries are types."""
    assert module.name in KNOWS_A_LIBRARY or not module.roots(run_time=True) & LIBRARIES
    calls = [node for node in ast.walk(module.tree) if isinstance(node, ast.Attribute)]
    assert module.name in AWAITS_A_LIBRARY or not [node for node in calls if node.attr == "handle_async_request"]
    if module.files() & {"transport.choice", "transport.pool"}:
        assert module.name == "transport.exchange"


def test_http_libraries_are_imported_when_they_are_used() -> None:
    """No file but those that are themselves imported late imports an HTTP library at its top."""
    late = tuple(f"smsgate.{name}" for name in KNOWS_A_LIBRARY)
    for module in MODULES:
        if module.room in TEST_SIDE or module.name in KNOWS_A_LIBRARY:
            continue
        top = [node for node in module.tree.body if isinstance(node, ast.Import | ast.ImportFrom)]
        names = {each.name for each in _imports(ast.Module([*top], []), False)}
        assert not {name for name in names if name.partition(".")[0] in LIBRARIES or name.startswith(late)}


def test_one_file_knows_the_clock_of_a_send() -> None:
    """What a vendor's rule needs of the world comes through the dispatcher: the clock and the nonce."""
    dispatcher = NAMES["sending.dispatcher"]
    assert dispatcher.roots() >= {"secrets", "time"}
    chance = [module.name for module in MODULES if module.room not in TEST_SIDE and "random" in module.roots()]
    assert chance == ["sending.dispatcher"]
