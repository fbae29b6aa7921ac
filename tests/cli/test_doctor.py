"""`smsgate doctor` and `smsgate lint` against the sandbox and an application of ours, on loopback ports."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from asgi_driver import parse_lines
from cli_shell import Shell

from smsgate.sandbox.serving import Serving
from smsgate.webhooks import CallbackApp, Route

TOKEN = "CANARY-0123456789abcdef"


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shell]:
    with Shell.opened(tmp_path, monkeypatch) as shell:
        yield shell


def findings(shell: Shell, *arguments: str, exit_code: int) -> dict[tuple[str, str], tuple[str, str]]:
    """Level and text of each finding, by its subject and what was looked at."""
    result = shell.run(*arguments, "--json")
    assert result.exit_code == exit_code, result.output
    rows: list[dict[str, Any]] = json.loads(result.stdout)
    assert all(row["what_to_do"] for row in rows if row["level"] in ("error", "warning"))
    return {(row["subject"], row["check"]): (row["level"], row["finding"]) for row in rows}


def change(shell: Shell, old: str, new: str) -> None:
    path = shell.directory / "smsgate.toml"
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")


def test_accounts_that_work(shell: Shell) -> None:
    """Each account is looked at by the calls that it has; nothing is sent."""
    found = findings(shell, "doctor", exit_code=0)
    assert found[shell.server.url, "address"] == ("ok", "reached, without TLS")
    for account in ("tencent-v5", "tencent", "huawei-management"):
        assert found[f"account {account}", "credentials"][0] == "ok"
    assert found["account huawei", "credentials"][0] == "skipped"
    for account in ("tencent-v5", "tencent", "huawei"):
        assert found[f"login-code at {account}", "review"] == ("ok", "approved")
    assert found["login-code at tencent", "signature"] == ("ok", "Acme: approved")
    assert shell.server.sandbox.messages == ()


def test_a_wrong_key(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    """A key that is not taken is an error of that account, with the vendor's code and no key."""
    monkeypatch.setenv("TENCENT_SECRET_KEY", "CANARY-wrong")
    found = findings(shell, "doctor", exit_code=1)
    level, text = found["account tencent", "credentials"]
    assert level == "error"
    assert "AuthFailure" in text
    assert found["account tencent-v5", "credentials"][0] == "ok"
    assert "CANARY" not in shell.run("doctor").output


def test_an_account_that_cannot_be_made(shell: Shell) -> None:
    """It is one finding, and the others are looked at all the same."""
    change(shell, 'sign = "Acme"', 'sign = "【Acme】"')
    found = findings(shell, "doctor", exit_code=1)
    level, text = found["settings", "account"]
    assert level == "error"
    assert "[accounts.tencent-v5]: sign" in text
    assert found["account tencent", "credentials"][0] == "ok"


def test_an_address_where_nobody_is(shell: Shell) -> None:
    """An address that takes no connection is an error that says so."""
    shell.server.stop()
    found = findings(shell, "doctor", exit_code=1)
    level, text = found[shell.server.url, "address"]
    assert level == "error"
    assert "127.0.0.1" in text
    for account in ("tencent-v5", "tencent", "huawei", "huawei-management"):
        assert found[f"account {account}", "credentials"] == ("skipped", f"{shell.server.url} is not reached")
    assert "smsgate explain" not in shell.run("doctor").stdout


