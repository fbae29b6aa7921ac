"""Giving each message the row of the answer that speaks of its number. Position in the list means nothing."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import Final

from smsgate.message import Outcome
from smsgate.provider import Job, Verdict
from smsgate.tencent.answer import digits_of

__all__ = ["match_rows", "mobile_of"]

_MAINLAND: Final = "86"
_MOST_CHARGED_FIRST: Final = {Outcome.ACCEPTED: 0, Outcome.UNKNOWN: 1, Outcome.REJECTED: 2}


def match_rows(jobs: Sequence[Job], rows: Iterable[tuple[str, Verdict]]) -> list[Verdict | None]:
    """The verdict for each of *jobs*, in their order, out of *rows* (`mobile_of` and verdict); None where none is left.

    Two jobs to one number take two rows, in their order. Where a number has more rows than jobs, those that may have
    been charged win: disbelieving them could send the message twice.
    """
    numbers = [mobile_of(str(job.to)) for job in jobs]
    found: defaultdict[str, list[Verdict]] = defaultdict(list)
    for number, verdict in rows:
        found[number].append(verdict)
    for number, wanted in Counter(numbers).items():
        if len(found[number]) > wanted:
            found[number].sort(key=lambda verdict: _MOST_CHARGED_FIRST[verdict.outcome])
    left = {number: iter(verdicts) for number, verdicts in found.items()}
    return [next(left[number], None) for number in numbers]


def mobile_of(number: object) -> str:
    """The digits by which a number is recognised, whether it has the mainland's country code and a plus or not."""
    return digits_of(number).removeprefix(_MAINLAND)
