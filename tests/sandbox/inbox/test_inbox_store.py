"""`Sandbox(db=…)`: messages, replies and their history are there again after a restart."""

import sqlite3
from pathlib import Path

import pytest
from sandbox_callers import NOW, HuaweiCaller, TencentCaller, read

from smsgate.model.errors import ConfigurationError
from smsgate.sandbox import PushSettings, Sandbox, Scenario
from smsgate.wire import HttpResponse

NUMBER = "+8613788888888"
PUSHED = PushSettings(tencent_callback="http://127.0.0.1:8000/sms/tencent-v5/TOKEN", report_delay=2.0)


def filled(path: Path) -> Sandbox:
    """A sandbox in which something of every kind has happened."""
    sandbox = Sandbox(pushes=PUSHED, db=path)
    caller = TencentCaller(sandbox)
    caller.sendsms()
    caller.sendsms(tpl_id=4711)
    HuaweiCaller(sandbox).form()
    for push in sandbox.due_pushes(now=NOW + 2):
        sandbox.settle_push(push, HttpResponse(503), now=NOW + 2)
    sandbox.reply("+8613712345678", "TD", now=NOW + 3)
    return sandbox


def test_everything_is_there_again(tmp_path: Path) -> None:
    """Entries, their requests and timelines are the same, without a close before: the process may have been killed."""
    path = tmp_path / "inbox.sqlite"
    first = filled(path)
    second = Sandbox(pushes=PUSHED, db=path)
    assert second.inbox.page()["entries"] == first.inbox.page()["entries"]
    for entry in first.inbox.page()["entries"]:
        assert second.inbox.entry(entry["id"], "") == first.inbox.entry(entry["id"], "")
    assert second.messages == first.messages
    second.close()
    first.close()


def test_restored_messages_live_on(tmp_path: Path) -> None:
    """Reports on them can be made, their pushes made again, new entries follow them, and who opted out stays out."""
    filled(tmp_path / "inbox.sqlite").close()
    sandbox = Sandbox(pushes=PUSHED, db=tmp_path / "inbox.sqlite")
    sandbox.report(now=NOW + 9, message_id=sandbox.messages[0].message_id, code="UNDELIV")
    assert sandbox.inbox.page()["entries"][-1]["state"] == "failed"
    sandbox.due_pushes(now=NOW + 9)
    sandbox._push_again(1, NOW + 10)
    (again,) = sandbox.due_pushes(now=NOW + 10)
    made = sandbox.settle_push(again, HttpResponse(200), now=NOW + 10)
    assert (made.number, made.attempt) == (2, 2)
    serials = [entry["serial"] for entry in sandbox.inbox.page()["entries"]]
    assert read(TencentCaller(sandbox).single("13712345678"))["result"] == 1015
    assert sandbox.inbox.page()["entries"][0]["serial"] > max(serials)
    sandbox.close()


def test_report_that_had_not_come_comes(tmp_path: Path) -> None:
    """What was still to come at the end comes after the start, the reply of a magic number too, and once."""
    path = tmp_path / "inbox.sqlite"
    first = Sandbox(pushes=PUSHED, db=path)
    TencentCaller(first).sendsms(Scenario.REPLIES.number.removeprefix("+86"))
    first.close()
    sandbox = Sandbox(pushes=PUSHED, db=path)
    assert [entry["state"] for entry in sandbox.inbox.page()["entries"]] == ["accepted"]
    assert len(sandbox.due_pushes(now=NOW + 2)) == 2
    assert [entry["state"] for entry in sandbox.inbox.page()["entries"]] == ["reply", "delivered"]
    sandbox.close()


def test_clearing_and_dropping_reach_the_file(tmp_path: Path) -> None:
    """What was cleared or dropped does not come back; neither does the file grow for ever."""
    path = tmp_path / "inbox.sqlite"
    sandbox = Sandbox(db=path, keep=3)
    for number in range(9):
        TencentCaller(sandbox).sendsms(f"1378888888{number}")
    sandbox.close()
    connection = sqlite3.connect(path)
    for table in ("entries", "exchanges"):
        assert connection.execute(f"SELECT count(*) FROM {table}").fetchone() == (3,)
    connection.close()
    fewer = Sandbox(db=path, keep=2)
    assert [message.to[-1] for message in fewer.messages] == ["7", "8"]
    fewer.clear()
    fewer.close()
    empty = Sandbox(db=path)
    assert empty.messages == ()
    empty.close()


def test_full_disk_stops_no_vendor(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """What cannot be written is logged, the request is answered all the same, and is written with the next."""
    path = tmp_path / "inbox.sqlite"
    sandbox = Sandbox(db=path)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("ALTER TABLE entries RENAME TO away")
    assert TencentCaller(sandbox).sendsms()["result"] == 0
    assert "cannot keep messages there: no such table: entries" in caplog.text
    other.execute("ALTER TABLE away RENAME TO entries")
    TencentCaller(sandbox).sendsms("13788888889")
    sandbox.close()
    again = Sandbox(db=path)
    assert [message.to for message in again.messages] == [NUMBER, "+8613788888889"]
    again.close()
    other.close()


@pytest.mark.parametrize("content", [b"no database at all", b""])
def test_file_of_another_kind(tmp_path: Path, content: bytes) -> None:
    """A file that is none of its own is refused, named, and not overwritten; an empty one is taken."""
    path = tmp_path / "other.sqlite"
    path.write_bytes(content)
    if not content:
        Sandbox(db=path).close()
        return
    with pytest.raises(ConfigurationError, match=r"other\.sqlite: cannot keep messages there: file is not a database"):
        Sandbox(db=path)
    assert path.read_bytes() == content


def test_database_of_something_else(tmp_path: Path) -> None:
    """A database with other tables is refused, and stays as it is: byte for byte."""
    path = tmp_path / "other.sqlite"
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("CREATE TABLE entries (id TEXT PRIMARY KEY, serial INTEGER, value TEXT)")
    connection.close()
    content = path.read_bytes()
    with pytest.raises(ConfigurationError, match="it is the database of something else; give another file"):
        Sandbox(db=path)
    assert path.read_bytes() == content


def test_file_of_another_release(tmp_path: Path) -> None:
    """So is the file of another form, and one whose rows cannot be read."""
    path = tmp_path / "new.sqlite"
    filled(path).close()
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("UPDATE entries SET value = '{}'")
    with pytest.raises(ConfigurationError, match="cannot keep messages there"):
        Sandbox(db=path)
    connection.execute("PRAGMA user_version = 99")
    with pytest.raises(ConfigurationError, match="it is of form 99, and this release reads form 1"):
        Sandbox(db=path)
    connection.close()
