"""What stops messages though every request is right: the account, the person, the hour, and the vendor alone."""

from typing import Any

import pytest
from sandbox_callers import NOW, HuaweiCaller, TencentCaller
from sandbox_managers import CloudCaller, control

from smsgate.huawei.status_codes import STATUS_CODES as HUAWEI_REPORTS
from smsgate.model.errors import ConfigurationError
from smsgate.model.reason import Reason
from smsgate.sandbox import PushSettings, Sandbox, SandboxConfig, Scenario
from smsgate.sandbox.core import SENDERS, VENDORS
from smsgate.tencent.status_codes import STATUS_CODES as TENCENT_REPORTS
from smsgate.wire import HttpRequest

NUMBER = "+8613788888888"
BOOKS: Any = {"tencent": TENCENT_REPORTS, "huawei": HUAWEI_REPORTS}


@pytest.mark.parametrize("simulator", SENDERS, ids=lambda simulator: str(simulator.name))
@pytest.mark.parametrize(
    ("scenario", "reason"),
    [(Scenario.NO_SUCH_NUMBER, Reason.INVALID_NUMBER), (Scenario.UNSUBSCRIBED, Reason.UNSUBSCRIBED)],
)
def test_report_codes_mean_what_the_number_says(simulator: Any, scenario: Scenario, reason: Reason) -> None:
    """ "No such number" and "opted out" are reported with a code that the vendor's own table reads so."""
    assert BOOKS[simulator.vendor.name][simulator.codes[scenario].report].reason is reason


def test_magic_number_of_one_vendor() -> None:
    """The digit of a vendor makes the number magic there, and plain at the others."""
    assert len({vendor.magic_digit for vendor in VENDORS}) == len(VENDORS)
    for vendor in VENDORS:
        number = Scenario.OUT_OF_BALANCE.number_at(vendor.magic_digit)
        sandbox = Sandbox()
        tencent = TencentCaller(sandbox).sendsms(number[3:])["result"]
        cloud = CloudCaller(sandbox=sandbox).send(number)[0]["Code"]
        huawei = HuaweiCaller(sandbox).form(to=number)[1]["result"][0]["status"]
        refused = ("1031", "FailedOperation.InsufficientBalanceInSmsPackage", "E000629")
        usual = ("0", "Ok", "000000")
        expected = [
            refused[index] if simulator.vendor is vendor else usual[index] for index, simulator in enumerate(SENDERS)
        ]
        assert [str(tencent), cloud, huawei] == expected


@pytest.mark.parametrize("text", ["TD", "td", " T. ", "退订", "\uff34\uff24"])
def test_opted_out_number_is_refused_by_that_vendor_alone(text: str) -> None:
    """Tencent says so in its response, Huawei in its report; each knows its own people only."""
    sandbox = Sandbox(pushes=PushSettings(huawei_callback="http://127.0.0.1:1/x"))
    tencent, huawei = TencentCaller(sandbox), HuaweiCaller(sandbox)
    sandbox.reply(NUMBER, text, now=NOW, vendor="tencent")
    assert tencent.sendsms()["result"] == 1015
    assert CloudCaller(sandbox=sandbox).send(NUMBER)[0]["Code"] == "FailedOperation.PhoneNumberInBlacklist"
    huawei.form()
    assert sandbox.messages[-1].report == "DELIVRD"
    sandbox.reply(NUMBER, text, now=NOW, vendor="huawei")
    assert huawei.form()[0] == 200
    assert sandbox.messages[-1].report == "SC:0016"


def test_other_replies_opt_nobody_out() -> None:
    """A text that only begins so is no opt-out."""
    tencent = TencentCaller()
    for text in ("TDD", "thanks", "", "TD please"):
        tencent.sandbox.reply(NUMBER, text, now=NOW)
    assert tencent.sendsms()["result"] == 0


def test_numbers_with_events_after_them() -> None:
    """A late report, a report twice, and a reply; who opts out is refused the next time."""
    tencent = TencentCaller(Sandbox(pushes=PushSettings(tencent_callback="http://127.0.0.1:1/x")))
    sandbox = tencent.sandbox
    for scenario, early, late in (
        (Scenario.REPORTED_LATE, [], ["TENCENT_REPORTS"]),
        (Scenario.REPORTED_TWICE, ["TENCENT_REPORTS"], []),
        (Scenario.REPLIES, ["TENCENT_REPORTS", "TENCENT_REPLY"], []),
        (Scenario.OPTS_OUT, ["TENCENT_REPORTS", "TENCENT_REPLY"], []),
    ):
        assert tencent.sendsms(scenario.number[3:])["result"] == 0
        pushes = sandbox.due_pushes(now=NOW + 1)
        assert [push.kind for push in pushes] == early
        if scenario is Scenario.REPORTED_TWICE:
            assert pushes[0].request.body.count(b"DELIVRD") == 2
        assert [push.kind for push in sandbox.due_pushes(now=NOW + 11)] == late
    assert tencent.sendsms(Scenario.REPLIES.number[3:])["result"] == 0
    assert tencent.sendsms(Scenario.OPTS_OUT.number[3:])["result"] == 1015


