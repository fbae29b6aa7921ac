"""Was it Huawei that pushed this? The check of a signed push.

Message & SMS API Reference (online edition, 2024), "Push AK/SK Verification": a push is signed as our own requests are,
with an access key and a secret key of its own, over headers that it names. Two pairs can be in use while one replaces
the other. A push that fails the check is answered 401.
"""

import hmac
import math
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Final

from smsgate.huawei.signing import ALGORITHM, CONTENT_HASH, SIGNED_AT, signature
from smsgate.model.digests import sha256
from smsgate.model.errors import ConfigurationError
from smsgate.model.secret import Secret
from smsgate.wire import HttpRequest

__all__ = ["push_problem", "unix_seconds"]

_WINDOW: Final = 15 * 60
"""How far from the clock a push may have been signed, in seconds: as for our own requests (3.2.3, note e)."""
# With and without a space after the commas: the samples have none, and Huawei's own verifier takes both.
_AUTHORIZATION: Final = re.compile(
    rf"{ALGORITHM} +Access=(?P<access>[^,\s]+), ?SignedHeaders=(?P<signed>[^,\s]+), ?"
    r"Signature=(?P<given>[0-9a-f]{64})",
    re.ASCII,
)
_DATE: Final = re.compile(r"[0-9]{8}T[0-9]{6}Z", re.ASCII)


def unix_seconds(now: float | datetime | None) -> float:
    """*now* as Unix seconds. Raises `ConfigurationError` unless it is a finite number or an aware datetime."""
    if isinstance(now, datetime) and now.tzinfo is not None:
        return now.timestamp()
    if isinstance(now, int | float) and math.isfinite(now):
        return float(now)
    raise ConfigurationError("now: with keys, give the time: Unix seconds, or a datetime with its time zone")


def push_problem(request: HttpRequest, keys: Mapping[str, Secret], *, now: float) -> str | None:
    """Why *request* is not proven to be Huawei's, in words that show none of it; or None if it is.

    *keys*: access key to secret key. *now*: Unix seconds. Secrets are compared in constant time.
    """
    found = _AUTHORIZATION.fullmatch(request.headers.get("Authorization", ""))
    if found is None:
        return "there is no SDK-HMAC-SHA256 signature, or it is malformed"
    secret = keys.get(found["access"])
    if secret is None:
        return "signed with an access key that is not in keys"
    signed_at = _signing_time(request.headers.get(SIGNED_AT, ""))
    if signed_at is None or abs(signed_at - now) > _WINDOW:
        return f"{SIGNED_AT} is missing, malformed or more than 15 minutes from the clock"
    body_hash = sha256(request.body)
    if request.headers.get(CONTENT_HASH, body_hash) != body_hash:
        # It would stand in for the hash of the body, and any body would pass under a signature seen before.
        return f"{CONTENT_HASH} is not the hash of the body"
    try:
        computed = signature(request, found["signed"].split(";"), secret)
    except ValueError:
        return "the request has text that cannot be encoded"
    if not hmac.compare_digest(computed, found["given"]):
        return "the signature does not fit: another secret, or a proxy has changed the path, Host or another header"
    return None


def _signing_time(text: str) -> float | None:
    try:
        return datetime.fromisoformat(text).timestamp() if _DATE.fullmatch(text) else None
    except ValueError:
        return None
