"""Huawei as all its simulated interfaces share it: reports and replies are pushed or lost, there is nothing to pull.

Source: Huawei Cloud Message & SMS API Reference, 3.2.5 (a report for each part of a long message, to `statusCallback`)
and its online edition of 2024 (batches and replies, to the addresses of the application).
"""

from typing import Final

import attrs

from smsgate.sandbox.huawei.account import MAGIC_DIGIT, VENDOR, HuaweiAccount, account_of
from smsgate.sandbox.huawei.conditions import HuaweiSettings
from smsgate.sandbox.huawei.credentials import HUAWEI_PUSH_ACCESS_KEY, HUAWEI_PUSH_SECRET, HUAWEI_TEMPLATE
from smsgate.sandbox.huawei.pushes import BATCH, REPLY, REPORT, is_platform_code
from smsgate.sandbox.pushes.settings import CommonPushSettings
from smsgate.sandbox.state.message import AcceptedMessage
from smsgate.sandbox.state.queue import SandboxReply, SandboxReport
from smsgate.sandbox.state.state import SandboxState, SimulatedVendor
from smsgate.sandbox.state.templates import SandboxTemplate

__all__ = ["HUAWEI"]


class _Huawei(SimulatedVendor):
    name = VENDOR
    templates = (SandboxTemplate(VENDOR, HUAWEI_TEMPLATE, "Your code is ${NUM_6}, valid for ${TXT_6} minutes."),)
    signatures = ("Acme", "华为云短信测试")
    has_numeric_ids = False
    has_regional_templates = False
    account = HuaweiSettings
    magic_digit = MAGIC_DIGIT
    push_formats = (REPORT, BATCH, REPLY)
    callback_help = "replies, and reports in batches"
    reports_segments = True
    missing_url = "the send had no statusCallback, huawei_callback is not set"

    def new_state(self) -> HuaweiAccount:
        return HuaweiAccount()

    def placeholder(self, index: int) -> str:
        return "${TXT_1000}"

    def is_dated(self, code: str) -> bool:
        # What the platform itself reports has no `updateTime` (3.2.5, Table 3-66).
        return not is_platform_code(code)

    def report_url(self, settings: CommonPushSettings, message: AcceptedMessage) -> str | None:
        return message.status_callback or settings.callbacks.get(VENDOR)

    def place_report(self, state: SandboxState, message: AcceptedMessage, report: SandboxReport, due: float) -> None:
        url = self.report_url(state.pushes.settings, message)
        if url:
            # Batches go to the console's address only; `statusCallback` gets each report alone (online edition).
            state.pushes.expect(REPORT if message.status_callback else BATCH, url, report, due)

    def place_reply(self, state: SandboxState, reply: SandboxReply) -> tuple[SandboxReply, str | None]:
        """To the application whose channel it was sent to, or the first one."""
        application = account_of(state).application_with(reply.to)
        url = application.up_link_addr or state.pushes.settings.callbacks.get(VENDOR)
        if not url:
            raise ValueError("huawei has nowhere to push to: set huawei_callback, or the application's up_link_addr")
        made = attrs.evolve(reply, to=reply.to or application.channel, message_id=state.new_id())
        state.pushes.expect(REPLY, url, made, reply.time)
        return made, url

    def describe_callback(self, settings: CommonPushSettings) -> str:
        url = settings.callbacks.get(VENDOR)
        signed = f"; signed with {HUAWEI_PUSH_ACCESS_KEY}, {HUAWEI_PUSH_SECRET}" if settings.sign else ""
        return f"the statusCallback of each send{f', else {url}' if url else ''}{signed}"


HUAWEI: Final[SimulatedVendor] = _Huawei()
