"""What the sandbox tells about requests: those that were refused and why, a line for each, and messages to wait for."""

import threading
from typing import Any

import anyio
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sandbox_callers import NOW, HuaweiCaller, TencentCaller
from sandbox_managers import CloudCaller, ManagementCaller, control

from smsgate.model.errors import ConfigurationError
from smsgate.sandbox import AcceptedMessage, Sandbox, Scenario, Seed
from smsgate.sandbox.huawei import HUAWEI_TEMPLATE
from smsgate.sandbox.state.records import RequestRecord
from smsgate.wire import HttpRequest

NUMBER = "+8613788888888"


def refused(sandbox: Sandbox) -> list[Any]:
    """What `GET /sandbox/refused` lists."""
    import json

    answer = sandbox.handle(HttpRequest("GET", "http://127.0.0.1/sandbox/refused"), now=NOW)
    assert answer.response is not None
    found: list[Any] = json.loads(answer.response.body)
    return found


def test_refused_requests_are_kept_with_why() -> None:
    """Each with its interface, operation and codes; what was accepted is not there, and bad numbers alone are."""
    tencent = TencentCaller()
    sandbox = tencent.sandbox
    tencent.sendsms()
    tencent.sendsms(tpl_id=20)
    tencent.sendmultisms2([("86", NUMBER[3:]), ("86", "123")])
    HuaweiCaller(sandbox).form(extend="a b")
    CloudCaller(sandbox=sandbox).send(NUMBER, SignName="Nobody")
    sandbox.handle(HttpRequest("GET", "http://127.0.0.1/nothing"), now=NOW)
    rows = refused(sandbox)
    assert [(row["vendor"], row["operation"], row["status"]) for row in rows] == [
        ("tencent-v5", "sendsms", 200),
        ("tencent-v5", "sendmultisms2", 200),
        ("huawei", "batchSendSms", 400),
        ("tencent", "SendSms", 200),
        (None, "", 404),
    ]
    assert rows[0]["refusals"] == [
        {"to": None, "code": "1014", "text": "package format error, sdkappid not have this tpl_id"}
    ]
    assert [row["code"] for row in rows[1]["refusals"]] == ["1016"]
    assert rows[2]["why"] == "extend: a text without blanks and braces, not an empty one"
    assert rows[3]["refusals"][0]["to"] == NUMBER
    assert all(row["why"] for row in rows)


def test_why_says_what_is_wrong_with_a_text() -> None:
    """Which template, signature or parameter, of every interface alike; a review's state; and never a value."""
    sandbox, text = Sandbox(), "Your code is ${NUM_6}, valid for ${TXT_6} minutes."
    tencent, cloud, huawei = TencentCaller(sandbox), CloudCaller(sandbox=sandbox), HuaweiCaller(sandbox)
    tencent.sendsms(tpl_id=20)
    tencent.sendsms(params=["4821"])
    tencent.sendsms(sign="Nobody")
    cloud.send(NUMBER, TemplateParamSet=["4821"])
    cloud.send(NUMBER, SignName="")
    huawei.form(templateParas='["secret","5"]')
    huawei.form(templateParas='["4821"]')
    huawei.form(**{"from": "isms2"})
    sandbox.review("tencent", "template", "19", "rejected")
    tencent.sendsms()
    assert [row["why"] for row in refused(sandbox)] == [
        "there is no template 20; approved: 19, 1110",
        "template 19 takes 2 parameters, and the request has 1",
        "there is no signature Nobody; approved: Acme, 腾讯云",
        "template 19 takes 2 parameters, and the request has 1",
        "SignName is missing, which a send to mainland China needs",
        f"parameter 1 does not fit its place in the text of template {HUAWEI_TEMPLATE}: {text}",
        f"template {HUAWEI_TEMPLATE} takes 2 parameters, and the request has 1",
        "from is not the application's channel, isms100000001",
        "template 19 was refused in review",
    ]
    tencent.sendsms(sign="腾讯云", tpl_id=1110)
    assert refused(sandbox)[-1]["why"] == "package format error, template not for this region"


