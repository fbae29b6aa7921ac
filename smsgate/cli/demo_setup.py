"""The demo's setup: a server for each simulated vendor, and the cases that it goes through, one message each."""

from collections.abc import Callable
from contextlib import AsyncExitStack
from secrets import token_urlsafe
from typing import Final

import attrs

from smsgate.cli.demo_reports import CallbackServer, ReportLog, serve_callbacks
from smsgate.huawei import HuaweiSms
from smsgate.model.reason import Outcome
from smsgate.model.states import DeliveryState
from smsgate.provider.protocol import SmsProvider
from smsgate.sandbox import Drop, PushSettings, Sandbox, Scenario
from smsgate.sandbox.huawei import HUAWEI_APP_KEY, HUAWEI_APP_SECRET, HUAWEI_SENDER
from smsgate.sandbox.server import SandboxServer
from smsgate.sandbox.tencent import TENCENT_APP_KEY, TENCENT_SDK_APP_ID
from smsgate.sending.gateway import Gateway
from smsgate.tencent import TencentV5
from smsgate.testing import LOGIN_CODE

__all__ = ["CASES", "COPIES", "DemoCase", "DemoSetup", "Observed", "set_up"]

COPIES: Final = 2
"""How often each report comes."""
_DELAY: Final = 0.3
"""Seconds until it comes."""
_NUMBER: Final = "+8613788888888"


@attrs.frozen
class DemoSetup:
    """A server for each vendor, the gateway between them and the caller, and the way back."""

    tencent: SandboxServer
    huawei: SandboxServer
    gateway: Gateway
    callbacks: CallbackServer
    log: ReportLog

    def accepted(self) -> tuple[int, int]:
        """How many messages Tencent and Huawei have accepted."""
        return len(self.tencent.sandbox.messages), len(self.huawei.sandbox.messages)

    def message_ids(self) -> set[str]:
        """The ids under which they keep them."""
        return {each.message_id for server in (self.tencent, self.huawei) for each in server.sandbox.messages}


@attrs.frozen
class Observed:
    """What the caller got, and how many messages each vendor accepted meanwhile."""

    outcome: Outcome
    tried: tuple[str, ...]
    tencent: int
    huawei: int
    same_id: bool = True
    """The id that the caller got, if any, is the one under which the vendor keeps the message."""


@attrs.frozen
class DemoCase:
    """One message, and what is promised about it."""

    title: str
    text: str
    expected: Observed
    final: DeliveryState | None = DeliveryState.DELIVERED
    """What the vendor reports in the end; None if it has nothing to report."""
    number: str = _NUMBER
    set_up: Callable[[DemoSetup], object] = lambda _: None
    tear_down: Callable[[DemoSetup], object] = lambda _: None


CASES: Final = (
    DemoCase(
        "One login code",
        "Both vendors work. Tencent comes first and accepts it.",
        Observed(Outcome.ACCEPTED, ("tencent-v5",), tencent=1, huawei=0),
    ),
    DemoCase(
        "Tencent refuses connections",
        "Nothing can have left, so the message fails over to Huawei at once.",
        Observed(Outcome.ACCEPTED, ("tencent-v5", "huawei"), tencent=0, huawei=1),
        set_up=lambda setup: setup.tencent.stop(),
        tear_down=lambda setup: setup.tencent.start(),
    ),
    DemoCase(
        "Tencent hangs up afterwards",
        "It took the message, but no response came. The caller cannot know, so the\n"
        "   outcome is UNKNOWN and there is no failover: that could be a second text.",
        Observed(Outcome.UNKNOWN, ("tencent-v5",), tencent=1, huawei=0),
        set_up=lambda setup: setup.tencent.sandbox.faults.drop("tencent", Drop.AFTER),
    ),
    DemoCase(
        "Tencent refuses the number",
        "It is on a blocklist. Another vendor must not get around that: no failover.",
        Observed(Outcome.REJECTED, ("tencent-v5",), tencent=0, huawei=0),
        final=None,
        number=Scenario.BLOCKLISTED.number,
    ),
)


async def set_up(stack: AsyncExitStack) -> DemoSetup:
    """Open everything, until *stack* is closed."""
    log, tag_secret = ReportLog(), token_urlsafe()
    callbacks = await stack.enter_async_context(serve_callbacks(log, tag_secret))
    pushes = PushSettings(report_delay=_DELAY, tencent_callback=callbacks.tencent, copies=COPIES, shuffle=True)
    tencent = await stack.enter_async_context(SandboxServer(Sandbox(pushes=pushes)))
    # At first no account has this: without it, the report on part 3 could not be matched by its tag.
    tencent.sandbox.change_account("tencent", echo_ext=True)
    huawei = await stack.enter_async_context(SandboxServer(Sandbox(pushes=pushes)))
    providers: list[SmsProvider] = [
        TencentV5(TENCENT_SDK_APP_ID, TENCENT_APP_KEY, sign="Acme", base_url=tencent.url),
        HuaweiSms(
            HUAWEI_APP_KEY,
            HUAWEI_APP_SECRET,
            sender=HUAWEI_SENDER,
            base_url=huawei.url,
            signature="Acme",
            status_callback=callbacks.huawei,
        ),
    ]
    gateway = await stack.enter_async_context(Gateway(providers, templates=[LOGIN_CODE], tag_secret=tag_secret))
    return DemoSetup(tencent, huawei, gateway, callbacks, log)
