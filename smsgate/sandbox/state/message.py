"""A message that a simulated vendor accepted."""

from datetime import datetime
from typing import Any

import attrs

from smsgate.model.phone import PhoneNumber
from smsgate.model.segments import count_segments
from smsgate.sandbox.state.scenarios import Scenario
from smsgate.sandbox.verification_code import find_verification_code

__all__ = ["AcceptedMessage", "charged_segments"]


def charged_segments(text: str, to: str) -> int:
    """How many messages *text* is charged as that goes to the number *to* (E.164): what the library counts, no more."""
    return count_segments(text, calling_code=PhoneNumber(to).calling_code)


@attrs.frozen(kw_only=True)
class AcceptedMessage:
    """A message that a simulated vendor took and would charge for. Its `repr` hides number, parameters and text."""

    vendor: str
    """The vendor's name, as in the registry: "tencent" …"""
    api: str
    """The vendor's name of the call: "sendsms", "batchSendSms" …"""
    to: str = attrs.field(repr=False)
    """The recipient in E.164."""
    template_id: str | None
    """None only for a free text that no known template fits (lenient mode)."""
    params: tuple[str, ...] = attrs.field(repr=False)
    text: str = attrs.field(repr=False)
    """What the phone shows, with the signature in front."""
    message_id: str
    """The vendor's id of the message: `sid`, `smsMsgId` …"""
    time: datetime
    """When it was accepted (aware, UTC)."""
    signature: str | None = None
    sender: str | None = None
    """The number that the send named as its sender, where a vendor's sends do."""
    reference: str | None = attrs.field(default=None, repr=False)
    """What the send wants echoed in reports: `ext`, `extend` …"""
    extend: str = attrs.field(default="", repr=False)
    """The channel extension, which a reply to it carries, where a vendor's sends have one."""
    status_callback: str | None = attrs.field(default=None, repr=False)
    """The URL that the send itself named for its reports, where a vendor's sends can."""
    scenario: Scenario | None = None
    """What the number makes happen, if it is magic."""
    report: str = ""
    """The code that its delivery report carries."""
    segments: int = attrs.field(
        init=False, default=attrs.Factory(lambda self: charged_segments(self.text, self.to), takes_self=True)
    )
    """How many messages are charged: what the text takes in the country of its number."""

    @property
    def code(self) -> str | None:
        """The verification code in it: the first parameter of 4 to 8 digits, else the first such run in the text."""
        return find_verification_code(self.params, self.text)

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
            "extend": self.extend,
            "segments": self.segments,
        }
