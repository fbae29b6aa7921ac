"""`smsgate explain`: what a vendor's code means."""

import json
from pathlib import Path
from typing import Final

import pytest
from click.testing import CliRunner, Result

from smsgate.cli.app import cli

SAMPLES: Final = Path(__file__).parents[1] / "tencent" / "samples" / "codes"


def explain(*arguments: str) -> Result:
    return CliRunner().invoke(cli, ["explain", *arguments])


def test_a_code_that_two_vendors_use_is_explained_for_both() -> None:
    """Each vendor's own meaning, reason and state, one under the other."""
    result = explain("SC:0001")
    assert result.exit_code == 0
    tencent, huawei = result.output.split("SC:0001 at ")[1:]
    assert tencent.startswith("tencent, in a delivery report\n")
    assert "CONTENT_BLOCKED: a keyword or the content was refused" in tencent
    assert huawei.startswith("huawei, in a delivery report\n")
    assert "IN_REVIEW" in huawei
    for part in (tencent, huawei):
        assert "state       REJECTED, final\n" in part
        assert "what to do  " in part


@pytest.mark.parametrize("code", ["", "  "])
def test_an_empty_code_is_a_mistake(code: str) -> None:
    """Nothing is looked up, and nothing is said to be near it."""
    result = explain("1015", code)
    assert (result.exit_code, result.output.splitlines()[-1]) == (2, "Error: a code is empty")


def test_vendor_narrows_it_down() -> None:
    """`--vendor` leaves the others out."""
    output = explain("SC:0001", "--vendor", "huawei").output
    assert output.count(" at ") == 1
    assert "IN_REVIEW" in output


def test_codes_of_answers_tell_the_outcome_and_the_failover() -> None:
    """A code from the answer to a send says what a send does about it, and whether to stop texting the number."""
    output = explain("1015").output
    assert "outcome     REJECTED\n" in output
    assert "failover    stop\n" in output
    assert "number      send nothing more to it\n" in output
    assert "failover    stop; next vendor with on_unknown\n" in explain("60008").output


def test_codes_of_api_3_are_words() -> None:
    """Tencent's API 3.0 has codes of its own, in any case."""
    output = explain("failedoperation.phonenumberinblacklist").output
    assert "at tencent, in a response of API 3.0" in output
    assert "BLOCKLISTED" in output


def test_a_code_in_two_lists_of_one_vendor_is_explained_twice() -> None:
    """Huawei uses the same codes in answers and in reports."""
    output = explain("E200032").output
    assert "E200032 at huawei, in a delivery report" in output
    assert "E200032 at huawei, in the response to a send" in output


def test_success_needs_no_reason() -> None:
    """A delivered message has a state, and nothing to do."""
    output = explain("DELIVRD", "--vendor", "huawei").output
    assert "state       DELIVERED, final\n" in output
    assert "reason" not in output
    assert "not final" in explain("ENROUTE", "--vendor", "huawei").output
    assert explain("000000").output.endswith("meaning     accepted\n  outcome     ACCEPTED\n")
    for code in ("0", "Ok", "000000"):
        (row,) = json.loads(explain(code, "--json").output)
        assert (row["outcome"], row["next"]) == ("ACCEPTED", None)


@pytest.mark.parametrize("code", ["MA:9999", "UNDELIV_601"])
def test_a_family_or_base_state_says_that_it_is_one(code: str) -> None:
    """A code that is read by its family, or by the state that it begins with, says so."""
    assert "match       not listed as it is" in explain(code, "--vendor", "huawei").output


def test_another_spelling_is_found() -> None:
    """White space and case do not matter, and need no remark."""
    output = explain("bwlist _006").output
    assert "BLOCKLISTED" in output
    assert "match" not in output
    assert "carrier     China Mobile\n" in explain("BLACK0").output


def test_an_unlisted_code_is_said_to_be_so_with_near_ones() -> None:
    """It names near codes, says how such a code is classified, and exits with 1."""
    result = explain("SC0001")
    assert result.exit_code == 1
    assert result.output.startswith("No vendor lists SC0001.\nNear it: SC:0001, ")
    assert "UNKNOWN" in result.output
    assert "Near it" not in explain("\x1b[2Jnothing like it at all").output


def test_a_code_of_another_vendor_is_pointed_out() -> None:
    """With `--vendor`, it says who else lists the code."""
    output = explain("SC:0018", "--vendor", "tencent").output
    assert output.startswith("tencent does not list SC:0018.\nListed by: huawei (leave --vendor out).\n")


def test_control_characters_do_not_reach_the_terminal() -> None:
    """A code from a log is shown without what could move the cursor."""
    assert "\x1b" not in explain("\x1b[2J").output


