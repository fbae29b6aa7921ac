"""A real browser for tests of the inbox page: Debian's Chromium, driven by Playwright from a thread of its own.

Its event loop runs in that thread, so that tests of any kind share a process with it.
"""

import asyncio
import os
import shutil
import threading
from collections.abc import Awaitable, Callable, Generator
from contextlib import contextmanager
from importlib.resources import files
from importlib.util import find_spec
from typing import Any, Final, TypeVar

__all__ = ["DESKTOP", "PHONE", "Browsing", "axe_source", "browsing", "missing"]

PHONE: Final = (360, 740)
DESKTOP: Final = (1280, 800)
_PROGRAMS: Final = ("chromium", "chromium-browser", "google-chrome")
_MOST_SECONDS: Final = 120.0
T = TypeVar("T")


def missing() -> str:
    """What a machine lacks for these tests; empty if nothing."""
    if find_spec("playwright") is None or find_spec("axe_playwright_python") is None:
        return "Playwright is not installed: pip install -e '.[test]'"
    return "" if _program() else "no Chromium here: bash .ci/tools.sh installs it where apt-get can"


def _program() -> str:
    return next(filter(None, map(shutil.which, _PROGRAMS)), "")


def axe_source() -> str:
    """The source of axe, which finds what a page lacks for people who do not see it."""
    return (files("axe_playwright_python") / "axe.min.js").read_text("utf-8")


class Browsing:
    """A browser that runs. *browser*: Playwright's; use it in its own loop only, by `run()`."""

    def __init__(self, loop: asyncio.AbstractEventLoop, browser: Any) -> None:
        self._loop, self._browser = loop, browser

    def run(self, work: Awaitable[T]) -> T:
        """What *work* gives, run in the browser's loop."""

        async def whole() -> T:
            return await work

        return asyncio.run_coroutine_threadsafe(whole(), self._loop).result(_MOST_SECONDS)

    def visit(
        self,
        url: str,
        work: Callable[[Any], Awaitable[T]],
        *,
        size: tuple[int, int] = DESKTOP,
        scheme: str = "light",
        script: str = "",
    ) -> T:
        """What *work* gives for a page at *url*, in a profile of its own. *script*: runs before any of the page's.

        Raises `AssertionError` if the page reports an error that nothing handles.
        """
        return self.run(self._visit(url, work, size, scheme, script))

    async def _visit(
        self, url: str, work: Callable[[Any], Awaitable[T]], size: tuple[int, int], scheme: str, script: str
    ) -> T:
        context = await self._browser.new_context(
            viewport={"width": size[0], "height": size[1]},
            color_scheme=scheme,
            locale="en-GB",
            timezone_id="UTC",
            permissions=["clipboard-read", "clipboard-write"],
        )
        context.set_default_timeout(20_000)
        try:
            if script:
                await context.add_init_script(script)
            page = await context.new_page()
            errors: list[str] = []
            page.on("pageerror", lambda error: errors.append(str(error)))
            await page.goto(url)
            done = await work(page)
            assert errors == []
            return done
        finally:
            await context.close()


@contextmanager
def browsing() -> Generator[Browsing]:
    """A browser, until the end of the block."""
    from playwright.async_api import async_playwright

    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="browser", daemon=True)
    thread.start()

    def run(work: Awaitable[T]) -> T:
        return Browsing(loop, None).run(work)

    playwright = run(async_playwright().start())
    # As root, as in most containers, Chromium's own sandbox cannot start.
    options = ["--no-sandbox"] if os.geteuid() == 0 else []
    browser = run(
        playwright.chromium.launch(
            executable_path=_program(), args=[*options, "--host-resolver-rules=MAP rebound.test 127.0.0.1"]
        )
    )
    try:
        yield Browsing(loop, browser)
    finally:
        run(browser.close())
        run(playwright.stop())
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
