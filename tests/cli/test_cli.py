"""The command line: lazy commands, one-sentence errors, and the sandbox command end to end."""

import os
import re
import signal
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner
from push_receiver import until
from rich.console import Console

import smsgate.cli
from smsgate.cli.app import COMMANDS, cli
from smsgate.cli.extras import how_to_install
from smsgate.sandbox.huawei import HUAWEI_PROJECT_ID
from smsgate.sandbox.server import SandboxServer
from smsgate.sandbox.state.scenarios import Scenario

MAIN = "from smsgate.cli import main; main()"


@contextmanager
def running(*arguments: str) -> Iterator[tuple["subprocess.Popen[str]", str]]:
    """`smsgate sandbox` in a process of its own, and what it printed until it was ready."""
    command = [sys.executable, "-c", MAIN, "sandbox", "--port", "0", *arguments]
    environment = {**os.environ, "PYTHONWARNINGS": "error"}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment, encoding="utf-8") as process:
        assert process.stdout is not None
        printed = ""
        for line in process.stdout:
            printed += line
            if "Ctrl+C" in line:
                break
        try:
            yield process, printed
        finally:
            process.kill()


def test_version_is_printed() -> None:
    """`smsgate --version` prints name and version."""
    result = CliRunner().invoke(cli, ["--version"])
    assert result.output == "smsgate 0.1.0\n"


def test_the_package_runs_as_the_command() -> None:
    """`python -m smsgate` is the same command, under the name that it was called by."""
    module = [sys.executable, "-m", "smsgate"]
    assert (
        subprocess.run([*module, "--version"], capture_output=True, text=True, check=True).stdout == "smsgate 0.1.0\n"
    )
    shown = subprocess.run([*module, "--help"], capture_output=True, text=True, check=True).stdout
    assert shown.startswith("Usage: python -m smsgate ")


def test_every_command_is_there() -> None:
    """Each registered command can be imported and has a help text."""
    for name in COMMANDS:
        result = CliRunner().invoke(cli, [name, "--help"])
        assert result.exit_code == 0, result.output
    listed = CliRunner().invoke(cli, ["--help"]).output
    assert all(name in listed for name in COMMANDS)


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        (["sandbax"], "Error: there is no command 'sandbax' (did you mean 'sandbox'?)\n"),
        (["templates", "lst"], "Error: there is no command 'lst' (did you mean 'list'?)\n"),
        (["signatures", "xyz"], "Error: there is no command 'xyz'; there are add, delete, list, show\n"),
    ],
)
def test_unknown_command_is_an_error(typed: list[str], shown: str) -> None:
    """A command that does not exist is a usage error with the nearest one, or with all that there are."""
    result = CliRunner().invoke(cli, typed)
    assert result.exit_code == 2
    assert result.output.endswith(shown)


def test_our_errors_are_one_line(tmp_path: Path) -> None:
    """A configuration error is shown without a traceback."""
    path = tmp_path / "sandbox.toml"
    path.write_text("[tencnet]\n")
    result = CliRunner().invoke(cli, ["sandbox", "--config", str(path)])
    assert result.exit_code == 1
    assert result.output.startswith(f"Error: {path}: tencnet: there is no such field (did you mean 'tencent'?)")
    assert "Traceback" not in result.output


