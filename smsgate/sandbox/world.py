"""What all simulators share: the templates and signatures that are approved, and the messages that were accepted."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any

import attrs

from smsgate.sandbox.scenarios import Scenario
from smsgate.sandbox.templates import SandboxTemplate

__all__ = ["AcceptedMessage", "World"]


@attrs.frozen(kw_only=True)
class AcceptedMessage:
    """A message that a simulated vendor took and would charge for. Its `repr` hides number, parameters and text."""

    vendor: str
    """ "tencent" or "huawei"."""
    api: str
    """The vendor's name of the call: "sendsms", "batchSendSms" …"""
    to: str = attrs.field(repr=False)
    """The recipient in E.164."""
    template_id: str | None
    """None only for Tencent's free text that no known template fits (lenient mode)."""
    params: tuple[str, ...] = attrs.field(repr=False)
    text: str = attrs.field(repr=False)
    """What the phone shows, with the signature in front."""
    message_id: str
    """The vendor's id: Tencent `sid`, Huawei `smsMsgId`."""
    time: datetime
    """When it was accepted (aware, UTC)."""
    signature: str | None = None
    sender: str | None = None
    """Huawei's channel number."""
    reference: str | None = attrs.field(default=None, repr=False)
    """What the caller wants echoed in reports: Tencent `ext`, Huawei `extend`."""
    status_callback: str | None = attrs.field(default=None, repr=False)
    segments: int = 1
    """How many messages are charged."""
    scenario: Scenario | None = None
    """What the number makes happen, if it is magic."""

    def as_json(self) -> dict[str, Any]:
        """The message as `GET /sandbox/messages` shows it."""
        return {
            "vendor": self.vendor,
            "api": self.api,
            "to": self.to,
            "template_id": self.template_id,
            "params": list(self.params),
            "text": self.text,
            "message_id": self.message_id,
            "time": self.time.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
            "signature": self.signature,
            "sender": self.sender,
            "reference": self.reference,
            "segments": self.segments,
        }


class World:
    """The state behind all simulators. Changed only while `Sandbox.handle()` holds its lock."""

    def __init__(
        self,
        templates: Iterable[SandboxTemplate],
        signatures: Iterable[tuple[str, str]],
        *,
        lenient: bool,
        new_id: Callable[[], str],
    ) -> None:
        self.lenient = lenient
        """Any template, parameter and signature is accepted."""
        self.new_id = new_id
        self.templates = {(template.vendor, template.id): template for template in templates}
        self.signatures = list(dict.fromkeys(signatures))
        """Vendor and approved signature; a vendor's first is its default."""
        self.messages: list[AcceptedMessage] = []
        self.accepted = 0
        """How many messages were ever accepted, forgotten ones too."""

    def template(self, vendor: str, template_id: str) -> SandboxTemplate | None:
        """The approved template with that id, or None."""
        return self.templates.get((vendor, template_id))

    def knows_signature(self, vendor: str, signature: str) -> bool:
        """Whether the vendor has approved *signature*."""
        return self.lenient or (vendor, signature) in self.signatures

    def default_signature(self, vendor: str) -> str:
        """The signature in front of a message that names none."""
        return next(signature for owner, signature in self.signatures if owner == vendor)

    def accept(self, message: AcceptedMessage) -> None:
        """Take a message: from here on it would be charged."""
        self.accepted += 1
        self.messages.append(message)

    @staticmethod
    def moment(now: float) -> datetime:
        """Unix seconds as an aware datetime."""
        return datetime.fromtimestamp(now, UTC)
