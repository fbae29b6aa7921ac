"""A vendor of another package: once that is installed, every command knows it."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import attrs
import pytest

import smsgate.vendors
from smsgate.model.errors import ConfigurationError
from smsgate.provider import Vendor
from smsgate.vendors import GROUP, vendors

PACKAGE = Path(__file__).parent / "acme" / "acme_sms.py"
KEY = "acme-key-that-nobody-sees"
SETTINGS = """
[accounts.other]
vendor = "acme"
key_env = "ACME_KEY"
base_url = "URL"

[templates.login-code]
params = ["code"]
ids = { other = "7" }
"""


class Acme(BaseHTTPRequestHandler):
    """The vendor itself: takes every message but one."""

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        assert self.headers["X-Key"] == KEY
        self.answer({"code": "A1"} if body["to"] == ["+8613800138001"] else {"id": f"m-{body['template']}"})

    def do_GET(self) -> None:
        counts = {"accepted": 2, "reports": 2, "delivered": 1, "failed": 1}
        self.answer({"sent": {"requested": 3, "accepted": 2, "billed": 2}, "delivered": counts})

    def answer(self, value: dict[str, Any]) -> None:
        body = json.dumps(value).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing on the terminal."""


def install(site: Path, entry_point: str) -> None:
    """What an installer leaves behind: the module, and the metadata with its entry point."""
    site.mkdir()
    (site / "acme_sms.py").write_text(PACKAGE.read_text("utf-8"), "utf-8")
    metadata = site / "acme_sms-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: acme-sms\nVersion: 1.0\n", "utf-8")
    (metadata / "entry_points.txt").write_text(f"[{GROUP}]\n{entry_point}\n", "utf-8")


@attrs.frozen
class Shell:
    """A directory with a settings file, and an interpreter that has the package."""

    directory: Path

    def run(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        path = os.pathsep.join(filter(None, (str(self.directory / "site"), os.environ.get("PYTHONPATH"))))
        environment = {**os.environ, "PYTHONPATH": path, "ACME_KEY": KEY, "COLUMNS": "200"}
        command = [sys.executable, "-c", "from smsgate.cli import main; main()", *arguments]
        done = subprocess.run(
            command, cwd=self.directory, env=environment, capture_output=True, text=True, encoding="utf-8", check=False
        )
        assert "Traceback" not in done.stderr
        assert KEY not in done.stdout + done.stderr
        return done


@pytest.fixture
def shell(tmp_path: Path) -> Iterator[Shell]:
    install(tmp_path / "site", "acme = acme_sms:ACME")
    with ThreadingHTTPServer(("127.0.0.1", 0), Acme) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        url = f"http://127.0.0.1:{server.server_port}"
        (tmp_path / "smsgate.toml").write_text(SETTINGS.replace("URL", url), "utf-8")
        yield Shell(tmp_path)
        server.shutdown()
        thread.join()


def test_sends_through_it(shell: Shell) -> None:
    """An account of the new kind sends, and its own codes decide what a refusal means."""
    sent = ("send", "--template", "login-code", "-p", "code=4821", "--json", "--to")
    accepted = json.loads(shell.run(*sent, "+8613800138000").stdout)
    assert (accepted["outcome"], accepted["provider"], accepted["message_id"]) == ("ACCEPTED", "other", "m-7")
    refused = shell.run(*sent, "+8613800138001")
    assert refused.returncode == 1
    assert json.loads(refused.stdout)["reason"] == "BLOCKLISTED"


def test_manages_it(shell: Shell) -> None:
    """What it can manage, the commands do; what it cannot, they say."""
    counts = json.loads(shell.run("stats", "--json").stdout)
    assert (counts["provider"], counts["requested"], counts["delivered"]) == ("other", 3, 1)
    assert "none of its accounts has templates: other" in shell.run("templates", "list").stderr


def test_explains_its_codes(shell: Shell) -> None:
    """`explain` lists its tables, and can be narrowed to it."""
    assert "GONE at acme, in a delivery report" in shell.run("explain", "GONE").stdout
    assert "A1 at acme, in the response to a send" in shell.run("explain", "A1", "--vendor", "acme").stdout


def test_init_writes_its_account(shell: Shell) -> None:
    """`init` has its kind, with the comments that it brings; what it does not explain has none."""
    shown = shell.run("init", "--vendor", "acme", "--config", "new.toml")
    assert (shown.returncode, shown.stdout.split()[-1]) == (0, "ACME_KEY")
    account = (shell.directory / "new.toml").read_text("utf-8").partition("[accounts.acme]\n")[2]
    assert account.startswith(
        'vendor = "acme"\n'
        'key_env = "ACME_KEY"  # the key of your project\n'
        'base_url = ""\n'
        '# sender = ""  # what phones show\n'
    )


def test_its_settings_are_checked_as_ours_are(shell: Shell) -> None:
    """A wrong key is named with what this kind takes, and the kinds that there are include it."""
    path = shell.directory / "smsgate.toml"
    path.write_text(SETTINGS.replace("base_url", "url"), "utf-8")
    assert "unknown key 'url'; acme takes key, base_url, sender" in shell.run("stats").stderr
    path.write_text(SETTINGS.replace('"acme"', '"acmee"'), "utf-8")
    assert "vendor must be one of tencent-v5, tencent, huawei, huawei-management, acme" in shell.run("stats").stderr


@pytest.mark.parametrize(
    ("entry_point", "problem"),
    [
        ("acme = acme_sms:NOTHING", "cannot be loaded: AttributeError"),
        ("acme = no_such_module:ACME", "cannot be loaded: ModuleNotFoundError"),
        ("acme = acme_sms:AcmeSms", "must be a smsgate.provider.Vendor, not a type"),
    ],
)
def test_a_broken_package_is_named(tmp_path: Path, entry_point: str, problem: str) -> None:
    """One line says which package is at fault and why; commands that need no vendor work."""
    install(tmp_path / "site", entry_point)
    shell = Shell(tmp_path)
    done = shell.run("explain", "DELIVRD")
    assert done.returncode == 1
    assert "entry point acme of the group smsgate.vendors" in done.stderr
    assert "from the package acme-sms" in done.stderr
    assert problem in done.stderr
    assert shell.run("sandbox", "--help").returncode == 0


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"accounts": {}, "management": {}}, "two vendors are called 'tencent'"),
        ({"name": "acme"}, "two vendors have an account 'tencent'"),
    ],
)
def test_two_vendors_cannot_share_a_name(change: dict[str, Any], problem: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A package that takes a name or a kind of account of another is refused: nobody could say which is meant."""
    twin: Vendor = attrs.evolve(vendors()[0], **change)
    point = EntryPoint("twin", "twin:TWIN", GROUP)
    monkeypatch.setattr(smsgate.vendors, "entry_points", lambda group: [point])
    monkeypatch.setattr(EntryPoint, "load", lambda self: twin)
    with pytest.raises(ConfigurationError, match=problem):
        vendors.__wrapped__()


def test_ours_are_the_same_value() -> None:
    """Ours come first, and have all that a package may bring."""
    ours = vendors()[:2]
    assert [vendor.name for vendor in ours] == ["tencent", "huawei"]
    for vendor in ours:
        assert isinstance(vendor, Vendor)
        assert vendor.codebooks
        assert vendor.accounts
        assert vendor.management
        assert vendor.parse_callback is not None
