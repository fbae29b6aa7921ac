"""`smsgate campaign`: each row is sent once, whatever happens in between, and wrong rows are told apart."""

import csv
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from cli_shell import Shell

from smsgate.sandbox import Scenario

SEND: Final = ("campaign", "people.csv", "--template", "login-code", "--key-column", "id", "-p", "minutes=5")
OLD: Final = "+86137888800"


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shell]:
    """A shell before a sandbox."""
    with Shell.opened(tmp_path, monkeypatch) as opened:
        yield opened


def write(*rows: tuple[str, ...], header: str = "id,to,code", name: str = "people.csv") -> None:
    """The file, of ids, numbers and codes."""
    Path(name).write_text("\n".join([header, *(",".join(row) for row in rows)]) + "\n", "utf-8")


def people(count: int) -> list[tuple[str, ...]]:
    return [(f"p{index}", f"{OLD}{index:02d}", f"48{index:02d}") for index in range(count)]


def bad_rows(name: str = "people.bad.csv") -> list[dict[str, str]]:
    with Path(name).open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def sent(shell: Shell) -> list[str]:
    """The numbers of the messages that the vendor accepted."""
    return sorted(message.to for message in shell.server.sandbox.messages)


def run(shell: Shell, *options: str, status: int = 0) -> Any:
    """What it prints as JSON."""
    result = shell.run(*SEND, "--json", *options)
    assert result.exit_code == status, result.output
    return json.loads(result.stdout)


def test_it_sends_nothing_unless_told_to(shell: Shell) -> None:
    """By itself it says what would be sent through whom, what that is charged as, and makes no ledger."""
    write(*people(3))
    found = run(shell, "--rate", "0.5")
    assert found == {
        "campaign": "people",
        "rows": 3,
        "to_send": 3,
        "numbers_more_than_once": 0,
        "finished": 0,
        "unknown": 0,
        "bad_rows": 0,
        "bad_rows_file": None,
        "seconds": 6,
        "providers": [{"provider": "tencent-v5", "messages": 3, "segments": 3, "without_text": None}],
    }
    assert sent(shell) == []
    assert sorted(path.name for path in Path().iterdir()) == ["people.csv", "smsgate.toml"]
    assert shell.text(*SEND).endswith("\nNothing was sent: add --send.\n")


def test_each_row_is_sent_once(shell: Shell) -> None:
    """The same command again sends nothing, and with new rows those."""
    write(*people(3))
    first = run(shell, "--send")
    assert (first["accepted"], first["accepted_earlier"], first["not_sent"]) == (3, 0, 0)
    assert first["segments"] == {"tencent-v5": 3}
    assert run(shell)["to_send"] == 0
    write(*people(5))
    assert (run(shell)["to_send"], run(shell)["finished"]) == (2, 3)
    again = run(shell, "--send", "--rate", "1000")
    assert (again["accepted"], again["accepted_earlier"], again["segments"]) == (2, 3, {"tencent-v5": 2})
    assert sent(shell) == [f"{OLD}{index:02d}" for index in range(5)]


def test_a_campaign_of_another_name_is_another(shell: Shell) -> None:
    """Its rows are messages of their own, also with the same keys."""
    write(*people(2))
    run(shell, "--send", "--name", "spring", "--ledger", "sqlite:///own.db")
    run(shell, "--send", "--name", "summer", "--ledger", "sqlite:///own.db")
    assert len(sent(shell)) == 4
    assert not Path("smsgate.db").exists()


def test_the_ledger_of_the_settings_file(shell: Shell) -> None:
    """Is the one that is used, with all that the file says of it, unless another one is named."""
    settings = Path("smsgate.toml")
    settings.write_text(settings.read_text() + '\n[ledger]\nurl = "sqlite:///own.db"\nprefix = "own_"\n')
    write(*people(2))
    run(shell, "--send")
    run(shell, "--send", "--ledger", "sqlite:///other.db")
    assert len(sent(shell)) == 4
    assert Path("own.db").exists()
    assert Path("other.db").exists()
    assert not Path("smsgate.db").exists()
    assert run(shell)["finished"] == 2


def test_a_number_without_a_country_code(shell: Shell) -> None:
    """The list of wrong rows names the option that it takes, as `smsgate send` does."""
    write(("p0", "13788880000", "1"))
    for more in ((), ("--send",)):
        run(shell, *more, status=1)
        [row] = bad_rows()
        assert row["problem"].endswith("no country code: write +86…, or add --region")
    assert run(shell, "--region", "CN")["to_send"] == 1


