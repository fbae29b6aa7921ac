"""Simulated vendors to develop and test against: real signatures, the vendors' own codes, magic numbers.

`Sandbox` is the pure core, `SandboxTransport` puts it behind an httpx client in the same process, and
`smsgate.sandbox.server.SandboxServer` (extra `[sandbox]`) behind a real socket. Nothing here shares code with the
adapters or their signing, so that a fault of theirs is found. Each vendor's fixed account is in its own package, as in
`from smsgate.sandbox.tencent import TENCENT_APP_KEY`.
"""

from smsgate.sandbox.config import SandboxConfig
from smsgate.sandbox.core import PushSettings
from smsgate.sandbox.pushes.push import Push
from smsgate.sandbox.sandbox import Sandbox
from smsgate.sandbox.seed import Seed
from smsgate.sandbox.state.answer import Answer, Drop
from smsgate.sandbox.state.message import AcceptedMessage
from smsgate.sandbox.state.scenarios import Scenario
from smsgate.sandbox.state.templates import SandboxTemplate
from smsgate.sandbox.transport import SandboxTransport

__all__ = [
    "AcceptedMessage",
    "Answer",
    "Drop",
    "Push",
    "PushSettings",
    "Sandbox",
    "SandboxConfig",
    "SandboxTemplate",
    "SandboxTransport",
    "Scenario",
    "Seed",
]
