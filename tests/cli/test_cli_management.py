"""The commands that talk to vendors, against the sandbox on a real port."""

import errno
import json
import os
import re
import shlex
import signal
import subprocess
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import attrs
import pytest
from cli_shell import COMMAND, Shell

from smsgate.config import load
from smsgate.model.result import Attempt
from smsgate.sandbox import Scenario

MANAGED: Final = ("tencent-v5", "tencent", "huawei-management")
TENCENT: Final = ("tencent-v5", "tencent")
SEND: Final = ("send", "--template", "login-code", "-p", "code=4821", "-p", "minutes=5")
PICTURE: Final = b"\x89PNG\r\n\x1a\n"


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shell]:
    (tmp_path / "licence.png").write_bytes(PICTURE)
    with Shell.opened(tmp_path, monkeypatch) as shell:
        yield shell


@pytest.mark.parametrize("account", MANAGED)
def test_templates_from_application_to_deletion(shell: Shell, account: str) -> None:
    """A template is added, shown, rejected, modified, listed and deleted, and is gone then."""
    chosen = ("--account", account)
    draft = ("--name", "hello", "--text", "Good morning.", "--kind", "notification")
    added = shell.json("templates", "add", *draft, "--remark", "[reject: too short]", *chosen)
    assert (added["provider"], added["state"], added["text"]) == (account, "PENDING", "Good morning.")
    shown = shell.json("templates", "show", added["id"], *chosen)
    assert (shown["state"], shown["review"]) == ("REJECTED", "too short")
    modified = shell.json("templates", "modify", added["id"], *draft, "--remark", "[approve]", *chosen)
    assert (modified["id"], modified["state"]) == (added["id"], "PENDING")
    (listed,) = [each for each in shell.json("templates", "list", *chosen) if each["id"] == added["id"]]
    assert (listed["name"], listed["state"]) == ("hello", "APPROVED")
    gone = shell.json("templates", "delete", added["id"], *chosen)
    assert gone == {"provider": account, "id": added["id"], "deleted": True}
    assert added["id"] not in shell.text("templates", "list", *chosen)
    assert shell.error("templates", "show", added["id"], *chosen).startswith("Error: ")


@pytest.mark.parametrize("account", MANAGED)
def test_templates_for_people(shell: Shell, account: str) -> None:
    """Without --json: a table with a line for each, in which ids stay whole, or a line for each field of one."""
    template = shell.json("templates", "list", "--account", account)[0]
    head, line, *_ = shell.text("templates", "list", "--account", account).splitlines()
    assert "send id" in head
    assert all(word in line for word in (template["id"], template["send_id"], "APPROVED", template["text"]))
    one = shell.text("templates", "show", template["id"], "--account", account)
    assert f"id        {template['id']}\n" in one
    assert "review" not in one


@pytest.mark.parametrize("account", TENCENT)
def test_signatures_from_application_to_deletion(shell: Shell, account: str) -> None:
    """A signature is added with its picture, shown, asked for by its id and deleted."""
    chosen = ("--account", account)
    proof = ("--picture", "licence.png", "--remark", "[reject: blurred]")
    added = shell.json("signatures", "add", "--text", "Umbrella", *proof, *chosen)
    assert (added["provider"], added["text"], added["state"]) == (account, "Umbrella", "PENDING")
    shown = shell.json("signatures", "show", added["id"], *chosen)
    assert (shown["state"], shown["review"]) == ("REJECTED", "blurred")
    assert shell.json("signatures", "list", "--id", added["id"], *chosen) == [shown]
    assert "Umbrella" in shell.text("signatures", "list", "--id", added["id"], *chosen)
    assert "deleted   True" in shell.text("signatures", "delete", added["id"], *chosen)
    assert shell.error("signatures", "show", added["id"], *chosen).startswith("Error: ")


@pytest.mark.parametrize("account", ["tencent", "huawei-management"])
def test_signatures_can_be_listed_where_the_vendor_lists_them(shell: Shell, account: str) -> None:
    """Every signature of the account, as JSON and as a table."""
    listed = shell.json("signatures", "list", "--account", account)
    table = shell.text("signatures", "list", "--account", account)
    assert "Acme" in {each["text"] for each in listed}
    assert all(each["id"] in table for each in listed)


