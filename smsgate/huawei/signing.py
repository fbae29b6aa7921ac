"""How Huawei Cloud requests and pushes are signed. Pure: the clock and the nonce come in as arguments.

AK/SK: `SDK-HMAC-SHA256`, one HMAC over a canonical form of the request (API Request Signing Guide, "AK/SK Signing
Algorithm"; Message & SMS API Reference, 3.2.1.1). The same function signs sends, management calls and Huawei's own
pushes, so verifying a push is computing its signature and comparing.

X-WSSE: a digest of nonce, time and secret (Message & SMS API Reference, 3.2.1.1).
"""

import base64
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Final

import attrs

from smsgate.model.digests import hmac_sha256, sha256
from smsgate.model.secret import Secret
from smsgate.provider.percent import percent_decoded, percent_encoded
from smsgate.wire import Headers, HttpRequest

__all__ = [
    "ALGORITHM",
    "CONTENT_HASH",
    "SIGNED_AT",
    "canonical_request",
    "password_digest",
    "sign",
    "signature",
    "wsse",
]

ALGORITHM: Final = "SDK-HMAC-SHA256"
SIGNED_AT: Final = "X-Sdk-Date"
"""The header with the time of signing: `20230519T005038Z`, UTC."""
CONTENT_HASH: Final = "X-Sdk-Content-Sha256"
"""The header whose value, where it is present, stands in for the hash of the body."""


def sign(request: HttpRequest, access_key: str, secret: Secret, *, now: float) -> HttpRequest:
    """*request* with `X-Sdk-Date` and `Authorization` added. Every header that it has is signed.

    *now*: Unix seconds. The request must carry `Host` exactly as it will be sent, and `Content-Type` if it has one.
    """
    dated = attrs.evolve(request, headers=Headers([*request.headers.pairs, (SIGNED_AT, _utc(now, "%Y%m%dT%H%M%SZ"))]))
    names = sorted(dated.headers)
    computed = signature(dated, names, secret)
    value = f"{ALGORITHM} Access={access_key}, SignedHeaders={';'.join(names)}, Signature={computed}"
    return attrs.evolve(dated, headers=Headers([*dated.headers.pairs, ("Authorization", value)]))


def signature(request: HttpRequest, signed: Iterable[str], secret: Secret) -> str:
    """The signature of *request*, hex, over the headers named in *signed* (lower case, in this order)."""
    digest = sha256(_bytes(canonical_request(request, signed)))
    text = f"{ALGORITHM}\n{request.headers.get(SIGNED_AT, '')}\n{digest}"
    # The secret is the key as it is: no derived key of a day or a region, unlike other clouds' (API Request Signing
    # Guide, "AK/SK Signing Algorithm").
    return hmac_sha256(_bytes(secret.reveal()), _bytes(text)).hex()


def canonical_request(request: HttpRequest, signed: Iterable[str]) -> str:
    """The form of *request* that is hashed. A header that is named but missing counts as empty."""
    names = list(signed)
    lines = "".join(f"{name}:{request.headers.get(name, '').strip()}\n" for name in names)
    body_hash = request.headers.get(CONTENT_HASH) or sha256(request.body)
    return "\n".join(
        (
            request.method,
            _canonical_path(request.path),
            _canonical_query(request.query),
            lines,
            ";".join(names),
            body_hash,
        )
    )


def password_digest(nonce: str, created: str, secret: Secret) -> str:
    """X-WSSE's `PasswordDigest`: Base64 over the *hexadecimal* SHA-256, as the guide's own example decodes.

    Some of Huawei's samples encode the raw digest instead; the guide and its Python sample encode the hex text.
    """
    digest = sha256(f"{nonce}{created}{secret.reveal()}".encode())
    return base64.b64encode(digest.encode()).decode()


def wsse(app_key: str, secret: Secret, *, now: float, nonce: str) -> tuple[tuple[str, str], tuple[str, str]]:
    """The `Authorization` and `X-WSSE` headers. *now*: Unix seconds. *nonce*: 1 to 128 letters and digits."""
    created = _utc(now, "%Y-%m-%dT%H:%M:%SZ")
    token = (
        f'UsernameToken Username="{app_key}",PasswordDigest="{password_digest(nonce, created, secret)}",'
        f'Nonce="{nonce}",Created="{created}"'
    )
    # E000004 to E000006 of Table 3-56 refuse any other realm, profile or type.
    return ("Authorization", 'WSSE realm="SDP",profile="UsernameToken",type="Appkey"'), ("X-WSSE", token)


def _bytes(text: str) -> bytes:
    """UTF-8, and "?" for what is not text: headers from anyone must not raise while a signature is checked."""
    return text.encode(errors="replace")


def _utc(now: float, layout: str) -> str:
    return datetime.fromtimestamp(int(now), UTC).strftime(layout)


def _canonical_path(path: str) -> str:
    """Every segment encoded, and always a final slash: it is signed, though it is not sent."""
    encoded = "/".join(_quoted(part) for part in percent_decoded(path).split("/"))
    return encoded if encoded.endswith("/") else encoded + "/"


def _canonical_query(query: str) -> str:
    """Sorted and encoded as RFC 3986 has it: a space is %20, and "+" is a plus sign."""
    pairs = [part.partition("=") for part in query.split("&") if part]
    decoded = sorted((percent_decoded(name), percent_decoded(value)) for name, _, value in pairs)
    return "&".join(f"{_quoted(name)}={_quoted(value)}" for name, value in decoded)


def _quoted(text: str) -> str:
    return percent_encoded(text, errors="replace")
