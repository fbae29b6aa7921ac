"""Which messages share a request. Pure: the time is an argument.

Rule 1: messages share a request if their provider gave them equal keys, up to its `batch_limit` and `weight_limit`.
Rule 2: a number is in a request once: vendors remove the second as a duplicate (Huawei Message & SMS API Reference,
        code E200041).
Rule 3: no message waits for company longer than `linger`, counted from the oldest one of its group, whatever arrives
        meanwhile.
Rule 4: no call costs more because there are more groups.
"""

from collections.abc import Hashable
from contextlib import suppress
from typing import Final, cast

import attrs

from smsgate.provider.protocol import Job, SmsProvider, WeighsJobs
from smsgate.sending.outgoing import OutgoingMessage

__all__ = ["Batcher", "Group", "JobWeights"]


class JobWeights:
    """What a message takes of its request, by the weights that its provider gives, if it weighs its jobs at all."""

    def __init__(self) -> None:
        self._weighing: dict[str, bool] = {}

    def weighs(self, provider: SmsProvider) -> bool:
        """Whether *provider* weighs its jobs. Only then do messages differ in what they take of a request."""
        found = self._weighing.get(provider.name)
        if found is None:
            try:  # by its name: `isinstance` of a protocol takes longer than to weigh a message
                found = hasattr(provider, "text_key")
            except Exception:  # its adapter is at fault, which `weigh` finds again
                found = True
            self._weighing[provider.name] = found
        return found

    def weigh(self, job: Job, provider: SmsProvider) -> tuple[float, Hashable]:
        """The share of its request that *job* takes, from 0 to 1, which is all of it; and what distinguishes its text.

        A request whose messages all have one text is not weighed. A job that its provider fails to weigh, or that is
        heavier than a request may be, takes all of it.
        """
        if not self.weighs(provider):
            return 0.0, None
        weighing = cast(WeighsJobs, provider)
        try:
            share = weighing.weight(job) / weighing.weight_limit
            share = share if 0.0 <= share <= 1.0 else 1.0
        except Exception:  # its adapter is at fault: the message is sent alone
            share = 1.0
        try:
            key: Hashable = weighing.text_key(job) if share else None
            hash(key)
        except Exception:  # its adapter is at fault: no other message has this text
            return share, object()
        return share, key


_MIXED: Final = object()


@attrs.define(eq=False)
class Group:
    """Messages that are to share a request, while others may still join them."""

    key: Hashable
    opened_at: float
    text: Hashable
    """The text that all its messages have, or `_MIXED`."""
    messages: dict[str, OutgoingMessage] = attrs.field(factory=dict[str, OutgoingMessage])
    share: float = 0.0
    is_open: bool = True


class Batcher:
    """Sorts messages into batches, each for one request. *linger*: seconds that a message may wait for company."""

    def __init__(self, linger: float) -> None:
        self._linger = linger
        self._weights = JobWeights()
        self._by_key: dict[Hashable, Group] = {}
        self._open: dict[Group, None] = {}
        """In the order in which they were opened: a group that closes leaves, and its successor is put at the end."""

    def __bool__(self) -> bool:
        return bool(self._open)

    def add(self, message: OutgoingMessage, now: float) -> list[list[OutgoingMessage]]:
        """Put *message* into its group at *now*. Returns the batches that this closes, at most two."""
        assigned, given = message.assigned, message.message._given_to  # pyright: ignore[reportPrivateUsage]
        to: str = given if type(given) is str else str(given)
        group: Group | None = assigned.group
        # Most messages belong where the one before them was put, and a request that has one text is not weighed.
        if (
            group is None
            or not group.is_open
            or group.text is not assigned.text_key
            or not message.is_new
            or to in group.messages
        ):
            return self._add_patiently(message, to, now)
        group.messages[to] = message
        group.share += assigned.share or 0.0
        return [] if len(group.messages) < assigned.batch_limit else [self._close(group)]

    def _add_patiently(self, message: OutgoingMessage, to: str, now: float) -> list[list[OutgoingMessage]]:
        assigned = message.assigned
        share, text = self._weigh(message)
        closed: list[list[OutgoingMessage]] = []
        try:
            group = self._by_key.get(message.request_key())
            group = group if group is not None and group.is_open else None
            if group is not None and (to in group.messages or (group.share + share > 1.0 and group.text != text)):
                closed.append(self._close(group))
                group = None
            if group is None:
                group = self._open_group(message.request_key(), now, text)
            if message.is_new and assigned.share is not None:
                assigned.group = group
            if group.text is not text and group.text != text:
                group.text = _MIXED
        except Exception:  # the key of a provider's own class fails to be compared: the message is sent alone
            return [*closed, [message]]
        group.messages[to] = message
        group.share += share
        if group.key is message or len(group.messages) >= assigned.batch_limit:
            closed.append(self._close(group))
        return closed

    def _weigh(self, message: OutgoingMessage) -> tuple[float, Hashable]:
        assigned = message.assigned
        if assigned.share is not None:
            return assigned.share, assigned.text_key
        share, text = self._weights.weigh(message.example, assigned.provider)
        if assigned.names is None or not self._weights.weighs(assigned.provider):
            assigned.share, assigned.text_key = share, text
        return share, text

    def _open_group(self, key: Hashable, now: float, text: Hashable) -> Group:
        group = self._by_key[key] = Group(key, now, text)
        self._open[group] = None
        return group

    def due(self, now: float) -> list[OutgoingMessage] | None:
        """Close and return the oldest batch if its oldest message has waited for `linger` at *now*."""
        return self.close_oldest() if self._open and self._oldest().opened_at + self._linger <= now else None

    def next_due(self, now: float) -> float:
        """Seconds from *now* until a batch is due, at most `linger`."""
        return max(0.0, self._oldest().opened_at + self._linger - now) if self._open else self._linger

    def close_oldest(self) -> list[OutgoingMessage]:
        """Close and return the batch whose oldest message has waited longest. Only if there is one."""
        return self._close(self._oldest())

    def flush(self) -> list[list[OutgoingMessage]]:
        """Close and return all batches, the oldest first."""
        return [self._close(group) for group in list(self._open)]

    def _oldest(self) -> Group:
        return next(iter(self._open))

    def _close(self, group: Group) -> list[OutgoingMessage]:
        del self._open[group]
        group.is_open = False
        with suppress(Exception):  # a key that has another hash by now; `add` looks whether a group is open
            del self._by_key[group.key]
        batch = list(group.messages.values())
        group.messages.clear()  # its messages' assignment may point to it for as long as others come
        return batch
