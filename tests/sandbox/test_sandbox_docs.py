"""docs/sandbox.md says what the code does: its table is generated, its examples run."""

import re
import tomllib
from typing import Any

import anyio
import docs_examples
import magic_table
import pytest

from smsgate.message import Outcome
from smsgate.sandbox import SandboxConfig, Scenario
from smsgate.sandbox.core import SIMULATORS
from smsgate.sandbox.server import SandboxServer

TEXT = magic_table.PAGE.read_text("utf-8")


def test_table_of_magic_numbers_is_made_from_the_code() -> None:
    """The table equals the code. If stale: python tests/support/magic_table.py"""
    assert "<!-- generated: magic numbers -->" in TEXT
    assert magic_table.fill(TEXT) == TEXT
    assert set(re.findall(r"`(\+8613900000[0-9]{3})`", TEXT)) == {scenario.number for scenario in Scenario}


def test_every_account_is_told() -> None:
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


def test_config_example_is_read() -> None:
    """The page's TOML is a valid file."""
    (toml,) = re.findall(r"<!-- example: config -->\n```toml\n(.*?)```", TEXT, re.DOTALL)
    assert len(SandboxConfig.parse(tomllib.loads(toml)).templates) == len(SandboxConfig().templates) + 3
