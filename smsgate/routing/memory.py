"""Which provider had the last message of a template to a number. Pure: the time is an argument."""

from collections.abc import Hashable
from typing import Final

from smsgate.model.reason import Outcome

__all__ = ["LastProviders"]

_MOST: Final = 10_000
_WITHIN: Final = 120.0
"""Seconds for which a message without an answer is remembered, if the caller set no time."""


class LastProviders:
    """Remembers for *within* seconds who had the last message, of at most 10,000 of them.

    None: only who had the last one that may have been sent without an answer, for 120 seconds. 0: nothing.
    """

    def __init__(self, within: float | None) -> None:
        self._unanswered_only = within is None
        self._within = _WITHIN if within is None else within
        self.entries: dict[Hashable, tuple[str, float]] = {}
        """The provider of each message that is remembered, and when that was noted."""

    def ignores(self, outcome: Outcome) -> bool:
        """Whether a result of that outcome changes nothing here, whatever its message is."""
        return not self.entries and not self._remembers(outcome)

    def note(self, key: Hashable, provider: str | None, outcome: Outcome, now: float) -> None:
        """Note the result of a message. *key*: its template and number."""
        if self._unanswered_only and outcome is not Outcome.UNKNOWN:
            # Who left one without an answer stays the one to avoid, though another provider had an answer since.
            if self.entries.get(key, (None, now))[0] == provider:
                self.entries.pop(key, None)
            return
        self.entries.pop(key, None)
        if provider is not None and self._remembers(outcome):
            self.entries[key] = (provider, now)
            if len(self.entries) > _MOST:
                del self.entries[next(iter(self.entries))]

    def last(self, key: Hashable, now: float) -> str | None:
        """The provider that had the last one, if that is to be remembered still."""
        provider, noted_at = self.entries.get(key, (None, now))
        return provider if now - noted_at < self._within else None

    def _remembers(self, outcome: Outcome) -> bool:
        return self._within > 0 and (outcome is Outcome.UNKNOWN or not self._unanswered_only)
