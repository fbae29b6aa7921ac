"""Verifying the signatures of API 3.0: TC3-HMAC-SHA256, and v1 in `signature_v1`.

Source: Tencent Cloud API 3.0, "Signature v3": the key is derived from the credential scope's date and service; content
type and Host have to be signed and further headers may be; `X-TC-Content-SHA256: UNSIGNED-PAYLOAD` leaves the body out;
the timestamp may be five minutes off, and the scope's date is that of the timestamp in UTC.

Clients in use differ where the text leaves room: the Host is signed as it is sent or without its port, the service is
the first label of whatever the endpoint is called, and header values are signed as they are or in lower case.
"""

import hashlib
import hmac
import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Final

from smsgate.sandbox.signature_steps import SignatureStep, clock_step, form_step, key_step, signature_step
from smsgate.sandbox.tencent.api3.refusal import Refusal
from smsgate.sandbox.tencent.credentials import TENCENT_SECRET_ID, TENCENT_SECRET_KEY
from smsgate.wire import HttpRequest

__all__ = ["MAX_SKEW", "authenticate", "expired", "explain_v3", "failure", "unknown_key"]

_ALGORITHM: Final = "TC3-HMAC-SHA256"
# Tencent Cloud API 3.0, "Common Params", X-TC-Timestamp, and error AuthFailure.SignatureExpire.
MAX_SKEW: Final = 300
_UNSIGNED: Final = "UNSIGNED-PAYLOAD"
_AUTHORIZATION: Final = re.compile(
    _ALGORITHM
    + r"\s+Credential=([^/,\s]+)/([^/,\s]+)/([^/,\s]+)/tc3_request,\s*"
    + r"SignedHeaders=([^,\s]+),\s*Signature=([0-9a-fA-F]+)\s*"
)


def authenticate(request: HttpRequest, now: float) -> None:
    """Refuse a caller who does not hold the account's key, or whose clock is off."""
    found = _AUTHORIZATION.fullmatch(request.headers.get("authorization", ""))
    timestamp = request.headers.get("x-tc-timestamp", "")
    if not timestamp:
        raise Refusal("MissingParameter", "The request is missing a required parameter `Timestamp`.")
    if found is None or not re.fullmatch(r"[0-9]{1,12}", timestamp, re.ASCII):
        raise Refusal("AuthFailure.InvalidAuthorization", "The form of the Authorization or the timestamp is wrong.")
    secret_id, date, service, names, signature = found.groups()
    if secret_id != TENCENT_SECRET_ID:
        raise unknown_key()
    if abs(now - int(timestamp)) > MAX_SKEW:
        raise expired()
    signed = names.lower().split(";")
    # "Signature v3": the names of the signed headers are in ascending order.
    if signed != sorted(signed):
        raise failure()
    if date != _day(timestamp) or not {"content-type", "host"} <= set(signed):
        raise failure()
    if any(name not in request.headers for name in signed):
        raise failure()
    scope = f"{date}/{service}/tc3_request"
    if not _is_signed(request, signed, f"{_ALGORITHM}\n{timestamp}\n{scope}\n", _key(date, service), signature.lower()):
        raise failure()


def unknown_key() -> Refusal:
    """The refusal of a SecretId that is not the account's."""
    text = "The SecretId is not found, please ensure that your SecretId is correct."
    return Refusal("AuthFailure.SecretIdNotFound", text)


def expired() -> Refusal:
    """The refusal of a clock that is off."""
    text = "The signature has expired: the timestamp is more than five minutes off."
    return Refusal("AuthFailure.SignatureExpire", text)


def failure() -> Refusal:
    """The refusal of a signature that is not that of the request."""
    text = "The provided credentials could not be validated. Please check your signature is correct."
    return Refusal("AuthFailure.SignatureFailure", text)


