"""Ctrl+C while a vendor works on a request: what became of it is said, or that nobody knows."""

import json
import os
import re
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self

import anyio
import click
import pytest
from cli_shell import COMMAND
from click.testing import CliRunner

from smsgate.cli.app import cli

SETTINGS = """
[accounts.first]
vendor = "tencent-v5"
sdk_app_id = "1400006666"
app_key_env = "KEY"
sign = "Acme"
base_url = "URL"

[accounts.second]
vendor = "tencent-v5"
sdk_app_id = "1400006666"
app_key_env = "KEY"
sign = "Acme"
base_url = "URL"

[templates.login-code]
params = ["code"]
ids = { first = "19", second = "19" }
"""
SEND = ("send", "--to", "+8613800138000", "--template", "login-code", "-p", "code=4821", "--json")
ACCEPTED = {"result": 0, "errmsg": "OK", "ext": "", "sid": "8:1", "fee": 1}
REFUSED = {"result": 1031, "errmsg": "package balance not enough", "ext": ""}


class Vendor(ThreadingHTTPServer):
    """Holds every response back until it is released."""

    daemon_threads = True

    def __init__(self, response: dict[str, Any], hold: float) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.response = json.dumps(response).encode()
        self.hold = hold
        self.requests = 0
        self.got_one = threading.Event()
        self.released = threading.Event()

    @classmethod
    @contextmanager
    def running(cls, response: dict[str, Any], directory: Path, *, hold: float = 60.0) -> Iterator[Self]:
        """One that serves while the context lasts, with a settings file that leads to it."""
        with cls(response, hold) as server:
            settings = SETTINGS.replace("URL", f"http://127.0.0.1:{server.server_port}")
            (directory / "smsgate.toml").write_text(settings, "utf-8")
            thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
            thread.start()
            try:
                yield server
            finally:
                server.released.set()
                server.shutdown()
                thread.join()


class _Handler(BaseHTTPRequestHandler):
    server: Vendor

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.server.requests += 1
        self.server.got_one.set()
        self.server.released.wait(self.server.hold)
        self.send_response(200)
        self.send_header("Content-Length", str(len(self.server.response)))
        self.end_headers()
        self.wfile.write(self.server.response)

    def handle(self) -> None:
        with suppress(OSError):  # the command has gone: that is the test
            super().handle()

    def log_message(self, format: str, *args: object) -> None:
        """Nothing on the terminal."""


@contextmanager
def command(directory: Path, *arguments: str) -> Iterator["subprocess.Popen[str]"]:
    """The command in a process of its own."""
    pipe, environment = subprocess.PIPE, {**os.environ, "KEY": "key"}
    argv = [*COMMAND, *arguments]
    with subprocess.Popen(
        argv, cwd=directory, env=environment, stdout=pipe, stderr=pipe, text=True, encoding="utf-8"
    ) as process:
        try:
            yield process
        finally:
            process.kill()


@pytest.mark.parametrize(
    ("response", "status", "outcome"), [(ACCEPTED, 0, "ACCEPTED"), (REFUSED, 1, "REJECTED")], ids=["taken", "refused"]
)
def test_a_send_waits_and_shows_its_result(tmp_path: Path, response: dict[str, Any], status: int, outcome: str) -> None:
    """The response comes after Ctrl+C: its result and status are those of any send, and no other vendor is tried."""
    with Vendor.running(response, tmp_path) as vendor, command(tmp_path, *SEND) as process:
        vendor.got_one.wait()
        process.send_signal(signal.SIGINT)
        assert process.stderr is not None
        assert process.stderr.readline().startswith("Interrupted: waiting for the vendor's response.")
        vendor.released.set()
        output, errors = process.communicate()
        assert (process.returncode, errors) == (status, "")
        assert json.loads(output)["outcome"] == outcome
        assert vendor.requests == 1


def test_a_second_ctrl_c_does_not_wait(tmp_path: Path) -> None:
    """What became of the message is not known then: exit status 3, and not "not sent"."""
    with Vendor.running(ACCEPTED, tmp_path) as vendor, command(tmp_path, *SEND) as process:
        vendor.got_one.wait()
        process.send_signal(signal.SIGINT)
        assert process.stderr is not None
        process.stderr.readline()
        process.send_signal(signal.SIGINT)
        output, errors = process.communicate()
        assert (process.returncode, errors) == (3, "")
        assert json.loads(output)["outcome"] == "UNKNOWN"


