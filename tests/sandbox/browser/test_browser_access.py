"""The page for people who use a keyboard, a screen reader, a phone or a dark room; and pages of others, kept out."""

import time
from collections.abc import Awaitable, Callable, Iterator
from typing import Any, Final

import pytest
from browsing import DESKTOP, PHONE, Browsing, axe_source
from push_receiver import served
from sandbox_callers import TencentCaller
from starlette.applications import Starlette
from starlette.responses import HTMLResponse
from starlette.routing import Route

from smsgate.sandbox import PushSettings, Sandbox, Scenario
from smsgate.sandbox.server import SandboxServer

NUMBER: Final = "+8613788888888"
SIZES: Final = {"phone": PHONE, "desktop": DESKTOP}


@pytest.fixture(scope="module")
def server() -> Iterator[SandboxServer]:
    """A running server with a message in each state, a reply, and a push that nothing took."""
    pushes = PushSettings(report_delay=0, retry_after=0, tencent_callback="http://127.0.0.1:9/none")
    with SandboxServer(Sandbox(pushes=pushes)) as running:
        now = time.time()
        caller = TencentCaller(running.sandbox, now=now)
        for number in (NUMBER, *(each.number for each in Scenario if each is not Scenario.SLOW)):
            mobile = number.removeprefix("+86")
            body = {"tel": {"mobile": mobile, "nationcode": "86"}, "tpl_id": 19, "params": ["4821", "5"]}
            running.sandbox.handle(caller.request("sendsms", body, f"&mobile={mobile}"), now=now)
        wrong = TencentCaller(running.sandbox, now=now, key="wrong")
        body = {"tel": {"mobile": "13788888889", "nationcode": "86"}, "tpl_id": 19, "params": ["4821", "5"]}
        running.sandbox.handle(wrong.request("sendsms", body, "&mobile=13788888889"), now=now)
        running.sandbox.reply(NUMBER, "A long reply, which goes over more than one line of a phone", now=now)
        yield running


async def at_list(page: Any) -> None:
    await page.locator("#list .row").first.wait_for()


async def at_talk(page: Any) -> None:
    await page.get_by_label("Search by number or text").fill("88888888")
    await page.locator("#list .row", has_text=NUMBER).click()
    await page.locator("#talk .bubble").first.wait_for()


async def at_message(page: Any) -> None:
    await at_talk(page)
    await page.locator("#talk .bubble").first.click()
    await page.get_by_text("Your endpoint, try 1").wait_for()
    for summary in await page.locator("#detail-pane summary").all():
        await summary.click()


async def at_refused(page: Any) -> None:
    await page.get_by_label("Search by number or text").fill("88888889")
    await page.locator("#list .row", has_text="+8613788888889").click()
    await page.locator("#talk .bubble").first.click()
    await page.get_by_text("Wrong at: Signature").wait_for()
    for summary in await page.locator("#detail-pane summary").all():
        if await summary.evaluate("each => !each.parentNode.open"):
            await summary.click()


async def at_faults(page: Any) -> None:
    await page.get_by_role("button", name="Break").click()
    await page.get_by_text("None is set.").wait_for()


async def at_connect(page: Any) -> None:
    await page.get_by_role("button", name="Connect", exact=True).click()
    await page.locator("#connect pre").wait_for()


async def at_keys(page: Any) -> None:
    await page.get_by_role("button", name="Keyboard shortcuts").click()
    await page.locator("#keys kbd").first.wait_for()


VIEWS: Final[tuple[Callable[[Any], Awaitable[None]], ...]] = (
    at_list,
    at_talk,
    at_message,
    at_refused,
    at_faults,
    at_connect,
    at_keys,
)
AXE: Final = "axe.run({runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']})"
PROBLEMS: Final = "(found) => found.violations.flatMap((each) => each.nodes.map((node) => `${each.id}: ${node.html}`))"
WIDE: Final = """() => [...document.querySelectorAll('*')]
    .filter((each) => each.clientWidth && each.scrollWidth > each.clientWidth + 1
        && !each.matches('.unseen, input, select') && getComputedStyle(each).overflowX !== 'hidden'
        && getComputedStyle(each).display !== 'inline')
    .concat(document.scrollingElement.scrollWidth > innerWidth ? [document.scrollingElement] : [])
    .map((each) => each.outerHTML.slice(0, 80))"""
