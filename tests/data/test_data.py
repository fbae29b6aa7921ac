"""Values as data and back: everything that the sandbox can produce, under each option."""

import json
import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any, get_args

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsgate import (
    Attempt,
    ConfigurationError,
    DataError,
    Delivery,
    DeliveryState,
    Message,
    Outcome,
    PhoneNumber,
    Policy,
    Reason,
    Reply,
    Result,
    StatusReport,
    Tag,
)
from smsgate.data import DataValue, Numbers, from_data, hash_number, to_data
from smsgate.huawei import parse_callback as parse_huawei
from smsgate.model.report import Segment, Source
from smsgate.model.states import Certainty
from smsgate.sandbox import Scenario
from smsgate.tencent import parse_callback as parse_tencent
from smsgate.testing import SandboxGateway
from smsgate.webhooks import CallbackApp, OpenDoorWarning, Route

STORED = Path(__file__).parent / "stored"
SECRET = "a key for hashes of numbers"
CODE = "731594"
START = datetime(2026, 1, 1, 12, tzinfo=UTC)


async def produced() -> Sequence[DataValue]:
    """What sends to every magic number come to: messages, results, attempts, reports, replies and deliveries."""
    events: list[StatusReport | Reply] = []
    with pytest.warns(OpenDoorWarning):
        app = CallbackApp(events.append, Route("tencent-v5", parse_tencent), Route("huawei", parse_huawei))
    numbers = [each.number for each in Scenario] + ["+861234", "+6581234567", "+8613788888888"]
    results: list[Result] = []
    async with SandboxGateway(policy=Policy(on_unknown="failover", on_rate_limited="failover")) as gateway:
        for providers in (None, ["huawei"]):
            for index, to in enumerate(numbers):  # alone, since some strike the whole request
                fields: Any = {"key": f"k-{index}", "kind": "code"}
                message = Message(to, "login-code", {"code": CODE, "minutes": "5"}, **fields)
                results += [each async for each in gateway.send_many([message], providers=providers)]
        gateway.sandbox.reply("+8613788888888", "TD", now=datetime.now(UTC).timestamp(), extend="7")
        await gateway.push_callbacks(app)
    reports = [event for event in events if isinstance(event, StatusReport)]
    assert len(results) == 2 * len(numbers)
    assert len(reports) > 10
    assert len(events) > len(reports)
    deliveries = [Delivery.for_result(result, reports) for result in results]
    attempts = [attempt for result in results for attempt in result.attempts]
    return [*results, *attempts, *events, *deliveries, *(result.message for result in results)]


def stored(value: DataValue, **options: Any) -> dict[str, Any]:
    """*value* as it comes back from a database that keeps JSON."""
    read: dict[str, Any] = json.loads(json.dumps(to_data(value, **options)))
    return read


def without_params(value: DataValue) -> DataValue:
    if isinstance(value, Message):
        return attrs.evolve(value, params={})
    if isinstance(value, Result):
        return attrs.evolve(value, message=attrs.evolve(value.message, params={}))
    return value


@pytest.mark.anyio
async def test_everything_the_sandbox_produces_comes_back_equal() -> None:
    """A value that is written in full is equal when it is read, and so is all that equality leaves out."""
    for value in await produced():
        assert from_data(stored(value, params=True), type(value)) == value
        assert from_data(stored(value)) == without_params(value)
        again: Any = from_data(stored(value))
        if isinstance(value, StatusReport | Reply):
            assert dict(again.raw) == dict(value.raw)
        if isinstance(value, StatusReport):
            assert again.tag == value.tag
        if isinstance(value, Delivery):
            assert (again.state, again.status, again.reports) == (value.state, value.status, value.reports)


@pytest.mark.anyio
@pytest.mark.parametrize("numbers", ["masked", "hashed"])
async def test_no_number_and_no_code_is_written(numbers: Numbers) -> None:
    """Masked or hashed, no number is anywhere in what is written, and without `params` no parameter in any form."""
    values = await produced()
    text = json.dumps([to_data(value, numbers=numbers, secret=SECRET) for value in values], ensure_ascii=False)
    for each in Scenario:
        assert each.number[3:] not in text
    assert "13788888888" not in text
    assert SECRET not in text
    for written in (text, json.dumps([to_data(value) for value in values])):
        assert not re.search(rf"(?<![0-9a-f]){CODE}(?![0-9a-f])", written)  # in an id it may be by chance


