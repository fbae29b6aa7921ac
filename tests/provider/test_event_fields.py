"""Every field of every parsed report, reply and verdict satisfies its own docstring, for generated input."""

import json
from typing import Any
from urllib.parse import urlencode

import pytest
from fuzz_targets import TARGETS
from hypothesis import given
from hypothesis import strategies as st

from smsgate.testing.mutations import ODD

TENCENT = {
    "user_receive_time": "2015-10-17 08:03:04", "nationcode": "86", "mobile": "13788888888", "report_status": "FAIL",
    "errmsg": "MK:0001", "description": "no such number", "sid": "1", "ext": "ref", "text": "TD", "time": 1457336869,
    "sign": "Acme", "extend": "7", "port": "1069",
}  # fmt: skip
HUAWEI = {
    "smsMsgId": "i", "status": "MK:0001", "to": "+8613800138000", "updateTime": "2018-10-31T08:43:41Z", "source": "2",
    "sequence": "1", "total": "2", "extend": "ref", "statusDesc": "x", "orgCode": "000",
}  # fmt: skip
REPLY = {"from": "+8613800138000", "to": "1069", "body": "TD", "createTime": "2018-02-12T15:30:20Z", "smsMsgId": "j"}
V5_ROW = {"result": 0, "errmsg": "OK", "mobile": "13800138000", "nationcode": "86", "sid": "1", "fee": 1}
CLOUD_ROW = {"Code": "Ok", "Message": "x", "PhoneNumber": "+8613800138000", "SerialNo": "1", "Fee": 1, "IsoCode": "CN"}
HUAWEI_ROW = {"originTo": "+8613800138000", "status": "000000", "smsMsgId": "i", "total": 1}

odd_values = st.sampled_from(ODD) | st.text(max_size=12) | st.integers() | st.floats() | st.datetimes().map(str)


def with_odd_values(fields: dict[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
    """*fields*, of which some are missing and some have other values."""
    changes = st.dictionaries(st.sampled_from([*fields]), odd_values | st.just(...), max_size=5)
    return changes.map(lambda made: {key: value for key, value in (fields | made).items() if value is not ...})


def lists_of(fields: dict[str, Any]) -> st.SearchStrategy[list[dict[str, Any]]]:
    return st.lists(with_odd_values(fields), max_size=4)


def form_of(item: dict[str, Any]) -> bytes:
    return urlencode({key: str(value) for key, value in item.items()}, errors="replace").encode()


def json_of(value: object) -> bytes:
    return json.dumps(value).encode()


BODIES: dict[str, list[st.SearchStrategy[bytes]]] = {
    "tencent-push": [lists_of(TENCENT).map(json_of), with_odd_values(TENCENT).map(json_of)],
    "huawei-push": [
        lists_of(HUAWEI).map(lambda rows: json_of({"statusReportList": rows})),
        with_odd_values(HUAWEI).map(form_of),
        with_odd_values(REPLY).map(form_of),
    ],
    "v5-pull": [lists_of(TENCENT).map(lambda rows: json_of({"result": 0, "data": rows}))],
    "v5-response": [
        st.tuples(odd_values, lists_of(V5_ROW)).map(lambda made: json_of({"result": made[0], "detail": made[1]})),
        with_odd_values(V5_ROW).map(json_of),
    ],
    "cloud-response": [lists_of(CLOUD_ROW).map(lambda rows: json_of({"Response": {"SendStatusSet": rows}}))],
    "huawei-response": [
        st.tuples(odd_values, lists_of(HUAWEI_ROW)).map(lambda made: json_of({"code": made[0], "result": made[1]}))
    ],
}


@pytest.mark.parametrize("name", BODIES)
@given(data=st.data())
def test_fields_satisfy_their_docstrings(name: str, data: st.DataObject) -> None:
    """Numbers are E.164, times aware and believable, texts not empty, and a `Delivery` takes every report."""
    TARGETS[name](data.draw(st.one_of(BODIES[name])))
