"""What vendors say, and what follows from it: rows of a bulk response, every result code, pauses that they ask for."""

import json
import pickle
import traceback
from collections.abc import Callable, Sequence

import anyio
import pytest

from smsgate import Message, MessageError, Outcome, Policy, Reason, Result

from . import scripts as s
from .driver import NUMBER, PARAM, Recorder, code, gateway, leakless, tencent
from .stub import APP_KEY, Incoming, Stub

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("network")]

THREE = ("13900000001", "13900000002", "13900000003")
A, B, C = THREE
TAKEN, BUSY_NUMBER = 0, 1023


def row(mobile: object, result: object = TAKEN, **more: object) -> dict[str, object]:
    return {"result": result, "errmsg": "OK", "mobile": mobile, "nationcode": "86", "fee": 1, "sid": mobile, **more}


ROWS: list[tuple[str, Sequence[object], tuple[Outcome, Outcome, Outcome]]] = [
    ("in order", [row(A), row(B), row(C)], (Outcome.ACCEPTED, Outcome.ACCEPTED, Outcome.ACCEPTED)),
    ("reordered", [row(C, BUSY_NUMBER), row(A), row(B)], (Outcome.ACCEPTED, Outcome.ACCEPTED, Outcome.REJECTED)),
    ("one missing", [row(A), row(C, BUSY_NUMBER)], (Outcome.ACCEPTED, Outcome.UNKNOWN, Outcome.REJECTED)),
    ("all missing", [], (Outcome.UNKNOWN, Outcome.UNKNOWN, Outcome.UNKNOWN)),
    (
        "somebody else's",
        [row(A), row("13911111111"), row(C)],
        (Outcome.ACCEPTED, Outcome.UNKNOWN, Outcome.ACCEPTED),
    ),
    (
        "one twice, the second refused",
        [row(A), row(A, BUSY_NUMBER), row(B), row(C)],
        (Outcome.ACCEPTED, Outcome.ACCEPTED, Outcome.ACCEPTED),
    ),
    (
        "one twice, the first refused",
        [row(A, BUSY_NUMBER), row(A), row(B), row(C)],
        (Outcome.ACCEPTED, Outcome.ACCEPTED, Outcome.ACCEPTED),
    ),
    ("rows that are none", [None, 7, "x", row(B)], (Outcome.UNKNOWN, Outcome.ACCEPTED, Outcome.UNKNOWN)),
    ("a row without a result", [row(A, None), row(B), row(C)], (Outcome.UNKNOWN, Outcome.ACCEPTED, Outcome.ACCEPTED)),
    ("an unlisted code", [row(A, 4711), row(B), row(C)], (Outcome.UNKNOWN, Outcome.ACCEPTED, Outcome.ACCEPTED)),
    (
        "numbers as numbers",
        [row(int(A)), row(B, nationcode=86), row(f"86{C}")],
        (Outcome.ACCEPTED, Outcome.ACCEPTED, Outcome.ACCEPTED),
    ),
]


@pytest.mark.parametrize(("rows", "expected"), [pytest.param(*case[1:], id=case[0]) for case in ROWS])
async def test_rows_are_matched_by_number(
    rows: Sequence[object], expected: Sequence[Outcome], caplog: pytest.LogCaptureFixture
) -> None:
    """Fault 41: each number takes the row that names it, wherever it stands; one without a row is UNKNOWN."""

    def rows_of(_: Incoming) -> bytes:
        return s.http(json.dumps({"result": 0, "errmsg": "OK", "detail": rows}).encode())

    record = Recorder()
    with Stub(s.respond(rows_of)) as first, Stub(s.accept) as second:
        async with gateway(tencent("first", first.url), tencent("second", second.url), on_result=record) as sms:
            found = {str(each.message.to)[3:]: each async for each in sms.send_many(code(mobile) for mobile in THREE)}
        assert [found[mobile].outcome for mobile in THREE] == list(expected)
        assert len(record.ended) == 3
        assert (len(first.requests), second.requests) == (1, [])
        for result in found.values():
            leakless([result], result, caplog.records)


STOPS, GOES_ON, OPEN = (Outcome.REJECTED, False), (Outcome.REJECTED, True), (Outcome.UNKNOWN, False)
CODES: dict[tuple[Outcome, bool], Sequence[int]] = {
    # Credentials, permission, approval, balance, quota, region, this vendor's form: not the message's trouble.
    GOES_ON: (
        *(1001, 1003, 1004, 1006, 1009, 1012, 1014, 1019, 1020, 1021, 1022, 1031, 1032, 1033, 1034, 1045, 1046, 1047),
        *(1049, 1050, 1051, 1052, 60002, 60003, 60006, 60007, 60012),
    ),
    # The number, the content, the number's own frequency limits.
    STOPS: (1002, 1013, 1015, 1016, 1017, 1023, 1024, 1025, 1026),
    # Cause not said, timed out, unreadable to the vendor itself, not in the list.
    OPEN: (1007, 1008, 60008, 60013, 4711, -1, 99999),
}


