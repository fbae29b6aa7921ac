"""Making messages ready: number, template and parameters checked, and the first provider that can take each. Pure."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

from smsgate.guard.deadline import expiry_of, expiry_text
from smsgate.guard.guard import Guard
from smsgate.guard.regions import check_region
from smsgate.model.errors import MessageError
from smsgate.model.message import Message
from smsgate.model.reason import Reason
from smsgate.model.template import Template
from smsgate.provider.protocol import SmsProvider
from smsgate.sending.assigning import assign, no_provider
from smsgate.sending.outgoing import OutgoingMessage
from smsgate.sending.resolve import KnownTexts, Problem, Text, resolve
from smsgate.sending.templates import check_senders, templates_by_name

__all__ = ["Order", "Preparer"]

Order = Callable[[Message, Text], Sequence[SmsProvider]]
"""The providers of a message in the order in which they are asked, once it is known what the message is."""


class Preparer:
    """Makes messages ready, or says why one cannot be sent."""

    def __init__(
        self,
        templates: Iterable[Template],
        providers: Collection[str],
        default_region: str | None,
        guard: Guard | None = None,
    ) -> None:
        if default_region is not None:
            check_region("default_region", default_region)
        self.default_region: str | None = default_region
        self._guard = None if guard is None or guard.allows_all else guard
        self.checks_each: bool = self._guard is not None
        """Whether there is something to be asked of each message, whatever came before it."""
        self._providers = providers
        self.by_name: Mapping[str, Template] = {}
        """Its templates by name."""
        self.replace_templates(templates)

    @property
    def looks_up(self) -> bool:
        """Whether countries and types of numbers are looked up, see `Destinations.looks_up`."""
        return self._guard is not None and self._guard.destinations.looks_up

    @property
    def templates(self) -> tuple[Template, ...]:
        """The templates that it was given."""
        return tuple(self.by_name.values())

    def replace_templates(self, templates: Iterable[Template]) -> None:
        """Take *templates* in place of all others, or raise `ConfigurationError` and keep those that it has."""
        found = templates_by_name(templates)
        for template in found.values():
            self._check(template)
        self.by_name = found

    def prepare(
        self, message: Message, order: Order, now: Callable[[], float], known: KnownTexts | None = None
    ) -> OutgoingMessage | Problem:
        """*message* for the first provider of its *order* that can take it, or why none can.

        *now*: gives Unix seconds; called only if something depends on them. *known*: texts that were prepared before.
        Raises `MessageError` for what is not a `Message` at all.
        """
        resolved = self.resolve(message, now, known)
        if isinstance(resolved, Problem):
            return resolved
        return self._assign_first(*resolved, order(*resolved))

    def _assign_first(
        self, message: Message, text: Text, providers: Sequence[SmsProvider]
    ) -> OutgoingMessage | Problem:
        problems: list[str] = []
        for provider in providers:
            assigned = assign(message, text, provider)
            if not isinstance(assigned, str):
                return OutgoingMessage(message, assigned, providers)
            problems.append(f"{provider.name}: {assigned}")
        return no_provider(problems)

    def resolve(
        self, message: Message, now: Callable[[], float], known: KnownTexts | None = None
    ) -> tuple[Message, Text] | Problem:
        """*message* with its number in E.164, and its text; or what is wrong with it, or why it is not sent.

        Raises `MessageError` for what is not a `Message` at all.
        """
        if not isinstance(message, Message):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise MessageError(f"message: must be a Message, not {type(message).__name__}. Nothing was sent.")
        try:
            templates = self.templates_for(message)
            resolved = resolve(message, templates, self.default_region, {} if known is None else known)
            if (self._guard is None and message.expires_at is None) or isinstance(resolved, Problem):
                return resolved
            return self._forbidden(*resolved, now()) or resolved
        except Exception as error:  # a text or mapping of the caller's own that fails when it is read
            return Problem(Reason.INVALID_REQUEST, f"it cannot be read: {type(error).__name__}")

    def _forbidden(self, message: Message, text: Text, now: float) -> Problem | None:
        if self._guard is not None and (refused := self._guard.refusal(message.to, text.kind_of(message), now)):
            return Problem(refused.reason, refused.text, forbidden=True)
        expires = expiry_of(message.expires_at)
        return Problem(Reason.EXPIRED, expiry_text(expires), forbidden=True) if expires <= now else None

    def templates_for(self, message: Message) -> Mapping[str, Template]:
        """The templates by name that *message* may use."""
        return self.by_name

    def _check(self, template: Template) -> None:
        check_senders(template, self._providers)