def test_refused_requests_are_bounded() -> None:
    """The newest thousand."""
    sandbox = Sandbox()
    for number in range(1002):
        sandbox.handle(HttpRequest("GET", f"http://127.0.0.1/{number}"), now=NOW)
    assert [sandbox.refused[0].path, len(sandbox.refused)] == ["/2", 1000]


def test_one_line_a_request() -> None:
    """With the time, the interface, the call and the result; numbers are masked."""
    records: list[RequestRecord] = []
    tencent = TencentCaller()
    sandbox = tencent.sandbox
    sandbox.on_request = records.append
    tencent.sendsms()
    tencent.sendsms(Scenario.BLOCKLISTED.number[3:])
    tencent.sendmultisms2([("86", f"1378888888{digit}") for digit in range(5)])
    sandbox.faults.drop("huawei")
    HuaweiCaller(sandbox).form_request()
    sandbox.handle(HuaweiCaller(sandbox).form_request(), now=NOW)
    ManagementCaller(sandbox=sandbox).call("GET", "templates")
    control(sandbox, "/sandbox/reset")
    masked = "+86*******888"
    assert [record.line for record in records] == [
        f"16:00:00  tencent-v5  sendsms  {masked}8 0",
        "16:00:00  tencent-v5  sendsms  +86*******0003 1015 mobile in black list",
        f"16:00:00  tencent-v5  sendmultisms2  {masked}0 0, {masked}1 0, {masked}2 0, 2 more",
        f"16:00:00  huawei  batchSendSms  {masked}8 connection dropped  [fault]",
        "16:00:00  huawei-management  GET templates  HTTP 200",
    ]


@pytest.mark.parametrize(
    ("params", "text", "code"),
    [
        (("4821", "5"), "Your code is 4821", "4821"),
        (("5", "482155", "1234"), "x", "482155"),
        (("123", "123456789"), "call 12345678 now", "12345678"),
        (("\uff14\uff18\uff12\uff11",), "code \uff14\uff18\uff12\uff11", None),
        ((), "order 123456789 or 99 or 4321.", "4321"),
        ((), "【Acme 2024】no code", None),
        ((), "nothing", None),
    ],
)
def test_code_of_a_message(params: tuple[str, ...], text: str, code: str | None) -> None:
    """The first parameter that is 4 to 8 ASCII digits, else the first such run of the text, else none."""
    message = _message(params, text)
    assert message.code == code


@given(st.lists(st.text("0123456789a ", max_size=10)), st.text("0123456789a ", max_size=30))
def test_code_is_four_to_eight_digits_or_none(params: list[str], text: str) -> None:
    """A code is a parameter, or a run in the text that no digit touches."""
    code = _message(tuple(params), text).code
    fitting = [param for param in params if param.isdigit() and 4 <= len(param) <= 8]
    runs = [run for run in "".join(each if each.isdigit() else " " for each in text).split() if 4 <= len(run) <= 8]
    assert code == next(iter([*fitting, *runs]), None)


def _message(params: tuple[str, ...], text: str) -> AcceptedMessage:
    return AcceptedMessage(
        vendor="v",
        api="a",
        to=NUMBER,
        template_id=None,
        params=params,
        text=text,
        message_id="1",
        time=Sandbox()._state.moment(NOW),
        signature="Acme 2024",
    )


@pytest.mark.anyio
async def test_wait_gives_each_message_once_oldest_first() -> None:
    """Those that came before count; a message to somebody else does not."""
    tencent = TencentCaller()
    sandbox = tencent.sandbox
    tencent.sendsms("13788888889")
    for code in ("1111", "2222"):
        tencent.sendsms(params=[code, "5"])
    found = [(await sandbox.wait_for(NUMBER, 0)).code for _ in range(2)]
    assert found == ["1111", "2222"]
    with pytest.raises(TimeoutError):
        await sandbox.wait_for(NUMBER, 0)
    sandbox.clear()
    tencent.sendsms()
    assert (await sandbox.wait_for(NUMBER, 0)).code == "4821"