@pytest.mark.parametrize("columns", [None, "80"])
def test_greeting_keeps_what_is_copied_whole(columns: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    """No width breaks an account's value across lines or cuts a magic number's meaning short."""
    if columns:
        monkeypatch.setenv("COLUMNS", columns)
    with running() as (_, printed):
        lines = printed.splitlines()
        assert any(HUAWEI_PROJECT_ID in line and "project id" in line for line in lines)
        assert "\N{HORIZONTAL ELLIPSIS}" not in printed


def without(package: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return without_in_turn(package, [[*arguments]])


def without_in_turn(package: str, commands: Sequence[Sequence[str]]) -> "subprocess.CompletedProcess[str]":
    """Each of *commands* in one process, until one of them fails."""
    code = f"""
import sys
sys.modules[{package!r}] = None
for sys.argv[1:] in {commands!r}:
    try:
        {MAIN}
    except SystemExit as end:
        if end.code:
            raise
"""
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("missing", "extra"), [("click", "cli"), ("rich", "cli"), ("uvicorn", "sandbox"), ("starlette", "sandbox")]
)
def test_missing_package_is_one_sentence(missing: str, extra: str) -> None:
    """Without the packages of an extra the command says how to get them."""
    found = without(missing, "sandbox", "--help")
    assert found.returncode == 1
    assert f"needs {missing}: pip install 'smsgate[{extra}]'" in found.stderr
    assert len(found.stderr.splitlines()) == 1


@pytest.mark.parametrize("missing", ["uvicorn", "starlette"])
def test_production_commands_need_no_server(missing: str) -> None:
    """With the extra `cli` all but the sandbox and the demo work, and the list of commands says what these need."""
    lines = {
        line.split()[0]: line for line in without(missing, "--help").stdout.partition("Commands:")[2].splitlines()[1:]
    }
    lacking = {name for name, line in lines.items() if "needs" in line}
    assert lacking == {"demo", "sandbox"}
    others = sorted(COMMANDS.keys() - lacking)
    done = without_in_turn(missing, [[name, "--help"] for name in others])
    assert (done.returncode, done.stdout.count("Usage: ")) == (0, len(others)), done.stderr


def test_the_extras_are_those_of_the_package() -> None:
    """The extra that an error names has the package."""
    extras = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text("utf-8"))["project"]
    for package in ("click", "rich", "starlette", "uvicorn"):
        needs = how_to_install(ModuleNotFoundError(name=f"{package}.something"))
        assert needs
        extra = needs.partition("[")[2].partition("]")[0]
        requirements = extras["optional-dependencies"][extra]
        assert any(requirement.startswith(f"{package}>=") for requirement in requirements)
    assert how_to_install(ModuleNotFoundError(name="smsgate.cli.sandbox")) is None
    assert extras["optional-dependencies"]["sandbox"][0] == "smsgate[cli]"


def test_other_missing_module_is_not_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    """A broken installation of something else shows its own error."""
    monkeypatch.setattr(sys, "argv", ["smsgate", "sandbox"])
    monkeypatch.setitem(sys.modules, "smsgate.cli.sandbox", None)
    with pytest.raises(ModuleNotFoundError, match=r"smsgate\.cli\.sandbox"):
        smsgate.cli.main()


