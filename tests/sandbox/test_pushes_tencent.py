"""What the simulated Tencent pushes and when, without any network."""

import json
from collections.abc import Callable
from typing import Any

import attrs
import pytest
from sandbox_callers import NOW, TencentCaller, enabled_sandbox

from smsgate.sandbox import Push, PushSettings, Sandbox, Scenario
from smsgate.wire import HttpResponse

URL = "http://127.0.0.1:8000/sms/tencent-v5/a-token-of-ours"
TAKEN = HttpResponse(200, {}, b'{"result":0,"errmsg":"OK"}')


def caller(**settings: Any) -> TencentCaller:
    """A caller of a sandbox with Tencent's callback set."""
    return TencentCaller(enabled_sandbox(PushSettings(tencent_callback=URL, **settings)))


def items(push: Push) -> list[dict[str, Any]]:
    """The reports in a push."""
    value: list[dict[str, Any]] = json.loads(push.request.body)
    return value


def pulled(tencent: TencentCaller) -> list[str]:
    """The ids of the reports that a pull takes."""
    answer = tencent.handle("pullstatus", {"type": 0, "max": 100}, "")
    assert answer.response is not None
    return [item["sid"] for item in json.loads(answer.response.body)["data"]]


def test_report_comes_once_when_it_is_due() -> None:
    """A report is due after the delay, is given out once, and has the fields of the guide."""
    tencent = caller(report_delay=1.5)
    sid = tencent.sendsms()["sid"]
    assert tencent.sandbox.due_pushes(now=NOW + 1.4) == []
    (push,) = tencent.sandbox.due_pushes(now=NOW + 1.5)
    assert tencent.sandbox.due_pushes(now=NOW + 9) == []
    assert (push.vendor, push.attempt, push.request.method, push.request.url) == ("tencent", 1, "POST", URL)
    assert dict(push.request.headers) == {
        "host": "127.0.0.1:8000",
        "content-type": "application/json",
        "content-length": str(len(push.request.body)),
    }
    assert items(push) == [
        {
            "user_receive_time": "2025-11-25 00:00:01",
            "nationcode": "86",
            "mobile": "13788888888",
            "report_status": "SUCCESS",
            "errmsg": "DELIVRD",
            "description": "用户短信送达成功",
            "sid": sid,
        }
    ]


def test_ext_comes_back_only_where_support_has_enabled_it() -> None:
    """An account as it is at first has no `ext` in its reports; the switch counts from then on."""
    tencent = caller()
    tencent.sendsms(ext="ord1")
    (push,) = tencent.sandbox.due_pushes(now=NOW + 9)
    assert "ext" not in items(push)[0]
    tencent.sandbox.change_account("tencent-v5", echo_ext=True)
    tencent.sendsms(ext="ord2")
    tencent.sendsms()
    (push,) = tencent.sandbox.due_pushes(now=NOW + 9)
    assert [item.get("ext") for item in items(push)] == ["ord2", None]


def test_without_ext_none_is_echoed() -> None:
    """A send without `ext` gets a report without it."""
    tencent = caller()
    tencent.sendsms()
    (push,) = tencent.sandbox.due_pushes(now=NOW + 1)
    assert "ext" not in items(push)[0]


def test_at_most_a_hundred_share_a_push() -> None:
    """250 reports that are due together come in three pushes, none twice."""
    tencent = caller()
    sids = [
        row["sid"]
        for first in (0, 125)
        for row in tencent.sendmultisms2([("86", f"137{number:08}") for number in range(first, first + 125)])["detail"]
    ]
    pushes = tencent.sandbox.due_pushes(now=NOW + 1)
    assert [len(items(push)) for push in pushes] == [100, 100, 50]
    assert [item["sid"] for push in pushes for item in items(push)] == sids


