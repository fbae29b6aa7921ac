"""`smsgate demo`: it shows what it says, and fails if that is not what happened."""

import io
import os
import re
import subprocess
import sys
from functools import partial

import pytest
from click.testing import CliRunner, Result
from rich.console import Console

from smsgate.cli import demo, demo_reports, demo_setup
from smsgate.cli.app import cli
from smsgate.cli.demo_reports import ReportLog
from smsgate.model.message import Message
from smsgate.model.report import Reply, StatusReport
from smsgate.sandbox import Scenario
from smsgate.sending.failover import Policy
from smsgate.sending.gateway import Gateway


@pytest.fixture(autouse=True)
def small_campaign(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo, "CAMPAIGN_SIZE", 25)


def run() -> Result:
    return CliRunner().invoke(cli, ["demo"])


def test_everything_is_as_promised() -> None:
    """All parts end as they should, and every message has the final state that its vendor reported."""
    result = run()
    assert result.exit_code == 0, result.output
    assert result.output.count("     as promised\n") == 6
    assert result.output.endswith("All as promised.\n")
    assert "came in            56 reports on 28 messages\n     final states       28; missing: 0" in result.output
    table = result.output.partition("What happened")[2].splitlines()[1:7]
    assert [re.split(r"\s{2,}", line.strip())[-5:] for line in table[:5]] == [
        ["ACCEPTED", "1", "0", "DELIVERED", "ok"],
        ["ACCEPTED", "0", "1", "DELIVERED", "ok"],
        ["UNKNOWN", "1", "0", "DELIVERED", "ok"],
        ["REJECTED", "0", "0", "none", "ok"],
        ["ACCEPTED", "25", "0", "23 DELIVERED", "ok"],
    ]
    assert table[5].strip() == "2 UNDELIVERED"


def test_is_plain_in_a_pipe() -> None:
    """In a pipe there are no colours, no progress bar and no long lines."""
    output = run().output
    assert not set(output) & set("\x1b\r━")
    assert max(len(line) for line in output.splitlines()) <= 80


def test_shows_question_marks_where_the_terminal_lacks_a_character() -> None:
    """Output in a narrow encoding is readable, not a traceback."""
    script = "from smsgate.cli import demo, main; demo.CAMPAIGN_SIZE = 2; main()"
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


def test_fails_if_a_case_ends_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    """A gateway that goes on after UNKNOWN is found out."""
    monkeypatch.setattr(demo_setup, "Gateway", partial(Gateway, policy=Policy(on_unknown="failover")))
    result = run()
    assert result.exit_code == 1
    assert result.output.count("NOT as promised") == 1
    assert "1 of 6 not as promised." in result.output
    (wrong,) = [line for line in result.output.splitlines() if line.endswith("WRONG")]
    assert wrong.startswith("3  Tencent hangs up")


@pytest.mark.parametrize("number", [f"+86137{7:08}", Scenario.DROP_AFTER.number])
def test_fails_if_a_message_of_the_campaign_is_lost_or_doubled(number: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """One number twice, or one result that is not known, and the campaign is not as promised."""
    messages = [*demo.personal_messages()][1:]
    messages.insert(0, Message(number, "login-code", {"code": "000007", "minutes": "5"}))
    monkeypatch.setattr(demo, "personal_messages", lambda: messages)
    result = run()
    assert result.exit_code == 1
    assert "1 of 6 not as promised." in result.output


def test_fails_if_reports_do_not_come(monkeypatch: pytest.MonkeyPatch) -> None:
    """Messages without a final state are counted as missing."""
    monkeypatch.setattr(demo_setup, "_DELAY", 600.0)
    monkeypatch.setattr(demo_reports, "_WAIT_SECONDS", 0.05)
    result = run()
    assert result.exit_code == 1
    assert "came in            0 reports on 28 messages\n     final states       0; missing: 28" in result.output
    assert "5 of 6 not as promised." in result.output
    assert "4  Tencent refuses the number   REJECTED        0       0  none            ok" in result.output


def test_fails_if_a_report_is_about_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """A report that finds no message is found out, and so is the message that it should have found."""
    take = ReportLog.take

    async def change(log: ReportLog, event: StatusReport | Reply) -> None:
        assert isinstance(event, StatusReport)
        if event.provider == "huawei":
            event.message_id, event.tag = "nothing", None
        await take(log, event)

    monkeypatch.setattr(ReportLog, "take", change)
    result = run()
    assert result.exit_code == 1
    assert "56 reports on 28 messages\n     final states       27; missing: 1\n     NOT as promised" in result.output
    (wrong,) = [line for line in result.output.splitlines() if line.endswith("WRONG")]
    assert re.match("2  Tencent refuses connections .* none +WRONG", wrong)
    assert "2 of 6 not as promised." in result.output
