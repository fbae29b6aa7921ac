"""Reading an answer with suspicion: JSON from a vendor, and what an answer without a vendor's envelope means."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

from smsgate.model.reason import Outcome, Reason
from smsgate.model.secret import Secret
from smsgate.provider.protocol import Job, Verdict
from smsgate.wire import HttpResponse

__all__ = ["http_date", "match_rows", "retry_after", "vendor_text", "verdict_without_envelope"]

_LONGEST_WORDS: Final = 2000
_SHORT: Final = 3
_REFUSED_STATUS: Final[Mapping[int, Reason]] = {
    400: Reason.INVALID_REQUEST,
    401: Reason.AUTH_FAILED,
    403: Reason.PERMISSION_DENIED,
    404: Reason.UNSUPPORTED,
    405: Reason.INVALID_REQUEST,
    411: Reason.INVALID_REQUEST,
    413: Reason.INVALID_REQUEST,
    415: Reason.INVALID_REQUEST,
    421: Reason.INVALID_REQUEST,
    429: Reason.TRY_LATER,
    431: Reason.INVALID_REQUEST,
}
_MOST_CHARGED_FIRST: Final = {Outcome.ACCEPTED: 0, Outcome.UNKNOWN: 1, Outcome.REJECTED: 2}


def vendor_text(value: object, jobs: Sequence[Job], *secrets: Secret) -> str | None:
    """The vendor's words if *value* is any, without the messages' parameters and the *secrets*: some answers echo them.

    Parameters of up to three characters are struck out where they stand alone.
    """
    if not isinstance(value, str) or not value:
        return None
    text = value[:_LONGEST_WORDS]
    hidden = {param for job in jobs for param in job.params} | {secret.reveal() for secret in secrets}
    for word in sorted(filter(None, hidden), key=len, reverse=True):
        pattern = re.escape(word) if len(word) > _SHORT else rf"(?<!\w){re.escape(word)}(?!\w)"
        text = re.sub(pattern, "****", text)
    return text


def verdict_without_envelope(response: HttpResponse) -> Verdict:
    """What an answer without a vendor's envelope says: the HTTP status decides, and most leave it open.

    400, 401, 403 … 431 come from a gateway in front of the vendor, before the vendor saw the message; a 5xx, a redirect
    or a 2xx that cannot be read does not tell.
    """
    reason = _REFUSED_STATUS.get(response.status)
    if reason is None:
        return Verdict.unanswered(f"HTTP {response.status} without an answer that can be read")
    return Verdict(
        Outcome.REJECTED,
        reason,
        f"HTTP {response.status}",
        f"HTTP {response.status} without the vendor's own answer",
        retry_after=retry_after(response),
    )


def retry_after(response: HttpResponse) -> float | None:
    """The seconds that `Retry-After` asks for, or None. A date is read against the answer's own `Date`."""
    value = response.headers.get("retry-after", "").strip()
    if value.isascii() and value.isdigit() and len(value) < 12:
        return float(value)
    until, since = http_date(value), http_date(response.headers.get("date", ""))
    seconds = (until - since).total_seconds() if until and since else 0.0
    return seconds if seconds > 0 else None


def http_date(value: str) -> datetime | None:
    """An HTTP date as an aware datetime, or None if it is not one."""
    try:
        parsed = parsedate_to_datetime(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)


def match_rows(numbers: Sequence[str], rows: Iterable[tuple[str, Verdict]]) -> list[Verdict | None]:
    """The verdict for each of *numbers*, in their order, out of *rows* (number and verdict); None where none is left.

    Both spell a number in the same way. Two jobs to one number take two rows, in their order. Where a number has more
    rows than jobs, those that may have been charged win: disbelieving them could send the message twice.
    """
    found: defaultdict[str, list[Verdict]] = defaultdict(list)
    for number, verdict in rows:
        found[number].append(verdict)
    for number, wanted in Counter(numbers).items():
        if len(found[number]) > wanted:
            found[number].sort(key=lambda verdict: _MOST_CHARGED_FIRST[verdict.outcome])
    left = {number: iter(verdicts) for number, verdicts in found.items()}
    return [next(left[number], None) for number in numbers]