@pytest.mark.parametrize("scenario", [Scenario.PHONE_OFF, Scenario.NO_SUCH_NUMBER, Scenario.SLOW, Scenario.DROP_AFTER])
def test_magic_number_is_reported_with_its_code(scenario: Scenario) -> None:
    """The report on a magic number carries the code of the table, also if the send was never answered."""
    tencent = caller()
    tencent.single(scenario.number.removeprefix("+86"))
    (item,) = items(*tencent.sandbox.due_pushes(now=NOW + 1))
    assert item["errmsg"] == tencent.sandbox.messages[0].report
    assert item["report_status"] == ("SUCCESS" if item["errmsg"] == "DELIVRD" else "FAIL")


def test_refused_message_has_no_report() -> None:
    """What was not accepted is not reported."""
    tencent = caller()
    tencent.single(Scenario.BLOCKLISTED.number.removeprefix("+86"))
    assert tencent.sandbox.due_pushes(now=NOW + 9) == []


def test_what_was_pushed_need_not_be_pulled() -> None:
    """A push takes the report out of the queue; the query by phone number still finds it."""
    tencent = caller()
    sid = tencent.sendsms()["sid"]
    tencent.sandbox.due_pushes(now=NOW + 1)
    assert pulled(tencent) == []
    query = {"type": 0, "max": 9, "begin_time": int(NOW) - 9, "end_time": int(NOW) + 9}
    answer = tencent.handle("pullstatus4mobile", {**query, "nationcode": "86", "mobile": "13788888888"}, "")
    assert answer.response is not None
    assert sid.encode() in answer.response.body


def test_what_was_pulled_is_not_pushed() -> None:
    """A pull before the push takes the report."""
    tencent = caller()
    sid = tencent.sendsms()["sid"]
    assert pulled(tencent) == [sid]
    assert tencent.sandbox.due_pushes(now=NOW + 9) == []


def test_without_a_callback_reports_wait_to_be_pulled() -> None:
    """Nothing is pushed to nowhere, also if a URL is set later."""
    tencent = TencentCaller(enabled_sandbox())
    sid = tencent.sendsms()["sid"]
    tencent.sandbox.push_settings = PushSettings(tencent_callback=URL)
    assert tencent.sandbox.due_pushes(now=NOW + 9) == []
    assert pulled(tencent) == [sid]


@pytest.mark.parametrize(
    "answer",
    [
        HttpResponse(500, {}, TAKEN.body),
        HttpResponse(204),
        HttpResponse(200, {}, b'{"result":1}'),
        HttpResponse(200, {}, b'{"errmsg":"OK"}'),
        HttpResponse(200, {}, b'["result",0]'),
        HttpResponse(200, {}, b"\xff"),
        HttpResponse(200, {}, b"[" * 100_000),
        None,
    ],
)
def test_two_more_tries(answer: HttpResponse | None) -> None:
    """Whatever is not HTTP 200 with a `result` of 0 is tried again twice, then given up."""
    tencent = caller(retry_after=2)
    tencent.sendsms()
    now, tries = NOW + 1, list[Push]()
    while pushes := tencent.sandbox.due_pushes(now=now):
        (push,) = pushes
        tries.append(tencent.sandbox.settle_push(push, answer, now=now, error="" if answer else "ConnectError"))
        assert tencent.sandbox.due_pushes(now=now + 1.9) == []
        now += 2
    assert [push.attempt for push in tries] == [1, 2, 3]
    assert len({push.request.body for push in tries}) == 1
    assert {push.status for push in tries} == {answer.status if answer else None}
    assert tencent.sandbox.pushes == tuple(tries)
    assert not any(push.acknowledged for push in tries)


def test_acknowledged_push_is_not_repeated() -> None:
    """The documented answer ends it, on a later try as well."""
    tencent = caller(retry_after=0)
    tencent.sendsms()
    (push,) = tencent.sandbox.due_pushes(now=NOW + 1)
    tencent.sandbox.settle_push(push, HttpResponse(500), now=NOW + 1)
    (again,) = tencent.sandbox.due_pushes(now=NOW + 1)
    assert tencent.sandbox.settle_push(again, TAKEN, now=NOW + 1).acknowledged
    assert tencent.sandbox.due_pushes(now=NOW + 99) == []
    assert [made.acknowledged for made in tencent.sandbox.pushes] == [False, True]


