"""The simulated v5 API beside sends: pulls and statistics."""

from typing import Any

import pytest
from sandbox_callers import NOW, TencentCaller, enabled_sandbox, read
from sandbox_managers import v5

from smsgate.sandbox import Scenario

HOUR = 2025112500  # NOW is 00:00 on 25 November 2025 in China


def test_number_is_not_signed() -> None:
    """A sig over a number is wrong for these calls, and the words stand in the key that the call uses."""
    tencent = TencentCaller(enabled_sandbox())
    body = {"type": 0, "max": 1, "begin_time": 0, "end_time": 1, "nationcode": "86", "mobile": "13788888888"}
    answer = read(tencent.handle("pullstatus4mobile", body, "&mobile=13788888888"))
    assert answer == {"result": 1001, "errmsg": "sig check failed"}
    tencent.key = "wrong"
    assert v5(tencent, "get_sign", sign_id=1) == {"result": 1001, "msg": "sig check failed"}


def test_clock_is_checked() -> None:
    """Ten minutes, as for sends."""
    assert v5(TencentCaller(now=NOW - 601), "pullstatus", type=0, max=1)["result"] == 1021


def test_pull_empties_the_queue() -> None:
    """Each accepted message has one report, oldest first, which never comes again."""
    tencent = TencentCaller(enabled_sandbox())
    sent = [tencent.sendsms(number.removeprefix("+86"))["sid"] for number in ("13788888888", Scenario.PHONE_OFF.number)]
    tencent.sendsms(Scenario.BLOCKLISTED.number.removeprefix("+86"))
    tencent.sendisms("+447700900123", tpl_id=1110)
    first = v5(tencent, "pullstatus", type=0, max=2)
    assert first == {
        "result": 0,
        "errmsg": "ok",
        "count": 2,
        "data": [
            {
                "user_receive_time": "2025-11-25 00:00:00",
                "nationcode": "86",
                "mobile": "13788888888",
                "report_status": "SUCCESS",
                "errmsg": "DELIVRD",
                "description": "用户短信送达成功",
                "sid": sent[0],
            },
            {
                "user_receive_time": "2025-11-25 00:00:00",
                "nationcode": "86",
                "mobile": "13900000001",
                "report_status": "FAIL",
                "errmsg": "BLACK0",
                "description": "用户短信送达失败",
                "sid": sent[1],
            },
        ],
    }
    rest = v5(tencent, "pullstatus", type=0, max=100)["data"]
    assert [(row["nationcode"], row["mobile"]) for row in rest] == [("44", "7700900123")]
    assert v5(tencent, "pullstatus", type=0, max=100)["count"] == 0


def test_replies_are_pulled() -> None:
    """A reply waits in a queue of its own, with or without an extension."""
    tencent = TencentCaller(enabled_sandbox())
    tencent.sandbox.reply("+8613788888888", "T", now=NOW)
    tencent.sandbox.reply("+447700900123", "yes", now=NOW + 1.5, signature="腾讯云", extend="12")
    assert v5(tencent, "pullstatus", type=0, max=10)["count"] == 0
    assert v5(tencent, "pullstatus", type=1, max=10)["data"] == [
        {"nationcode": "86", "mobile": "13788888888", "text": "T", "sign": "Acme", "time": 1764000000},
        {
            "nationcode": "44",
            "mobile": "7700900123",
            "text": "yes",
            "sign": "腾讯云",
            "time": 1764000001,
            "extend": "12",
        },
    ]
    assert v5(tencent, "pullstatus", type=1, max=10)["count"] == 0