def _is_signed(request: HttpRequest, names: list[str], head: str, key: bytes, signature: str) -> bool:
    found = False
    for canonical in _canonicals(request, names):
        plain = head + hashlib.sha256(canonical.encode()).hexdigest()
        found |= hmac.compare_digest(hmac.digest(key, plain.encode(), "sha256").hex(), signature)
    return found


def _canonicals(request: HttpRequest, names: list[str]) -> Iterator[str]:
    """The canonical request in every form that clients in use sign."""
    host = request.headers["host"].strip()
    bare, _, port = host.rpartition(":")
    for signed_host in (host, bare) if bare and port.isdigit() else (host,):
        values = [signed_host if name == "host" else request.headers[name].strip() for name in names]
        for form in (values, [value.lower() for value in values]):
            headers = "".join(f"{name}:{value}\n" for name, value in zip(names, form, strict=True))
            yield f"{request.method}\n/\n{request.query}\n{headers}\n{';'.join(names)}\n{_body_hash(request)}"


def explain_v3(request: HttpRequest, now: float) -> Sequence[SignatureStep]:
    """The steps of the check of a TC3 signature, for a request that came at *now* (Unix seconds)."""
    written = request.headers.get("authorization", "")
    found = _AUTHORIZATION.fullmatch(written)
    timestamp = request.headers.get("x-tc-timestamp", "")
    form = f"{_ALGORITHM} Credential=…/date/service/tc3_request, SignedHeaders=…, Signature=…"
    first = form_step("Authorization", is_right=found is not None, expected=form, got=written)
    is_time = re.fullmatch(r"[0-9]{1,11}", timestamp, re.ASCII) is not None
    if found is None or not is_time:
        return (first, form_step("X-TC-Timestamp", is_right=is_time, expected="Unix seconds", got=timestamp))
    secret_id, date, service, names, signature = found.groups()
    signed = names.lower().split(";")
    is_whole = signed == sorted(signed) and {"content-type", "host"} <= set(signed)
    there = is_whole and all(name in request.headers for name in signed)
    steps = [
        first,
        key_step("SecretId", secret_id, [TENCENT_SECRET_ID]),
        clock_step("Clock", float(timestamp), now, MAX_SKEW),
        form_step("Date of the scope", is_right=date == _day(timestamp), expected=_day(timestamp), got=date),
        form_step(
            "Signed headers", is_right=there, expected="content-type;host and others, sorted, all sent", got=names
        ),
    ]
    if there:
        steps += _compared(request, signed, timestamp, f"{date}/{service}/tc3_request", signature)
    return steps


def _compared(
    request: HttpRequest, signed: list[str], timestamp: str, scope: str, signature: str
) -> Iterator[SignatureStep]:
    """What was signed, in the form in which the signature is right, or else the usual one."""
    key = _key(*scope.split("/")[:2])
    plains = {
        canonical: f"{_ALGORITHM}\n{timestamp}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
        for canonical in _canonicals(request, signed)
    }
    expected = {each: hmac.digest(key, plain.encode(), "sha256").hex() for each, plain in plains.items()}
    shown = next((each for each, value in expected.items() if value == signature.lower()), next(iter(plains)))
    yield SignatureStep(title="Canonical request", text=shown)
    yield SignatureStep(title="String to sign", text=plains[shown])
    yield signature_step(expected.values(), signature.lower())


def _body_hash(request: HttpRequest) -> str:
    unsigned = request.headers.get("x-tc-content-sha256", "") == _UNSIGNED
    return hashlib.sha256(_UNSIGNED.encode() if unsigned else request.body).hexdigest()


def _key(date: str, service: str) -> bytes:
    key = f"TC3{TENCENT_SECRET_KEY}".encode()
    for part in (date, service, "tc3_request"):
        key = hmac.digest(key, part.encode(), "sha256")
    return key


def _day(timestamp: str) -> str:
    return datetime.fromtimestamp(int(timestamp), UTC).strftime("%Y-%m-%d")