REACHABLE: Final = """() => {
    const top = document.querySelector('dialog[open]') || document;
    const seen = (each) => each.checkVisibility({ visibilityProperty: true }) && !each.disabled;
    const all = [...top.querySelectorAll('button, a[href], input, select, textarea, summary')].filter(seen);
    const radios = all.filter((each) => each.type === 'radio' && !each.checked);
    return all.filter((each) => !radios.includes(each)).map((each, at) => (each.dataset.tab = at));
}"""


async def problems(page: Any, source: str) -> list[str]:
    """What axe finds in light and in dark."""
    await page.evaluate(source)
    found: list[str] = []
    for scheme in ("light", "dark"):
        await page.emulate_media(color_scheme=scheme)
        found += await page.evaluate(f"{AXE}.then({PROBLEMS})")
    return found


@pytest.mark.parametrize("size", SIZES)
def test_axe_finds_nothing(browser: Browsing, server: SandboxServer, size: str) -> None:
    """Contrast, names, roles, order: no view has a violation in light or dark, and neither has the empty page."""
    source = axe_source()
    # What a desktop shows beside what a phone shows at a time stands in these.
    for view in VIEWS if size == "phone" else (at_message, at_refused):

        async def look(page: Any, view: Callable[[Any], Awaitable[None]] = view) -> list[str]:
            await view(page)
            return await problems(page, source)

        assert (view.__name__, browser.visit(server.url, look, size=SIZES[size])) == (view.__name__, [])
    with SandboxServer() as empty:

        async def look_at_empty(page: Any) -> list[str]:
            await page.locator(".empty pre").wait_for()
            return await problems(page, source)

        assert browser.visit(empty.url, look_at_empty, size=SIZES[size]) == []


def test_360_pixels_need_no_sideways_scrolling(browser: Browsing, server: SandboxServer) -> None:
    """At the width of a small phone no view is wider than the screen, whatever is opened in it."""

    for view in VIEWS:

        async def look(page: Any, view: Callable[[Any], Awaitable[None]] = view) -> list[str]:
            await view(page)
            return list(await page.evaluate(WIDE))

        assert (view.__name__, browser.visit(server.url, look, size=PHONE)) == (view.__name__, [])
    with SandboxServer() as empty:

        async def look_at_empty(page: Any) -> list[str]:
            await page.locator(".empty pre").wait_for()
            return list(await page.evaluate(WIDE))

        assert browser.visit(empty.url, look_at_empty, size=PHONE) == []


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("view", [at_list, at_talk, at_message, at_faults, at_connect, at_keys])
def test_tab_reaches_everything(
    browser: Browsing, server: SandboxServer, view: Callable[[Any], Awaitable[None]], size: str
) -> None:
    """Whatever can be used can be reached by Tab, and what has the focus is to be seen."""

    async def walk(page: Any) -> None:
        await page.locator("#live[data-state=on]").wait_for()
        await view(page)
        wanted = set(await page.evaluate(REACHABLE))
        assert len(wanted) >= 1
        await page.evaluate("document.activeElement.blur()")
        reached: set[int] = set()
        for _ in range(2 * len(wanted) + 40):
            await page.keyboard.press("Tab")
            at = await page.evaluate(
                "() => { const each = document.activeElement; if (!each.dataset.tab) return null;"
                " const style = getComputedStyle(each); return [Number(each.dataset.tab), style.outlineStyle]; }"
            )
            if at is not None:
                assert at[1] != "none"
                reached.add(at[0])
            if reached >= wanted:
                break
        missed = [
            await page.locator(f'[data-tab="{at}"]').first.evaluate("e => e.outerHTML") for at in wanted - reached
        ]
        assert missed == []

    browser.visit(server.url, walk, size=SIZES[size])


