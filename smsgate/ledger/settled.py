"""What a round of a `Settler` comes to."""

from collections import Counter
from collections.abc import Mapping

import attrs

from smsgate.ledger.entries import LedgerEntry
from smsgate.model.errors import VendorError
from smsgate.model.phone import PhoneNumber
from smsgate.model.reason import Outcome

__all__ = ["Round", "Settled", "is_unknown"]


@attrs.frozen(kw_only=True)
class Settled:
    """What a round of a `Settler` has found out. Messages are counted, except where it says otherwise."""

    asked: int = 0
    """How many numbers were asked for."""
    final: int = 0
    """Of these it is known now how they ended: delivered, failed, or refused by the vendor."""
    sent: int = 0
    """They were `UNKNOWN`, and are known to have been sent now. Their final report is still to come."""
    open: int = 0
    """Nothing new is known of these, though their vendor was asked."""
    ambiguous: int = 0
    """Of the open ones: the vendor has something that may be about these, and cannot be told apart."""
    resent: int = 0
    """Of the open ones: these were sent once more (`Resend`), and may have been sent twice now."""
    too_old: int = 0
    """Not asked for: nothing will come of them any more, or the vendor does not remember that far back."""
    unasked: Mapping[str, int] = attrs.field(factory=dict[str, int], hash=False)
    """Not asked for: the settler has no source for their provider. By provider."""
    failures: Mapping[str, VendorError] = attrs.field(factory=dict[str, VendorError], hash=False)
    """The last error of each account that failed. What was to be asked of it is asked in the next round."""


@attrs.define
class Round:
    """What a round has come to so far."""

    counts: Counter[str] = attrs.field(factory=Counter[str])
    """By the fields of `Settled`."""
    unasked: Counter[str] = attrs.field(factory=Counter[str])
    failures: dict[str, VendorError] = attrs.field(factory=dict[str, VendorError])
    in_a_row: Counter[str] = attrs.field(factory=Counter[str])
    seen: set[tuple[str, PhoneNumber]] = attrs.field(factory=set[tuple[str, PhoneNumber]])

    def fail(self, name: str, error: VendorError) -> None:
        """Note that a query failed."""
        self.failures[name] = error
        self.in_a_row[name] += 1

    def count(self, name: str, before: list[LedgerEntry], now: list[LedgerEntry], ambiguous: set[str]) -> None:
        """Note what is known now of the messages *before*."""
        self.counts["asked"] += 1
        self.in_a_row[name] = 0
        by_id = {entry.id: entry for entry in now}
        for old in before:
            new = by_id.get(old.id, old)
            if new.delivery.final:
                self.counts["final"] += 1
            elif is_unknown(old) and not is_unknown(new):
                self.counts["sent"] += 1
            else:
                self.counts["open"] += 1
                self.counts["ambiguous"] += old.id in ambiguous

    def settled(self) -> Settled:
        """It as a value."""
        return Settled(**self.counts, unasked=dict(self.unasked), failures=self.failures)


def is_unknown(entry: LedgerEntry) -> bool:
    """Whether it may have been sent, and nothing tells."""
    return entry.attempt.outcome is Outcome.UNKNOWN
