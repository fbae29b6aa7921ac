"""What all simulators share: templates and signatures, the messages that were accepted, what came of them."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any

import attrs

from smsgate.sandbox.huawei.account import Application, Tokens, UploadedFile, built_in_application
from smsgate.sandbox.pushes.scheduler import Desk
from smsgate.sandbox.state.queue import SandboxReply, SandboxReport, Tray
from smsgate.sandbox.state.review import Shelf, SignatureEntry, TemplateEntry, built_in_signature, built_in_template
from smsgate.sandbox.state.scenarios import Scenario
from smsgate.sandbox.state.templates import SandboxTemplate
from smsgate.sandbox.verification_code import find_verification_code

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
    report: str = ""
    """The code that its delivery report carries."""

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
        desk: Desk,
    ) -> None:
        self.lenient = lenient
        """Any template, parameter and signature is accepted."""
        self.new_id = new_id
        known = {(template.vendor, template.id): template for template in templates}
        self.templates: Shelf[TemplateEntry] = Shelf(map(built_in_template, known.values()))
        self.signatures: Shelf[SignatureEntry] = Shelf(
            built_in_signature(vendor, signature, number)
            for number, (vendor, signature) in enumerate(dict.fromkeys(signatures), 1)
        )
        """A vendor's first approved one is its default."""
        self.messages: list[AcceptedMessage] = []
        self.accepted: int = 0
        """How many messages were ever accepted, forgotten ones too."""
        self.submitted: list[tuple[str, float, int]] = []
        """Vendor, Unix seconds and how many numbers, of every send that was authentic, accepted or not."""
        self.reports: Tray[SandboxReport] = Tray()
        self.replies: Tray[SandboxReply] = Tray()
        self.desk = desk
        """What is to be pushed."""
        self.applications: list[Application] = [built_in_application()]
        self.files: dict[str, UploadedFile] = {}
        self.tokens: Tokens = Tokens()

    def approved_templates(self, vendor: str) -> list[SandboxTemplate]:
        """The templates that a vendor has approved."""
        return [entry.template for entry in self.templates.approved(vendor)]

    def template(self, vendor: str, template_id: str) -> SandboxTemplate | None:
        """The approved template that a send means by *template_id*, or None."""
        return next((each for each in self.approved_templates(vendor) if each.id == template_id), None)

    def knows_signature(self, vendor: str, signature: str) -> bool:
        """Whether the vendor has approved *signature*."""
        return self.lenient or any(entry.signature == signature for entry in self.signatures.approved(vendor))

    def default_signature(self, vendor: str) -> str:
        """The signature in front of a message that names none; empty if the vendor has approved none."""
        return next((entry.signature for entry in self.signatures.approved(vendor)), "")

    def application_of(self, id: str | None) -> Application:
        """Huawei's application with that id, or the first one."""
        return next((each for each in self.applications if each.id == id), self.applications[0])

    def accept(self, message: AcceptedMessage) -> None:
        """Take a message: from here on it would be charged."""
        self.accepted += 1
        self.messages.append(message)

    def forget(self) -> None:
        """Forget the messages and all that came of them."""
        self.messages.clear()
        self.submitted.clear()
        self.reports.clear()
        self.replies.clear()
        self.desk.clear()

    @staticmethod
    def moment(now: float) -> datetime:
        """Unix seconds as an aware datetime."""
        return datetime.fromtimestamp(now, UTC)
