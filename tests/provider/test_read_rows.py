"""Rows that are alike but for the vendor's id are read once, and each message has the verdict of its own row."""

import json
from typing import Any

import pytest
from fake_vendors import login, number
from hypothesis import given
from hypothesis import strategies as st

from smsgate import HttpResponse, Job, PhoneNumber, SmsProvider
from smsgate.huawei import HuaweiSms
from smsgate.provider import Batch
from smsgate.provider.verdicts import AlikeVerdicts
from smsgate.tencent import TencentCloud, TencentV5

PROVIDERS: dict[str, tuple[SmsProvider, dict[str, Any]]] = {
    "v5": (
        TencentV5("1400006666", "key", sign="Acme"),
        {"result": 0, "errmsg": "OK", "nationcode": "86", "fee": 1, "sid": "8:a"},
    ),
    "cloud": (
        TencentCloud("id", "key", sdk_app_id="1400006666", sign="Acme"),
        {"Code": "Ok", "Message": "send success", "IsoCode": "CN", "Fee": 1, "SerialNo": "5000:1"},
    ),
    "huawei": (
        HuaweiSms("key", "secret", sender="isms1", base_url="https://huawei.example", signature="Acme"),
        {"status": "000000", "total": 1, "countryId": "CN", "from": "1069", "createTime": "2026-01-01T00:00:00Z"}
        | {"smsMsgId": "id-1"},
    ),
}
ODD: st.SearchStrategy[Any] = st.sampled_from(
    [0, 0.0, False, "0", "000000", 1, 1.0, True, "1", None, "", "ok", "x\n", "x" * 200, [1], {}]
)


def parsed(vendor: str, rows: list[dict[str, Any]], first: int = 0) -> list[Any]:
    """What the vendor's adapter reads of *rows*, which are for numbers from *first* on."""
    provider, _ = PROVIDERS[vendor]
    numbers = [number(first + index) for index in range(len(rows))]
    jobs = [Job(login(to), PhoneNumber(to), "19", ("1",)) for to in numbers]
    if vendor == "v5":
        rows = [row | {"mobile": to[3:]} for row, to in zip(rows, numbers, strict=True)]
        body: dict[str, Any] = {"result": 0, "errmsg": "OK", "detail": rows}
    elif vendor == "cloud":
        rows = [row | {"PhoneNumber": to} for row, to in zip(rows, numbers, strict=True)]
        body = {"Response": {"SendStatusSet": rows, "RequestId": "r"}}
    else:
        rows = [row | {"originTo": to} for row, to in zip(rows, numbers, strict=True)]
        body = {"code": "000000", "description": "Success", "result": rows}
    response = HttpResponse(200, {}, json.dumps(body, separators=(",", ":")).encode())
    found: Any = provider.parse_response(Batch(jobs, "ref"), response)
    return found if isinstance(found, AlikeVerdicts) else list(found)  # type: ignore[return-value]


@pytest.mark.parametrize("vendor", PROVIDERS)
def test_rows_that_are_alike_are_read_once(vendor: str) -> None:
    """All accepted, with an id each: one verdict stands for them, and the ids are those of the rows."""
    _, row = PROVIDERS[vendor]
    id = list(row)[-1]
    found: Any = parsed(vendor, [row | {id: f"id-{index}"} for index in range(5)])
    assert isinstance(found, AlikeVerdicts)
    assert [verdict.message_id for verdict in found] == [f"id-{index}" for index in range(5)]
    assert [verdict.message_id for verdict in found[1:3]] == ["id-1", "id-2"]
    assert {verdict.segments for verdict in found} == {1}


@pytest.mark.parametrize("vendor", PROVIDERS)
@given(st.data())
def test_each_row_is_read_as_if_it_were_the_only_one(vendor: str, data: st.DataObject) -> None:
    """Whatever stands in the other rows, and however near their values are to equal."""
    _, row = PROVIDERS[vendor]
    odd = st.dictionaries(st.sampled_from(list(row)), ODD, max_size=1)
    rows = [row | changed for changed in data.draw(st.lists(odd, min_size=1, max_size=4))]
    alone = [verdict for index, each in enumerate(rows) for verdict in parsed(vendor, [each], index)]
    assert list(parsed(vendor, rows)) == alone
