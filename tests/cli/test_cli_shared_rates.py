"""`smsgate send` and `smsgate campaign` with a section `[rates]`: what they send counts for all processes."""

import json
import os
import re
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import anyio
import pytest
from cli_shell import COMMAND, Shell
from databases import Server
from redis import Redis

from smsgate import Gateway
from smsgate.config import load
from smsgate.ledger import RedisRates, SqlRates

CAMPAIGN: Final = ("campaign", "people.csv", "--template", "login-code", "--key-column", "id", "-p", "minutes=5")
SEND: Final = (
    *("send", "--to", "+8613788880000", "--template", "login-code", "-p", "code=4821", "-p", "minutes=5"),
    *("--provider", "tencent-v5"),
)


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shell]:
    """A shell before a sandbox, with two people."""
    (tmp_path / "people.csv").write_text("id,to,code\np0,+8613788880000,4821\np1,+8613788880001,4822\n", "utf-8")
    with Shell.opened(tmp_path, monkeypatch) as opened:
        yield opened


@pytest.fixture(params=["sqlite", "redis"])
def store(request: pytest.FixtureRequest, shell: Shell, database_server: Callable[[str], Server]) -> str:
    """The class of a store without accounts, which the file has a section for."""
    if request.param == "sqlite":
        add('[ledger]\nurl = "sqlite:///sms.db"\n[rates]\n')
        return "SqlRates"
    url = database_server("redis").url
    with Redis.from_url(url) as client:
        client.flushdb()
    add(f'[rates]\nurl = "{url}"\n')
    return "RedisRates"


def add(text: str) -> None:
    """More of the settings file."""
    settings = Path("smsgate.toml")
    settings.write_text(f"{settings.read_text('utf-8')}\n{text}", "utf-8")


def book(seconds: float) -> float | None:
    """What a worker books of the account's time that reads the same file. Returns when it begins."""

    async def main() -> float | None:
        async with load("smsgate.toml").rates() as rates:
            return await rates.book("tencent-v5", seconds, longest=1e6)

    return anyio.run(main)


def sent(shell: Shell) -> int:
    return len(shell.server.sandbox.messages)


def shown(shell: Shell, *arguments: str, status: int = 0) -> Any:
    result = shell.run(*arguments, "--json")
    assert result.exit_code == status, result.output
    return json.loads(result.stdout)


def test_a_send_finds_what_workers_have_booked(shell: Shell, store: str) -> None:
    """It has no room where they have booked the account's next hour."""
    book(3600.0)
    found = shown(shell, *SEND, status=1)
    assert (found["outcome"], found["reason"]) == ("NOT_SENT", "OVERLOADED")
    assert sent(shell) == 0


def test_a_send_makes_what_the_store_needs(shell: Shell, store: str) -> None:
    """Its table, and the account, whose rate it books of."""
    assert shown(shell, *SEND)["outcome"] == "ACCEPTED"
    assert sent(shell) == 1
    begins = book(0.0)
    assert begins is not None
    assert begins < 0.9  # a new account has a second that counts as booked


def test_a_campaign_waits_for_its_turn(shell: Shell, store: str) -> None:
    """It sends once the workers' time is over."""
    began = time.monotonic()
    book(2.0)  # after the second that counts as booked of a new account
    assert shown(shell, *CAMPAIGN, "--send")["accepted"] == 2
    assert time.monotonic() - began > 2.8
    assert sent(shell) == 2