def test_huawei_signatures_are_shown_and_deleted(shell: Shell) -> None:
    """Those that Huawei has; one is added in Python, since its papers are uploaded first."""
    chosen = ("--account", "huawei-management")
    first, *_ = shell.json("signatures", "list", *chosen)
    assert shell.json("signatures", "show", first["id"], *chosen) == first
    shell.json("signatures", "delete", first["id"], *chosen)
    assert first not in shell.json("signatures", "list", *chosen)
    refused = shell.error("signatures", "add", "--text", "Umbrella", "--picture", "licence.png", *chosen)
    assert refused == "Error: --picture: upload it with upload_file(), and give its id as file_id"


@pytest.mark.parametrize("account", TENCENT)
def test_stats_count_what_was_sent(shell: Shell, account: str) -> None:
    """What was sent and what became of it, by cause."""
    for scenario in (Scenario.DELIVERED, Scenario.NO_SUCH_NUMBER, Scenario.CONTENT_REFUSED):
        shell.run(*SEND, "--provider", account, "--to", scenario.number)
    counts = shell.json("stats", "--account", account)
    shown = {key: counts[key] for key in ("provider", "requested", "accepted", "billed", "delivered", "failed")}
    assert shown == {"provider": account, "requested": 3, "accepted": 2, "billed": 2, "delivered": 1, "failed": 1}
    assert counts["failed_invalid_number"] == 1
    table = shell.text("stats", "--account", account, "--begin", "2026-01-01", "--end", "2026-01-02T08:00:00+0800")
    assert "requested              0\n" in table
    assert "end                    2026-01-02 08:00:00 +0800\n" in table


@pytest.mark.parametrize("account", TENCENT)
def test_a_pull_is_kept_and_can_be_replayed(shell: Shell, account: str) -> None:
    """What was pulled is gone at the vendor; the spool has it, for its owner only."""
    pull = ("pull", "--account", account, "--spool", "kept.spool")
    shell.run(*SEND, "--provider", account, "--to", Scenario.PHONE_OFF.number)
    pulled = shell.json(*pull)
    (report,) = pulled
    assert (report["to"], report["state"]) == (Scenario.PHONE_OFF.number, "UNDELIVERED")
    assert (shell.directory / "kept.spool").stat().st_mode & 0o077 == 0
    assert shell.json(*pull) == []
    assert shell.text(*pull) == "No reports are waiting.\n"
    assert shell.json(*pull, "--replay") == pulled
    assert report["message_id"] in shell.text(*pull, "--replay")


@pytest.mark.parametrize("account", TENCENT)
def test_replies_are_pulled(shell: Shell, account: str) -> None:
    """A person's reply comes with its text."""
    shell.server.sandbox.reply("+8613788888888", "STOP [now]", now=1_700_000_000)
    (reply,) = shell.json("pull", "--kind", "replies", "--account", account)
    assert (reply["provider"], reply["from"], reply["text"]) == (account, "+8613788888888", "STOP [now]")
    assert "STOP [now]" in shell.text("pull", "--kind", "replies", "--account", account, "--replay")


def test_an_empty_spool_is_not_an_empty_queue(shell: Shell) -> None:
    """A replay says that it looked into the spool, and leaves no file behind."""
    shown = shell.text("pull", "--account", "tencent", "--spool", "none.spool", "--replay")
    assert shown == "none.spool holds no reports.\n"
    assert not (shell.directory / "none.spool").exists()


def test_each_account_and_kind_has_a_spool_of_its_own(shell: Shell) -> None:
    """A spool does not say whose answers it holds, so the default file is never shared."""
    for account in ("tencent-v5", "tencent"):
        for kind in ("reports", "replies"):
            shell.text("pull", "--account", account, "--kind", kind)
    found = sorted(path.name for path in shell.directory.glob("*.spool"))
    assert found == [f"smsgate-{each}.spool" for each in (
        "tencent-replies", "tencent-reports", "tencent-v5-replies", "tencent-v5-reports"
    )]  # fmt: skip


