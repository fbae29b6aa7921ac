"""What a push is read with: `ParsedItems`."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsgate import DeliveryState, StatusReport
from smsgate.provider import BadItem, CallbackError, ParsedItems

PUSH = json.dumps([{"id": "a1"}, {"id": "a2", "é": [1, {"x": "]"}]}]).encode()


def parse(item: dict[str, Any]) -> StatusReport:
    if not isinstance(item.get("id"), str):
        raise BadItem("id", "is missing")
    return StatusReport("acme", item["id"], None, DeliveryState.DELIVERED, None, "OK", "", "")


def read(body: bytes, key: str | None = None) -> list[str | None]:
    found = ParsedItems()
    found.read_body(body, parse, key=key)
    found.raise_for_fault("Acme")
    return [report.message_id for report in found.reports]


def test_an_array_at_the_top_or_under_a_key() -> None:
    """Every item is read, and a fault is at its place in the array."""
    assert read(PUSH) == ["a1", "a2"]
    assert read(b'{"reports": ' + PUSH + b"}", "reports") == ["a1", "a2"]
    with pytest.raises(CallbackError, match=r"^Acme callback: reports\[1\]\.id: is missing$") as caught:
        read(b'{"reports": [{"id": "a1"}, {"x": 1}]}', "reports")
    assert [report.message_id for report in caught.value.reports] == ["a1"]


@given(st.integers(0, len(PUSH) - 1), st.sampled_from([None, "reports"]))
def test_a_body_that_was_cut_is_never_taken(length: int, key: str | None) -> None:
    """A push that is answered with success does not come again, so half of one is an error."""
    whole = PUSH if key is None else b'{"reports": ' + PUSH + b"}"
    with pytest.raises(CallbackError):
        read(whole[:length], key)


@pytest.mark.parametrize(
    ("body", "key", "where"),
    [
        (b"", None, "body"),
        (b"<html>", None, "body"),
        (b"null", None, "body"),
        (b'{"id": "a1"}', None, "body"),
        (b'[{"id": "a1"}]', "reports", "body"),
        (b'{"reports": {"id": "a1"}}', "reports", "reports"),
        (b"{}", "reports", "reports"),
        (b'{"reports": [], "reports": [{"id": "a1"}]}', "reports", "body"),
    ],
)
def test_any_other_body_is_a_fault(body: bytes, key: str | None, where: str) -> None:
    """Whatever is no array of items is answered with an error that says where."""
    with pytest.raises(CallbackError) as caught:
        read(body, key)
    assert (caught.value.where, caught.value.status) == (where, 400)