def test_import_needs_no_server() -> None:
    """The sandbox in process needs no package of the extra, and smsgate alone not even the sandbox."""
    code = (
        "import sys, smsgate, smsgate.cli\n"
        "assert not {'click', 'rich', 'httpx', 'smsgate.sandbox'} & set(sys.modules)\n"
        "import smsgate.sandbox\n"
        "assert not {'uvicorn', 'starlette', 'httpcore'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_sandbox_runs_until_it_is_stopped(number: signal.Signals) -> None:
    """It prints accounts, addresses and magic numbers without colour, serves, and stops cleanly on a signal."""
    with running() as (process, printed):
        url = printed.partition(" on ")[2].partition("\n")[0].strip()
        assert httpx.get(f"{url}/sandbox/messages", trust_env=False, verify=False).json() == []
        for value in ("1400006666", "sandbox-tencent-app-key", "sandbox-huawei-app-secret", "isms100000001"):
            assert value in printed
        assert all(scenario.number in printed for scenario in Scenario)
        assert "\x1b" not in printed
        assert "WARNING" not in printed
        process.send_signal(number)
        assert process.wait(30) == 0


def test_sandbox_takes_its_options(tmp_path: Path) -> None:
    """Lenient mode and a file are shown and used; an open address warns loudly."""
    path = tmp_path / "sandbox.toml"
    path.write_text('[tencent]\nsignatures = ["Contoso"]\n')
    with running("--lenient", "--host", "0.0.0.0", "--config", str(path)) as (_, printed):
        assert "(lenient)" in printed
        assert "WARNING: listening on 0.0.0.0" in printed


def test_sandbox_takes_callbacks(tmp_path: Path) -> None:
    """Options come before the file, and where reports go is shown."""
    path = tmp_path / "sandbox.toml"
    path.write_text('[pushes]\nreport_delay = 9\ncopies = 2\nhuawei_callback = "http://127.0.0.1:1/huawei"\n')
    options = ("--report-delay", "0.25", "--tencent-callback", "http://127.0.0.1:1/tencent", "--sign-pushes")
    with running(*options, "--config", str(path)) as (_, printed):
        assert "reports come 0.25 s after the message" in printed
        assert "tencent: http://127.0.0.1:1/tencent\n" in printed
        assert "else http://127.0.0.1:1/huawei; signed with sandbox-huawei-push-ak" in printed


def test_sandbox_prints_a_line_for_each_request(tmp_path: Path) -> None:
    """A vendor with a port of its own, what the seed has set, and then each request with its result."""
    seed = tmp_path / "seed.toml"
    seed.write_text('[[faults]]\nvendor = "tencent-v5"\nanswer = 60007\n')
    with running("--port-for", "tencent-v5=0", "--seed", str(seed)) as (process, printed):
        own = re.search(r"tencent-v5: (http://127\.0\.0\.1:[0-9]+),", printed)
        main = re.search(r"smsgate sandbox on (http://127\.0\.0\.1:[0-9]+)", printed)
        assert own is not None
        assert main is not None
        call = "/v5/tlssmssvr/sendsms?sdkappid=1400006666&random=1"
        httpx.post(own[1] + call, content=b"{}", trust_env=False, verify=False)
        httpx.post(main[1] + call, content=b"{}", trust_env=False, verify=False)
        assert process.stdout is not None
        lines = [next(line for line in process.stdout if "sendsms" in line) for _ in range(2)]
    assert lines[0].split("  ", 1)[1] == "tencent-v5  sendsms  60007 request frequency limited  [fault]\n"
    assert "tencent-v5  sendsms  1004 package format errorcannot get /tel/mobile" in lines[1]


def test_sandbox_prints_a_line_for_a_request_as_soon_as_it_is_ready(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever reads the last line of the greeting may be faster than the command."""

    def greet(console: Console, server: SandboxServer, *, lenient: bool) -> None:
        httpx.post(f"{server.url}/v5/tlssmssvr/sendsms?sdkappid=1400006666&random=1", content=b"{}", trust_env=False)
        os.kill(os.getpid(), signal.SIGINT)

    monkeypatch.setattr("smsgate.cli.sandbox._show_greeting", greet)
    before = {name: signal.getsignal(name) for name in (signal.SIGINT, signal.SIGTERM)}
    try:
        result = CliRunner().invoke(cli, ["sandbox", "--port", "0"], catch_exceptions=False)
    finally:
        for name, handler in before.items():
            signal.signal(name, handler)
    assert "tencent-v5  sendsms  1004 package format error" in result.output
    assert result.output.endswith("Stopped.\n")


def inbox(printed: str, **headers: str) -> httpx.Response:
    """What the inbox of a running sandbox has."""
    found = re.search(r"smsgate sandbox on (http://127\.0\.0\.1:[0-9]+)", printed)
    assert found is not None
    return httpx.get(f"{found[1]}/sandbox/inbox", headers=headers, trust_env=False, verify=False)


def test_sandbox_demo_is_kept_over_a_restart(tmp_path: Path) -> None:
    """`--demo` shows every state, `--db` keeps it, and `--allow-host` is a name that may be used."""
    options = ("--db", str(tmp_path / "inbox.sqlite"), "--allow-host", "sms.test", "--report-delay", "0.01")
    with running("--demo", *options) as (_, printed):
        assert inbox(printed, Host="elsewhere.test").status_code == 403

        def states() -> set[str]:
            return {entry["state"] for entry in inbox(printed, Host="sms.test").json()["entries"]}

        until(lambda: states() == {"delivered", "failed", "refused", "lost", "reply"})
        until(lambda: inbox(printed).json()["total"] >= 14)
        shown = inbox(printed).json()["entries"]
    with running(*options) as (_, printed):
        again = inbox(printed).json()["entries"]
    assert [entry["id"] for entry in again] == [entry["id"] for entry in shown]


@pytest.mark.parametrize(
    ("option", "error"),
    [
        (("--port-for", "tencent-v5"), "'tencent-v5' is not NAME=PORT, as in tencent-v5=8026"),
        (("--port-for", "tencent-v5=70000"), "is not NAME=PORT"),
        (("--port-for", "tencnet=0"), "port for 'tencnet': no such vendor; known are tencent-v5"),
        (("--db", "/nowhere/inbox.sqlite"), "cannot keep messages there: unable to open database file"),
        (("--keep", "0"), "0 is not in the range"),
        (("--callback-ca", "none.pem"), "ca_file: none.pem has no certificates in PEM"),
    ],
    ids=str,
)
def test_sandbox_refuses_wrong_options(option: tuple[str, ...], error: str) -> None:
    """Before anything is served."""
    result = CliRunner().invoke(cli, ["sandbox", "--port", "0", *option])
    assert result.exit_code != 0
    assert error in result.output.replace("\n", " ")


def test_sandbox_refuses_callbacks_elsewhere() -> None:
    """One line says why, and nothing is served."""
    result = CliRunner().invoke(cli, ["sandbox", "--port", "0", "--tencent-callback", "http://sms.example/"])
    assert result.exit_code == 1
    assert result.output == "Error: tencent_callback: is not an address of this machine; others need allow_remote\n"
