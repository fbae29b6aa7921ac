"""Jobs as JSON: what waits in a queue, sealed, with a key for each message and in the lane of its kind."""

import json
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from importlib import import_module
from typing import Any

import pytest
from cryptography.fernet import Fernet, MultiFernet
from fake_vendors import login, number
from hypothesis import given
from hypothesis import strategies as st

from smsgate import ConfigurationError, DataError, Message, MessageError, Template
from smsgate.tasks import UNENCRYPTED, Lane
from smsgate.tasks.enqueuing import Enqueuing, NewJob, check_options
from smsgate.tasks.job import TaskJob, read_job, read_unopened, write_job
from smsgate.tasks.lanes import LANES, Lanes
from smsgate.tasks.sealing import Sealing

OLD, NEW = Fernet.generate_key(), Fernet.generate_key().decode()
NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)
JOB: dict[str, Any] = {"smsgate": "job/1", "base": {}, "messages": [{}]}
TEXT = st.text(st.characters(codec="utf-8"), min_size=1, max_size=8)
MESSAGES = st.builds(
    Message,
    st.integers(0, 99).map(number),
    st.sampled_from(["login", "offer"]),
    st.dictionaries(TEXT, TEXT, max_size=3),
    key=TEXT,
    extend=st.none() | TEXT,
    on_unknown=st.sampled_from([None, "stop", "failover"]),
    kind=st.sampled_from([None, "code", "marketing"]),
    expires_at=st.none() | st.integers(0, 3).map(lambda hours: NOON + timedelta(hours=hours)),
)


def enqueuing(**options: Any) -> Enqueuing:
    return Enqueuing(Sealing(OLD).require(), Lanes(**options))


def opened(job: NewJob) -> TaskJob:
    return read_job(json.loads(json.dumps(job.data)), Sealing(OLD))


@given(st.lists(MESSAGES, min_size=1, max_size=5), st.none() | TEXT, st.booleans())
def test_a_job_is_read_as_it_was_written(messages: list[Message], campaign: str | None, encrypted: bool) -> None:
    """Whatever messages have, a worker has it too; without a key it has all but numbers and parameters."""
    sealing = Sealing(OLD if encrypted else UNENCRYPTED).require()
    data = json.loads(json.dumps(write_job(messages, sealing, campaign)))
    assert read_job(data, sealing) == TaskJob(tuple(messages), campaign)
    bare = read_unopened(data)
    assert [each.key for each in bare.messages] == [each.key for each in messages]
    assert {str(each.to) for each in bare.messages} == {""}
    assert bare.campaign == campaign


@given(st.lists(MESSAGES, min_size=1, max_size=5))
def test_nothing_personal_is_readable(messages: list[Message]) -> None:
    """In what waits stands no number and no value of a parameter, unless the caller said so in so many words."""
    secret = Message("+8613912345678", "login", {"code": "482199"}, key="a")
    [*kinds] = messages
    written = json.dumps(write_job([secret, *kinds], Sealing(OLD)))
    assert "13912345678" not in written
    assert "482199" not in written
    assert "13912345678" in json.dumps(write_job([secret], Sealing(UNENCRYPTED)))


def test_what_a_campaign_has_in_common_is_written_once() -> None:
    """A chunk of 200 messages with the same text takes less than 70 bytes a message, the seal included."""
    messages = [Message(number(each), "offer", {"shop": "Acme"}, key=f"spring:{each}") for each in range(200)]
    assert len(json.dumps(write_job(messages, Sealing(OLD), "spring"))) < 200 * 70


def test_keys_rotate() -> None:
    """The first key seals, all of them open; what no key opens is an error that says what to do."""
    before, during, after = Sealing(OLD), Sealing([NEW, OLD]), Sealing(MultiFernet([Fernet(NEW)]))
    waiting = write_job([login(key="a")], before)
    assert read_job(waiting, during) == read_job(waiting, before)
    assert read_job(write_job([login(key="a")], during), after).messages == (login(key="a"),)
    with pytest.raises(DataError, match="add that one after the first"):
        read_job(waiting, after)
    with pytest.raises(DataError, match="has no key"):
        read_job(waiting, Sealing(UNENCRYPTED))
    assert read_job(write_job([login(key="a")], Sealing(UNENCRYPTED)), after).messages == (login(key="a"),)


@pytest.mark.parametrize("encrypt", ["", "short", b"\0", [], [OLD, "x" * 44], None, 7, [None]])
def test_what_is_no_key(encrypt: Any) -> None:
    """A key that is none is an error when it is given, which does not show it."""
    with pytest.raises(ConfigurationError, match="must be a Fernet key") as raised:
        Sealing(encrypt).require()
    assert "xxxx" not in str(raised.value)
    assert raised.value.__context__ is None


@pytest.mark.parametrize(
    ("data", "says"),
    [
        ("gone", "must be a mapping"),
        ({}, "none of smsgate's"),
        ({"smsgate": "job/2"}, "later release"),
        ({"smsgate": "job/x"}, "later release"),
        ({"smsgate": "job/1"}, "cannot be read"),
        (
            {"smsgate": "job/1", "base": {}, "messages": [{}], "sealed": {"to": [], "alike": True, "params": {}}},
            "cannot be read",
        ),
        (
            {"smsgate": "job/1", "base": {}, "messages": [{}], "sealed": {"to": [1], "alike": True, "params": 1}},
            "has no",
        ),
    ],
)
def test_what_is_no_job(data: Any, says: str) -> None:
    """Data that is no job is a `DataError`, never another one."""
    with pytest.raises(DataError, match=says):
        read_job(data, Sealing(UNENCRYPTED))