def test_a_number_in_several_rows(shell: Shell) -> None:
    """The dry run says how many numbers have more than one message, however they are written, of those to be sent."""
    write(("a", f"{OLD}01", "1"), ("b", "137 8888 0001", "2"), ("c", f"00{OLD[1:]}01", "3"), *people(4))
    assert run(shell, "--region", "CN")["numbers_more_than_once"] == 1
    assert "numbers more than once  1\n" in shell.text(*SEND, "--region", "CN")
    write(("a", f"{OLD}09", "1"), *people(4))
    assert "more than once" not in shell.text(*SEND, "--region", "CN")
    run(shell, "--region", "CN", "--send")
    write(("a", f"{OLD}09", "1"), ("b", f"{OLD}09", "1"), *people(4))
    assert run(shell, "--region", "CN")["numbers_more_than_once"] == 0


def test_a_parameter_for_all_wins_over_its_column(shell: Shell) -> None:
    """What -p gives is sent in place of the column of its name."""
    write(*people(2))
    run(shell, "--send", "-p", "code=2222")
    assert {message.params[0] for message in shell.server.sandbox.messages} == {"2222"}


def test_bad_rows_are_in_a_file_of_their_own(shell: Shell) -> None:
    """With their lines and what is wrong: before a send, and what vendors refuse. The others are sent."""
    rows = people(2)
    write(rows[0], ("p0", *rows[1][1:]), ("p7", "+861", "1"), ("p8", rows[1][1], ""), ("p9", rows[1][1]), rows[1])
    assert run(shell, status=1)["to_send"] == 2
    expected = [
        ("3", "id: is that of line 2 too"),
        ("4", "number: "),
        ("5", "code: is empty"),
        ("6", "has 2 cells, and there are 3 columns"),
    ]
    for line in (bad_rows(), *[bad_rows() for _ in [run(shell, "--send", status=1)]]):
        assert [row["line"] for row in line] == [number for number, _ in expected]
        assert all(told in row["problem"] or told == "number: " for row, (_, told) in zip(line, expected, strict=True))
    assert bad_rows()[1]["to"] == "+861"
    assert sent(shell) == [row[1] for row in rows]
    write(("x", Scenario.BLOCKLISTED.number, "1"))
    assert run(shell, "--send", status=1)["bad_rows"] == 1
    assert [row["line"] for row in bad_rows()] == ["2"]
    write(*people(2))
    assert run(shell, "--send")["bad_rows"] == 0
    assert not Path("people.bad.csv").exists()


@pytest.mark.parametrize("more", [(), ("--send",)])
def test_only_a_list_of_bad_rows_is_replaced(shell: Shell, more: tuple[str, ...]) -> None:
    """A file of any other kind is an error before anything is sent, and stays; so does the settings file."""
    Path("notes.txt").write_text("my notes\n", "utf-8")
    settings = Path("smsgate.toml").read_text("utf-8")
    write(*people(1), ("x", "+861", "1"))
    Path("people.bad.csv").write_text("line,to\n", "utf-8")
    for name in ("notes.txt", "smsgate.toml", "people.bad.csv"):
        options = () if name == "people.bad.csv" else ("--bad-rows", name)
        error = shell.error(*SEND, *options, *more)
        assert error == f"Error: --bad-rows: {name} is not a list of wrong rows: move it, or name another file"
    assert shell.error(*SEND, "--bad-rows", "none/x.csv", "--send") == "Error: none/x.csv: No such file or directory"
    assert Path("notes.txt").read_text("utf-8") == "my notes\n"
    assert Path("smsgate.toml").read_text("utf-8") == settings
    assert sent(shell) == []
    Path("empty.csv").touch()
    assert run(shell, "--bad-rows", "empty.csv", *more, status=1)["bad_rows"] == 1
    assert [row["line"] for row in bad_rows("empty.csv")] == ["3"]


def test_a_dry_run_keeps_what_was_refused(shell: Shell) -> None:
    """It lists what a vendor refused earlier as a send does, and removes no list when it has nothing to list."""
    write(("x", Scenario.BLOCKLISTED.number, "1"))
    assert run(shell, "--send", status=1)["bad_rows"] == 1
    listed = bad_rows()
    assert [row["line"] for row in listed] == ["2"]
    found = run(shell, status=1)
    assert (found["bad_rows"], found["finished"], found["to_send"]) == (1, 0, 0)
    assert bad_rows() == listed
    write(*people(1))
    assert run(shell)["bad_rows"] == 0
    assert bad_rows() == listed
    run(shell, "--send", "--delimiter", ",")
    assert not Path("people.bad.csv").exists()


def test_a_device_is_written_to_and_stays(shell: Shell, tmp_path: Path) -> None:
    """What is no file, such as /dev/null, takes the list and is not removed."""
    link = tmp_path / "null"
    link.symlink_to("/dev/null")
    write(*people(1))
    run(shell, "--bad-rows", str(link), "--send")
    assert link.is_symlink()
    write(("x", "+861", "1"))
    assert run(shell, "--bad-rows", str(link), "--send", status=1)["bad_rows"] == 1
    assert link.is_symlink()