@pytest.mark.parametrize("size", SIZES)
def test_everything_works_without_a_mouse(browser: Browsing, size: str) -> None:
    """Search, open, read, report, break a request, copy the code and go back, with the keyboard alone."""
    with SandboxServer(Sandbox(pushes=PushSettings(report_delay=0))) as server:
        TencentCaller(server.sandbox).sendsms()
        TencentCaller(server.sandbox).sendsms("13788888889")

        async def work(page: Any) -> None:
            async def tab_to(selector: str) -> None:
                for _ in range(80):
                    await page.keyboard.press("Tab")
                    if await page.evaluate(f"document.activeElement.matches('{selector}')"):
                        return
                raise AssertionError(f"Tab does not reach {selector}")

            await page.locator("#list .row").first.wait_for()
            await page.keyboard.press("/")
            await page.keyboard.type("888889")
            await page.locator("#tally", has_text="filtered").wait_for()
            await tab_to(".row")
            await page.keyboard.press("Enter")
            await tab_to(".bubble")
            await page.keyboard.press("Enter")
            await page.get_by_text("Send report").wait_for()
            assert await page.evaluate("document.activeElement.id") == "detail-pane"
            await tab_to('#detail-pane button[type="submit"]')
            await page.keyboard.press("Enter")
            await page.get_by_text("Report waits to be pulled").wait_for()
            await page.keyboard.press("c")
            await page.get_by_text("Copied 4821").wait_for()
            await page.keyboard.press("b")
            await page.locator("#faults .set").wait_for()
            await tab_to('#faults [type="submit"]')
            await page.keyboard.press("Enter")
            await page.locator("#faults .set .button").wait_for()
            await page.keyboard.press("Escape")
            await page.locator("#faults").wait_for(state="hidden")
            await page.keyboard.press("Escape")
            await page.keyboard.press("Escape")
            await page.wait_for_function("() => document.body.dataset.view === 'list'")

        browser.visit(server.url, work, size=SIZES[size])
        assert len(list(server.sandbox.faults)) == 1


DRIVE_BY: Final = """<!doctype html><body><iframe name="hidden"></iframe><script>
const target = "TARGET";
const fault = '{"vendor": "huawei", "drop": "after"}';
const tries = ["text/plain", "application/x-www-form-urlencoded", "application/json"].flatMap((type) => [
  fetch(`${target}/sandbox/faults`, { method: "POST", body: fault, headers: { "Content-Type": type }, mode: "cors" }),
  fetch(`${target}/sandbox/reset`, { method: "POST", headers: { "Content-Type": type } }),
]);
tries.push(
  fetch(`${target}/sandbox/faults`, { method: "POST", body: fault, mode: "no-cors" }),
  fetch(`${target}/sandbox/reset`, { method: "POST", mode: "no-cors" }),
  fetch(`${target}/sandbox/messages`, { method: "DELETE" }),
  fetch(`${target}/sandbox/messages`),
  fetch(`${target}/sandbox/messages/wait?to=%2B8613788888888`, { mode: "no-cors" }),
  new Promise((_, reject) => (new EventSource(`${target}/sandbox/events`).onerror = reject)),
);
for (const path of ["/sandbox/faults", "/sandbox/reset", "/sandbox/messages/wait?to=%2B8613788888888"]) {
  const form = document.createElement("form");
  const method = path.includes("wait") ? "get" : "post";
  Object.assign(form, { method, action: target + path, enctype: "text/plain", target: "hidden" });
  const field = document.createElement("input");
  Object.assign(field, { name: '{"vendor": "huawei", "drop": "after", "x": "', value: '"}' });
  form.append(field);
  document.body.append(form);
  form.submit();
}
Promise.allSettled(tries.map((each) => each.then((answer) => (answer.type === "opaque" ? "" : answer.text()))))
  .then((all) => setTimeout(() => (document.title = JSON.stringify(all.map((each) => each.value || ""))), 300));
</script>"""


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1", "rebound.test"])
def test_page_of_another_site_cannot_use_it(browser: Browsing, name: str) -> None:
    """A page that the developer visits can neither change nor read anything, by fetch, form, frame or stream."""
    with SandboxServer() as server:
        caller = TencentCaller(server.sandbox)
        caller.sendsms()
        page_text = DRIVE_BY.replace("TARGET", server.url)
        with served(Starlette(routes=[Route("/", lambda _: HTMLResponse(page_text))])) as url:

            async def look(page: Any) -> str:
                await page.wait_for_function("() => document.title.startsWith('[')")
                return str(await page.title())

            read = browser.visit(url.replace("127.0.0.1", name), look)
        assert set(eval(read)) == {""}
        assert not list(server.sandbox.faults)
        assert len(server.sandbox.messages) == 1
        assert server.sandbox.take_message(NUMBER) is not None


def test_name_that_is_pointed_here_gets_nothing(browser: Browsing, server: SandboxServer) -> None:
    """DNS rebinding: the same server by a name of another's has neither a page nor a call."""

    async def look(page: Any) -> None:
        assert "--allow-host rebound.test" in await page.locator("body").inner_text()
        status = await page.evaluate("fetch('/sandbox/messages').then((answer) => answer.status)")
        assert status == 403

    browser.visit(f"http://rebound.test:{server.port}/", look)
