"""The pytest plugin: fixtures, markers, and a guard that fails a test which would reach a real vendor.

Nothing else is imported before a fixture is used, or before something is that could reach a vendor. Override
`sms_templates`, `sms_options`, `sms_callbacks` and `sms_script` in your conftest.py to set the fixtures up.
"""

import sys
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar, cast

import pytest

if TYPE_CHECKING:
    from smsgate.model.template import Template
    from smsgate.sandbox.server import SandboxServer
    from smsgate.testing import Outbox, Rule, SandboxGateway, SmsOptions, VirtualClock

__all__ = [
    "sms_callbacks",
    "sms_clock",
    "sms_options",
    "sms_outbox",
    "sms_sandbox",
    "sms_sandbox_server",
    "sms_script",
    "sms_templates",
]

__tracebackhide__ = True
"""pytest leaves this module out of its tracebacks: what a fixture of the suite raises is not about the plugin."""

T = TypeVar("T")

_REACHES_VENDORS = ("smsgate.transport.exchange", "smsgate.sending.gateway")
"""Without these modules nothing of smsgate's reaches anybody."""
_GUARD = "smsgate.testing.guard"


@pytest.fixture
def sms_templates() -> "Sequence[Template]":
    """The templates of `sms_outbox` and `sms_sandbox`. Override it; if empty, both use their defaults."""
    return ()


@pytest.fixture
def sms_options() -> "SmsOptions":
    """Options of both gateways: those of `Gateway`, and `one_event_loop`. Override it."""
    return {}


@pytest.fixture
def sms_callbacks() -> Mapping[str, str]:
    """The URLs at which your application receives the vendors' pushes, by provider. Override it."""
    return {}


@pytest.fixture
def sms_script() -> "Sequence[Rule]":
    """Rules of the simulated vendors that hold for every test, after those of its markers `sms_script`. Override it."""
    return ()


@pytest.fixture
def sms_clock() -> "VirtualClock":
    """A time that the test moves: that of `sms_outbox`, `sms_sandbox` and their vendors, in a test that uses it."""
    from smsgate.testing import VirtualClock

    return VirtualClock()


@pytest.fixture
def sms_outbox(
    request: pytest.FixtureRequest, sms_templates: "Sequence[Template]", sms_options: "SmsOptions"
) -> "Outbox":
    """A gateway that records messages instead of sending them."""
    from smsgate.testing import Outbox

    if "sms_sandbox" not in request.fixturenames and _marker_of_its_own(request):
        _refuse("marker sms_script: sms_outbox has no vendors to script: use sms_sandbox, or sms_outbox.fail(Reason.…)")
    return _naming_fixtures(sms_options, lambda: Outbox(templates=sms_templates, **_timed(request, sms_options)))


@pytest.fixture
def sms_sandbox(
    request: pytest.FixtureRequest,
    sms_templates: "Sequence[Template]",
    sms_callbacks: Mapping[str, str],
    sms_options: "SmsOptions",
    sms_script: "Sequence[Rule]",
) -> "SandboxGateway":
    """A gateway connected to simulated vendors, with real signatures and codes, magic numbers and scripts."""
    from smsgate.testing import SandboxGateway
    from smsgate.testing.script import checked_rules

    markers = list(request.node.iter_markers("sms_script"))
    if wrong := [name for marker in markers for name in marker.kwargs]:
        _refuse(f"marker sms_script: takes Rules, not {wrong[0]}=: write sms_script(Rule({wrong[0]}=…))")
    rules = [rule for marker in markers for rule in marker.args]
    return _naming_fixtures(
        sms_options,
        lambda: SandboxGateway(
            templates=sms_templates,
            callbacks=sms_callbacks,
            script=[*rules, *checked_rules(sms_script)],
            **_timed(request, sms_options),
        ),
    )


@pytest.fixture
def sms_sandbox_server(
    sms_sandbox: "SandboxGateway",
) -> "Iterator[SandboxServer]":
    """The vendors of `sms_sandbox` behind a real port of this machine, which pushes by itself: `url` is its address."""
    with _naming_fixtures({}, lambda: sms_sandbox.serve().start()) as server:
        yield server


def _timed(request: pytest.FixtureRequest, options: "SmsOptions") -> "SmsOptions":
    """*options*, with the clock of the test if it uses `sms_clock`."""
    if "sms_clock" not in request.fixturenames:
        return options
    clock = request.getfixturevalue("sms_clock")
    if options.get("clock", clock) is not clock:
        from smsgate.model.errors import ConfigurationError

        raise ConfigurationError("clock: the test uses sms_clock as well: override that fixture instead")
    return {**options, "clock": clock}