def test_what_may_have_been_sent_is_named(shell: Shell) -> None:
    """It is not sent again; the report names it, and what to do. The exit status is 3."""
    write(*people(1), ("lost", Scenario.DROP_AFTER.number, "4821"))
    for _ in range(2):
        result = shell.run(*SEND, "--send")
        assert result.exit_code == 3, result.output
        assert "1 may have been sent. The same command again does not send them" in result.stdout
        assert "people/lost" in result.stdout
        assert "a Settler asks the vendors. Each is a few\nlines of Python: see docs/settling.md." in result.stdout
        assert Scenario.DROP_AFTER.number not in result.stdout
    assert len(sent(shell)) == 2
    assert (run(shell)["unknown"], run(shell)["finished"]) == (1, 1)


def test_what_an_account_refused_is_sent_next_time(shell: Shell) -> None:
    """A row is not wrong because the account has no money: the same command sends it, when there is some."""
    write(*people(2))
    shell.server.sandbox.change_account("tencent", arrears=True)
    found = run(shell, "--send", "--provider", "tencent-v5", status=1)
    assert (found["accepted"], found["not_sent"], found["bad_rows"]) == (0, 2, 0)
    assert (found["not_sent_because"], found["not_begun"]) == ({"ACCOUNT_SUSPENDED": 2}, 0)
    [first] = found["not_sent_first"]
    assert first["provider"] == "tencent-v5"
    assert (first["reason"], first["code"]) == ("ACCOUNT_SUSPENDED", "1033")
    assert first["description"]
    shell.server.sandbox.change_account("tencent", arrears=False)
    assert run(shell, "--send", "--provider", "tencent-v5")["accepted"] == 2


def test_an_address_that_is_not_reached_is_named(shell: Shell) -> None:
    """The report has the first description of each reason, as `smsgate send` has it."""
    settings = Path("smsgate.toml")
    settings.write_text(settings.read_text("utf-8").replace(shell.server.url, "http://127.0.0.1:1"), "utf-8")
    write(*people(3))
    result = shell.run(*SEND, "--send", "--provider", "tencent-v5")
    assert "not sent because  NETWORK 3" in result.stdout
    assert "not begun" not in result.stdout
    assert re.search(r"^NETWORK +tencent-v5 +ConnectError: .*\(127\.0\.0\.1:1\)", result.stdout, re.MULTILINE)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (
            ("--template", "login-cod"),
            "--template: smsgate.toml has no template 'login-cod' (did you mean 'login-code'?)",
        ),
        (("--key-column", "ids"), "people.csv: no column 'ids' (did you mean 'id'?); it has id, to, code"),
        (("--to-column", "phone"), "people.csv: no column 'phone'; it has id, to, code"),
        (("--delimiter", "::"), "--delimiter: must be one character"),
        (("--bad-rows", "people.csv"), "--bad-rows: is the file itself"),
        (("--bad-rows", "smsgate.db"), "--bad-rows: is the file of the ledger"),
        (("--ledger", "nothing"), "--ledger: must be a URL as SQLAlchemy takes it, such as sqlite:///sms.db"),
        (("--provider", "nobody"), "--provider: "),
        (("-p", "x"), "--param: number 2 is not NAME=VALUE"),
        (("-p", "cod=1"), "--param: login-code has no parameter 'cod' (did you mean 'code'?); it has code, minutes"),
    ],
)
def test_says_what_is_wrong(shell: Shell, options: tuple[str, ...], told: str) -> None:
    """One line that names the option, the file or the column."""
    write(*people(1))
    for more in ((), ("--send",)):
        assert shell.error(*SEND, *options, *more).startswith(f"Error: {told}")
    assert Path("people.csv").exists()


@pytest.mark.parametrize(("delimiter", "shown"), [(";", "';'"), ("\t", r"$'\t'"), ("|", "'|'")])
def test_what_parts_the_cells(shell: Shell, delimiter: str, shown: str) -> None:
    """A header that is one cell, because something else parts its names, is told with the option that reads it."""
    rows = [("id", "to", "code"), *people(1)]
    Path("people.csv").write_text("".join(delimiter.join(row) + "\n" for row in rows), "utf-8")
    error = shell.error(*SEND)
    assert error.endswith(f"it has id{delimiter}to{delimiter}code: are they parted by {shown}? Add --delimiter {shown}")
    assert run(shell, "--delimiter", delimiter)["to_send"] == 1
    write(*people(1))
    assert shell.error(*SEND, "--delimiter", delimiter).endswith(
        "id,to,code: are they parted by ','? Add --delimiter ','"
    )


@pytest.mark.parametrize(("content", "told"), [(b"", "is empty"), (b"id,to,code\n\xff,1,2\n", "is not UTF-8")])
def test_a_file_that_cannot_be_read(shell: Shell, content: bytes, told: str) -> None:
    """It says why, and nothing of the content."""
    Path("people.csv").write_bytes(content)
    for more in ((), ("--send",)):
        assert shell.error(*SEND, *more).startswith(f"Error: people.csv: {told}")
