"""Gateways for tests: `Outbox` records in place of sending, `SandboxGateway` has simulated vendors behind it.

Both are gateways, so that your code takes them where it takes yours, and both check a message as a gateway does. No
connection stands behind them: use them from any event loop, one after another or at once, and leave them unclosed.
The pytest fixtures `sms_outbox` and `sms_sandbox` give you one each, with the options in `sms_options` (`SmsOptions`).
`Rule` and `Report` script the simulated vendors, `VirtualClock` is a time that tests move, `block_vendors` makes what
would reach a real vendor fail, and `traced` makes a mocked httpx transport prove what it did. What a vendor adapter's
author needs is in `smsgate.testing.conformance`.

Each name is imported when it is first used.
"""

import typing

if typing.TYPE_CHECKING:
    from smsgate.testing.clock import VirtualClock
    from smsgate.testing.guard import RealVendorError, block_vendors
    from smsgate.testing.options import SmsOptions
    from smsgate.testing.outbox import Outbox
    from smsgate.testing.script import Report, Response, Rule
    from smsgate.testing.transports import traced
    from smsgate.testing.vendors import LOGIN_CODE, SandboxGateway

__all__ = [
    "LOGIN_CODE",
    "Outbox",
    "RealVendorError",
    "Report",
    "Response",
    "Rule",
    "SandboxGateway",
    "SmsOptions",
    "VirtualClock",
    "block_vendors",
    "traced",
]

_HOMES: typing.Final = {
    "LOGIN_CODE": "smsgate.testing.vendors",
    "Outbox": "smsgate.testing.outbox",
    "RealVendorError": "smsgate.testing.guard",
    "Report": "smsgate.testing.script",
    "Response": "smsgate.testing.script",
    "Rule": "smsgate.testing.script",
    "SandboxGateway": "smsgate.testing.vendors",
    "SmsOptions": "smsgate.testing.options",
    "VirtualClock": "smsgate.testing.clock",
    "block_vendors": "smsgate.testing.guard",
    "traced": "smsgate.testing.transports",
}

if not typing.TYPE_CHECKING:  # a type checker shall go on to find misspelt names

    def __getattr__(name: str) -> object:
        from smsgate._lazy import import_name

        return import_name(__name__, name, _HOMES)