def test_suggests_first_what_differs_in_zeros_only() -> None:
    """A zero too few is the most common slip: the code that has it comes first."""
    told = explain("SC:001").output
    assert "Near it: SC:0001, " in told


def test_negative_codes_need_no_dashes_before_them() -> None:
    """`-37` looks like an option and is a code of China Unicom; several codes are explained one after another."""
    output = explain("-37", "DB:13", "--vendor", "tencent", "BST--1").output
    heads = [line.split(" at ")[0] for line in output.splitlines() if " at tencent" in line]
    assert heads == ["DB:13", "BST--1", "-37"]
    assert explain("--", "-37").output.startswith("-37 at tencent")


@pytest.mark.parametrize("code", ["0", "ok", "000000", "MSGSMS.0009", "IAM.0002", "APIGW.0301"])
def test_success_and_management_codes_are_known(code: str) -> None:
    """What a vendor answers to a call that succeeded, or to one that manages, is explained as well."""
    result = explain(code)
    assert result.exit_code == 0
    assert "outcome" not in result.output.partition("management API")[2]


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("stat:UNDELIV err:602", "another spelling of UNDELIV_602"),
        ("MK：0012", "another spelling of MK:0012"),
        ("MK0012", "read by its family MK:xxxx"),
        ("EXPIRED-333", "read by its state EXPIRED"),
    ],
)
def test_it_says_how_a_code_was_found(code: str, words: str) -> None:
    """A code that is not listed as it is says what it was found as."""
    assert words in explain(code, "--vendor", "tencent").output


def test_it_says_where_a_meaning_is_from() -> None:
    """Each meaning has a document with its edition, and says so if it is not official."""
    source = "Tencent Cloud SMS, SMS Sending and Receipt Status Error Codes, 2021-12-15"
    assert f"source      {source}\n" in explain("1").output
    assert "certainty   unofficial" in explain("SIGFAIL").output
    assert "number      not proven: do not strike it off\n" in explain("61").output


def test_reasons_are_explained_and_listed() -> None:
    """A reason is explained like a code, and `--reason` lists the codes that have it."""
    output = explain("blocklisted").output
    assert output.startswith("BLOCKLISTED, a reason of smsgate's\n")
    assert "failover    stop\n" in output
    listed = explain("--reason", "blocklisted", "--vendor", "tencent").output
    rows = {line.split()[0] for line in listed.splitlines()}
    assert rows >= {"TSBLACK", "DB:BLACK", "1015", "FailedOperation.PhoneNumberInBlacklist"}
    assert "huawei" not in listed
    assert explain("--reason", "CLOCK_SKEW", "--vendor", "huawei", "--json").output.count('"code"') == 1


def test_json_has_all_that_the_text_has() -> None:
    """For programs: a list with an object for each meaning, and exit status 1 if a code is unknown."""
    result = explain("MK:0001", "UNSUBSCRIBED", "nonsense", "--vendor", "tencent", "--json")
    assert result.exit_code == 1
    code, reason, unknown = json.loads(result.output)
    assert code == {
        "code": "MK:0001",
        "vendor": "tencent",
        "place": "in a delivery report",
        "match": "exact",
        "listed": "MK:0001",
        "meaning": "there is no such number",
        "certainty": "listed",
        "carrier": "China Mobile",
        "reason": "INVALID_NUMBER",
        "state": "UNDELIVERED",
        "final": True,
        "outcome": None,
        "next": None,
        "suppress": True,
        "remedy": "stop sending to this number",
        "source": "Tencent Cloud SMS, SMS Sending and Receipt Status Error Codes",
        "edition": "2021-12-15",
    }
    assert (reason["reason"], reason["suppress"], reason["next"]) == ("UNSUBSCRIBED", True, "STOP")
    assert unknown == {"code": "nonsense", "match": "none", "reason": "UNKNOWN"}


@pytest.mark.parametrize("arguments", [(), ("1", "--reason", "BLOCKLISTED"), ("--reason", "NONE")])
def test_wrong_use_is_said(arguments: tuple[str, ...]) -> None:
    """Nothing to explain, or two questions at once, is exit status 2."""
    assert explain(*arguments).exit_code == 2


def test_every_row_of_the_list_is_shown() -> None:
    """Each code of the list of 2021 is explained with its source, but for what a spreadsheet has spoilt."""
    lines = (SAMPLES / "list-2021-12-15.tsv").read_text(encoding="utf-8").splitlines()
    codes = [line.partition("\t")[0] for line in lines]
    rows = json.loads(explain("--vendor", "tencent", "--json", "--", *codes).output)
    shown = {row["code"] for row in rows if row.get("place") == "in a delivery report" and row["source"]}
    assert {code for code in codes if code not in shown} == {code for code in codes if code.startswith("0.")}
    assert sum(code in shown for code in codes) == 1969
