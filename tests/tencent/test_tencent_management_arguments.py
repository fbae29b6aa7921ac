"""Arguments that cannot be right are refused before anything is built, naming the argument."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import pytest

from smsgate.model.errors import ConfigurationError, InvalidCallError
from smsgate.model.phone import PhoneNumber
from smsgate.provider import Call, RequestContext
from smsgate.provider.records import TemplateKind
from smsgate.tencent import SignatureKind, SignatureProof, TencentCloudManagement, TencentV5Management, arguments

V5: Final = TencentV5Management("1400006666", "k")
CLOUD: Final = TencentCloudManagement("AKID", "k", sdk_app_id="1400006666")
OLD: Final = TencentCloudManagement("AKID", "k", sdk_app_id="1400006666", version="2019-07-11")
NOW: Final = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NAIVE: Final = datetime(2026, 11, 22, 12, 0)  # noqa: DTZ001
NUMBER: Final = PhoneNumber("+8613788888888")
PNG: Final = b"\x89PNG\r\n\x1a\n"

Make = Callable[[Any], Call[Any]]

BOTH: Final[list[tuple[str, Make]]] = [
    ("limit", lambda m: m.pull_reports(limit=101)),
    ("limit", lambda m: m.pull_reports(limit=0)),
    ("limit", lambda m: m.pull_reports(limit=True)),
    ("limit", lambda m: m.pull_replies(limit="10")),
    ("limit", lambda m: m.find_reports(NUMBER, begin=NOW, end=NOW, limit=101)),
    ("to", lambda m: m.find_reports(PhoneNumber("13788888888"), begin=NOW, end=NOW)),
    ("to", lambda m: m.find_reports("+86+8613788888888", begin=NOW, end=NOW)),
    ("sender", lambda m: m.find_replies("", begin=NOW, end=NOW)),
    ("sender", lambda m: m.find_replies(13788888888, begin=NOW, end=NOW)),
    ("begin", lambda m: m.find_reports(NUMBER, begin=NOW + HOUR, end=NOW)),
    ("begin", lambda m: m.find_reports(NUMBER, begin=NAIVE, end=NOW)),
    ("end", lambda m: m.find_replies(NUMBER, begin=NOW, end=NAIVE)),
    ("begin", lambda m: m.find_replies(NUMBER, begin=1464624000, end=NOW)),
    ("begin", lambda m: m.send_statistics(begin=NOW + HOUR, end=NOW)),
    ("begin", lambda m: m.send_statistics(begin=NAIVE, end=NOW)),
    ("end", lambda m: m.delivery_statistics(begin=NOW, end=NAIVE)),
    ("end", lambda m: m.delivery_statistics(begin=NOW, end=datetime.max.replace(tzinfo=UTC))),
    ("begin", lambda m: m.delivery_statistics(begin=datetime.min.replace(tzinfo=UTC), end=NOW)),
    ("offset", lambda m: m.list_templates(offset=-1)),
    ("limit", lambda m: m.list_templates(limit=101)),
    ("limit", lambda m: m.list_templates(limit=0)),
    ("id", lambda m: m.get_template("abc")),
    ("id", lambda m: m.get_template("")),
    ("id", lambda m: m.get_template("0")),
    ("id", lambda m: m.get_template("1" * 19)),
    ("id", lambda m: m.get_template("١٢٣")),
    ("id", lambda m: m.get_template(123)),
    ("id", lambda m: m.delete_template("1;2")),
    ("id", lambda m: m.get_signature("-1")),
    ("id", lambda m: m.delete_signature("1.0")),
    ("ids", lambda m: m.get_templates([])),
    ("ids", lambda m: m.get_templates("123")),
    ("ids", lambda m: m.get_templates(["1", "x"])),
    ("ids", lambda m: m.get_templates(["1"] * 101)),
    ("ids", lambda m: m.get_signatures([])),
    ("text", lambda m: m.add_template(name="n", text="")),
    ("text", lambda m: m.add_template(name="n", text=" \n")),
    ("text", lambda m: m.add_template(name="n", text="\ud800")),
    ("text", lambda m: m.add_template(name="n", text=None)),
    ("name", lambda m: m.add_template(name=None, text="x")),
    ("remark", lambda m: m.add_template(name="n", text="x", remark=5)),
    ("kind", lambda m: m.add_template(name="n", text="x", kind=TemplateKind.UNKNOWN)),
    ("id", lambda m: m.modify_template("x", name="n", text="x")),
    ("text", lambda m: m.modify_template("1", name="n", text="")),
    ("text", lambda m: m.add_signature(text="", picture=PNG)),
    ("text", lambda m: m.add_signature(text="【Acme】", picture=PNG)),
    ("text", lambda m: m.add_signature(text="[Acme]", picture=PNG)),
    ("remark", lambda m: m.add_signature(text="Acme", picture=PNG, remark="\udfff")),
    ("picture", lambda m: m.add_signature(text="Acme", picture=PNG + bytes(3 * 1024 * 1024))),
    ("picture", lambda m: m.add_signature(text="Acme", picture=PNG + bytes(2 * 1024 * 1024 + 1 - len(PNG)))),
    ("picture", lambda m: m.add_signature(text="Acme", picture=b"GIF89a")),
    ("picture", lambda m: m.add_signature(text="Acme", picture=b"")),
    ("picture", lambda m: m.add_signature(text="Acme", picture=5)),
    ("picture", lambda m: m.add_signature(text="Acme", picture=Path("nowhere\0.png"))),
    ("picture", lambda m: m.add_signature(text="Acme", picture=Path(__file__))),
    ("picture", lambda m: m.add_signature(text="Acme", picture=Path(__file__).parent)),
    ("picture", lambda m: m.add_signature(text="Acme", picture=Path(__file__).parent / "no-such.png")),
    ("id", lambda m: m.modify_signature("x", text="Acme", picture=PNG)),
]  # fmt: skip


@pytest.mark.parametrize("account", [V5, CLOUD], ids=repr)
@pytest.mark.parametrize(("field", "make"), BOTH, ids=[f"{field}-{at}" for at, (field, _) in enumerate(BOTH)])
def test_both_interfaces_name_the_bad_argument(account: object, field: str, make: Make) -> None:
    """One error, before a call exists, that begins with the argument and shows no number in full."""
    with pytest.raises(InvalidCallError) as caught:
        make(account)
    assert str(caught.value).startswith(f"{field}: ")
    assert "13788888888" not in str(caught.value)


@pytest.mark.parametrize(
    ("field", "make"),
    [
        ("limit", lambda: V5.list_templates(limit=51)),
        ("ids", lambda: V5.get_templates(str(id) for id in range(1, 52))),
        ("ids", lambda: V5.delete_templates([])),
        ("ids", lambda: V5.delete_signatures("12")),
        ("end", lambda: CLOUD.delivery_statistics(begin=NOW - 33 * DAY, end=NOW)),
        ("end", lambda: CLOUD.send_statistics(begin=NOW - 33 * DAY, end=NOW)),
        ("end", lambda: V5.delivery_statistics(begin=NOW - 33 * DAY, end=NOW)),
        ("end", lambda: V5.send_statistics(begin=NOW - 33 * DAY, end=NOW)),
        ("end", lambda: CLOUD.delivery_statistics(begin=NOW - 32 * DAY, end=NOW + HOUR)),
        ("end", lambda: OLD.delivery_statistics(begin=NOW - 33 * DAY, end=NOW)),
        ("kind", lambda: CLOUD.add_template(name="n", text="x", kind=TemplateKind.VOICE)),
        ("name", lambda: CLOUD.add_template(name="", text="x")),
        ("picture", lambda: CLOUD.add_signature(text="Acme")),
        ("authorisation", lambda: CLOUD.add_signature(text="Acme", picture=PNG, authorisation=b"x")),
        ("qualification_id", lambda: CLOUD.add_signature(text="Acme", picture=PNG, qualification_id=0)),
        ("kind", lambda: CLOUD.add_signature(text="Acme", picture=PNG, kind=SignatureKind(0) - 1)),  # type: ignore[arg-type]
        ("proof", lambda: CLOUD.modify_signature("1", text="Acme", picture=PNG, proof="licence")),  # type: ignore[arg-type]
        ("limit", lambda: CLOUD.list_packages(limit=501)),
        ("offset", lambda: CLOUD.list_packages(offset=-1)),
        ("begin", lambda: CLOUD.list_packages(begin=NOW + HOUR, end=NOW)),
        ("begin, end", lambda: CLOUD.list_packages(begin=NOW)),
        ("begin, end", lambda: OLD.list_packages(begin=NOW - DAY, end=NOW)),
        ("version", lambda: OLD.list_templates()),
        ("version", lambda: OLD.list_signatures()),
    ],
)
def test_one_interface_names_the_bad_argument(field: str, make: Callable[[], object]) -> None:
    """What only one interface or version rules out."""
    with pytest.raises(InvalidCallError) as caught:
        make()
    assert str(caught.value).startswith(f"{field}: ")


def test_the_limits_themselves_are_allowed() -> None:
    """50 templates a page, 100 items, 32 days between hours, packages of 500."""
    assert V5.list_templates(limit=50).name == "get_template"
    assert CLOUD.list_templates(limit=100).name == "DescribeSmsTemplateList"
    assert CLOUD.delivery_statistics(begin=NOW - 32 * DAY, end=NOW + 59 * timedelta(minutes=1)).name
    assert CLOUD.send_statistics(begin=NOW - 32 * DAY, end=NOW).name
    assert V5.delivery_statistics(begin=NOW - 32 * DAY, end=NOW).name
    assert CLOUD.list_packages(limit=500).name
    assert CLOUD.add_signature(text="Acme", picture=PNG, proof=SignatureProof.SOCIAL_CREDIT_CODE).name


def test_queries_by_phone_reach_seven_days_back() -> None:
    """Whether *begin* is too long ago shows when the call is made: then it is refused, unsent."""
    call = CLOUD.find_reports(NUMBER, begin=NOW - 7 * DAY, end=NOW)
    assert call.build(RequestContext(NOW.timestamp(), "n")).method == "POST"
    for late in (call, OLD.find_replies(NUMBER, begin=NOW - 7 * DAY, end=NOW)):
        with pytest.raises(InvalidCallError, match="begin: must be at most 7 days ago") as caught:
            late.build(RequestContext(NOW.timestamp() + 1, "n"))
        frame, shown = caught.tb.tb_next, ""
        while frame is not None:
            shown += repr(frame.tb_frame.f_locals)
            frame = frame.tb_next
        assert "13788888888" not in shown


def test_a_bad_number_is_in_no_frame() -> None:
    """A number given as text is masked before anything can raise."""
    number = "+86" + "+8613788888888"
    with pytest.raises(InvalidCallError) as caught:
        V5.find_reports(number, begin=NOW, end=NOW)
    frame, shown = caught.tb.tb_next, ""
    while frame is not None:
        shown += repr(frame.tb_frame.f_locals)
        frame = frame.tb_next
    assert "88888888" not in shown


def test_unknown_regions_and_versions() -> None:
    """A region that cannot be one, or a version that Tencent does not have, is refused at construction."""
    with pytest.raises(ConfigurationError, match=r"^region: "):
        TencentCloudManagement("AKID", "k", sdk_app_id="1400006666", region="ap guangzhou")
    with pytest.raises(ConfigurationError, match=r"^version: "):
        TencentCloudManagement("AKID", "k", sdk_app_id="1400006666", version="2020-01-01")  # type: ignore[arg-type]


def test_checks_of_numbers_take_only_their_kind() -> None:
    """A float is no whole number, though Python would compare it."""
    with pytest.raises(InvalidCallError, match="limit"):
        arguments.whole_number("limit", 1.0, 1, 100)
