"""What reading a push costs, against the standard library's parsers alone, in one run.

python tests/benchmarks/bench_callbacks.py            about ten seconds
python tests/benchmarks/bench_callbacks.py --smoke    shows only that it works; its figures mean nothing

Aims: a report of a Tencent push of 100 costs at most 2.5 times `json.loads`, a Huawei form at most 1.3 times
`parse_qsl`, each normalised: number, state, reason, meaning, remedy and an aware time.
"""

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from time import perf_counter
from urllib.parse import parse_qsl, urlencode

from smsgate import HttpRequest, huawei, tencent

CODES = ("DELIVRD", "DELIVRD", "DELIVRD", "MK:0001", "UNDELIV")
REPORTS = 100


def tencent_push() -> HttpRequest:
    """A full push: 100 reports, of which 60 are on delivered messages."""
    items = [
        {
            "user_receive_time": f"2026-01-01 08:{number % 60:02}:04",
            "nationcode": "86",
            "mobile": f"138{number:08}",
            "report_status": "SUCCESS" if CODES[number % 5] == "DELIVRD" else "FAIL",
            "errmsg": CODES[number % 5],
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


def compare(floor: Callable[[], object], ours: Callable[[], object], *, rounds: int, calls: int) -> tuple[float, float]:
    """Seconds per call of both: the best of many rounds that take turns, so that other programs matter little."""
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(rounds):
        for function, taken in zip((floor, ours), times, strict=True):
            begin = perf_counter()
            for _ in range(calls):
                function()
            taken.append((perf_counter() - begin) / calls)
    return min(times[0]), min(times[1])


def line(name: str, unit: int, seconds: tuple[float, float], aim: float) -> str:
    """One row of the result."""
    floor, ours = (1e6 * value / unit for value in seconds)
    return f"{name:<28}{floor:>10.2f} µs{ours:>10.2f} µs{ours / floor:>9.2f}x    aim {aim}x\n"


def main(arguments: Sequence[str]) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--smoke", action="store_true", help="one short round")
    rounds, scale = (1, 1) if parser.parse_args(arguments).smoke else (301, 100)
    array, form = tencent_push(), huawei_push()
    assert len(tencent.parse_callback(array).reports) == REPORTS
    assert len(huawei.parse_callback(form).reports) == 1
    text = form.body.decode()
    read_array = compare(
        lambda: json.loads(array.body), lambda: tencent.parse_callback(array), rounds=rounds, calls=max(1, scale // 10)
    )
    read_form = compare(
        lambda: parse_qsl(text, keep_blank_values=True), lambda: huawei.parse_callback(form), rounds=rounds, calls=scale
    )
    sys.stdout.write(f"{'':<28}{'alone':>13}{'smsgate':>13}{'ratio':>10}\n")
    sys.stdout.write(line("Tencent, each report of 100", REPORTS, read_array, 2.5))
    sys.stdout.write(line("Huawei, each form", 1, read_form, 1.3))


if __name__ == "__main__":
    main(sys.argv[1:])
