"""Tencent's request signatures: pure functions of a secret, the clock and what is sent."""

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import lru_cache

from smsgate.model.digests import hmac_sha256, sha256
from smsgate.model.secret import Secret

__all__ = ["tc3_authorization", "v5_sig"]


def v5_sig(app_key: Secret, *, random: str, time: int, mobiles: Sequence[str] = (), tel: str | None = None) -> str:
    """The `sig` field of a v5 call, as 64 lower-case hex digits.

    *random* is the text of the URL's `random`, leading zeros and all; *time* the body's `time` in Unix seconds.
    sendsms and sendmultisms2 sign *mobiles*: the numbers without country code, in the order of the body's `tel`,
    repetitions kept. sendisms signs *tel* with its literal "+". Every other call signs neither, pullstatus4mobile too.

    Tencent SMS Development Guide 2.0, Templated Single SMS and Templated Bulk SMS. For sendisms that guide prints two
    formulas, with `mobile` and with `tel`; the Chinese edition and Tencent's own SDKs sign `tel`.
    """
    recipients = ""
    if tel is not None:
        recipients = f"&tel={tel}"
    elif mobiles:
        recipients = f"&mobile={','.join(mobiles)}"
    return sha256(f"appkey={app_key.reveal()}&random={random}&time={time}{recipients}".encode())


def tc3_authorization(
    secret_id: Secret, secret_key: Secret, *, host: str, content_type: str, body: bytes, time: int, service: str = "sms"
) -> str:
    """The `Authorization` header of an API 3.0 call: `POST /` signed by TC3-HMAC-SHA256.

    *host* and *content_type* are the headers exactly as they are sent, and the only ones signed. *time* is the
    `X-TC-Timestamp` in Unix seconds; the day in the credential's scope is the day of that time in UTC. Tencent accepts
    it for five minutes.

    Tencent Cloud API 3.0, Common Params, Signature v3 (382/52072).
    """
    scope = f"{_utc_date(time)}/{service}/tc3_request"
    signed = "content-type;host"
    canonical = f"POST\n/\n\ncontent-type:{content_type}\nhost:{host}\n\n{signed}\n{sha256(body)}"
    to_sign = f"TC3-HMAC-SHA256\n{time}\n{scope}\n{sha256(canonical.encode())}"
    signature = _hmac(_day_key(secret_key, _utc_date(time), service), to_sign).hex()
    return f"TC3-HMAC-SHA256 Credential={secret_id.reveal()}/{scope}, SignedHeaders={signed}, Signature={signature}"


@lru_cache(maxsize=32)
def _day_key(secret_key: Secret, date: str, service: str) -> bytes:
    """The key of one day, which costs three of the four keyed hashes of a signature."""
    return _hmac(_hmac(_hmac(f"TC3{secret_key.reveal()}".encode(), date), service), "tc3_request")


def _hmac(key: bytes, text: str) -> bytes:
    return hmac_sha256(key, text.encode())


def _utc_date(time: int) -> str:
    return datetime.fromtimestamp(time, UTC).date().isoformat()
