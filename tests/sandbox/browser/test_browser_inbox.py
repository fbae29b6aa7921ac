"""The inbox page in a real browser: messages come by themselves, and its buttons make things happen."""

import re
import time
from collections.abc import Iterator
from typing import Any

import pytest
from browsing import PHONE, Browsing
from push_receiver import receiver, until
from sandbox_callers import HuaweiCaller, TencentCaller

from smsgate.sandbox import PushSettings, Sandbox, Scenario
from smsgate.sandbox.server import SandboxServer

NUMBER = "+8613788888888"


@pytest.fixture
def server() -> Iterator[SandboxServer]:
    """A running server in which nothing was sent."""
    with SandboxServer(Sandbox(pushes=PushSettings(report_delay=0, retry_after=0))) as running:
        yield running


def sendsms(server: SandboxServer, mobile: str = "13788888888", **body: Any) -> None:
    """One message, signed now."""
    caller = TencentCaller(server.sandbox, now=time.time())
    full = {
        "tel": {"mobile": mobile, "nationcode": "86"},
        "tpl_id": 19,
        "params": ["4821", "5"],
        "sign": "Acme",
        **body,
    }
    server.sandbox.handle(caller.request("sendsms", full, f"&mobile={mobile}"), now=time.time())


async def open_message(page: Any, number: str = NUMBER) -> None:
    """The first message of a conversation."""
    await page.locator("#list .row", has_text=number).click()
    await page.locator("#talk .bubble").first.click()
    await page.locator("#timeline li").first.wait_for()


def test_send_appears_within_a_second(browser: Browsing, server: SandboxServer) -> None:
    """The empty page shows how to send; a message is there within a second, without a reload."""

    async def look(page: Any) -> None:
        await page.locator("#live[data-state=on]").wait_for()
        assert await page.locator(".empty pre").is_visible()
        taken: list[float] = []
        for last in range(5):  # a machine that does other things besides may be late once
            begin = time.monotonic()
            sendsms(server, f"1378888888{last}")
            await page.locator("#list .row", has_text=f"+861378888888{last}").wait_for()
            taken.append(time.monotonic() - begin)
        assert min(taken) < 1.0
        row = page.locator("#list .row", has_text="+8613788888880")
        assert "Your code is 4821, valid for 5 minutes." in await row.inner_text()
        await row.locator('.chip[data-state="delivered"]').wait_for()

    browser.visit(server.url, look)


LATE = """const real = window.fetch;
let asked = 0;
const letting = new Promise((done) => (window.letGo = done));
window.fetch = async (...args) => {
    if (!String(args[0]).startsWith("/sandbox/interfaces")) return real(...args);
    await letting;
    if ((asked += 1) === 1) throw new TypeError("the first request fails");
    return real(...args);
};"""
"""The response that the page starts with comes after `letGo()`, and not at the first try."""


@pytest.mark.parametrize(
    ("press", "shown"),
    [
        ("#open-connect", "#connect pre"),
        ("#open-faults", "#faults [type=submit]"),
        ("#open-keys", "#keys kbd >> nth=0"),
        ("s", "#connect pre"),
        ("b", "#faults [type=submit]"),
        ("?", "#keys kbd >> nth=0"),
    ],
)
def test_what_is_pressed_at_once_is_done(browser: Browsing, server: SandboxServer, press: str, shown: str) -> None:
    """Buttons and keys work from the first moment, also before the page knows the interfaces; so does the search."""
    sendsms(server)
    sendsms(server, "13788888889")

    async def work(page: Any) -> None:
        await page.get_by_label("Search by number or text").fill("88888889")
        await page.get_by_label("Search by number or text").blur()
        await (page.click(press) if press.startswith("#") else page.keyboard.press(press))
        await page.evaluate("letGo()")
        await page.locator(shown).wait_for()
        await page.get_by_role("button", name="Close").click()
        await page.locator("#list .row").wait_for()
        assert "+8613788888889" in await page.locator("#list").inner_text()
        assert await page.get_by_label("Filter by vendor").locator("option").count() == 4

    browser.visit(server.url, work, script=LATE)


def test_report_of_a_button_reaches_a_real_endpoint(browser: Browsing) -> None:
    """A report and a reply that buttons make arrive, the answer is in the timeline, and a failed push is made again."""
    with receiver() as endpoint:
        settings = PushSettings(report_delay=0, retry_after=0, tencent_callback=endpoint.tencent)
        with SandboxServer(Sandbox(pushes=settings)) as server:
            sendsms(server)
            until(lambda: len(endpoint.reports) == 1)

            async def work(page: Any) -> None:
                await open_message(page)
                await page.get_by_label("Code of the report").select_option("BLACK0")
                endpoint.failures = 3
                await page.get_by_role("button", name="Send report").click()
                await page.get_by_text("Your endpoint, try 3").wait_for()
                assert len(endpoint.reports) == 1
                await page.get_by_label("Send try 3 again").click()
                await page.get_by_text("Your endpoint, try 4").wait_for()
                await page.locator("#timeline li", has_text="try 4").get_by_text("HTTP 200, acknowledged").wait_for()
                await page.locator('#detail-state [data-state="failed"]').wait_for()
                await page.get_by_label(f"Reply as {NUMBER}").fill("Yes!")
                await page.keyboard.press("Enter")
                await page.locator(".said.own", has_text="Yes!").wait_for()

            browser.visit(server.url, work)
            until(lambda: len(endpoint.events) == 3)
            assert [report.code for report in endpoint.reports] == ["DELIVRD", "BLACK0"]
            assert endpoint.events[-1].text == "Yes!"  # type: ignore[union-attr]


