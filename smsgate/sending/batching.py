"""How full a request is: a number of messages and, where its provider weighs its jobs, a size."""

from collections.abc import Hashable, Sequence
from typing import Final

from smsgate.provider.protocol import WeighsJobs
from smsgate.sending.outgoing import Journey

__all__ = ["MIXED", "Scales"]

MIXED: Final = object()
"""The text of a request whose messages have several."""


class Scales:
    """Asks each provider once whether it weighs its jobs; for those that do not, every size is 0."""

    def __init__(self) -> None:
        self._weighing: dict[str, WeighsJobs | None] = {}

    def size_of(self, journey: Journey) -> float:
        """What the journey takes of its next request: from 0 to 1, which is all of it.

        A job that its provider fails to weigh, or that is heavier than a request may be, takes all of it.
        """
        provider = journey.chosen
        try:
            if provider.name not in self._weighing:
                self._weighing[provider.name] = provider if isinstance(provider, WeighsJobs) else None
            weighing = self._weighing[provider.name]
            size = weighing.weight(journey.ready) / weighing.weight_limit if weighing else 0.0
            return size if 0.0 <= size <= 1.0 else 1.0
        except Exception:  # its adapter is at fault: the message travels alone
            return 1.0

    def text_of(self, journey: Journey) -> Hashable:
        """What tells the journey's text from others: a request whose messages have one text is not weighed."""
        try:
            weighing = self._weighing.get(journey.chosen.name)
            key: Hashable = weighing.text_key(journey.ready) if weighing else None
            hash(key)
        except Exception:  # its adapter is at fault: no other message has its text
            return journey
        return key

    def split(self, journeys: Sequence[Journey]) -> list[list[Journey]]:
        """Journeys to one provider, in requests that are neither too long nor too heavy for it."""
        legs: list[list[Journey]] = []
        room, filled, text = 0, 0.0, MIXED
        for journey in journeys:
            size, own = self.size_of(journey), self.text_of(journey)
            if room == 0 or (filled + size > 1.0 and own != text):
                legs.append([])
                room, filled, text = journey.chosen.batch_limit, 0.0, own
            legs[-1].append(journey)
            room, filled, text = room - 1, filled + size, own if own == text else MIXED
        return legs
