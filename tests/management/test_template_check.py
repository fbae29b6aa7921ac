"""A template beside the vendor's copy: what `smsgate lint` says of their differences."""

from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsgate import Binding, Template
from smsgate.management import ReviewState, TemplateKind, TemplateRecord
from smsgate.management.findings import Level
from smsgate.management.template_check import compare_template, review_of

OURS = Template("login", params=("code", "minutes"), text="Your code is {code}, valid for {minutes} minutes.")
RECORD = TemplateRecord(provider="a", id="19", text="Your code is {1}, valid for {2} minutes.")
SWAPPED = "In {1} minutes your code {2} expires."


def found(template: Template, record: TemplateRecord, *, abroad: bool = False, **binding: Any) -> dict[str, str]:
    listed = compare_template(template, Binding("19", **binding), record, "login at a", abroad=abroad)
    return {each.check: f"{each.level}: {each.text}" for each in listed}


@pytest.mark.parametrize(
    "text",
    [
        "Your code is {1}, valid for {2} minutes.",
        "Your code is ${1}, valid for ${2} minutes.",
        "Your code is ${NUM_6}, valid for ${NUM_2} minutes.",
        "【Acme】Your code is  {1}, valid for {2}  minutes.",
    ],
)
def test_a_copy_is_found_right(text: str) -> None:
    """However the vendor writes placeholders, and with a signature in front, the same text has no finding."""
    assert found(OURS, attrs.evolve(RECORD, text=text)) == {}


def test_a_vendors_own_order_is_right() -> None:
    """Numbered placeholders may stand in any order, and an id's own params are what goes to them."""
    swapped = attrs.evolve(OURS, text="In {minutes} minutes your code {code} expires.")
    assert found(swapped, attrs.evolve(RECORD, text="In {2} minutes your code {1} expires.")) == {}
    typed = attrs.evolve(RECORD, text="In ${NUM_2} minutes your code ${NUM_6} expires.")
    assert found(swapped, typed, params=("minutes", "code")) == {}
    assert found(swapped, typed)["order"].startswith("error: in the vendor's text the values stand in the order code,")


@pytest.mark.parametrize(
    ("record", "check", "says"),
    [
        (
            {"text": "Your code is {1}."},
            "parameters",
            "error: 2 parameters (code, minutes)",
        ),
        ({"text": SWAPPED}, "text", "warning: it is not the vendor's: yours has 34 characters beside the values"),
        ({"text": "Your code is {2}, valid for {1} minutes."}, "order", "error: in the vendor's text"),
        ({"kind": TemplateKind.MARKETING}, "kind", "warning: its kind is code, and MARKETING at the vendor"),
        ({"international": True}, "countries", "warning: the vendor lists it for other countries"),
    ],
)
def test_what_differs_is_named(record: dict[str, Any], check: str, says: str) -> None:
    """Each difference is one finding, and says what is where."""
    listed = found(attrs.evolve(OURS, kind="code"), attrs.evolve(RECORD, **record))
    assert list(listed) == [check]
    assert listed[check].startswith(says)


def test_an_id_for_other_countries() -> None:
    """What goes abroad is to be listed for it."""
    assert "mainland China" in found(OURS, attrs.evolve(RECORD, international=False), abroad=True)["countries"]
    assert found(OURS, attrs.evolve(RECORD, international=True), abroad=True) == {}


@given(st.text("ab {}$1234_NUM｛｝【】", max_size=40))
def test_any_text_of_a_vendor_is_compared(text: str) -> None:
    """Whatever a vendor's text is, there are findings or none, and no exception."""
    found(OURS, attrs.evolve(RECORD, text=text))


@pytest.mark.parametrize(
    ("state", "level"),
    [
        (ReviewState.APPROVED, Level.OK),
        (ReviewState.PENDING, Level.ERROR),
        (ReviewState.REJECTED, Level.ERROR),
        (ReviewState.UNKNOWN, Level.WARNING),
    ],
)
def test_the_state_of_a_review(state: ReviewState, level: Level) -> None:
    """What is not approved would be refused."""
    assert review_of(attrs.evolve(RECORD, state=state), "login at a").level is level
