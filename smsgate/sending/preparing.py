"""Preparing the messages of one call, nearly all of which differ from others in number and values alone. Pure."""

from collections.abc import Callable, Hashable, Sequence
from contextlib import suppress
from functools import partial
from typing import Final, TypeVar

import attrs

from smsgate.model.lazy import set_number
from smsgate.model.message import Message
from smsgate.model.number_forms import code_if_normal, is_usual
from smsgate.model.phone import PhoneNumber, normal_number
from smsgate.model.reason import Reason
from smsgate.provider.protocol import SmsProvider
from smsgate.sending.assigning import Assignment
from smsgate.sending.outgoing import OutgoingMessage
from smsgate.sending.personal import MessagePattern, pattern_of
from smsgate.sending.preparer import Preparer
from smsgate.sending.resolve import KnownTexts, Problem, Text, key_problem
from smsgate.sending.router import ProviderChoice, Router

__all__ = ["Preparing", "PreparingWithKey", "is_plain"]


T = TypeVar("T")

_MOST: Final = 1000
"""Of what is remembered: a vendor may sort numbers into any number of kinds."""
_MAINLAND: Final = "mainland"


@attrs.frozen
class _Usual:
    """What plain messages with a text and a number of a kind have in common."""

    assigned: Assignment
    order: Sequence[SmsProvider]


class Preparing:
    """Prepares messages for which a caller made one *choice* of providers.

    *now*: gives Unix seconds. *known*: texts that were prepared before; None: there is one message alone.
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
        """One for each template and kind of numbers (see `_kind_of`)."""

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
                or not is_plain(message)
                or self._preparer.by_name.get(message.template) is not text.template
            ):
                return None
            has_own_values: bool = message.params != text.params  # pyright: ignore[reportUnknownMemberType]
            kind = _kind_of(message, order[0], keep=has_own_values)
            prepared: OutgoingMessage | None = None
            if has_own_values:
                pattern = self._patterns.get((message.template, kind))
                if pattern is not None and pattern.template is text.template and pattern.provider is order[0]:
                    prepared = pattern.prepare(message, order)
            else:
                usual: _Usual | None = None if text.usual is None else text.usual.get(kind)
                if usual is not None and order is usual.order:
                    prepared = OutgoingMessage(message, usual.assigned, order)
        except Exception:  # of the caller's own, or of an adapter: it is met again, and told
            return None
        if prepared is not None:
            self._router.budget.messages += 1
        return prepared

    def again(self, text: Text, order: Sequence[SmsProvider]) -> bool:
        """Count one more message with *text* for *order*, unless such a message would now be prepared otherwise."""
        template = text.template
        if (
            self._router.usual_order(self._choice) is not order
            or self._preparer.by_name.get(template.name) is not template
        ):
            return False
        self._router.budget.messages += 1
        return True

    def patiently(self, message: Message) -> OutgoingMessage | Problem:
        """*message*, whatever came before it."""
        prepared = self._preparer.prepare(message, self._order, self._now, self._known)
        if self._known is not None and isinstance(prepared, OutgoingMessage):
            self._remember(message, prepared.assigned)
        return prepared

    def _remember(self, message: Message, assigned: Assignment) -> None:
        """Once a text has come twice: a third message with it is likely, but not if each has a text of its own."""
        text, order = assigned.text, self._router.usual_order(self._choice)
        if assigned.is_shared and order is not None and is_plain(message):
            with suppress(Exception):  # of an adapter: nothing is remembered
                kind = _kind_of(message, order[0])
                # If the first one took no number of the mainland, it takes none. Of others it is asked again.
                if kind is _MAINLAND or (kind is not None and assigned.provider is order[0]):
                    self._remember_kind(message, assigned, order, kind)
        text.came_again = True

    def _remember_kind(
        self, message: Message, assigned: Assignment, order: Sequence[SmsProvider], kind: Hashable
    ) -> None:
        text = assigned.text
        if text.came_again:
            text.usual = {} if text.usual is None else text.usual
            _keep(text.usual, kind, _Usual(assigned, order))
        elif pattern := pattern_of(assigned):
            _keep(self._patterns, (message.template, kind), pattern)


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


def is_plain(message: Message) -> bool:
    """Whether *message* has nothing but a number, a text and perhaps a key."""
    return (
        type(message) is Message
        and message.extend is None
        and message.expires_at is None
        and message.kind is None
        and message.on_unknown is None
        and (message.key is None or key_problem(message.key) is None)
    )


def _kind_of(message: Message, provider: SmsProvider, *, keep: bool = False) -> Hashable | None:
    """The kind of its number to *provider*; None if it must be looked up, or if *provider* does not sort numbers.

    *keep*: whether *message* is to keep its `PhoneNumber`, which it needs for a job of its own.
    """
    given = message._given_to  # pyright: ignore[reportPrivateUsage]
    text = given if type(given) is str else str(given)
    if is_usual(text):
        return _MAINLAND  # these are all of one kind (`SortsNumbers`)
    number_kind: Callable[[PhoneNumber], Hashable] | None = getattr(provider, "number_kind", None)
    if number_kind is None or (code := code_if_normal(text)) is None:
        return None
    number = normal_number(text, code)
    if keep and given is text:
        set_number(message, number)
    return (number_kind(number),)


def _keep(known: dict[Hashable, T], key: Hashable, value: T) -> None:
    if key in known or len(known) < _MOST:
        known[key] = value
