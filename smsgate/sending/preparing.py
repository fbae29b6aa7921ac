"""Preparing the messages of one call, nearly all of which differ from others in number and values alone. Pure."""

from collections.abc import Callable, Hashable, Sequence
from functools import partial
from typing import Final, cast

import attrs

from smsgate.model.lazy import number_text
from smsgate.model.message import Message
from smsgate.model.number_forms import is_usual
from smsgate.model.reason import Reason
from smsgate.model.template import Template
from smsgate.provider.protocol import SmsProvider, SortsNumbers
from smsgate.sending.assigning import Assignment, MessagePattern, assign, pattern_of
from smsgate.sending.outgoing import OutgoingMessage
from smsgate.sending.preparer import Preparer
from smsgate.sending.resolve import KnownTexts, Problem, key_problem, params_problem
from smsgate.sending.router import ProviderChoice, Router

__all__ = ["Preparing", "PreparingWithKey"]


@attrs.frozen
class _Usual:
    """What messages with a text and a usual number have in common."""

    assigned: Assignment
    order: Sequence[SmsProvider]


class Preparing:
    """Prepares messages for which a caller made one *choice* of providers.

    *now*: gives Unix seconds. *known*: texts that were prepared before; None: they are not looked at.
    """

    def __init__(
        self,
        preparer: Preparer,
        router: Router,
        choice: ProviderChoice,
        now: Callable[[], float],
        known: KnownTexts | None,
    ) -> None:
        self._preparer = preparer
        self._router = router
        self._choice = choice
        self._order = partial(router.order, choice)
        self._now = now
        self._known = known
        self._usual: KnownTexts = {} if known is None or preparer.checks_each else known
        self._patterns: dict[Hashable, MessagePattern] = {}
        """One for each template and kind of numbers (see `_alike`)."""

    def __call__(self, message: Message) -> OutgoingMessage | Problem:
        """*message* for its first provider that can take it, or why none can.

        Raises `MessageError` for what is not a `Message` at all.
        """
        return self.like_last(message) or self.patiently(message)

    def like_last(self, message: Message) -> OutgoingMessage | None:
        """*message* if it differs from one before in number and values alone; None if anything is unusual."""
        try:
            text = self._usual.get(message.template)
            order = self._router.usual_order(self._choice)
            if (
                text is None
                or order is None
                or type(message.params) is not dict
                or not _is_plain(message)
                or not ((at_home := _is_usual(message)) or message.to.is_normal)
                or self._preparer.by_name.get(message.template) is not text.template
            ):
                return None
            if message.params != text.params:  # pyright: ignore[reportUnknownMemberType]
                assigned = self._with_own_values(message, text.template, order, at_home)
            elif at_home:
                usual: _Usual | None = text.usual
                assigned = None if usual is None or order is not usual.order else usual.assigned
            else:
                found = assign(message, text, order[0])
                assigned = None if isinstance(found, str) else found
            if assigned is None:
                return None
        except Exception:  # of the caller's own, or of an adapter: it is met again, and told
            return None
        self._router.budget.messages += 1
        return OutgoingMessage(message, assigned, order)

    def _with_own_values(
        self, message: Message, template: Template, order: Sequence[SmsProvider], at_home: bool
    ) -> Assignment | None:
        """The assignment of a plain *message*: values and what depends on them are checked, the rest is known."""
        pattern = self._patterns.get(_alike(message, order[0], at_home))
        if (
            pattern is None
            or pattern.template is not template
            or pattern.provider is not order[0]
            or params_problem(message.params, template)
            or (assigned := pattern.assign(message)) is None
        ):
            return None
        self._usual[message.template] = assigned.text
        return assigned

    def patiently(self, message: Message) -> OutgoingMessage | Problem:
        """*message*, whatever came before it."""
        prepared = self._preparer.prepare(message, self._order, self._now, self._known)
        if isinstance(prepared, OutgoingMessage):
            self._remember(message, prepared.assigned)
        return prepared

    def _remember(self, message: Message, assigned: Assignment) -> None:
        """Once a text has come twice: a third message with it is likely, but not if each has a text of its own."""
        text = assigned.text
        if assigned.is_shared and _is_plain(message) and message.to.is_normal:
            at_home = _is_usual(message)
            if text.came_again and at_home:
                order = self._router.usual_order(self._choice)
                text.usual = None if order is None else _Usual(assigned, order)
            elif pattern := pattern_of(assigned):
                self._patterns[_alike(message, assigned.provider, at_home)] = pattern
        text.came_again = True


_NO_KEY: Final = "key: each message of a campaign needs one, by which it is sent once"


class PreparingWithKey(Preparing):
    """Prepares the messages of a campaign: one without a key is refused, as nobody could tell whether it was sent."""

    def like_last(self, message: Message) -> OutgoingMessage | None:
        """See `Preparing`."""
        return None if getattr(message, "key", None) is None else super().like_last(message)

    def patiently(self, message: Message) -> OutgoingMessage | Problem:
        """See `Preparing`."""
        prepared = super().patiently(message)
        if message.key is None and isinstance(prepared, OutgoingMessage):
            return Problem(Reason.INVALID_REQUEST, _NO_KEY)
        return prepared


def _is_plain(message: Message) -> bool:
    """Whether *message* has nothing but a number, a text and perhaps a key."""
    return (
        type(message) is Message
        and message.extend is None
        and message.expires_at is None
        and message.kind is None
        and message.on_unknown is None
        and (message.key is None or key_problem(message.key) is None)
    )


def _is_usual(message: Message) -> bool:
    """Whether its number is one of those of mainland China that are all of one kind (`SortsNumbers`)."""
    return is_usual(number_text(message)) is not None


def _alike(message: Message, provider: SmsProvider, at_home: bool) -> Hashable:
    """What plain messages have in common that differ to *provider*, which sorts numbers, in number and values alone."""
    if at_home:
        return message.template
    sorting = cast(SortsNumbers, provider)
    return message.template, sorting.number_kind(message.to)
