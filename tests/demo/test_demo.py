"""`smsgate demo`: it shows what it says, and fails if that is not what happened."""

import io
import os
import subprocess
import sys
from functools import partial

import pytest
from click.testing import CliRunner, Result
from rich.console import Console

from smsgate.cli import demo
from smsgate.cli.app import cli
from smsgate.failover import Policy
from smsgate.gateway import Gateway
from smsgate.message import Message
from smsgate.sandbox import Scenario


@pytest.fixture(autouse=True)
def small_campaign(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo, "CAMPAIGN_SIZE", 25)


def run() -> Result:
    return CliRunner().invoke(cli, ["demo"])


def test_everything_is_as_promised() -> None:
    """The five scenes end as they should, and the vendors' books agree with what the caller was told."""
    result = run()
    assert result.exit_code == 0, result.output
    assert result.output.count("     as promised\n") == 5
    assert result.output.endswith("All as promised.\n")
    rows = [line.split()[-4:] for line in result.output.splitlines() if line.endswith("ok")]
    assert rows == [
        ["ACCEPTED", "1", "0", "ok"],
        ["ACCEPTED", "0", "1", "ok"],
        ["UNKNOWN", "1", "0", "ok"],
        ["REJECTED", "0", "0", "ok"],
        ["ACCEPTED", "25", "0", "ok"],
    ]


def test_is_plain_in_a_pipe() -> None:
    """In a pipe there are no colours, no progress bar and no long lines."""
    output = run().output
    assert not set(output) & set("\x1b\r━")
    assert max(len(line) for line in output.splitlines()) <= 80


def test_shows_question_marks_where_the_terminal_lacks_a_character() -> None:
    """Output in a narrow encoding is readable, not a traceback."""
    script = "from smsgate.cli import demo, main; demo.CAMPAIGN_SIZE = 1; main()"
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
    result = subprocess.run([sys.executable, "-c", script, "demo"], env=environment, capture_output=True, check=False)
    assert (result.returncode, result.stderr) == (0, b"")
    assert b"1: ?Acme?Your code is 4821" in result.stdout


def test_shows_progress_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a terminal the campaign has a progress bar."""
    screen = io.StringIO()
    console = Console(file=screen, force_terminal=True, width=80, highlight=False)
    monkeypatch.setattr(demo, "make_console", lambda: console)
    assert run().exit_code == 0
    assert "25/25" in screen.getvalue()
    assert "━" in screen.getvalue()


def test_fails_if_a_scene_ends_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    """A gateway that goes on after UNKNOWN is found out."""
    monkeypatch.setattr(demo, "Gateway", partial(Gateway, policy=Policy(on_unknown="failover")))
    result = run()
    assert result.exit_code == 1
    assert result.output.count("NOT as promised") == 1
    assert "1 of 5 not as promised." in result.output
    (wrong,) = [line for line in result.output.splitlines() if line.endswith("WRONG")]
    assert wrong.startswith("3  Tencent hangs up")


@pytest.mark.parametrize("number", [f"+86137{7:08}", Scenario.DROP_AFTER.number])
def test_fails_if_a_message_of_the_campaign_is_lost_or_doubled(number: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """One number twice, or one result that is not known, and the campaign is not as promised."""
    messages = [*demo.personal_messages()][:-1]
    messages.append(Message(number, "login-code", {"code": "000007", "minutes": "5"}))
    monkeypatch.setattr(demo, "personal_messages", lambda: messages)
    result = run()
    assert result.exit_code == 1
    assert "1 of 5 not as promised." in result.output