def test_a_spool_that_cannot_be_written_is_told_before_the_pull(shell: Shell) -> None:
    """Nothing is taken out of the queue when there is nowhere to keep it."""
    shell.run(*SEND, "--provider", "tencent", "--to", Scenario.DELIVERED.number)
    (shell.directory / "loop.spool").symlink_to("loop.spool")
    shown = shell.error("pull", "--account", "tencent", "--spool", "loop.spool")
    assert shown == f"Error: loop.spool: {os.strerror(errno.ELOOP)}"
    assert shell.error("pull", "--account", "tencent", "--spool", "none/x").endswith("none is not a directory")
    settings = (shell.directory / "smsgate.toml").read_bytes()
    shown = shell.error("pull", "--account", "tencent", "--spool", "smsgate.toml")
    assert shown == "Error: --spool: smsgate.toml is not a spool: name another file"
    assert (shell.directory / "smsgate.toml").read_bytes() == settings
    assert len(shell.json("pull", "--account", "tencent")) == 1


@pytest.mark.parametrize(("option", "read"), [(("--json",), json.loads), ((), str.split)])
def test_following_goes_on_until_it_is_interrupted(
    shell: Shell, option: tuple[str, ...], read: Callable[[str], Any]
) -> None:
    """Each report is a line as soon as it is there; Ctrl+C ends it without a complaint."""
    pull = ("pull", "--follow", "--interval", "0.1", "--account", "tencent", *option)
    pipe = subprocess.PIPE
    with subprocess.Popen([*COMMAND, *pull], stdout=pipe, stderr=pipe, text=True, encoding="utf-8") as process:
        shell.run(*SEND, "--provider", "tencent", "--to", Scenario.DELIVERED.number)
        assert process.stdout is not None
        row = read(process.stdout.readline())
        process.send_signal(signal.SIGINT)
        output, errors = process.communicate()
    assert Scenario.DELIVERED.number in (row.values() if option else row)
    assert (process.returncode, output, errors) == (0, "", "")


@pytest.mark.parametrize(
    ("scenario", "status", "outcome"),
    [
        (Scenario.DELIVERED, 0, "ACCEPTED"),
        (Scenario.CONTENT_REFUSED, 1, "REJECTED"),
        (Scenario.DROP_AFTER, 3, "UNKNOWN"),
    ],
)
def test_the_exit_status_of_a_send_tells_its_outcome(
    shell: Shell, scenario: Scenario, status: int, outcome: str
) -> None:
    """0: accepted; 1: not sent; 3: it may have been sent."""
    result = shell.run(*SEND, "--to", scenario.number, "--key", "order-1", "--json")
    shown = json.loads(result.stdout)
    assert (result.exit_code, shown["outcome"], shown["provider"]) == (status, outcome, "tencent-v5")
    (attempt,) = shown["attempts"]
    assert set(attempt) == {field.name for field in attrs.fields(Attempt)}
    assert (attempt["provider"], attempt["outcome"]) == ("tencent-v5", outcome)
    assert datetime.fromisoformat(attempt["started_at"]).tzinfo is not None
    people = shell.run(*SEND, "--to", scenario.number)
    assert (people.exit_code, people.stdout.splitlines()[0].split()) == (status, ["outcome", outcome])


def test_a_send_asks_the_providers_that_were_named(shell: Shell) -> None:
    """--provider chooses and orders; --region reads a national number."""
    (number, region) = (Scenario.DELIVERED.number.removeprefix("+86"), "CN")
    shown = shell.json(*SEND, "--to", number, "--region", region, "--provider", "huawei", "--provider", "tencent")
    assert (shown["outcome"], shown["provider"]) == ("ACCEPTED", "huawei")
    (message,) = shell.server.sandbox.messages
    assert message.text.endswith("Your code is 4821, valid for 5 minutes.")


NUMBER: Final = "+8613788888888"