@pytest.mark.anyio
async def test_pruned_values_are_read() -> None:
    """What is written with numbers masked or hashed is read, and is equal but for what was left out."""
    for value in await produced():
        each: Any
        for each in ("masked", "hashed"):
            options: Any = {"numbers": each, "secret": SECRET}
            again = from_data(stored(value, **options), type(value))
            assert to_data(again) == to_data(from_data(to_data(value, **options)))
            if isinstance(value, Result) and isinstance(again, Result):
                assert attrs.evolve(again, message=value.message) == value
            if isinstance(value, Delivery) and isinstance(again, Delivery):
                assert (again.state, again.status, again.conflict) == (value.state, value.status, value.conflict)


def test_a_number_is_found_by_its_hash() -> None:
    """The hash of a number is one for each number and secret, and is what `hash_number` gives."""
    message = Message("+8613800138000", "login")
    written = to_data(message, numbers="hashed", secret=SECRET)["to"]
    assert written == hash_number("+8613800138000", SECRET) == hash_number(PhoneNumber("+8613800138000"), SECRET)
    assert written.startswith("hmac-sha256:")
    assert written != hash_number("+8613800138001", SECRET)
    assert written != hash_number("+8613800138000", SECRET + "x")


TEXTS = st.text(max_size=20)
TIMES = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.sampled_from([UTC]))  # noqa: DTZ001
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXTS, st.lists, max_leaves=4
)
REPORTS = st.builds(
    StatusReport,
    TEXTS,
    TEXTS,
    st.none() | st.builds(PhoneNumber, TEXTS),
    st.sampled_from(DeliveryState),
    reason=st.none() | st.sampled_from(Reason),
    code=TEXTS,
    description=st.none() | TEXTS,
    segment=st.none() | st.builds(Segment, st.integers(), st.integers()),
    source=st.none() | st.sampled_from(Source),
    reported_at=st.none() | TIMES,
    raw=st.dictionaries(TEXTS, JSON, max_size=3),
    tag=st.none() | st.builds(Tag, TEXTS, st.booleans(), st.booleans()),
    certainty=st.sampled_from(Certainty),
    suppress=st.booleans(),
)
ATTEMPTS = st.builds(Attempt, TEXTS, st.sampled_from(Outcome), st.none() | st.sampled_from(Reason), started_at=TIMES)
MESSAGES = st.builds(
    Message,
    TEXTS,
    TEXTS,
    st.dictionaries(TEXTS, TEXTS, max_size=3),
    key=st.none() | TEXTS,
    on_unknown=st.sampled_from([None, "stop", "failover"]),
    kind=st.sampled_from([None, "code", "marketing"]),
    expires_at=st.none() | TIMES,
)
RESULTS = st.builds(Result, MESSAGES, st.sampled_from(Outcome), attempts=st.lists(ATTEMPTS, max_size=3).map(tuple))
REPLIES = st.builds(
    Reply, TEXTS, st.none() | TEXTS, st.builds(PhoneNumber, TEXTS), TEXTS, received_at=st.none() | TIMES
)
DELIVERIES = st.builds(
    Delivery.of,
    st.lists(REPORTS, max_size=4),
    sent_at=st.none() | TIMES,
    answered=st.booleans(),
    accepted=st.booleans(),
    refused=st.none() | st.sampled_from(Reason),
    overflowed=st.booleans(),
)


@given(ATTEMPTS | MESSAGES | RESULTS | REPORTS | REPLIES | DELIVERIES)
def test_any_value_comes_back_equal(value: DataValue) -> None:
    """Whatever text, time or number is in a value, it is equal when it is read again."""
    assert from_data(stored(value, params=True), type(value)) == value


class Odd:
    """What no message should have."""

    def __str__(self) -> str:
        raise RuntimeError("no text")


