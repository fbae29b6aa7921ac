"""Verifying signature v1: HmacSHA1 or HmacSHA256 over the method, the host, the path and the sorted parameters.

Source: Tencent Cloud API 3.0, "Signature v1": the parameters of the form or query stand in the text that is signed as
they are, not percent-encoded, all but `Signature`; the signature is Base64. `Timestamp` may be five minutes off.
"""

import base64
import hmac
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from smsgate.sandbox.signature_steps import SignatureStep, clock_step, key_step, signature_step
from smsgate.sandbox.tencent.api3.refusal import Refusal
from smsgate.sandbox.tencent.api3.signature import MAX_SKEW, expired, failure, unknown_key
from smsgate.sandbox.tencent.credentials import TENCENT_SECRET_ID, TENCENT_SECRET_KEY
from smsgate.wire import HttpRequest

__all__ = ["COMMON", "authenticate_v1", "explain_v1"]

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


def explain_v1(fields: Mapping[str, str], request: HttpRequest, now: float) -> Sequence[SignatureStep]:
    """The steps of the check of a v1 signature, for a request that came at *now* (Unix seconds)."""
    written, method = fields.get("Timestamp", ""), fields.get("SignatureMethod", "HmacSHA1")
    stated = float(written) if re.fullmatch(r"[0-9]{1,12}", written, re.ASCII) else None
    steps = (
        key_step("SecretId", fields.get("SecretId", ""), [TENCENT_SECRET_ID]),
        clock_step("Clock", stated, now, MAX_SKEW),
        key_step("SignatureMethod", method, _METHODS),
    )
    if method not in _METHODS:
        return steps
    expected = {plain: _signature(plain, _METHODS[method]) for plain in _plains(request, fields)}
    got = fields.get("Signature", "")
    shown = next((plain for plain, value in expected.items() if value == got), next(iter(expected)))
    return (*steps, SignatureStep(title="Signed text", text=shown), signature_step(expected.values(), got))


def _is_signed(request: HttpRequest, fields: Mapping[str, str], digest: str) -> bool:
    found = False
    for plain in _plains(request, fields):
        found |= hmac.compare_digest(_signature(plain, digest).encode(), fields["Signature"].encode())
    return found


def _plains(request: HttpRequest, fields: Mapping[str, str]) -> Iterator[str]:
    query = "&".join(f"{name}={fields[name]}" for name in sorted(fields) if name != "Signature")
    return (f"{request.method}{host}/?{query}" for host in _hosts(request))


def _signature(plain: str, digest: str) -> str:
    return base64.b64encode(hmac.digest(TENCENT_SECRET_KEY.encode(), plain.encode(), digest)).decode()


def _hosts(request: HttpRequest) -> Iterator[str]:
    """The Host as it was sent, then without its port: clients in use sign either."""
    host = request.headers.get("host", "").strip()
    yield host
    bare, _, port = host.rpartition(":")
    if bare and port.isdigit():
        yield bare
