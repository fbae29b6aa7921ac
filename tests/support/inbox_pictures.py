"""The pictures of the inbox page for the docs and the README.

Run `python tests/support/inbox_pictures.py` to take them again. Needs Chromium, as the tests of the page do.
"""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Final

from browsing import PHONE, browsing
from push_receiver import until

from smsgate.cli.sandbox_demo import demo_config, running_demo
from smsgate.sandbox import PushSettings, Sandbox, SandboxConfig
from smsgate.sandbox.server import SandboxServer

DOCS: Final = Path(__file__).parents[2] / "docs"
_DESKTOP: Final = (1180, 740)
_ALL: Final = 14
"""Entries that the demo has in the end."""
_ANNA, _DAN = "+8613788888888", "+8615800001111"


async def message(page: Any) -> None:
    """A conversation and a message of it."""
    await _open(page, _ANNA)
    await page.locator("#talk .bubble").first.click()
    await page.get_by_text("HTTP 200, acknowledged").first.wait_for()


async def conversation(page: Any) -> None:
    """What a phone shows."""
    await _open(page, _ANNA)


async def refused(page: Any) -> None:
    """A wrong signature."""
    await _open(page, _DAN)
    await page.locator("#talk .bubble").first.click()
    await page.get_by_text("Wrong at: Signature").wait_for()
    await page.evaluate("document.querySelector('#detail-pane .scroll').scrollTop = 230")


PICTURES: Final[tuple[tuple[str, Callable[[Any], Awaitable[None]], tuple[int, int], str], ...]] = (
    ("inbox-message.png", message, _DESKTOP, "light"),
    ("inbox-phone.png", conversation, PHONE, "light"),
    ("inbox-refused.png", refused, _DESKTOP, "dark"),
)


async def _open(page: Any, number: str) -> None:
    await page.locator("#list .row", has_text=number).click()
    await page.locator("#talk .bubble").first.wait_for()


def take() -> None:
    """Take all of them."""
    sandbox = Sandbox(demo_config(SandboxConfig()), pushes=PushSettings(report_delay=0.2, retry_after=0.2))
    with SandboxServer(sandbox) as server, running_demo(server), browsing() as browser:
        until(lambda: sandbox.inbox.page()["total"] >= _ALL and sum(push.acknowledged for push in sandbox.pushes) > 5)
        for name, view, size, scheme in PICTURES:

            async def shoot(page: Any, name: str = name, view: Callable[[Any], Awaitable[None]] = view) -> None:
                await view(page)
                await page.evaluate("document.activeElement.blur()")
                await page.wait_for_timeout(300)
                await page.screenshot(path=DOCS / name)

            browser.visit(server.url, shoot, size=size, scheme=scheme)


if __name__ == "__main__":
    take()