@pytest.mark.parametrize(
    ("arguments", "shown"),
    [
        (("templates", "list"), "which account? Add --account with one of tencent-v5, tencent, huawei-management"),
        (("stats",), "which account? Add --account with one of tencent-v5, tencent"),
        (
            ("pull", "--account", "nope"),
            "--account: smsgate.toml has no account 'nope'; it has tencent-v5, tencent, huawei",
        ),
        (("pull", "--account", "huwaei"), "has no account 'huwaei' (did you mean 'huawei'?); it has"),
        (
            ("stats", "--account", "huawei"),
            "--account: 'huawei' of smsgate.toml has no statistics; choose one of tencent-v5, tencent",
        ),
        (("pull", "--account", "huawei-management"), "has no reports to pull; choose one of tencent-v5, tencent"),
        (("pull", "--account", "tencent", "--spool", "none/x"), "--spool: none is not a directory"),
        ((*SEND, "--to", NUMBER, "-p", "code=1"), "--param: number 3 has the name of one before it"),
        (("send", "--template", "x", "--to", NUMBER), "'x' is not a template of the settings file (it has login-code"),
        (("signatures", "list", "--account", "tencent-v5"), "has no list of signatures (--id asks for single ones)"),
        (("templates", "show", "99999", "--account", "tencent-v5"), "the vendor has none with the id 99999"),
        (("templates", "delete", "99999", "--account", "tencent"), "DeleteSmsTemplate"),
        (("templates", "show", "abc", "--account", "tencent"), "id: must be the decimal digits of an id"),
        (("signatures", "add", "--text", "Acme", "--account", "tencent-v5"), "add_sign"),
        (
            ("signatures", "add", "--text", "Umbrella", "--picture", "smsgate.toml", "--account", "tencent"),
            "--picture: must be a JPEG or PNG picture",
        ),
        (
            ("stats", "--begin", "2026-02-01", "--end", "2026-01-01", "--account", "tencent"),
            "--begin: must not be after",
        ),
        (("stats", "--begin", "2026-01-01", "--end", "2026-03-01", "--account", "tencent"), "--end: must be at most"),
        (("send", "--to", NUMBER, "--template", "nope"), "--template: 'nope' is not a template"),
        (("send", "--to", NUMBER, "--template", "login-code", "-p", "CANARY"), "--param: number 1 is not NAME=VALUE"),
        (("send", "--to", NUMBER, "--template", "login-code", "-p", "code=CANARY"), "--param: lacks minutes"),
        ((*SEND, "--to", "CANARY"), "--to: "),
        ((*SEND, "--to", NUMBER.removeprefix("+86")), "--to: no country code: write +86…, or add --region. Nothing"),
        ((*SEND, "--to", NUMBER, "--region", "China"), "--region: 'China' is not a region"),
        ((*SEND, "--to", NUMBER, "--key", "k" * 100), "--key: at most 80 bytes"),
        ((*SEND, "--to", NUMBER, "--provider", "huwaei"), "(did you mean 'huawei'?)"),
        (
            (*SEND, "--to", NUMBER, "--provider", "nope"),
            "--provider: the settings file has no account to send with that is named",
        ),
    ],
)
def test_what_is_wrong_is_one_clear_line(shell: Shell, arguments: tuple[str, ...], shown: str) -> None:
    """Exit status 1, and one line that names what is wrong; no traceback, no secret, no parameter."""
    line = shell.error(*arguments)
    assert shown in line
    assert "CANARY" not in line
    assert NUMBER not in line