def test_script_tag_stays_text(browser: Browsing) -> None:
    """Whatever a message or a reply has in it is shown as it is: nothing runs, loads or becomes an element."""
    evil = "<script>window.hit = 1</script><img src=x onerror='window.hit = 1'>"
    with SandboxServer(Sandbox(lenient=True)) as server:
        sendsms(server, sign=evil, params=[evil, "5"], ext=evil)
        server.sandbox.reply(NUMBER, evil, now=time.time())
        sendsms(server, params=[evil], tpl_id=evil)

        async def look(page: Any) -> None:
            await open_message(page)
            for summary in await page.locator("#detail-pane summary").all():
                await summary.click()
            assert evil in await page.locator("#talk").inner_text()
            assert await page.evaluate("document.scripts.length") == 1
            assert await page.evaluate("document.images.length") == 0
            assert await page.evaluate("window.hit") is None

        browser.visit(server.url, look)


def test_one_key_copies_the_code(browser: Browsing, server: SandboxServer) -> None:
    """`c` copies the code of the newest message, or of the open one; the buttons copy curl and a line for pytest."""
    sendsms(server, "13788888881", params=["1111", "5"])
    sendsms(server, params=["222222", "5"])

    async def copy(page: Any) -> None:
        await page.locator("#list .row").first.wait_for()
        await page.keyboard.press("c")
        await page.get_by_text("Copied 222222").wait_for()
        assert await page.evaluate("navigator.clipboard.readText()") == "222222"
        await open_message(page, "+8613788888881")
        await page.keyboard.press("c")
        await page.get_by_text("Copied 1111").wait_for()
        assert await page.evaluate("navigator.clipboard.readText()") == "1111"
        await page.get_by_role("button", name="Copy as curl").click()
        assert (await page.evaluate("navigator.clipboard.readText()")).startswith(f"curl -X POST '{server.url}/v5/")
        await page.get_by_role("button", name="Copy as pytest line").click()
        line = await page.evaluate("navigator.clipboard.readText()")
        assert line.startswith('assert sms_sandbox.last_to("+8613788888881").text == ')

    browser.visit(server.url, copy)


def test_unread_count_in_title_and_icon(browser: Browsing, server: SandboxServer) -> None:
    """What came since and was not opened is counted; opening the conversation takes it off."""
    sendsms(server, "13788888881")

    async def look(page: Any) -> None:
        await page.locator("#live[data-state=on]").wait_for()
        assert await page.title() == "smsgate sandbox"
        plain = await page.locator("#icon").get_attribute("href")
        for _ in range(2):
            sendsms(server)
        await page.wait_for_function("() => document.title === '(2) smsgate sandbox'")
        counted = await page.locator("#icon").get_attribute("href")
        assert counted.startswith("data:image/svg+xml")
        assert counted != plain
        await page.locator("#list .row[data-unread]").click()
        await page.wait_for_function("() => document.title === 'smsgate sandbox'")
        assert await page.locator("#list .row[data-unread]").count() == 0

    browser.visit(server.url, look)


@pytest.mark.parametrize(
    ("choice", "fields", "expected"),
    [
        ("Vendor's code", {"Code that comes back": "1031", "Only to number": NUMBER}, {"answer": "1031", "to": NUMBER}),
        ("HTTP status", {"Status": "429", "Retry-After, seconds": "7"}, {"status": 429, "retry_after": "7"}),
        ("Connection drops", {"When": "before", "Times": "3"}, {"drop": "before", "times": 3}),
        ("Slow response", {"Seconds": "2.5", "Then": "before"}, {"stall": 2.5, "when": "before"}),
        ("Port refuses", {}, {"refuse": True}),
    ],
    ids=["answer", "status", "drop", "stall", "refuse"],
)
def test_every_fault_can_be_set(
    browser: Browsing, choice: str, fields: dict[str, str], expected: dict[str, Any]
) -> None:
    """The dialog sets each kind that `POST /sandbox/faults` knows, lists it, and clears it."""
    with SandboxServer(port_for={"tencent-v5": 0}) as server:

        async def work(page: Any) -> None:
            await page.get_by_role("button", name="Break").click()
            dialog = page.locator("#faults")
            await dialog.get_by_label(choice).check()
            for label, value in fields.items():
                field = dialog.get_by_label(label, exact=True)
                if await field.evaluate("each => each.tagName") == "SELECT":
                    await field.select_option(value)
                else:
                    await field.fill(value)
            await dialog.get_by_role("button", name="Break the next request").click()
            await dialog.locator(".set .button").wait_for()
            listed = await page.evaluate("fetch('/sandbox/faults').then((answer) => answer.json())")
            assert expected.items() <= listed[0].items()
            assert listed[0]["vendors"] == ["tencent-v5"]
            assert await page.locator("#fault-count").inner_text() == "1"
            await dialog.locator(".set .button").click()
            await dialog.get_by_text("None is set.").wait_for()

        browser.visit(server.url, work)
        assert not list(server.sandbox.faults)


