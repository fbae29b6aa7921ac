"""Who is calling: a signature with the application's key (AK/SK) or the X-WSSE header.

Source: Huawei Cloud Message & SMS API Reference, 3.2.1.1 and Tables 3-51, 3-56. The digest is documented as the Base64
of the hash; Huawei's own samples take the hash in hex or raw, and both are in use: both are accepted.
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

from smsgate.sandbox.huawei.account import Application, account_of
from smsgate.sandbox.huawei.signing import ALGORITHM, SignatureFlaw, access_key, explain_signature, find_flaw
from smsgate.sandbox.huawei.sms.refusal import Refusal
from smsgate.sandbox.signature_steps import HIDDEN, SignatureStep, clock_step, form_step, key_step, signature_step
from smsgate.sandbox.state.state import SandboxState
from smsgate.wire import HttpRequest

__all__ = ["authenticate", "explain"]

# Huawei Cloud Message & SMS API Reference, 5.2.1, E000001: `Created` is less than 24 hours off.
_MAX_SKEW: Final = 24 * 3600
_ATTRIBUTE: Final = re.compile(r'(\w+)\s*=\s*"([^"]*)"')
_NONCE: Final = re.compile(r"[0-9A-Za-z]{1,128}", re.ASCII)
# "API Error Codes", online edition of 2024: E000041, E000042 and E000045 are those of AK/SK; the older E000101 says no
# more than to check Authorization.
_FLAWS: Final = {
    SignatureFlaw.MALFORMED: "E000101",
    SignatureFlaw.NO_DATE: "E000041",
    SignatureFlaw.BAD_DATE: "E000042",
    SignatureFlaw.UNKNOWN_KEY: "E000102",
    SignatureFlaw.BAD_SIGNATURE: "E000045",
    SignatureFlaw.CLOCK: "E000110",
}


def authenticate(state: SandboxState, request: HttpRequest, now: float) -> Application:
    """The application that calls. Refuses a caller who is none of them, or whose clock is off."""
    known = {each.key: each for each in account_of(state).applications}
    authorization = request.headers.get("authorization", "").strip()
    if not authorization:
        raise Refusal("E000001")
    if authorization.startswith(ALGORITHM):
        flaw = find_flaw(request, {each.key: each.secret for each in account_of(state).applications}, now)
        if flaw is not None:
            raise Refusal(_FLAWS[flaw], f"signature: {flaw.value}")
        return known[access_key(request)]
    _check_scheme(authorization)
    return _check_token(known, request.headers.get("x-wsse", ""), now)


def explain(state: SandboxState, request: HttpRequest, now: float) -> Sequence[SignatureStep]:
    """The steps of the check of a signature or of X-WSSE, at *now* (Unix seconds)."""
    secrets = {each.key: each.secret for each in account_of(state).applications}
    authorization = request.headers.get("authorization", "").strip()
    if authorization.startswith(ALGORITHM):
        return explain_signature(request, secrets, now)
    found: Mapping[str, str] = dict(_ATTRIBUTE.findall(request.headers.get("x-wsse", "")))
    username, nonce, created, digest = (
        found.get(name, "") for name in ("Username", "Nonce", "Created", "PasswordDigest")
    )
    try:
        moment: float | None = _moment(created)
    except Refusal:
        moment = None
    is_scheme = authorization.startswith("WSSE")
    form = 'WSSE realm="SDP",profile="UsernameToken",type="Appkey"'
    return (
        form_step("Authorization", is_right=is_scheme, expected=form, got=authorization),
        key_step("Username in X-WSSE", username, secrets),
        SignatureStep(title="Hashed text", text=f"{nonce}{created}{HIDDEN}"),
        signature_step(_digests(nonce + created, secrets.get(username, "")), digest),
        clock_step("Created", moment, now, _MAX_SKEW),
    )


def _check_scheme(authorization: str) -> None:
    if not authorization.startswith("WSSE"):
        raise Refusal("E000008")
    found = dict(_ATTRIBUTE.findall(authorization))
    for name, missing in (("realm", "E000002"), ("profile", "E000003"), ("type", "E000007")):
        if name not in found:
            raise Refusal(missing)
    for name, value, wrong in (
        ("realm", "SDP", "E000004"),
        ("profile", "UsernameToken", "E000005"),
        ("type", "Appkey", "E000006"),
    ):
        if found[name] != value:
            raise Refusal(wrong)


def _check_token(known: Mapping[str, Application], header: str, now: float) -> Application:
    if not header.strip():
        raise Refusal("E000020")
    # E000026 says "not contained": a client in wide use puts a quotation mark in front, and Huawei takes it.
    if "UsernameToken" not in header:
        raise Refusal("E000026")
    found: Mapping[str, str] = dict(_ATTRIBUTE.findall(header))
    for name, missing in (
        ("Username", "E000021"),
        ("Nonce", "E000022"),
        ("Created", "E000023"),
        ("PasswordDigest", "E000024"),
    ):
        if not found.get(name):
            raise Refusal(missing)
    # 3.2.1.1, Table 3-51, `Nonce`: 1 to 128 letters and digits.
    if not _NONCE.fullmatch(found["Nonce"]):
        raise Refusal("E000027", "X-WSSE: Nonce is 1 to 128 letters and digits")
    created = _moment(found["Created"])
    application = known.get(found["Username"])
    if application is None:
        raise Refusal("E000102")
    if not _is_digest(found["PasswordDigest"], found["Nonce"] + found["Created"], application.secret):
        raise Refusal("E000105")
    if abs(now - created) > _MAX_SKEW:
        raise Refusal("E000110")
    return application


def _is_digest(digest: str, salt: str, secret: str) -> bool:
    return any(hmac.compare_digest(form.encode(), digest.encode()) for form in _digests(salt, secret))


def _digests(salt: str, secret: str) -> list[str]:
    # Table 3-51 says Base64 of the hash. Huawei's own samples encode the hex text or the raw bytes.
    hashed = hashlib.sha256((salt + secret).encode())
    return [base64.b64encode(form).decode() for form in (hashed.hexdigest().encode(), hashed.digest())]


def _moment(created: str) -> float:
    try:
        return datetime.strptime(created, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC).timestamp()
    except ValueError:
        raise Refusal("E000025") from None
