"""Gateways for tests: `Outbox` records in place of sending, `SandboxGateway` has simulated vendors behind it.

Both are gateways, so that your code takes them where it takes yours, and both check a message as a gateway does. No
connection stands behind them: use them from any event loop, one after another or at once, and leave them unclosed.
The pytest fixtures `sms_outbox` and `sms_sandbox` give you one each, with the options in `sms_options` (`SmsOptions`).
`traced` makes a mocked httpx transport prove what it did.
"""

from smsgate.testing.options import SmsOptions
from smsgate.testing.outbox import Outbox
from smsgate.testing.transports import traced
from smsgate.testing.vendors import LOGIN_CODE, SandboxGateway

__all__ = ["LOGIN_CODE", "Outbox", "SandboxGateway", "SmsOptions", "traced"]
