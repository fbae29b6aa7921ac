"""docs/sandbox.md says what the code does: its table is generated, its examples run."""

import re
import tomllib
from pathlib import Path
from typing import Any

import anyio
import attrs
import docs_examples
import magic_table
import pytest

from smsgate.model.reason import Outcome
from smsgate.sandbox import PushSettings, Sandbox, SandboxConfig, Scenario, Seed
from smsgate.sandbox.core import SIMULATORS
from smsgate.sandbox.server import SandboxServer
from smsgate.wire import HttpRequest, HttpResponse

TEXT = magic_table.PAGE.read_text("utf-8")


def test_table_of_magic_numbers_is_made_from_the_code() -> None:
    """The tables equal the code. If stale: python tests/support/magic_table.py"""
    assert "<!-- generated: magic numbers -->" in TEXT
    assert magic_table.fill(TEXT) == TEXT
    assert set(re.findall(r"`(\+8613900000[0-9]{3})`", TEXT)) >= {scenario.number for scenario in Scenario}


def test_every_account_is_listed() -> None:
    """Each fixed value of each simulated vendor stands on the page."""
    assert all(f"`{value}`" in TEXT for simulator in SIMULATORS for value in simulator.accounts.values())


def test_program_runs_against_the_sandbox(capsys: pytest.CaptureFixture[str]) -> None:
    """The page's program sends through the sandbox as it stands, but for the port."""
    with SandboxServer() as server:
        code = docs_examples.example("sandbox.md", "against the sandbox").replace("http://127.0.0.1:8025", server.url)
        names: dict[str, Any] = {"__name__": "program"}
        exec(compile(code, "docs/sandbox.md", "exec"), names)
        anyio.run(names["main"])
        assert [message.vendor for message in server.sandbox.messages] == ["tencent"]
    assert "ACCEPTED" in capsys.readouterr().out


def test_in_process_example_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    """The page's test passes on both loops."""
    module = docs_examples.load("sandbox.md", "in process", "blocklist_example", monkeypatch)
    for backend in ("asyncio", "trio"):
        anyio.run(module.test_blocklisted_number, backend=backend)
    assert module.Outcome is Outcome


@pytest.mark.parametrize("name", ["server", "faults"])
def test_short_example_runs(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The page's other code runs."""
    docs_examples.load("sandbox.md", name, f"{name}_example", monkeypatch)


def toml(page: str, name: str) -> SandboxConfig:
    """An example of the sandbox's file, read."""
    text = (docs_examples.DOCS / page).read_text("utf-8")
    (found,) = re.findall(rf"<!-- example: {name} -->\n```toml\n(.*?)```", text, re.DOTALL)
    return SandboxConfig.parse(tomllib.loads(found))


def test_seed_example_is_planted(tmp_path: Path) -> None:
    """The page's seed makes sense."""
    text = (docs_examples.DOCS / "sandbox.md").read_text("utf-8")
    (found,) = re.findall(r"<!-- example: seed -->\n```toml\n(.*?)```", text, re.DOTALL)
    path = tmp_path / "seed.toml"
    path.write_text(found, "utf-8")
    sandbox = Sandbox()
    sandbox.plant(Seed.load(path), now=0.0)
    assert [message.code for message in sandbox.messages] == ["4821"]
    assert len(list(sandbox.faults)) == 1


def test_switches_example_turns_all_on() -> None:
    """The page shows every switch, and what each is called."""
    account = toml("sandbox.md", "switches").accounts["tencent"]
    assert dict.fromkeys(account.switches, True) == {name: getattr(account, name) for name in account.switches}


def test_config_example_is_read() -> None:
    """The page's TOML is a valid file."""
    assert len(toml("sandbox.md", "config").templates) == len(SandboxConfig().templates) + 3


def test_pushes_example_is_read() -> None:
    """So is the one with callbacks, and the page names every setting."""
    settings = toml("sandbox-reports.md", "pushes").pushes
    assert (settings.copies, settings.shuffle, settings.report_delay) == (2, True, 0.5)
    text = (docs_examples.DOCS / "sandbox-reports.md").read_text("utf-8")
    assert all(f"`{field.name}`" in text for field in attrs.fields(PushSettings))


def test_reports_examples_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """The server's example runs; the loop pushes what is due, and a failed try again."""
    sandbox = docs_examples.load("sandbox-reports.md", "reports server", "reports_server", monkeypatch).sandbox
    push = docs_examples.load("sandbox-reports.md", "due pushes", "due_pushes", monkeypatch).push
    sandbox.clear()
    sandbox.reply("+8613788888888", "TD", now=0.0)
    urls: list[str] = []

    async def post(request: HttpRequest) -> HttpResponse:
        urls.append(request.url)
        return HttpResponse(500)

    for now in range(9):
        anyio.run(push, sandbox, post, float(now))
    assert urls == ["http://127.0.0.1:8000/sms/tencent-v5/TOKEN"] * 3
