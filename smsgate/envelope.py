"""Reading an answer with suspicion: JSON from a vendor, and what an answer without a vendor's envelope means."""

import json
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Final, NoReturn, cast

from smsgate.message import Outcome
from smsgate.provider import Job, Verdict
from smsgate.reason import Reason
from smsgate.secret import Secret
from smsgate.wire import HttpResponse

__all__ = ["http_date", "read_json", "read_object", "retry_after", "vendor_words", "verdict_without_envelope"]

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


def read_json(body: bytes) -> object:
    """The JSON value in *body*, or None if it is not JSON. Never raises.

    A byte order mark is skipped and GBK is read where UTF-8 fails: both have been seen in front of vendors' answers.
    """
    return _read(body, _DECODER)


def read_object(body: bytes) -> dict[str, Any] | None:
    """The JSON object in *body*, or None for anything else, also if a name has two values. Never raises.

    Of `{"result": 0, "result": 1016}` no half can be believed: one says that the message was sent, the other not.
    """
    value = _read(body, _STRICT)
    return cast("dict[str, Any]", value) if isinstance(value, dict) else None


def vendor_words(value: object, jobs: Sequence[Job], *secrets: Secret) -> str | None:
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


def _read(body: bytes, decoder: json.JSONDecoder) -> object:
    text = _decode(body)
    if text is None:
        return None
    try:
        return decoder.decode(text)
    except (ValueError, RecursionError):
        return None


def _decode(body: bytes) -> str | None:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return body.decode(encoding)
        except UnicodeDecodeError:
            continue
    return None


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _agreeing(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs) and any(found[name] != value for name, value in pairs):
        raise ValueError("a name has two values")
    return found


_DECODER: Final = json.JSONDecoder(parse_constant=_refuse_constant)
_STRICT: Final = json.JSONDecoder(parse_constant=_refuse_constant, object_pairs_hook=_agreeing)
