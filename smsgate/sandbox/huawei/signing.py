"""Huawei's SDK-HMAC-SHA256 signatures: verified on requests with an access key, computed for what Huawei pushes.

Source: Huawei Cloud "API request signing guide", signature algorithm: the canonical request is the method, the path
with a final slash, the sorted query, the signed headers, their names, and the body's hash. The signed headers are the
ones that `SignedHeaders` lists; `X-Sdk-Content-Sha256` stands in for the body's hash where it is sent.
"""

import hashlib
import hmac
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from enum import Enum
from typing import Final
from urllib.parse import quote, unquote

from smsgate.sandbox.signature_steps import SignatureStep, clock_step, form_step, key_step, signature_step
from smsgate.wire import HttpRequest

__all__ = ["ALGORITHM", "SignatureFlaw", "access_key", "compute_signature", "explain_signature", "find_flaw"]

ALGORITHM: Final = "SDK-HMAC-SHA256"
# Huawei Cloud "API request signing guide": X-Sdk-Date may be 15 minutes off.
_MAX_SKEW: Final = 15 * 60
_AUTHORIZATION: Final = re.compile(
    ALGORITHM + r"\s+Access=([^,\s]+),\s*SignedHeaders=([^,\s]+),\s*Signature=([0-9a-fA-F]+)\s*"
)


class SignatureFlaw(Enum):
    """What is wrong with a signed request."""

    MALFORMED = "Authorization is malformed, or a signed header is not there"
    NO_DATE = "X-Sdk-Date is not there"
    BAD_DATE = "X-Sdk-Date is not of the form 20060102T150405Z"
    UNKNOWN_KEY = "no such access key"
    BAD_SIGNATURE = "it is not that of this request with this key"
    CLOCK = "X-Sdk-Date is more than 15 minutes off"


def find_flaw(request: HttpRequest, secrets: Mapping[str, str], now: float) -> SignatureFlaw | None:
    """What is wrong with the signature of *request*, or None. *secrets*: access key to secret key."""
    match = _AUTHORIZATION.fullmatch(request.headers.get("authorization", ""))
    if match is None:
        return SignatureFlaw.MALFORMED
    access_key, names, signature = match[1], match[2].lower().split(";"), match[3].lower()
    if access_key not in secrets:
        return SignatureFlaw.UNKNOWN_KEY
    date = request.headers.get("x-sdk-date", "").strip()
    moment = _moment(date)
    if moment is None:
        return SignatureFlaw.BAD_DATE if date else SignatureFlaw.NO_DATE
    if "x-sdk-date" not in names or any(name not in request.headers for name in names):
        return SignatureFlaw.MALFORMED
    if not _is_body(request) or not _is_signed(request, names, secrets[access_key], signature):
        return SignatureFlaw.BAD_SIGNATURE
    return SignatureFlaw.CLOCK if abs(now - moment) > _MAX_SKEW else None


def explain_signature(request: HttpRequest, secrets: Mapping[str, str], now: float) -> Sequence[SignatureStep]:
    """The steps of the check in `find_flaw`."""
    written, date = request.headers.get("authorization", ""), request.headers.get("x-sdk-date", "").strip()
    match, moment = _AUTHORIZATION.fullmatch(written), _moment(date)
    form = f"{ALGORITHM} Access=…, SignedHeaders=…, Signature=…"
    first = form_step("Authorization", is_right=match is not None, expected=form, got=written)
    if match is None:
        return (first,)
    names = match[2].lower().split(";")
    there = "x-sdk-date" in names and all(name in request.headers for name in names)
    steps = [
        first,
        key_step("Access key", match[1], secrets),
        form_step("X-Sdk-Date", is_right=moment is not None, expected="a time as in 20060102T150405Z", got=date),
        form_step("Signed headers", is_right=there, expected="x-sdk-date and others, all of them sent", got=match[2]),
        form_step(
            "Hash of the body", is_right=_is_body(request), expected=_sha256(request.body), got=_body_hash(request)
        ),
    ]
    if moment is not None and there:
        steps += _compared(request, names, secrets.get(match[1], ""), match[3].lower())
        steps.append(clock_step("Clock", moment, now, _MAX_SKEW))
    return steps


def _compared(request: HttpRequest, names: Sequence[str], secret: str, signature: str) -> Iterator[SignatureStep]:
    """What was signed, with the Host for which the signature is right, or else the one that was sent."""
    expected = {host: compute_signature(request, names, host, secret) for host in _hosts(request)}
    shown = next((host for host, value in expected.items() if value == signature), next(iter(expected)))
    yield SignatureStep(title="Canonical request", text=_canonical(request, names, shown))
    yield SignatureStep(title="String to sign", text=_plain(request, names, shown))
    yield signature_step(expected.values(), signature)


def access_key(request: HttpRequest) -> str:
    """The access key that *request* names; empty if it names none."""
    match = _AUTHORIZATION.fullmatch(request.headers.get("authorization", ""))
    return match[1] if match else ""


def compute_signature(request: HttpRequest, names: Sequence[str], host: str, secret: str) -> str:
    """The signature over the headers *names* (lower case, all there), with *host* in place of that header's value."""
    return hmac.digest(secret.encode(), _plain(request, names, host).encode(), "sha256").hex()


def _plain(request: HttpRequest, names: Sequence[str], host: str) -> str:
    canonical = _sha256(_canonical(request, names, host).encode())
    return f"{ALGORITHM}\n{request.headers['x-sdk-date'].strip()}\n{canonical}"


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _is_signed(request: HttpRequest, names: Sequence[str], secret: str, signature: str) -> bool:
    found = False
    for host in _hosts(request):
        found |= hmac.compare_digest(compute_signature(request, names, host, secret), signature)
    return found


def _canonical(request: HttpRequest, names: Sequence[str], host: str) -> str:
    headers = "".join(f"{name}:{host if name == 'host' else request.headers[name].strip()}\n" for name in names)
    path = "/".join(_encode(unquote(part)) for part in request.path.split("/"))
    return "\n".join(
        (
            request.method.upper(),
            # The URI that is signed ends with a slash, whether the request line has it or not (signature algorithm).
            path if path.endswith("/") else f"{path}/",
            "&".join(sorted(_query(request.query))),
            headers,
            ";".join(names),
            _body_hash(request),
        )
    )


def _hosts(request: HttpRequest) -> Iterator[str]:
    """The Host as it was sent, then without its port: some clients sign the one and send the other."""
    host = request.headers.get("host", "").strip()
    yield host
    bare, separator, port = host.rpartition(":")
    if separator and port.isdigit():
        yield bare


def _query(query: str) -> Iterator[str]:
    """A plus sign in a query is a plus sign here, not a space."""
    for pair in query.split("&") if query else ():
        name, _, value = pair.partition("=")
        yield f"{_encode(unquote(name))}={_encode(unquote(value))}"


def _body_hash(request: HttpRequest) -> str:
    return request.headers.get("x-sdk-content-sha256") or _sha256(request.body)


def _is_body(request: HttpRequest) -> bool:
    """Whether a hash that stands in for the body's is that of the body, or says that the body is not signed."""
    stated = _body_hash(request)
    return stated == "UNSIGNED-PAYLOAD" or stated.lower() == _sha256(request.body)


def _encode(text: str) -> str:
    return quote(text, safe="-_.~")


def _moment(date: str) -> float | None:
    if not re.fullmatch(r"[0-9]{8}T[0-9]{6}Z", date):
        return None
    try:
        return datetime.strptime(date, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC).timestamp()
    except ValueError:
        return None