def _marker_of_its_own(request: pytest.FixtureRequest) -> bool:
    """Whether the test itself has rules. Those of its class or module may be meant for the others there."""
    return any(marker.name == "sms_script" for marker in request.node.own_markers)


def _refuse(problem: str) -> NoReturn:
    """Fail the test with nothing but *problem*: pytest would show the fixture's source, which is not at fault."""
    pytest.fail(problem, pytrace=False)


def _naming_fixtures(options: object, make: Callable[[], T]) -> T:
    """What *make* returns. What is wrong with a setting is said together with the fixture that it comes from."""
    from smsgate.model.errors import ConfigurationError

    if not isinstance(options, Mapping):
        _refuse(f"fixture sms_options: must give a dict of options, not {type(options).__name__}")
    for name in _FIXTURES:
        if name in options:
            _refuse(f"fixture sms_options: has {name}; override the fixture sms_{name} instead")
    try:
        return make()
    except ConfigurationError as error:
        text = str(error)
        default = "callbacks" if "_callback:" in text else "options"
        name = next((name for name in _FIXTURES if text.startswith(name)), default)
        source = "marker or fixture" if name == "script" else "fixture"
        problem = f"{source} sms_{name}: {text}"
    _refuse(problem)


_FIXTURES = ("templates", "callbacks", "script")


def pytest_configure(config: pytest.Config) -> None:
    """Add the markers, and arm the guard once anything is imported that could reach a vendor."""
    config.addinivalue_line(
        "markers", "sms_script(*rules): what the simulated vendors of sms_sandbox do, as smsgate.testing.Rule"
    )
    config.addinivalue_line("markers", "sms_real_vendor: this test may connect to real vendors")
    watch = config.stash[_WATCH] = _ImportWatch()
    watch.start()


def pytest_unconfigure(config: pytest.Config) -> None:
    """Undo what `pytest_configure` did."""
    watch = config.stash.get(_WATCH, None)
    if watch is not None:
        watch.stop()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, Any, Any]:
    """Let a test that has the marker reach vendors."""
    _ImportWatch.allowed = item.get_closest_marker("sms_real_vendor") is not None
    _tell_guard()
    try:
        return (yield)
    finally:
        _ImportWatch.allowed = False
        _tell_guard()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup() -> Generator[None, Any, Any]:
    """Fail a test whose fixtures would have reached a vendor."""
    return (yield from _guarded())


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call() -> Generator[None, Any, Any]:
    """Fail a test that would have reached a vendor, whatever became of the error that it got."""
    return (yield from _guarded())


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown() -> Generator[None, Any, Any]:
    """Fail a test whose fixtures would have reached a vendor at their end."""
    return (yield from _guarded())


def _guarded() -> Generator[None, Any, Any]:
    try:
        result = yield
    except BaseException as error:
        if (found := _refused()) is not None:
            error.add_note(found)
        raise
    if (found := _refused()) is not None:
        pytest.fail(found, pytrace=False)
    return result


def _refused() -> str | None:
    loaded: Any = sys.modules.get(_GUARD)
    return None if loaded is None else cast("str | None", loaded.guard.take())


def _tell_guard() -> None:
    loaded: Any = sys.modules.get(_GUARD)
    if loaded is not None:
        loaded.guard.allowed = _ImportWatch.allowed


class _ImportWatch:
    """Arms the guard when something is imported that can reach a vendor. A finder of imports."""

    allowed = False
    """The test that is running may reach vendors."""

    def __init__(self) -> None:
        self._loader: Any = None
        self._disarm: Any = None

    def start(self) -> None:
        """Arm the guard, now or later."""
        if any(name in sys.modules for name in _REACHES_VENDORS):
            self._arm()
        else:
            sys.meta_path.insert(0, self)

    def stop(self) -> None:
        """Disarm it again."""
        if self in sys.meta_path:
            sys.meta_path.remove(self)
        if self._disarm is not None:
            self._disarm()

    def find_spec(self, name: str, path: object = None, target: object = None) -> Any:
        """Find the first of these modules as everybody else would, to be told when it was imported."""
        if name not in _REACHES_VENDORS:
            return None
        from importlib.util import find_spec

        sys.meta_path.remove(self)
        spec = find_spec(name)
        if spec is not None:
            self._loader, spec.loader = spec.loader, cast("Any", self)
        return spec

    def create_module(self, spec: Any) -> Any:
        """As its own loader does."""
        return self._loader.create_module(spec)

    def exec_module(self, module: Any) -> None:
        """As its own loader does; then arm the guard."""
        module.__spec__.loader = module.__loader__ = self._loader
        self._loader.exec_module(module)
        self._arm()

    def _arm(self) -> None:
        from smsgate.testing.guard import arm, disarm

        arm()
        self._disarm = disarm
        _tell_guard()


_WATCH = pytest.StashKey[_ImportWatch]()
