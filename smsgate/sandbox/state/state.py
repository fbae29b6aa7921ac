"""What all simulators share, and what a vendor has to say about itself so that the sandbox need not know it."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any, ClassVar, Final

import attrs

from smsgate.sandbox.pushes.push import PushFormat
from smsgate.sandbox.pushes.scheduler import PushScheduler
from smsgate.sandbox.pushes.settings import CommonPushSettings
from smsgate.sandbox.state.account import AccountSettings
from smsgate.sandbox.state.addresses import is_listed
from smsgate.sandbox.state.history import History
from smsgate.sandbox.state.message import AcceptedMessage
from smsgate.sandbox.state.queue import SandboxReply, SandboxReport
from smsgate.sandbox.state.report_plans import ReportPlans
from smsgate.sandbox.state.review import (
    ReviewStore,
    SignatureEntry,
    TemplateEntry,
    built_in_signature,
    built_in_template,
)
from smsgate.sandbox.state.scenarios import Scenario, scenario_of
from smsgate.sandbox.state.templates import SandboxTemplate

__all__ = ["SandboxState", "SimulatedVendor", "Strike", "VendorState"]

_TOKEN_LIFETIME: Final = 24 * 3600.0


@attrs.frozen
class Strike:
    """A code that comes back for a number in place of what the vendor would say."""

    code: str
    to: str | None = attrs.field(repr=False)
    """The number (E.164), or None for every number of the request."""


class VendorState:
    """What one vendor keeps for itself. What it has not got to forget or to withdraw, it leaves out."""

    def forget(self) -> None:
        """Forget what came of the messages that were accepted."""

    def expire_tokens(self) -> None:
        """Withdraw every token that was issued."""


class SimulatedVendor(ABC):
    """One vendor, as all its simulated interfaces share it: what it has approved, and how it reports."""

    name: ClassVar[str]
    """Its name in the registry, in `SandboxTemplate.vendor`, in a file's sections and in what people ask for."""
    templates: ClassVar[tuple[SandboxTemplate, ...]]
    """Approved from the start."""
    signatures: ClassVar[tuple[str, ...]]
    """Approved from the start, the default one first."""
    has_numeric_ids: ClassVar[bool]
    """Ids of templates and signatures are numbers, the same ones for sends and for management calls."""
    has_regional_templates: ClassVar[bool]
    """A template is for mainland China or for other countries."""
    push_formats: ClassVar[tuple[PushFormat, ...]]
    callback_help: ClassVar[str]
    """For people: what is pushed to the callback of its console."""
    account: ClassVar[type[AccountSettings]]
    """What can be the matter with its account."""
    magic_digit: ClassVar[str]
    """The digit of the magic numbers that count at this vendor alone, 1 to 9."""
    reports_segments: ClassVar[bool]
    """Each part of a long message has a report of its own."""
    missing_url: ClassVar[str]
    """What is missing where a report has no URL to be pushed to. Empty: it waits in a queue to be pulled."""

    @abstractmethod
    def new_state(self) -> VendorState:
        """What the vendor keeps for itself, as it is when a sandbox starts."""

    @abstractmethod
    def placeholder(self, index: int) -> str:
        """The placeholder of the parameter *index*, counted from 1, as templates of this vendor write it."""

    @abstractmethod
    def report_url(self, settings: CommonPushSettings, message: AcceptedMessage) -> str | None:
        """Where reports on *message* are pushed to, or None."""

    @abstractmethod
    def place_report(self, state: "SandboxState", message: AcceptedMessage, report: SandboxReport, due: float) -> None:
        """Let *report* be pulled, or be pushed at *due* (Unix seconds)."""

    @abstractmethod
    def place_reply(self, state: "SandboxState", reply: SandboxReply) -> tuple[SandboxReply, str | None]:
        """Let *reply* be pulled or pushed. Gives it as the vendor knows it, with the URL that it is pushed to.

        Raises `ValueError` if it can neither be pulled nor pushed.
        """

    @abstractmethod
    def describe_callback(self, settings: CommonPushSettings) -> str:
        """For people: where reports and replies go."""

    def has_sub_error(self, report: SandboxReport) -> bool:
        """Whether *report* can have a finer code of its failure."""
        return False

    def is_dated(self, code: str) -> bool:
        """Whether a report with *code* says when that happened."""
        return True


