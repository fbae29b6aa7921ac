"""The short way of `send_many`: what differs from the last message in number alone goes where that one went. Pure.

Most messages of a large send do. All that may differ is looked at, and nothing is made but what the message needs.
"""

from collections.abc import Callable, Sequence
from typing import Self

from smsgate.model.message import Message
from smsgate.model.number_forms import is_usual
from smsgate.provider.protocol import SmsProvider
from smsgate.sending.batching import Group
from smsgate.sending.outgoing import OutgoingMessage
from smsgate.sending.preparing import is_plain
from smsgate.sending.resolve import Text

__all__ = ["LastPlace"]

Again = Callable[[Text, Sequence[SmsProvider]], bool]
"""Counts one more message with a text for these providers; False if such a message would now be prepared otherwise."""


class LastPlace:
    """The open group of a `Batcher` that the last message was put into, and what it has in common with others of it."""

    __slots__ = ("_again", "_assigned", "_group", "_order", "_text")

    def __init__(self, last: OutgoingMessage, group: Group, order: Sequence[SmsProvider], again: Again) -> None:
        self._assigned = last.assigned
        self._text = last.assigned.text
        self._group = group
        self._order = order
        self._again = again

    @classmethod
    def of(cls, last: OutgoingMessage, again: Again) -> Self | None:
        """That of *last*, whose assignment is shared, and which was sorted. None if others may not go there too."""
        assigned, order = last.assigned, last.order
        group: Group | None = assigned.group
        if group is None or not group.is_open or order is None or not is_usual(str(last.message.to)):
            return None
        return cls(last, group, order, again)

    def put(self, message: Message) -> bool:
        """Put *message* there. False: it is not put anywhere, as something else differs, or it may fill the group."""
        group, assigned, text = self._group, self._assigned, self._text
        messages, params = group.messages, text.params
        try:
            to = message._given_to  # pyright: ignore[reportPrivateUsage]
            if (
                not group.is_open
                or len(messages) + 1 >= assigned.batch_limit
                or group.text is not assigned.text_key
                or type(to) is not str
                or not is_usual(to)
                or to in messages
                or message.key is not None
                or type(message.params) is not dict
                or message.params != params  # pyright: ignore[reportUnknownMemberType]
                or message.template != text.template.name
                or not is_plain(message)
                or not self._again(text, self._order)
            ):
                return False
        except Exception:  # of the caller's own: it is met again, and told
            return False
        messages[to] = OutgoingMessage(message, assigned, self._order)
        group.share += assigned.share or 0.0
        return True
