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
from typing import Final

import attrs

from smsgate.model.phone import PhoneNumber
from smsgate.provider.protocol import WeighsJobs
from smsgate.sending.outgoing import OutgoingMessage

__all__ = ["Batcher", "JobWeights"]


class JobWeights:
    """What a message takes of its request, by the weights that its provider gives, if it weighs its jobs at all."""

    def __init__(self) -> None:
        self._weighing: dict[str, WeighsJobs | None] = {}

    def share_of_request(self, message: OutgoingMessage) -> float:
        """The share that *message* takes of its next request: from 0 to 1, which is all of it.

        0 for every message to a provider without weights. A job that its provider fails to weigh, or that is heavier
        than a request may be, takes all of it.
        """
        provider = message.provider
        try:
            if provider.name not in self._weighing:
                self._weighing[provider.name] = provider if isinstance(provider, WeighsJobs) else None
            weighing = self._weighing[provider.name]
            share = weighing.weight(message.job) / weighing.weight_limit if weighing else 0.0
            return share if 0.0 <= share <= 1.0 else 1.0
        except Exception:  # its adapter is at fault: the message is sent alone
            return 1.0

    def text_key(self, message: OutgoingMessage) -> Hashable:
        """What distinguishes the text of *message*: a request whose messages all have one text is not weighed."""
        try:
            weighing = self._weighing.get(message.provider.name)
            key: Hashable = weighing.text_key(message.job) if weighing else None
            hash(key)
        except Exception:  # its adapter is at fault: no other message has this text
            return message
        return key


_MIXED: Final = object()


@attrs.define(eq=False)
class _Group:
    key: Hashable
    opened_at: float
    text: Hashable
    """The text that all its messages have, or `_MIXED`."""
    messages: dict[PhoneNumber, OutgoingMessage] = attrs.field(factory=dict[PhoneNumber, OutgoingMessage])
    share: float = 0.0


class Batcher:
    """Sorts messages into batches, each for one request. *linger*: seconds that a message may wait for company."""

    def __init__(self, linger: float) -> None:
        self._linger = linger
        self._weights = JobWeights()
        self._by_key: dict[Hashable, _Group] = {}
        self._open: dict[_Group, None] = {}
        """In the order in which they were opened: a group that closes leaves, and its successor is put at the end."""

    def __bool__(self) -> bool:
        return bool(self._open)

    def add(self, message: OutgoingMessage, now: float) -> list[list[OutgoingMessage]]:
        """Put *message* into its group at *now*. Returns the batches that this closes, at most two."""
        key, to, share = message.request_key(), message.job.to, self._weights.share_of_request(message)
        text = self._weights.text_key(message) if share else None
        closed: list[list[OutgoingMessage]] = []
        try:
            group = self._by_key.get(key)
            if group not in self._open:
                group = None
            if group is not None and (to in group.messages or (group.share + share > 1.0 and group.text != text)):
                closed.append(self._close(group))
                group = None
            if group is None:
                group = self._by_key[key] = _Group(key, now, text)
                self._open[group] = None
            mixed = group.text != text
        except Exception:  # the key of a provider's own class fails to be compared: the message is sent alone
            return [*closed, [message]]
        group.messages[to] = message
        group.share += share
        group.text = _MIXED if mixed else text
        if key is message or len(group.messages) >= message.batch_limit:
            closed.append(self._close(group))
        return closed

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

    def _oldest(self) -> _Group:
        return next(iter(self._open))

    def _close(self, group: _Group) -> list[OutgoingMessage]:
        del self._open[group]
        with suppress(Exception):  # a key that has another hash by now; `add` looks whether a group is open
            del self._by_key[group.key]
        return list(group.messages.values())
