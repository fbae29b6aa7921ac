"""`smsgate explain`: what a vendor's code means."""

import pytest
from click.testing import CliRunner, Result

from smsgate.cli.app import cli


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
    assert "at tencent, in an answer of API 3.0" in output
    assert "BLOCKLISTED" in output


def test_a_code_in_two_lists_of_one_vendor_is_explained_twice() -> None:
    """Huawei uses the same codes in answers and in reports."""
    output = explain("E200032").output
    assert "E200032 at huawei, in a delivery report" in output
    assert "E200032 at huawei, in the answer to a send" in output


def test_success_needs_no_reason() -> None:
    """A delivered message has a state, and nothing to do."""
    output = explain("DELIVRD", "--vendor", "huawei").output
    assert "state       DELIVERED, final\n" in output
    assert "reason" not in output
    assert "not final" in explain("ENROUTE", "--vendor", "huawei").output
    assert explain("000000").output.endswith("meaning     accepted\n")


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
