"""Verifying signature v1: HmacSHA1 or HmacSHA256 over the method, the host, the path and the sorted parameters.

Source: Tencent Cloud API 3.0, "Signature v1": the parameters of the form or query stand in the text that is signed as
they are, not percent-encoded, all but `Signature`; the signature is Base64. `Timestamp` may be five minutes off.
"""

import base64
import hmac
import re
from collections.abc import Iterator, Mapping
from typing import Final

from smsgate.sandbox.tencent.api3.refusal import Refusal
from smsgate.sandbox.tencent.api3.signature import MAX_SKEW, expired, failure, unknown_key
from smsgate.sandbox.tencent.credentials import TENCENT_SECRET_ID, TENCENT_SECRET_KEY
from smsgate.wire import HttpRequest

__all__ = ["COMMON", "authenticate_v1"]

COMMON: Final = frozenset(
    "Action Version Region Timestamp Nonce SecretId Signature SignatureMethod Token Language RequestClient".split()
)
"""The parameters that are not the action's own ("Common Params")."""
_METHODS: Final = {"HmacSHA1": "sha1", "HmacSHA256": "sha256"}


def authenticate_v1(request: HttpRequest, fields: Mapping[str, str], now: float) -> None:
    """Refuse a caller who does not hold the account's key, or whose clock is off. *fields*: of the form or query."""
    for name in ("Timestamp", "Nonce", "SecretId", "Signature"):
        if not fields.get(name):
            raise Refusal("MissingParameter", f"The request is missing a required parameter `{name}`.")
    if not re.fullmatch(r"[0-9]{1,12}", fields["Timestamp"], re.ASCII):
        raise Refusal("InvalidParameter", "The value type of parameter `Timestamp` is not valid.")
    if fields["SecretId"] != TENCENT_SECRET_ID:
        raise unknown_key()
    if abs(now - int(fields["Timestamp"])) > MAX_SKEW:
        raise expired()
    digest = _METHODS.get(fields.get("SignatureMethod", "HmacSHA1"))
    if digest is None or not _is_signed(request, fields, digest):
        raise failure()


def _is_signed(request: HttpRequest, fields: Mapping[str, str], digest: str) -> bool:
    query = "&".join(f"{name}={fields[name]}" for name in sorted(fields) if name != "Signature")
    found = False
    for host in _hosts(request):
        plain = f"{request.method}{host}/?{query}"
        expected = base64.b64encode(hmac.digest(TENCENT_SECRET_KEY.encode(), plain.encode(), digest))
        found |= hmac.compare_digest(expected, fields["Signature"].encode())
    return found


def _hosts(request: HttpRequest) -> Iterator[str]:
    """The Host as it was sent, then without its port: clients in use sign either."""
    host = request.headers.get("host", "").strip()
    yield host
    bare, _, port = host.rpartition(":")
    if bare and port.isdigit():
        yield bare