class SandboxState:
    """The state behind all simulators. Changed only while its `Sandbox` holds its lock."""

    def __init__(
        self,
        vendors: Iterable[SimulatedVendor],
        templates: Iterable[SandboxTemplate],
        signatures: Iterable[tuple[str, str]],
        *,
        lenient: bool,
        new_id: Callable[[], str],
        pushes: PushScheduler,
        history: History,
        keep: int | None = None,
        accounts: Mapping[str, AccountSettings] = MappingProxyType({}),
    ) -> None:
        self.vendors: Mapping[str, SimulatedVendor] = {vendor.name: vendor for vendor in vendors}
        self.accounts: dict[str, AccountSettings] = {
            name: accounts.get(name) or vendor.account() for name, vendor in self.vendors.items()
        }
        self.opted_out: set[tuple[str, str]] = set()
        """Pairs of a vendor and the number (E.164) of a person who wants nothing more through it."""
        self.strikes: Sequence[Strike] = ()
        """What faults do to numbers of the request that is being processed."""
        self.client_address: str = ""
        """Where the request that is being processed comes from."""
        self.why: str = ""
        """Why the request that is being processed is refused, where the response says less; see `blame()`."""
        self.lenient = lenient
        """Any template, parameter and signature is accepted."""
        self.new_id = new_id
        known = {(template.vendor, template.id): template for template in templates}
        self.templates: ReviewStore[TemplateEntry] = ReviewStore(
            built_in_template(template, is_numeric=self.vendors[template.vendor].has_numeric_ids)
            for template in known.values()
        )
        self.signatures: ReviewStore[SignatureEntry] = ReviewStore(
            built_in_signature(vendor, signature, number if self.vendors[vendor].has_numeric_ids else None)
            for number, (vendor, signature) in enumerate(dict.fromkeys(signatures), 1)
        )
        """A vendor's first approved one is its default."""
        self.report_plans: ReportPlans = ReportPlans()
        self.messages: list[AcceptedMessage] = []
        self.accepted: int = 0
        """How many messages were ever accepted, forgotten ones too."""
        self.pushes = pushes
        self.history = history
        self._keep = keep
        self.token_lifetime: float = _TOKEN_LIFETIME
        """Seconds for which a token that a vendor issues from now on is good."""
        self._own: dict[str, VendorState] = {name: vendor.new_state() for name, vendor in self.vendors.items()}

    def of(self, vendor: str) -> Any:
        """What *vendor* keeps for itself: what its `new_state()` made. Each vendor knows its own by type."""
        return self._own[vendor]

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

    def accept(self, message: AcceptedMessage) -> None:
        """Take a message: from here on it would be charged."""
        self.accepted += 1
        self.messages.append(message)
        if self._keep is not None and len(self.messages) > self._keep:
            del self.messages[0]
        self.history.add_message(message)
        account = self.accounts[message.vendor]
        if account.balance is not None:
            left = max(0, account.balance - message.segments)
            self.accounts[message.vendor] = attrs.evolve(account, balance=left)

    def scenario(self, vendor: str, number: str) -> Scenario | None:
        """What *number* (E.164) makes happen at that vendor, if it is magic there."""
        return scenario_of(number, self.vendors[vendor].magic_digit)

    def struck_code(self, number: str) -> str | None:
        """The code that a fault has for *number* (E.164) in the request that is being processed."""
        return next((strike.code for strike in self.strikes if strike.to in (None, number)), None)

    def may_send(self, vendor: str) -> bool:
        """Whether the request that is being processed comes from an address that the vendor's account allows."""
        allowed = self.accounts[vendor].allowed_ips
        return not allowed or is_listed(self.client_address, allowed)

    def blame(self, why: str) -> None:
        """Note why the request that is being processed is refused; of several causes the first."""
        self.why = self.why or why

    def forget(self) -> None:
        """Forget the messages and all that came of them."""
        self.messages.clear()
        self.opted_out.clear()
        self.pushes.clear()
        self.history.clear()
        for own in self._own.values():
            own.forget()

    def expire_tokens(self) -> None:
        """Withdraw every token that a vendor has issued."""
        for own in self._own.values():
            own.expire_tokens()

    @staticmethod
    def moment(now: float) -> datetime:
        """Unix seconds as an aware datetime."""
        return datetime.fromtimestamp(now, UTC)