@pytest.mark.parametrize(
    ("arguments", "shown"),
    [
        (
            ("templates", "list", "--config", "none.toml"),
            "no file none.toml: write one with `smsgate init`, or name yours with --config",
        ),
        (("templates", "add", "--name", "x", "--text", "x", "--kind", "poem"), "'poem' is not one of 'verification'"),
        (("stats", "--begin", "yesterday"), "write an hour, 2026-11-22T08:00:00+0800, or a day, 2026-11-22"),
        (("pull", "--interval", "0"), "0.0 is not in the range"),
        (("send", "--to", NUMBER), "Missing option '--template'"),
    ],
)
def test_what_was_typed_wrong_is_a_usage_error(shell: Shell, arguments: tuple[str, ...], shown: str) -> None:
    """Exit status 2, with what the option takes."""
    result = shell.run(*arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert shown in result.stderr


def test_a_wrong_key_is_the_vendors_refusal(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the key that was wrong nor the right one is shown."""
    for account, variable in zip(
        MANAGED, ("TENCENT_APP_KEY", "TENCENT_SECRET_KEY", "HUAWEI_IAM_PASSWORD"), strict=True
    ):
        monkeypatch.setenv(variable, "CANARY-SECRET")
        line = shell.error("templates", "list", "--account", account)
        assert "CANARY" not in line
        assert line.startswith("Error: ")


def test_nobody_there_is_one_line(shell: Shell) -> None:
    """A vendor that cannot be reached: no traceback, and exit status 1."""
    shell.server.stop()
    assert "templates list" not in shell.error("templates", "list", "--account", "tencent")
    result = shell.run(*SEND, "--to", NUMBER, "--json")
    assert (result.exit_code, json.loads(result.stdout)["outcome"]) == (1, "NOT_SENT")


def test_a_file_whose_accounts_cannot_send(shell: Shell) -> None:
    """A send needs an account that sends; a manager needs one that manages."""
    text = (shell.directory / "smsgate.toml").read_text("utf-8")
    manager = text[text.index("[accounts.huawei-management]") : text.index("[templates")]
    (shell.directory / "manager.toml").write_text(manager, "utf-8")
    config = ("--config", "manager.toml")
    assert shell.error(*SEND, "--to", NUMBER, *config).endswith("manager.toml: no account in it can send")
    assert "none of its accounts has reports to pull: huawei-management" in shell.error("pull", *config)
    assert len(shell.json("templates", "list", *config)) == 1


def test_the_documented_file_and_commands_are_taken(shell: Shell) -> None:
    """The settings file of cli.md loads, and each command that it shows has the options that it is shown with."""
    page = (Path(__file__).parents[2] / "docs" / "cli.md").read_text("utf-8")
    (text,) = re.findall(r"^```toml\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    (shell.directory / "documented.toml").write_text(text, "utf-8")
    settings = load(shell.directory / "documented.toml", dict.fromkeys(re.findall(r'_env = "(\w+)"', text), "key"))
    assert {*settings.accounts} == {"tencent-v5", "tencent", "huawei", "huawei-management"}
    assert all(account.provider() or account.management() for account in settings.accounts.values())
    shown = re.findall(r"^smsgate (.*)$", page, re.MULTILINE)
    assert len(shown) == 25
    for line in shown:
        separator = ";" if "--delimiter" in line else ","
        columns = ["id", "phone" if "--to-column" in line else "to", "code"]
        (shell.directory / "people.csv").write_text(f"{separator.join(columns)}\n", "utf-8")
        arguments = [each for each in shlex.split(line) if each != "--follow"]
        assert shell.run(*arguments).exit_code in (0, 1), line


def test_what_cannot_be_kept_is_shown(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    """The vendor does not repeat an answer: where the disk fails, what could be read of it is shown."""
    shell.run(*SEND, "--provider", "tencent", "--to", Scenario.PHONE_OFF.number)

    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    result = shell.run("pull", "--account", "tencent", "--json")
    assert result.exit_code == 1
    assert [row["to"] for row in json.loads(result.stdout)] == [Scenario.PHONE_OFF.number]
    assert "GAP: reports may be lost" in result.stderr
    assert f"could not be kept: {os.strerror(errno.ENOSPC)}" in result.stderr.splitlines()[-1]


def test_a_dry_run_sends_nothing(shell: Shell) -> None:
    """It shows order, text, segments and each account's part, as lines or as JSON, and needs nobody to be there."""
    shell.server.stop()
    shown = shell.text(*SEND, "--to", NUMBER, "--dry-run")
    assert "Your code is 4821, valid for 5 minutes." in shown
    assert re.search(r"^order +tencent-v5, tencent, huawei$", shown, re.MULTILINE)
    row = shell.json(*SEND, "--to", NUMBER, "--dry-run", "--provider", "huawei")
    assert (row["to"], row["order"], row["segments"], row["problem"]) == (NUMBER, ["huawei"], 1, None)
    assert [sorted(each) for each in row["providers"]] == [
        ["name", "problem", "segments", "signature", "template_id", "why"],
    ]


@pytest.mark.parametrize(
    ("arguments", "reason", "problem"),
    [
        (("--to", "13788888888"), "INVALID_NUMBER", "--to: no country code: write +86…, or add --region"),
        (("--to", NUMBER, "-p", "more=1"), "INVALID_REQUEST", "--param: has unknown more"),
    ],
)
def test_a_dry_run_of_what_cannot_be_sent(shell: Shell, arguments: tuple[str, ...], reason: str, problem: str) -> None:
    """What `send` would refuse is in the output, with the option to mend, and the exit status is 1."""
    result = shell.run(*SEND, *arguments, "--dry-run", "--json")
    row = json.loads(result.stdout)
    assert (result.exit_code, row["order"], row["reason"]) == (1, [], reason)
    assert row["problem"].startswith(problem)
    assert problem in shell.run(*SEND, *arguments, "--dry-run").stdout
