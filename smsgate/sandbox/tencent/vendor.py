"""Tencent as all its simulated interfaces share it: reports and replies wait to be pulled, and are pushed if they can.

Source: Tencent SMS Development Guide 2.0, "Pull SMS Status" and "Notification of MT SMS Delivery Status": with a
callback URL they are pushed when they are due, unless they were pulled before.
"""

from functools import partial
from typing import Final

import attrs

from smsgate.sandbox.pushes.settings import CommonPushSettings
from smsgate.sandbox.state.message import AcceptedMessage
from smsgate.sandbox.state.queue import SandboxReply, SandboxReport
from smsgate.sandbox.state.state import SandboxState, SimulatedVendor
from smsgate.sandbox.state.templates import SandboxTemplate
from smsgate.sandbox.tencent.account import MAGIC_DIGIT, VENDOR, TencentAccount, account_of
from smsgate.sandbox.tencent.conditions import TencentSettings, settings_of
from smsgate.sandbox.tencent.credentials import TENCENT_TEMPLATE, TENCENT_TEMPLATE_ABROAD
from smsgate.sandbox.tencent.pushes import REPLIES, REPORTS
from smsgate.sandbox.tencent.settings import TencentCallback

__all__ = ["TENCENT"]


_TEXT: Final = "Your code is {1}, valid for {2} minutes."


class _Tencent(SimulatedVendor):
    name = VENDOR
    templates = (
        SandboxTemplate(VENDOR, TENCENT_TEMPLATE, _TEXT, international=False),
        SandboxTemplate(VENDOR, TENCENT_TEMPLATE_ABROAD, _TEXT, international=True),
    )
    signatures = ("Acme", "腾讯云")
    has_numeric_ids = True
    has_regional_templates = True
    account = TencentSettings
    magic_digit = MAGIC_DIGIT
    push_formats = (REPORTS, *REPLIES.values())
    callback_help = "reports and replies"
    reports_segments = False
    missing_url = ""

    def new_state(self) -> TencentAccount:
        return TencentAccount()

    def placeholder(self, index: int) -> str:
        return f"{{{index}}}"

    def report_url(self, settings: CommonPushSettings, message: AcceptedMessage) -> str | None:
        return settings.callbacks.get(VENDOR)

    def place_report(self, state: SandboxState, message: AcceptedMessage, report: SandboxReport, due: float) -> None:
        reports, url = account_of(state).reports, self.report_url(state.pushes.settings, message)
        serial = reports.add(report)
        if url:
            # SMS API, "Event Notifications": `ext` is there only where Tencent's support has enabled it.
            pushed = report if settings_of(state).echo_ext else attrs.evolve(report, reference=None)
            state.pushes.expect(REPORTS, url, pushed, due, claim=partial(reports.withdraw, serial))

    def place_reply(self, state: SandboxState, reply: SandboxReply) -> tuple[SandboxReply, str | None]:
        replies, settings = account_of(state).replies, state.pushes.settings
        serial, url = replies.add(reply), settings.callbacks.get(VENDOR)
        if url:
            push_format = REPLIES[settings.tencent_replies if isinstance(settings, TencentCallback) else "json"]
            state.pushes.expect(push_format, url, reply, reply.time, claim=partial(replies.withdraw, serial))
        return reply, url

    def has_sub_error(self, report: SandboxReport) -> bool:
        return not report.is_delivered and not report.to.startswith("+86")

    def describe_callback(self, settings: CommonPushSettings) -> str:
        return settings.callbacks.get(VENDOR, "none: reports and replies wait to be pulled")


TENCENT: Final[SimulatedVendor] = _Tencent()
