"""How far a campaign is, on a terminal and elsewhere."""

import pytest

from smsgate.cli.campaign_progress import Bar


class Ticks:
    """A clock that goes on by a second with each look."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        self.now += 1.0
        return self.now


def test_a_line_from_time_to_time(capsys: pytest.CaptureFixture[str]) -> None:
    """Where there is no terminal, a line every ten seconds says how many, how fast and how long still."""
    with Bar(100, clock=Ticks()) as bar:
        for _ in range(25):
            bar.advance()
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.splitlines() == ["10 of 100, 1 a second, 90 s left", "20 of 100, 1 a second, 80 s left"]


def test_a_bar_on_a_terminal(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """On a terminal a bar says the same."""
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm")
    with Bar(10, clock=Ticks()) as bar:
        for _ in range(10):
            bar.advance()
    printed = capsys.readouterr()
    assert printed.out == ""
    assert "10/10" in printed.err
    assert "1/s" in printed.err
