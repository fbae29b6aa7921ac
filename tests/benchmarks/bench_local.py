"""Comparisons of what stays in the process: callbacks that are read, imports, and memory."""

import json
import os
import resource
import statistics
import subprocess
import sys
import tracemalloc
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode

from bench_measure import Comparison, Figure, Scale, client, compare, ratio
from bench_peers import Opened

from smsgate import HttpRequest, Message, huawei, tencent

__all__ = ["callbacks", "imports", "memory"]

REPORTS: Final = 100
_CODES: Final = ("DELIVRD", "DELIVRD", "DELIVRD", "MK:0001", "UNDELIV")
_ALONE: Final = "anyio, attrs and asyncio"
_SDK: Final = "Tencent SDK"
_GATEWAY: Final = """
from smsgate import Gateway
from smsgate.{0} import {1}
Gateway([{1}({2})])
"""
PROGRAMS: Final = {
    "": "pass",
    _SDK: "from tencentcloud.common import credential\nfrom tencentcloud.sms.v20210111 import models, sms_client",
    "Huawei SDK": "import huaweicloudsdksmsapi.v1",
    _ALONE: "import anyio, attrs, asyncio",
    "import smsgate": "import smsgate",
    "a Gateway with Tencent v5": _GATEWAY.format("tencent", "TencentV5", "'1400006666', 'key'"),
    "a Gateway with Huawei": _GATEWAY.format(
        "huawei", "HuaweiSms", "'key', 'secret', sender='isms1', base_url='https://sms.example', signature='Acme'"
    ),
}
"""Each in an interpreter of its own. The first costs what every one does."""


def tencent_push() -> HttpRequest:
    """A full push: 100 reports, of which 60 are on delivered messages."""
    items = [
        {
            "user_receive_time": f"2026-01-01 08:{number % 60:02}:04",
            "nationcode": "86",
            "mobile": f"138{number:08}",
            "report_status": "SUCCESS" if _CODES[number % 5] == "DELIVRD" else "FAIL",
            "errmsg": _CODES[number % 5],
            "description": "用户短信送达成功",
            "sid": f"8:SKl6F6SEsCV8BWWxyDo2017{number:04}",
            "ext": "sgn1qxgFlkvXhcZa6.order12345",
        }
        for number in range(REPORTS)
    ]
    return HttpRequest("POST", "https://sms.example/tencent", {}, json.dumps(items, ensure_ascii=False).encode())


def huawei_push() -> HttpRequest:
    """A form with all that a European report has."""
    fields = {
        "sequence": "1",
        "total": "1",
        "orgCode": "000",
        "updateTime": "2018-10-31T08:43:41Z",
        "source": "2",
        "smsMsgId": "2ea20735-f856-4376-afbf-570bd70a46ee_11840135",
        "status": "DELIVRD",
        "extend": "sgn1qxgFlkvXhcZa6.order12345",
        "to": "+8615512345678",
    }
    return HttpRequest("POST", "https://sms.example/huawei", {}, urlencode(fields).encode())


async def callbacks(scale: Scale) -> AsyncIterator[Comparison]:
    """Reports, each normalised: number, state, reason, meaning, remedy and an aware time."""
    array, form = tencent_push(), huawei_push()
    text = form.body.decode()
    assert len(tencent.parse_callback(array).reports) == REPORTS
    assert len(huawei.parse_callback(form).reports) == 1
    reports = [
        client("json.loads", _calling(lambda: json.loads(array.body)), messages=REPORTS),
        client(
            "smsgate.tencent.parse_callback",
            _calling(lambda: tencent.parse_callback(array)),
            messages=REPORTS,
            against={"json.loads": "json.loads"},
        ),
    ]
    yield await compare("Tencent's push of 100 reports", reports, scale)
    forms = [
        client("parse_qsl", _calling(lambda: parse_qsl(text, keep_blank_values=True))),
        client(
            "smsgate.huawei.parse_callback",
            _calling(lambda: huawei.parse_callback(form)),
            against={"parse_qsl": "parse_qsl"},
        ),
    ]
    yield await compare("Huawei's report", forms, Scale(scale.rounds, scale.calls * 50))


def _calling(function: Callable[[], Any]) -> Opened:
    async def opened() -> AsyncIterator[Callable[[], Any]]:
        yield function

    return opened


async def imports(scale: Scale) -> AsyncIterator[Comparison]:
    """CPU time of an interpreter that runs a program, above that of one that runs nothing."""
    taken: dict[str, list[float]] = {name: [] for name in PROGRAMS}
    for number in range(2 * scale.rounds + 1):
        for name, program in PROGRAMS.items():
            seconds = _cpu_of(program)
            if number:  # the first writes the compiled files
                taken[name].append(seconds * 1e3)
    bare = statistics.median(taken.pop(""))
    above = {name: [figure - bare for figure in figures] for name, figures in taken.items()}
    figures = [Figure(name, statistics.median(costs), _start_ratios(name, above)) for name, costs in above.items()]
    yield Comparison("Start, above a bare interpreter", "ms", tuple(figures))


def _start_ratios(name: str, above: Mapping[str, Sequence[float]]) -> dict[str, float]:
    """What a start costs of the SDK's, and how much of that a gateway adds to what it is made with."""
    if name.endswith("SDK") or name == _ALONE:
        return {}
    ratios = {_SDK: ratio(above[name], above[_SDK])}
    if name.startswith("a Gateway"):
        added = [ours - alone for ours, alone in zip(above[name], above[_ALONE], strict=True)]
        ratios[f"{_SDK}, less {_ALONE}"] = ratio(added, above[_SDK])
    return ratios


def _cpu_of(program: str) -> float:
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-c", program], check=True, env=environment)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


async def memory(scale: Scale) -> AsyncIterator[Comparison]:
    """Bytes of a message that waits, above the texts and the mapping that are in it."""
    count = 200 * scale.calls
    payload = [(f"+8613{number:09}", {"code": f"{number:06}", "minutes": "5"}) for number in range(count)]
    mappings = _traced(lambda: [dict(params) for _, params in payload])
    queued = _traced(lambda: [Message(to, "login", params) for to, params in payload])
    figure = Figure("Message", (queued - mappings) / count)
    yield Comparison("A message that waits, above its texts and parameters", "bytes", (figure,))


def _traced(make: Callable[[], list[Any]]) -> int:
    """The bytes of what *make* makes."""
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        kept = make()
        after, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert kept
    return after - before