def test_a_second_ctrl_c_at_once_does_not_wait(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor if it comes while the first one is answered."""
    before, echo = signal.signal(signal.SIGINT, signal.default_int_handler), click.echo

    def press_again(text: str, *, err: bool = False) -> None:
        if err:
            raise KeyboardInterrupt
        echo(text)

    with Vendor.running(ACCEPTED, tmp_path) as vendor:
        monkeypatch.chdir(tmp_path)
        monkeypatch.setenv("KEY", "key")
        monkeypatch.setattr(click, "echo", press_again)

        def press() -> None:
            vendor.got_one.wait()
            os.kill(os.getpid(), signal.SIGINT)

        thread = threading.Thread(target=press)
        thread.start()
        try:
            result = CliRunner().invoke(cli, SEND)
        finally:
            thread.join()
            signal.signal(signal.SIGINT, before)
    shown = json.loads(result.output)
    assert (result.exit_code, shown["outcome"], shown["description"]) == (3, "UNKNOWN", "cut short")


def test_a_send_without_a_result_may_have_been_sent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Should Ctrl+C leave no result at all, the status is 3 as well: 1 would say that nothing was sent."""

    def interrupted(main: object) -> None:
        raise KeyboardInterrupt

    (tmp_path / "smsgate.toml").write_text(SETTINGS.replace("URL", "http://127.0.0.1:1"), "utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("KEY", "key")
    monkeypatch.setattr(anyio, "run", interrupted)
    result = CliRunner().invoke(cli, SEND)
    assert (result.exit_code, result.output) == (3, "Error: interrupted: the message may have been sent\n")


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (("templates", "delete", "19"), "interrupted: what was asked of the vendor may have been done"),
        (("pull",), "interrupted: smsgate-first-reports.spool keeps what was pulled, --replay shows it"),
    ],
)
def test_other_calls_say_that_they_may_have_been_done(tmp_path: Path, arguments: tuple[str, ...], problem: str) -> None:
    """A call that Ctrl+C ends may have taken effect: one line says so, exit status 3."""
    with (
        Vendor.running({"result": 0, "errmsg": "ok", "count": 0, "data": []}, tmp_path, hold=5.0) as vendor,
        command(tmp_path, *arguments, "--account", "first") as process,
    ):
        vendor.got_one.wait()
        process.send_signal(signal.SIGINT)
        output, errors = process.communicate()
        assert (process.returncode, output) == (3, "")
        assert errors.splitlines()[-1] == f"Error: {problem}"


def test_what_ctrl_c_kept_from_its_turn_is_no_failure(tmp_path: Path) -> None:
    """With a rate some messages have been read and wait: they were not begun, as the rows behind them."""
    rows = "".join(f"p{index},+861380013{index:04d},{index}\n" for index in range(300))
    (tmp_path / "people.csv").write_text(f"id,to,code\n{rows}", "utf-8")
    arguments = ("campaign", "people.csv", "--template", "login-code", "--key-column", "id", "--send", "--rate", "300")
    with Vendor.running(REFUSED, tmp_path) as vendor, command(tmp_path, *arguments) as process:
        vendor.got_one.wait()
        time.sleep(0.3)  # until more are waiting for a connection than are in progress
        process.send_signal(signal.SIGINT)
        assert process.stderr is not None
        process.stderr.readline()
        vendor.released.set()
        output, _ = process.communicate()
    shown = dict(re.findall(r"^(not \w+(?: because)?) +(.*)$", output, re.MULTILINE))
    refused = re.fullmatch(r"INSUFFICIENT_BALANCE (\d+)", shown["not sent because"])
    assert refused is not None, output
    assert shown["not begun"] == f"{300 - int(refused[1])} (interrupted)"
    assert shown["not sent"] == "300"
    assert re.search(r"^INSUFFICIENT_BALANCE +\w+ +1031 .*package balance not enough", output, re.MULTILINE), output


def test_a_campaign_is_stopped_and_resumed(tmp_path: Path) -> None:
    """Ctrl+C ends what is in progress and begins nothing; the same command again sends the rest, each row once."""
    rows = "".join(f"p{index},+861380013{index:04d},{index}\n" for index in range(40))
    (tmp_path / "people.csv").write_text(f"id,to,code\n{rows}", "utf-8")
    arguments = ("campaign", "people.csv", "--template", "login-code", "--key-column", "id", "--send", "--json")
    with Vendor.running(ACCEPTED, tmp_path) as vendor:
        with command(tmp_path, *arguments) as process:
            vendor.got_one.wait()
            process.send_signal(signal.SIGINT)
            assert process.stderr is not None
            assert process.stderr.readline().startswith("Interrupted: waiting for what is in progress.")
            vendor.released.set()
            output, errors = process.communicate()
        first = json.loads(output)
        assert (process.returncode, errors) == (1, "")
        assert 0 < first["accepted"] < 40
        assert (first["not_sent"], vendor.requests) == (40 - first["accepted"], first["accepted"])
        assert (first["not_begun"], first["not_sent_because"]) == (first["not_sent"], {})
        with command(tmp_path, *arguments) as process:
            output, errors = process.communicate()
        second = json.loads(output)
        assert (process.returncode, errors) == (0, "")
        assert (second["accepted"], second["accepted_earlier"]) == (40 - first["accepted"], first["accepted"])
        assert vendor.requests == 40