@pytest.mark.parametrize("field", [each.name for each in attrs.fields(Message)])
@pytest.mark.parametrize(
    "value", [3, None, b"x", [1], {"a": 1}, {1: 2}, Odd(), "\ud800"], ids=lambda each: type(each).__name__
)
@pytest.mark.parametrize("numbers", get_args(Numbers))
def test_a_refused_message_of_any_types_is_written(field: str, value: object, numbers: Numbers) -> None:
    """A result may have a message that was refused for its types: it is written and read all the same."""
    fields: dict[str, Any] = {"to": "+8613800138000", "template": "login"}
    result = Result(Message(**{**fields, field: value}), Outcome.REJECTED, reason=Reason.INVALID_REQUEST)
    written = stored(result, numbers=numbers, params=True, secret=SECRET)
    assert from_data(written, Result).reason is Reason.INVALID_REQUEST


@pytest.mark.parametrize("path", sorted(STORED.glob("*.json")), ids=lambda path: path.stem)
def test_what_earlier_releases_stored_is_read(path: Path) -> None:
    """Data that an earlier release wrote is read, and none of it is lost: written again, it is the same."""
    values = json.loads(path.read_text("utf-8"))
    assert {each["smsgate"].partition("/")[0] for each in values} == {each.__name__ for each in get_args(DataValue)}
    for value in values:
        assert to_data(from_data(value), params=True) == value


def test_what_a_later_release_adds_is_skipped() -> None:
    """A field and a reason that this release does not know do not keep the rest from being read."""
    report = StatusReport("huawei", "id-1", None, DeliveryState.UNDELIVERED, Reason.UNREACHABLE)
    written = to_data(report) | {"mood": "good", "reason": "BORED"}
    assert from_data(written, StatusReport) == attrs.evolve(report, reason=Reason.UNKNOWN)


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ([], "takes a mapping, not list"),
        ({}, 'has no "smsgate" with one of Attempt/1, Delivery/1, Message/1, Reply/1, Result/1, StatusReport/1'),
        ({"smsgate": 5}, 'has no "smsgate"'),
        ({"smsgate": "Result/2"}, "Result/2 was written by a later release"),
        ({"smsgate": "Result"}, "Result/ was written by a later release"),
        ({"smsgate": "Result/1"}, "required field missing @ \\$.message"),
        ({"smsgate": "Message/1", "to": "+8613800138000", "template": "t", "expires_at": "soon"}, "\\$.expires_at"),
        ({"smsgate": "Attempt/1", "provider": "a", "outcome": "GREAT", "started_at": "2026-01-01"}, "\\$.outcome"),
        ({"smsgate": "Delivery/1", "reports": 5}, "from_data"),
    ],
)
def test_what_cannot_be_read_is_named(data: Any, text: str) -> None:
    """Data of another making is refused with the field that is wrong."""
    with pytest.raises(DataError, match=text):
        from_data(data)


def test_the_type_is_checked() -> None:
    """Whoever says which type must be there gets that or an error."""
    message = Message("+8613800138000", "login")
    with pytest.raises(DataError, match="is a Message, not a Result"):
        from_data(to_data(message), Result)
    with pytest.raises(DataError, match=r"takes Attempt, .*, not str"):
        to_data("+8613800138000")  # type: ignore[arg-type]
    with pytest.raises(ConfigurationError, match='numbers: must be "full", "masked" or "hashed"'):
        to_data(message, numbers="none")  # type: ignore[arg-type]
    with pytest.raises(ConfigurationError, match='secret: is needed for numbers="hashed"'):
        to_data(message, numbers="hashed")
    with pytest.raises(ConfigurationError, match="secret: is empty"):
        to_data(message, numbers="hashed", secret="")


def test_times_keep_their_zone() -> None:
    """A time is the same moment, with the offset that it was written with."""
    attempt = Attempt("alpha", Outcome.ACCEPTED, started_at=START.astimezone(timezone(timedelta(hours=8))))
    again = from_data(stored(attempt), Attempt)
    assert again.started_at == attempt.started_at
    assert again.started_at.utcoffset() == attempt.started_at.utcoffset()