@pytest.mark.parametrize("arguments", [(*SEND,), (*CAMPAIGN, "--send")], ids=["send", "campaign"])
def test_the_store_is_closed_after_the_gateway(
    shell: Shell, store: str, arguments: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Until then requests may book."""
    closed: list[str] = []
    for each in (Gateway, RedisRates, SqlRates):
        note_when_closed(each, closed, monkeypatch)
    assert shell.run(*arguments).exit_code == 0
    assert closed == ["Gateway", store]


def note_when_closed(kind: Any, closed: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    close = kind.aclose

    async def noted(self: object, *arguments: object, **options: object) -> None:
        await close(self, *arguments, **options)
        closed.append(kind.__name__)

    monkeypatch.setattr(kind, "aclose", noted)


AWAY: Final = {
    "redis": ("redis://:CANARY@127.0.0.1:1/0", "ConnectionError .*Connection refused"),
    "a socket": ("unix:///nowhere/redis.sock?password=CANARY", "ConnectionError .*No such file"),
    "postgresql": ("postgresql://sms:CANARY@127.0.0.1:1/sms", "OperationalError .*(refused|failed)"),
    "mysql": ("mysql://sms:CANARY@127.0.0.1:1/sms", "OperationalError .*"),
    "sqlite": ("sqlite:////nowhere/sms.db", "OperationalError .*unable to open database file"),
}
"""Stores that are not there, and what is said of them."""


@pytest.mark.parametrize("arguments", [(*SEND,), (*CAMPAIGN, "--send")], ids=["send", "campaign"])
@pytest.mark.parametrize("kind", AWAY)
def test_a_store_that_is_away(
    shell: Shell, kind: str, arguments: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    """One line names the section and what its client says, and no password. Nothing is sent."""
    url, words = AWAY[kind]
    monkeypatch.setenv("RATES_URL", url)
    add('[rates]\nurl_env = "RATES_URL"\n')
    error = shell.error(*arguments)
    before = r"Error: smsgate\.toml: \[rates\]: the store cannot be used, so nothing was sent: "
    assert re.match(before + words, error), error
    assert "CANARY" not in error
    assert sent(shell) == 0


def test_a_url_that_is_wrong(shell: Shell) -> None:
    """The same goes for it."""
    add('[rates]\nurl = "reddis://redis"\n')
    for arguments in (SEND, (*CAMPAIGN, "--send")):
        assert shell.error(*arguments).startswith("Error: smsgate.toml: [rates]: url: Can't load plugin")
    assert sent(shell) == 0


@pytest.mark.parametrize("url", [url for url, _ in AWAY.values()])
def test_a_dry_run_needs_no_store(shell: Shell, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """It says what would be sent, and makes nothing."""
    monkeypatch.setenv("RATES_URL", url)
    add('[rates]\nurl_env = "RATES_URL"\n')
    files = sorted(Path().iterdir())
    assert shown(shell, *SEND, "--dry-run")["order"] == ["tencent-v5"]
    assert shown(shell, *CAMPAIGN)["to_send"] == 2
    assert sorted(Path().iterdir()) == files


def test_another_ledger_leaves_the_rate_where_it_is(shell: Shell) -> None:
    """`--ledger` is for what was sent: the workers' rate is in the database of the file."""
    add('[ledger]\nurl = "sqlite:///sms.db"\n[rates]\n')
    assert shown(shell, *CAMPAIGN, "--send", "--ledger", "sqlite:///other.db")["accepted"] == 2
    assert Path("sms.db").exists()
    begins = book(0.0)
    assert begins is not None
    assert begins < 0.9


def test_the_file_of_the_rates_is_no_list_of_bad_rows(shell: Shell) -> None:
    """It would be overwritten."""
    add('[rates]\nurl = "sqlite:///rates.csv"\n')
    assert shell.error(*CAMPAIGN, "--bad-rows", "rates.csv") == "Error: --bad-rows: is the file of the shared rates"


@pytest.mark.parametrize("scheme", ["redis", "postgresql"])
def test_ctrl_c_while_the_store_does_not_answer(shell: Shell, scheme: str) -> None:
    """Nothing was sent then, and that is what is said: exit status 1."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        silent.settimeout(60)
        add(f'[rates]\nurl = "{scheme}://127.0.0.1:{silent.getsockname()[1]}/0"\ntimeout = 4\n')
        pipe = subprocess.PIPE
        with subprocess.Popen([*COMMAND, *SEND], stdout=pipe, stderr=pipe, text=True, env=os.environ) as process:
            try:
                with silent.accept()[0]:
                    process.send_signal(signal.SIGINT)
                    output, errors = process.communicate(timeout=60)
            finally:
                process.kill()
    assert (process.returncode, output, errors) == (1, "", "Error: interrupted: nothing was sent\n")
    assert sent(shell) == 0
