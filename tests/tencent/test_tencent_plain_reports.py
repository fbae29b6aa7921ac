"""The quick reader of Tencent's reports checks no less than the thorough one."""

import json
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from smsgate import HttpRequest
from smsgate.provider import CallbackError
from smsgate.tencent import parse_callback
from smsgate.tencent.reports import UNLIKE_PLAIN, plain_report, read_item
from smsgate.testing.mutations import ODD

ITEM = {
    "user_receive_time": "2015-10-17 08:03:04",
    "nationcode": "86",
    "mobile": "13788888888",
    "report_status": "FAIL",
    "errmsg": "MK:0001",
    "description": "no such number",
    "sid": "2019:1",
    "ext": "ref",
}
values = (
    st.sampled_from(ODD)
    | st.text(max_size=20)
    | st.text("0123456789", max_size=16)
    | st.text("0123456789 -:+TZW.", min_size=17, max_size=21)
    | st.datetimes().map(lambda time: str(time)[:19])
)
changes = st.dictionaries(st.sampled_from([*ITEM, "sub_error", "sub_error_desc", "text"]), values, max_size=4)


@example(made={"user_receive_time": "2015-10-17"})
@example(made={"user_receive_time": "2000-12-31 23:59:59"})
@example(made={"mobile": "1; DROP\r\nTABLE"})
@example(made={"nationcode": "8613788888888", "mobile": ""})
@example(made={"nationcode": ["86"], "mobile": ["1"]})
@example(made={"description": "", "ext": ""})
@given(made=changes)
def test_it_reads_what_the_thorough_one_reads(made: dict[str, Any]) -> None:
    """Whatever it takes, both read the same report from it."""
    item = ITEM | made
    try:
        quick = plain_report(item, "tencent")
    except UNLIKE_PLAIN:
        return
    assert quick == read_item(item, "tencent")
    assert quick.raw == item


def test_it_takes_what_the_guide_prints() -> None:
    """Also without `ext`, and with further texts."""
    for item in (ITEM, {key: ITEM[key] for key in ITEM if key != "ext"}, ITEM | {"sub_error": "1001"}):
        assert plain_report(item, "tencent").message_id == "2019:1"


@pytest.mark.parametrize(
    "second", ['"sid": "2"', '"report_status": "SUCCESS"', '"\\u0073id": "2"', '"mobile" :"13700000000"', '"sid": 5']
)
@pytest.mark.parametrize("filler", ["", '"a": 1, "b": 2, ', '"a": null, "b": "\\"", ', '"a": {"b": []}, '])
def test_a_name_that_comes_twice_is_seen(second: str, filler: str) -> None:
    """However it is written and whatever stands beside it; its neighbours are read."""
    plain = json.dumps(ITEM)
    body = f"[{plain}, {plain[:-1]}, {filler}{second}}}, {plain}]".encode()
    with pytest.raises(CallbackError) as caught:
        parse_callback(HttpRequest("POST", "/", {}, body))
    assert (caught.value.where, len(caught.value.reports)) == ("[1]", 2)
    assert str(caught.value) == "Tencent callback: [1]: has a name with two values"