@pytest.mark.anyio
async def test_wait_is_woken_by_another_thread() -> None:
    """A message that another thread sends ends the wait of two waiters for its own; nobody looks again and again."""
    tencent = TencentCaller()
    found: list[str | None] = []

    async def wait() -> None:
        found.append((await tencent.sandbox.wait_for(NUMBER, 60)).code)

    async with anyio.create_task_group() as group:
        group.start_soon(wait)
        group.start_soon(wait)
        while len(tencent.sandbox._watch._wakers) < 2:
            await anyio.lowlevel.checkpoint()
        thread = threading.Thread(target=lambda: [tencent.sendsms(params=[code, "5"]) for code in ("1111", "2222")])
        thread.start()
    thread.join()
    assert sorted(map(str, found)) == ["1111", "2222"]
    assert tencent.sandbox._watch._wakers == []


def test_reset_makes_all_as_at_the_start() -> None:
    """Messages, faults, refusals, opt-outs, accounts and reviews are forgotten."""
    tencent = TencentCaller()
    sandbox = tencent.sandbox
    tencent.sendsms()
    sandbox.reply(NUMBER, "TD", now=NOW)
    sandbox.change_account("tencent", arrears=True)
    assert tencent.sendsms()["result"] == 1033
    sandbox.review("tencent", "template", "19", "rejected")
    sandbox.faults.drop("huawei", times=None)
    assert control(sandbox, "/sandbox/reset") == (204, None)
    assert (sandbox.messages, sandbox.refused, list(sandbox.faults)) == ((), (), [])
    assert tencent.sendsms()["result"] == 0
    assert HuaweiCaller(sandbox).form()[0] == 200


def test_seed_is_planted_again_by_a_reset(tmp_path: Any) -> None:
    """What the file says is there at the start and after each reset."""
    path = tmp_path / "seed.toml"
    path.write_text(
        f'[[messages]]\nvendor = "tencent"\nto = "{NUMBER}"\ntext = "Hello 4821"\n'
        f'[[replies]]\nfrom = "{NUMBER}"\ntext = "TD"\n'
        '[[accounts]]\nvendor = "huawei"\narrears = true\n'
        f'[[reports]]\nto = "{NUMBER}"\ncode = "MK:0001"\n'
        '[[reviews]]\nvendor = "tencent"\nkind = "template"\nid = 1110\nstate = "rejected"\n'
        '[[faults]]\nvendor = "tencent-v5"\ndrop = "before"\n'
    )
    tencent = TencentCaller()
    sandbox = tencent.sandbox
    sandbox.plant(Seed.load(path), now=NOW)
    for _ in range(2):
        assert [message.text for message in sandbox.messages] == ["Hello 4821"]
        assert tencent.single().response is None
        assert tencent.sendsms()["result"] == 1015
        assert HuaweiCaller(sandbox).form()[1]["code"] == "E000112"
        sandbox.reset(now=NOW)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("x =", "is not TOML"),
        ("[[mesages]]\n", "mesages: there is no such table .did you mean 'messages'.*; known are messages, accounts"),
        ("[faults]\n", r"faults: must be an array of tables, \[\[faults\]\]"),
        ('[[faults]]\nvendor = "tencent-v5"\n', "faults, number 1: give one of"),
        ('[[messages]]\nvendor = "tencent-v5"\n', "messages, number 1: template_id: tencent has approved no template"),
        ('[[messages]]\nvendor = "huawei-iam"\n', "messages, number 1: vendor: huawei-iam sends no messages"),
        ('[[messages]]\nvendor = "tencent"\ntext = "x"\nto = "137"\n', "messages, number 1: to: a number in E.164"),
        ('[[messages]]\nvendor = "tencent"\ntext = "x"\nparams = [1]\n', "messages, number 1: params: an array"),
    ],
)
def test_wrong_seed_names_the_table(text: str, why: str, tmp_path: Any) -> None:
    """The file, the table and its place."""
    path = tmp_path / "seed.toml"
    path.write_text(text)
    with pytest.raises(ConfigurationError, match=why):
        Sandbox().plant(Seed.load(path), now=NOW)


def test_missing_seed_is_named(tmp_path: Any) -> None:
    """A file that is not there."""
    with pytest.raises(ConfigurationError, match="cannot be read"):
        Seed.load(tmp_path / "none.toml")
