"""When something that was set for a simulated vendor applies: for whom, for which template, from when to when."""

import math
from collections.abc import Mapping
from typing import Self, TypeAlias

import attrs

__all__ = ["Condition", "Recipients"]

Recipients: TypeAlias = Mapping[str, str]
"""The numbers (E.164) that a request is to, each with the vendor's id of its template; "" if that cannot be read."""


@attrs.define(kw_only=True)
class Condition:
    """What is left open is no condition."""

    to: str | None = attrs.field(default=None, repr=False)
    """Only this number (E.164)."""
    templates: frozenset[str] | None = None
    """Only these templates, by the vendor's ids."""
    since: float = -math.inf
    """From that moment on (Unix seconds)."""
    until: float = math.inf
    """Until before that moment (Unix seconds)."""
    left: float = math.inf
    """How often it still applies."""
    rule: object = None
    """All that have the same one, but for None, share what is `left`."""

    @property
    def is_about_recipients(self) -> bool:
        """Whether it depends on what is sent to whom."""
        return self.to is not None or self.templates is not None

    def use_up(self, all_of_them: list[Self]) -> None:
        """Count that it applied, and take out of *all_of_them* what applies no more."""
        used = [each for each in all_of_them if each.rule is self.rule] if self.rule is not None else [self]
        for each in used:
            each.left -= 1
            if each.left <= 0:
                all_of_them.remove(each)

    def is_time(self, now: float) -> bool:
        """Whether it applies at *now* (Unix seconds)."""
        return self.since <= now < self.until

    def fits(self, recipients: Recipients) -> bool:
        """Whether any of *recipients* is meant."""
        return any(
            self.to in (None, number) and (self.templates is None or template in self.templates)
            for number, template in recipients.items()
        )