def test_what_to_do_about_credentials(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a code of the vendor's it is to look that up; without one the address is to be looked at."""
    change(shell, f'iam_url = "{shell.server.url}"', 'iam_url = "http://127.0.0.1:1"')
    monkeypatch.setenv("TENCENT_SECRET_KEY", "CANARY-wrong")
    rows = json.loads(shell.run("doctor", "--json").stdout)
    told = {
        row["subject"]: row["what_to_do"] for row in rows if (row["check"], row["level"]) == ("credentials", "error")
    }
    assert set(told) == {"account tencent", "account huawei-management"}
    assert told["account tencent"] == "see `smsgate explain` for the code"
    assert told["account huawei-management"].startswith("look at base_url")


def test_a_template_and_a_signature_that_there_are_not(shell: Shell) -> None:
    """What the vendor does not have, or has not approved, is an error of the template at that account."""
    change(shell, 'tencent = "', 'tencent = "9')
    change(
        shell,
        'TENCENT_SECRET_KEY"\nsdk_app_id = "1400006666"\nsign = "Acme"',
        'TENCENT_SECRET_KEY"\nsdk_app_id = "1400006666"\nsign = "Other"',
    )
    found = findings(shell, "doctor", exit_code=1)
    assert found["login-code at tencent", "review"][0] == "error"
    level, text = found["login-code at tencent", "signature"]
    assert (level, text) == ("error", "the vendor has no signature Other for mainland China")


@contextmanager
def application(*accounts: str) -> Iterator[str]:
    routes = [Route(account, parse_lines, tokens=[TOKEN]) for account in accounts]
    serving = Serving(CallbackApp(lambda _: None, *routes), "127.0.0.1", 0)
    serving.start()
    try:
        yield f"http://127.0.0.1:{serving.port}/sms"
    finally:
        serving.stop()


def test_where_the_vendors_push_to(shell: Shell, caplog: pytest.LogCaptureFixture) -> None:
    """Our own application refuses a made-up token in its own words; a stranger's answer is an error, and so is none."""
    with application("tencent-v5", "tencent", "huawei") as url:
        found = findings(shell, "doctor", "--callbacks", url, exit_code=0)
        assert found["callbacks of huawei", "address"] == ("ok", "smsgate answers, and refuses a made-up token (404)")
    assert findings(shell, "doctor", "--callbacks", url, exit_code=1)["callbacks of huawei", "address"][0] == "error"
    found = findings(shell, "doctor", "--callbacks", shell.server.url, exit_code=1)
    assert found["callbacks of huawei", "address"] == ("error", "something else answers: 404")
    found = findings(shell, "doctor", "--callbacks", "https://user:CANARY@a.example", exit_code=1)
    assert "must not have a user or password" in found["callbacks of huawei", "address"][1]
    assert "CANARY" not in caplog.text


class Late(BaseHTTPRequestHandler):
    """A server whose time is that of its address: two hours ago."""

    def do_GET(self) -> None:
        self.send_response(404)
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_POST = do_GET

    def date_time_string(self, timestamp: float | None = None) -> str:
        return "Mon, 06 Jan 2025 08:00:00 GMT"

    def log_message(self, format: str, *args: object) -> None:
        """Nothing on the terminal."""


def test_a_clock_that_is_off(shell: Shell) -> None:
    """The time that a vendor's responses carry is compared with this machine's."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Late) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        url = f"http://127.0.0.1:{server.server_port}"
        change(shell, f'base_url = "{shell.server.url}"', f'base_url = "{url}"')
        found = findings(shell, "doctor", exit_code=1)
        server.shutdown()
        thread.join()
    level, text = found[url, "clock"]
    assert level == "error"
    assert text.endswith("seconds ahead of it")


def test_templates_as_the_vendors_have_them(shell: Shell) -> None:
    """Lint finds nothing in a file that is as the vendors' copies, with requests and without."""
    assert findings(shell, "lint", exit_code=0)["login-code at tencent", "copy"] == ("ok", "as the vendor's")
    shell.server.stop()
    assert findings(shell, "lint", "--offline", exit_code=0)["login-code at huawei", "request"][0] == "ok"


def test_templates_that_differ(shell: Shell) -> None:
    """Parameters, order and text are compared at each account, with the account's own order of params."""
    change(shell, 'params = ["code", "minutes"]', 'params = ["minutes", "code"]')
    found = findings(shell, "lint", exit_code=1)
    for account in ("tencent-v5", "tencent", "huawei"):
        assert found[f"login-code at {account}", "order"][0] == "error"
    change(shell, 'params = ["minutes", "code"]', 'params = ["code", "minutes"]')
    change(shell, "Your code is", "Your login code is")
    assert findings(shell, "lint", exit_code=0)["login-code at tencent", "text"][0] == "warning"


def test_what_the_file_alone_shows(shell: Shell) -> None:
    """An id for no account, a route to none, and what an account would refuse are found without a request."""
    shell.server.stop()
    change(shell, "ids = { ", 'ids = { tencnt = "19", ')
    change(shell, 'tencent-v5 = "', 'tencent-v5 = "x')
    change(shell, "[templates.login-code]", '[[routes]]\nproviders = ["huwaei"]\n\n[templates.login-code]')
    found = findings(shell, "lint", "--offline", exit_code=1)
    assert found["login-code", "account"][0] == "warning"
    assert "did you mean 'tencent'" in found["login-code", "account"][1]
    assert found["login-code at tencent-v5", "request"][0] == "error"
    assert "route 1 names 'huwaei'" in found["settings", "gateway"][1]
