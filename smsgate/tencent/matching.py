"""Giving each message the row of the answer that speaks of its number. Position in the list means nothing."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import Final

from smsgate.message import Outcome
from smsgate.provider import Verdict

__all__ = ["match"]

_MOST_CHARGED_FIRST: Final = {Outcome.ACCEPTED: 0, Outcome.UNKNOWN: 1, Outcome.REJECTED: 2}


def match(numbers: Sequence[str], rows: Iterable[tuple[str, Verdict]]) -> list[Verdict | None]:
    """The verdict for each of *numbers*, in their order, out of *rows* of number and verdict; None where none is left.

    A number that stands twice in *numbers* takes two rows, in their order. Where it has more rows than that, those that
    may have been charged win: disbelieving them could send the message twice.
    """
    found: defaultdict[str, list[Verdict]] = defaultdict(list)
    for number, verdict in rows:
        found[number].append(verdict)
    for number, wanted in Counter(numbers).items():
        if len(found[number]) > wanted:
            found[number].sort(key=lambda verdict: _MOST_CHARGED_FIRST[verdict.outcome])
    left = {number: iter(verdicts) for number, verdicts in found.items()}
    return [next(left[number], None) for number in numbers]