def test_reply_that_cannot_be_pushed_still_opts_out() -> None:
    """Without a callback Huawei pushes no reply, and sends nothing more all the same."""
    huawei = HuaweiCaller()
    huawei.form(to=Scenario.OPTS_OUT.number)
    huawei.form(to=Scenario.OPTS_OUT.number)
    assert [message.report for message in huawei.sandbox.messages] == ["DELIVRD", "SC:0016"]


def test_balance_is_used_up_by_segments() -> None:
    """Each accepted message takes its segments; what does not fit is refused, and nothing is charged for it."""
    tencent = TencentCaller()
    tencent.sandbox.change_account("tencent", balance=3)
    long = ["4821", "x" * 60]
    assert [tencent.sendsms(params=long)["result"], tencent.sendsms(params=long)["result"]] == [0, 1031]
    assert [tencent.sendsms()["result"], tencent.sendsms()["result"]] == [0, 1031]
    assert control(tencent.sandbox, "/sandbox/account", {"vendor": "tencent"})[1]["balance"] == 0


def test_limits_of_the_faq_with_exempt_numbers() -> None:
    """One equal text in 30 seconds and ten a day; a number that is exempt has no limit."""
    tencent = TencentCaller()
    tencent.sandbox.change_account("tencent", per_30_seconds=1, per_day=10, exempt_numbers=["+8613788888889"])
    results = [tencent.sendsms(params=[str(code), "5"])["result"] for code in (1111, 1111, *range(2000, 2010))]
    assert results == [0, 1023, *[0] * 9, 1025]
    assert {tencent.sendsms("13788888889")["result"] for _ in range(20)} == {0}


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({}, "vendor: is missing, one of"),
        ({"vendor": "nobody"}, 'vendor: one of "tencent", "huawei", not \'nobody\''),
        ({"vendor": "tencnet"}, "(did you mean 'tencent'?)"),
        (
            {"vendor": "tencent", "ip_allowed": False},
            "ip_allowed: there is no such field (did you mean 'allowed_ips'?)",
        ),
        (
            {"vendor": "tencent", "allowed_ips": ["10.0.0.300"]},
            "allowed_ips: addresses and networks, as in 203.0.113.7",
        ),
        ({"vendor": "tencent", "allowed_ips": "10.0.0.3"}, "allowed_ips: a list, […], not a text"),
        ({"vendor": "tencent", "blocked_countries": {"33": 1}}, "blocked_countries: a list, […], not a table"),
        ({"vendor": "tencent", "exempt_numbers": ["137"]}, "exempt_numbers: each is a number in E.164"),
        ({"vendor": "tencent", "areas": 1}, "areas: there is no such field"),
        ({"vendor": "tencent", "arrears": 1}, "arrears: true or false, not a number"),
        ({"vendor": "tencent", "balance": -1}, "balance: a whole number from 0"),
        ({"vendor": "tencent", "balance": "9"}, "balance: a whole number, or null (in TOML leave it out), not a text"),
        ({"vendor": "tencent", "kind": "club"}, 'kind: one of "company", "individual"'),
        ({"vendor": "huawei", "blocked_countries": ["+33"]}, "blocked_countries: calling codes without a plus sign"),
        ({"vendor": "huawei", "channel": "x"}, "channel"),
    ],
    ids=str,
)
def test_wrong_account_is_an_error(body: dict[str, Any], error: str) -> None:
    """400, naming the field, and nothing changes."""
    sandbox = Sandbox()
    status, payload = control(sandbox, "/sandbox/account", body)
    assert status == 400
    assert error in payload["error"]
    assert sandbox._state.accounts == Sandbox()._state.accounts


def test_account_of_the_file() -> None:
    """The file's section sets it, a reset goes back to it, and what is wrong in it is named."""
    config = SandboxConfig.parse({"tencent": {"account": {"arrears": True}}})
    tencent = TencentCaller(Sandbox(config))
    assert tencent.sendsms()["result"] == 1033
    tencent.sandbox.change_account("tencent", arrears=False)
    assert tencent.sendsms()["result"] == 0
    tencent.sandbox.reset(now=NOW)
    assert tencent.sendsms()["result"] == 1033
    with pytest.raises(ConfigurationError, match="balance: a whole number from 0"):
        SandboxConfig.parse({"huawei": {"account": {"balance": -1}}})
    with pytest.raises(
        ConfigurationError,
        match=r"templates, number 1, international: no template is bound to a region",
    ):
        SandboxConfig.parse({"huawei": {"templates": [{"id": "x", "text": "y", "international": True}]}})


def test_accounts_are_listed() -> None:
    """GET has every account with all its fields."""
    answer = Sandbox().handle(HttpRequest("GET", "http://127.0.0.1/sandbox/account"), now=NOW)
    assert answer.response is not None
    assert b'"tencent":{"arrears":false' in answer.response.body
    assert b'"channel":"active"' in answer.response.body