def test_wrong_fault_says_what_is_wrong(browser: Browsing, server: SandboxServer) -> None:
    """The server's own words stand in the dialog."""

    async def work(page: Any) -> None:
        await page.get_by_role("button", name="Break").click()
        await page.get_by_label("Only to number").fill("137")
        await page.locator("#faults").get_by_role("button", name="Break the next request").click()
        await page.get_by_role("alert").get_by_text("to: a number in E.164").wait_for()

    browser.visit(server.url, work)


def test_search_and_filters(browser: Browsing, server: SandboxServer) -> None:
    """By number, text, vendor and state, together."""
    sendsms(server)
    sendsms(server, Scenario.BLOCKLISTED.number.removeprefix("+86"))
    huawei = HuaweiCaller(server.sandbox, now=time.time()).form_request(to="+8613712345678")
    server.sandbox.handle(huawei, now=time.time())

    async def look(page: Any) -> None:
        async def shown() -> list[str]:
            await page.wait_for_timeout(60)
            return [each for each in await page.locator("#list .who").all_inner_texts() if each]

        await page.locator("#list .row").first.wait_for()
        assert len(await shown()) == 3
        await page.get_by_label("Search by number or text").fill("345678")
        assert await shown() == ["+8613712345678"]
        await page.get_by_label("Search by number or text").fill("black list")
        assert await shown() == [Scenario.BLOCKLISTED.number]
        await page.get_by_label("Search by number or text").fill("")
        await page.get_by_label("Filter by vendor").select_option("tencent-v5")
        assert set(await shown()) == {NUMBER, Scenario.BLOCKLISTED.number}
        await page.get_by_label("Filter by state").select_option("refused")
        assert await shown() == [Scenario.BLOCKLISTED.number]
        assert await page.locator("#tally").inner_text() == "1 message in 1 conversation, filtered"

    browser.visit(server.url, look)


def test_refused_message_says_why_and_what_was_expected(browser: Browsing, server: SandboxServer) -> None:
    """The signature check is open at the step that is wrong."""
    caller = TencentCaller(server.sandbox, key="wrong", now=time.time())
    body = {"tel": {"mobile": "13788888888", "nationcode": "86"}, "tpl_id": 19, "params": ["4821", "5"]}
    server.sandbox.handle(caller.request("sendsms", body, "&mobile=13788888888"), now=time.time())

    async def look(page: Any) -> None:
        await open_message(page)
        text = await page.locator("#detail-pane").inner_text()
        assert "1001 sig check failed" in text
        assert "Wrong at: Signature" in text
        assert "appkey=•••&random=0042" in text
        assert re.search(r"Expected\s+[0-9a-f]{64}\s+Got\s+[0-9a-f]{64}", text)

    browser.visit(server.url, look)


def test_one_message_alone(browser: Browsing, server: SandboxServer) -> None:
    """`/m/<id>` has the message and its buttons and no list; an id that is not known says so."""
    sendsms(server)
    message = server.sandbox.messages[0]

    async def look(page: Any) -> None:
        await page.get_by_role("button", name="Copy code 4821").wait_for()
        assert not await page.locator("#list-pane").is_visible()
        await page.get_by_label(f"Reply as {NUMBER}").fill("Hello")
        await page.keyboard.press("Enter")
        await page.get_by_text("Reply waits to be pulled").wait_for()

    browser.visit(f"{server.url}/m/{message.message_id}", look, size=PHONE)

    async def unknown(page: Any) -> None:
        await page.get_by_role("alert").get_by_text("no message or reply has this id").wait_for()

    browser.visit(f"{server.url}/m/none", unknown)


def test_clear_empties_every_page(browser: Browsing, server: SandboxServer) -> None:
    """After a question, and also where another page did it."""
    sendsms(server)

    async def work(page: Any) -> None:
        await page.locator("#list .row").first.wait_for()
        page.once("dialog", lambda dialog: dialog.dismiss())
        await page.get_by_role("button", name="Clear", exact=True).click()
        assert len(server.sandbox.messages) == 1
        page.once("dialog", lambda dialog: dialog.accept())
        await page.get_by_role("button", name="Clear", exact=True).click()
        await page.get_by_text("No messages yet").wait_for()
        assert server.sandbox.inbox.page()["total"] == 0
        sendsms(server)
        await page.locator("#list .row").first.wait_for()
        server.sandbox.clear()
        await page.get_by_text("No messages yet").wait_for()

    browser.visit(server.url, work)