def test_every_message_has_a_key() -> None:
    """A message without a key gets one that no other has; its own stays."""
    sms = enqueuing()
    made = {sms.one(login()).keys for _ in range(100)}
    assert len(made) == 100
    assert {len(key) for [key] in made} == {12}
    assert opened(sms.one(login(key="order-1"))).messages == (login(key="order-1"),)


@pytest.mark.parametrize(
    "message",
    [
        "text",
        login(key=""),
        login(key="x" * 200),
        login(kind="spam"),
        login(expires_at=7),
        Message(7, "login"),  # type: ignore[arg-type]
        Message(number(1), "login", {"code": 4821}),  # type: ignore[dict-item]
        Message(number(1), "login", ["4821"]),  # type: ignore[arg-type]
    ],
)
def test_what_no_worker_could_send(message: Any) -> None:
    """What would not arrive as it was given is refused when it is enqueued."""
    with pytest.raises(MessageError, match=r"[Nn]othing was enqueued") as raised:
        enqueuing().one(message)
    assert "4821" not in str(raised.value)


def test_lanes_are_by_kind() -> None:
    """A message waits in the lane of its kind, or of its template's; alone it is a notification, in bulk marketing."""
    sms = enqueuing(templates=[Template("login", ids={"alpha": "1"}, kind="code")])
    assert sms.one(login()).lane == LANES["code"]
    assert sms.one(login(kind="marketing")).lane == LANES["marketing"]
    assert sms.one(Message(number(1), "offer")).lane == LANES["notification"]
    mixed = [login(), Message(number(1), "offer"), login(), Message(number(2), "offer", kind="notification")]
    jobs = list(sms.many_blocking(mixed, 2, None))
    assert [(job.lane, len(job.keys)) for job in jobs] == [
        (LANES["code"], 2),
        (LANES["marketing"], 1),
        (LANES["notification"], 1),
    ]
    assert LANES["code"].priority > LANES["notification"].priority > LANES["marketing"].priority


def test_lanes_of_ones_own() -> None:
    """The caller names lanes in place of these."""
    sms = enqueuing(lanes={"code": Lane("urgent", 99)})
    assert sms.one(login(kind="code")).lane == Lane("urgent", 99)
    for wrong in ({"codes": Lane("a")}, {"code": Lane("")}, {"code": "urgent"}):
        with pytest.raises(ConfigurationError, match="lanes"):
            Lanes(wrong)  # type: ignore[arg-type]


@pytest.mark.anyio
async def test_a_source_is_read_as_jobs_are_taken() -> None:
    """Of a source no more is read than the next job needs, whatever kind of iterable it is."""
    read: list[int] = []

    def source() -> Iterator[Message]:
        for each in range(10):
            read.append(each)
            yield login(number(each), key=f"m-{each}")

    async def slow() -> AsyncIterator[Message]:
        for message in source():
            yield message

    for messages in (source(), slow()):
        read.clear()
        jobs = enqueuing().many(messages, 4, "spring")
        first = await anext(jobs)
        assert (first.keys, len(read)) == (("m-0", "m-1", "m-2", "m-3"), 4)
        rest = [job async for job in jobs]
        assert [len(job.keys) for job in rest] == [4, 2]
        assert {opened(job).campaign for job in [first, *rest]} == {"spring"}


@pytest.mark.parametrize(("chunk", "campaign"), [(0, None), (1001, None), ("2", None), (200, ""), (200, "x" * 201)])
def test_options_of_chunks(chunk: Any, campaign: Any) -> None:
    """A number of messages or a name that cannot be is an error before anything is read."""
    with pytest.raises(ConfigurationError, match=r"chunk|campaign"):
        next(enqueuing().many_blocking(iter([login()]), chunk, campaign))


@pytest.mark.parametrize("engine", ["celery", "dbos", "procrastinate", "taskiq"])
def test_engines_are_imported_late(engine: str) -> None:
    """Without one the error says what to install, and `smsgate.tasks` needs none of them."""
    code = (
        f"import sys, smsgate.tasks; assert '{engine}' not in sys.modules; sys.modules['{engine}'] = None\n"
        f"try: import smsgate.tasks.{engine}\n"
        "except smsgate.ConfigurationError as error: print(error)"
    )
    done = subprocess.run([sys.executable, "-c", f"import smsgate; {code}"], capture_output=True, text=True, check=True)
    assert done.stdout == f'smsgate.tasks.{engine} needs: pip install "smsgate[{engine}]"\n'


@pytest.mark.parametrize(
    ("engine", "option"), [("celery", "eta"), ("procrastinate", "schedule_at"), ("taskiq", "time")]
)
def test_times_have_a_time_zone(engine: str, option: str) -> None:
    """A time without one may be another one where the worker is: whichever engine is to have it, it is refused."""
    kind = import_module(f"smsgate.tasks.{engine}").EnqueueOptions
    check_options({option: NOON}, kind)
    with pytest.raises(ConfigurationError, match=f"^{option}: must have a time zone"):
        check_options({option: NOON.replace(tzinfo=None)}, kind)