@pytest.mark.parametrize("expected", CODES, ids=["goes on", "stops", "open"])
async def test_result_codes(expected: tuple[Outcome, bool]) -> None:
    """Fault 47: a refusal goes on to the next vendor if it is the account's trouble; one that says nothing does not."""
    outcome, onward = expected
    with Stub(s.accept) as first, Stub(s.accept) as second:
        vendors = (tencent("first", first.url), tencent("second", second.url))
        async with gateway(*vendors, policy=Policy(pause=0.01, health=None, alternate_within=0)) as sms:
            for number in CODES[expected]:
                first.script = s.refuse(number)
                second.requests.clear()
                result = await sms.send(code())
                assert (number, result.attempts[0].outcome, bool(second.requests)) == (number, outcome, onward)
                assert result.outcome is (Outcome.ACCEPTED if onward else outcome)
                assert result.attempts[0].code == str(number)


@pytest.mark.parametrize("opted_in", ["policy", "message"])
async def test_unknown_goes_on_if_the_caller_says_so(opted_in: str) -> None:
    """Only an opt-in asks a second vendor after UNKNOWN, and the result then says that there may be two copies."""
    policy = Policy(on_unknown="failover") if opted_in == "policy" else Policy()
    message: Message = code() if opted_in == "policy" else code(on_unknown="failover")
    with Stub(s.processed(lambda line: line.close())) as first, Stub(s.accept) as second:
        async with gateway(tencent("first", first.url), tencent("second", second.url), policy=policy) as sms:
            result = await sms.send(message)
    assert (result.outcome, result.provider, result.possible_duplicate) == (Outcome.ACCEPTED, "second", True)
    assert first.charges == second.charges == [NUMBER]


@pytest.mark.parametrize(
    "message",
    [
        pytest.param(code(f"{NUMBER}9999"), id="too long a number"),
        pytest.param(code(f"+86{NUMBER}"), id="two country codes"),
        pytest.param(Message(f"+86{NUMBER}", "logout", {"code": PARAM}), id="unknown template"),
        pytest.param(Message(f"+86{NUMBER}", "login", {"code": PARAM, "more": PARAM}), id="unknown parameter"),
    ],
)
async def test_refused_before_the_first_byte(message: Message, caplog: pytest.LogCaptureFixture) -> None:
    """A message that nobody can take is refused and recorded; the error gives nothing of it away."""
    record = Recorder()
    with Stub(s.accept) as first:
        async with gateway(tencent("first", first.url), on_result=record) as sms:
            with pytest.raises(MessageError) as caught:
                await sms.send(message)
    assert [result.outcome for result in record.ended] == [Outcome.REJECTED]
    assert first.connections == 0
    leakless([caught.value], record.ended[0], caplog.records)
    shown = "".join(traceback.TracebackException.from_exception(caught.value, capture_locals=True).format())
    for canary in (NUMBER, APP_KEY):
        assert canary not in shown + pickle.dumps(caught.value).decode("latin-1")


RETRY_AFTER = {
    "5 s": ["Retry-After: 5"],
    "1 s": ["Retry-After: 1"],
    "a date": ["Date: Sun, 22 Nov 2026 08:00:00 GMT", "Retry-After: Sun, 22 Nov 2026 09:00:00 GMT"],
    "-1": ["Retry-After: -1"],
    "10^9": ["Retry-After: 1000000000"],
    "10^400": ["Retry-After: 1" + "0" * 400],
    "garbage": ["Retry-After: soon \xff"],
    "a date that is none": ["Date: yesterday", "Retry-After: Sun, 99 Foo 2026 99:99:99 GMT"],
    "twice": ["Retry-After: 5", "Retry-After: 7"],
    "not said": [],
}


@pytest.mark.parametrize("headers", RETRY_AFTER.values(), ids=RETRY_AFTER)
async def test_retry_after(headers: Sequence[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Fault 45: a vendor that asks to wait is waited for, not all at one instant and never less than it asked for.

    One that asks for more than `max_pause` is not retried: the next one is tried at once.
    """
    pauses: list[float] = []
    monkeypatch.setattr("anyio.sleep", noting(pauses))
    busy = s.http(b"slow down", status="429 Too Many Requests", headers=headers)
    with Stub(s.respond(busy, charge=False)) as first, Stub(s.accept) as second:
        policy = Policy(pause=0.5, max_pause=2.0, retries=1)
        async with gateway(tencent("first", first.url), tencent("second", second.url), policy=policy) as sms:
            results: list[Result] = [await sms.send(code()) for _ in range(8)]
    [wanted] = {result.attempts[0].retry_after for result in results}
    asked = ["first", "first"] if wanted is None or wanted <= 2.0 else ["first"]
    for result in results:
        assert [try_.provider for try_ in result.attempts] == [*asked, "second"]
        assert {try_.reason for try_ in result.attempts[:-1]} == {Reason.TRY_LATER}
    assert len(pauses) == len(set(pauses)) == 8 * (len(asked) - 1)
    assert all((wanted or 0.5) <= pause <= 2.0 for pause in pauses)


def noting(pauses: list[float]) -> Callable[[float], object]:
    async def sleep(seconds: float) -> None:
        pauses.append(seconds)
        await anyio.lowlevel.checkpoint()

    return sleep