def test_query_by_number_takes_nothing() -> None:
    """The items of one number in a span of time, as often as wanted, pulled or not."""
    tencent = TencentCaller(enabled_sandbox())
    for mobile in ("13788888888", "13788888888", "13788888889"):
        tencent.sendsms(mobile)
    tencent.sandbox.reply("+8613788888888", "T", now=NOW)
    span = {"begin_time": int(NOW), "end_time": int(NOW), "nationcode": "86", "mobile": "13788888888"}
    for _ in range(2):
        assert v5(tencent, "pullstatus4mobile", type=0, max=10, **span)["count"] == 2
        assert v5(tencent, "pullstatus4mobile", type=1, max=10, **span)["count"] == 1
        v5(tencent, "pullstatus", type=0, max=10)
    assert v5(tencent, "pullstatus4mobile", type=0, max=1, **span)["count"] == 1
    later = {**span, "begin_time": int(NOW) + 1, "end_time": int(NOW) + 1}
    assert v5(tencent, "pullstatus4mobile", type=0, max=10, **later)["count"] == 0


@pytest.mark.parametrize(
    "body",
    [
        {"type": 2, "max": 1},
        {"type": 0, "max": 101},
        {"type": 0, "max": 0},
        {"type": "0", "max": 1},
        {"type": True, "max": 1},
        {"max": 1},
        {"type": 0, "max": 1, "begin_time": 2, "end_time": 1},
        {"type": 0, "max": 1, "begin_time": -1, "end_time": 1},
    ],
)
def test_wrong_pull_is_refused(body: dict[str, Any]) -> None:
    """What is missing, of the wrong type or out of range is 1004."""
    full = {"begin_time": 0, "end_time": 1, "nationcode": "86", "mobile": "13788888888", **body}
    assert v5(TencentCaller(), "pullstatus4mobile", **full)["result"] == 1004


def test_counts_follow_what_was_sent() -> None:
    """Requested counts every number of an authentic request, billed counts segments, failures have causes."""
    tencent = TencentCaller(enabled_sandbox())
    long = v5(tencent, "add_template", text="{1}" + "x" * 70, type=0, remark="[approve]")
    tencent.sendsms(tpl_id=long["data"]["id"], params=["1"])
    magic = (Scenario.PHONE_OFF, Scenario.NO_SUCH_NUMBER, Scenario.BLOCKLISTED, Scenario.BUSY)
    for scenario in magic:
        tencent.sendsms(scenario.number.removeprefix("+86"))
    tencent.sendmultisms2([("86", "13788888888"), ("86", "123")])
    tencent.sendsms(sig="0" * 64)
    sends = v5(tencent, "pullsendstatus", begin_date=HOUR, end_date=HOUR)
    assert sends == {"result": 0, "msg": "OK", "data": {"request": 7, "success": 4, "bill_number": 5}}
    reports = v5(tencent, "pullcallbackstatus", begin_date=HOUR, end_date=HOUR)
    assert reports == {
        "result": 0,
        "errmsg": "OK",
        "data": {
            "success": 4,
            "status": 4,
            "status_success": 2,
            "status_fail": 2,
            "status_fail_0": 0,
            "status_fail_1": 1,
            "status_fail_2": 1,
            "status_fail_3": 0,
            "status_fail_4": 0,
        },
    }
    assert v5(tencent, "pullsendstatus", begin_date=HOUR + 1, end_date=HOUR + 1)["data"]["request"] == 0
    tencent.sandbox.clear()
    assert v5(tencent, "pullsendstatus", begin_date=HOUR, end_date=HOUR)["data"]["request"] == 0
    assert v5(tencent, "pullstatus", type=0, max=10)["count"] == 0


@pytest.mark.parametrize(
    ("begin", "end"),
    [(HOUR + 1, HOUR), ("2025112500", HOUR), (20251125, HOUR), (HOUR, 2025113200), (HOUR, 20251125001), (HOUR, None)],
)
def test_wrong_span_is_refused(begin: Any, end: Any) -> None:
    """Hours are numbers yyyymmddhh, the begin not after the end."""
    assert v5(TencentCaller(), "pullsendstatus", begin_date=begin, end_date=end)["result"] == 1004