def test_push_that_was_not_made_is_due_again() -> None:
    """What is put back is given out again, as the same try."""
    tencent = caller()
    tencent.sendsms()
    pushes = tencent.sandbox.due_pushes(now=NOW + 1)
    tencent.sandbox.put_back_pushes(pushes)
    assert tencent.sandbox.due_pushes(now=NOW + 1) == pushes
    assert tencent.sandbox.pushes == ()


@pytest.mark.parametrize("forget", [lambda sandbox: sandbox.reset(now=NOW), Sandbox.clear], ids=["reset", "clear"])
def test_a_push_under_way_is_forgotten_with_all_else(forget: Callable[[Sandbox], None]) -> None:
    """Its answer is not noted, and it is neither tried again nor given out again."""
    tencent = caller(retry_after=0)
    tencent.sendsms()
    (push,) = tencent.sandbox.due_pushes(now=NOW + 1)
    forget(tencent.sandbox)
    assert tencent.sandbox.settle_push(push, HttpResponse(500), now=NOW + 1).number == 0
    tencent.sandbox.put_back_pushes([push])
    assert tencent.sandbox.pushes == ()
    assert tencent.sandbox.due_pushes(now=NOW + 99) == []


def test_copies_come_as_often_as_wished() -> None:
    """Each report comes three times, and is pulled by none of them."""
    tencent = caller(copies=3)
    sids = {tencent.sendsms()["sid"] for _ in range(40)}
    found = [item["sid"] for push in tencent.sandbox.due_pushes(now=NOW + 1) for item in items(push)]
    assert sorted(found) == sorted([*sids] * 3)
    assert pulled(tencent) == []


def test_shuffled_reports_overtake_each_other() -> None:
    """They come after one to two delays, in any order, the same in every run."""
    orders: list[list[str]] = []
    for _ in range(2):
        tencent = TencentCaller(Sandbox(pushes=PushSettings(tencent_callback=URL, shuffle=True)))
        tencent.sandbox.change_account("tencent", echo_ext=True)
        sent = [tencent.sendsms(ext=f"{number}")["ext"] for number in range(50)]
        assert tencent.sandbox.due_pushes(now=NOW + 0.99) == []
        early = tencent.sandbox.due_pushes(now=NOW + 1.5)
        late = tencent.sandbox.due_pushes(now=NOW + 2)
        orders.append([item["ext"] for push in (*early, *late) for item in items(push)])
        assert early
        assert late
        assert sorted(orders[-1]) == sorted(sent)
        assert orders[-1] != sent
    assert orders[0] == orders[1]


def test_reports_can_be_dated_late() -> None:
    """With `late_by` a report that comes now is dated days after its message."""
    tencent = caller(late_by=73 * 3600)
    tencent.sendsms()
    assert items(*tencent.sandbox.due_pushes(now=NOW + 1))[0]["user_receive_time"] == "2025-11-28 01:00:01"


def test_clear_forgets_what_is_still_to_come() -> None:
    """After `clear()` nothing is pushed, tried again or listed."""
    tencent = caller()
    for _ in range(2):
        tencent.sendsms()
        (push,) = tencent.sandbox.due_pushes(now=NOW + 1)
        tencent.sandbox.settle_push(push, None, now=NOW + 1)
        tencent.sendsms()
        tencent.sandbox.clear()
        assert tencent.sandbox.due_pushes(now=NOW + 99) == []
        assert tencent.sandbox.pushes == ()


def test_settings_can_be_changed_while_it_runs() -> None:
    """A new URL holds for the messages from then on."""
    tencent = caller()
    tencent.sendsms()
    tencent.sandbox.push_settings = attrs.evolve(tencent.sandbox.push_settings, tencent_callback=f"{URL}/2")
    tencent.sendsms()
    assert [push.request.url for push in tencent.sandbox.due_pushes(now=NOW + 1)] == [URL, f"{URL}/2"]
