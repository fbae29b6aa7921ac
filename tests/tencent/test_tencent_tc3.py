"""TC3-HMAC-SHA256 against published signatures and those of Tencent's own SDKs."""

import hashlib
import hmac
import json
from pathlib import Path
from typing import Any

import pytest

from smsgate.model.secret import Secret
from smsgate.tencent import signing
from smsgate.tencent.signing import tc3_authorization

VECTORS: list[dict[str, Any]] = json.loads(
    (Path(__file__).parent.parent / "vectors" / "tencent_tc3.json").read_text(encoding="utf-8")
)
KEY = Secret("Gu5t9xGARNpq86cd98joQYCN3EXAMPLE")


def authorization(time: int, key: Secret = KEY) -> str:
    return tc3_authorization(
        Secret("AKID"), key, host="sms.tencentcloudapi.com", content_type="application/json", body=b"{}", time=time
    )


@pytest.mark.parametrize("vector", VECTORS, ids=lambda v: v["id"])
def test_authorization_reproduces_every_vector(vector: dict[str, Any]) -> None:
    """The header equals the published one, byte for byte: content type verbatim, the day in UTC, any service."""
    made = tc3_authorization(
        Secret(vector["secret_id"]),
        Secret(vector["secret_key"]),
        host=vector["headers"]["Host"],
        content_type=vector["headers"]["Content-Type"],
        body=vector["body"].encode(),
        time=vector["time"],
        service=vector["service"],
    )
    assert made == vector["authorization"]


def test_the_day_changes_at_midnight_utc() -> None:
    """One second before midnight UTC is the old day, midnight the new one, each with its own key."""
    before, after = authorization(1609459199), authorization(1609459200)
    assert "Credential=AKID/2020-12-31/sms/tc3_request" in before
    assert "Credential=AKID/2021-01-01/sms/tc3_request" in after

    def digest(key: bytes, text: str) -> bytes:
        return hmac.new(key, text.encode(), hashlib.sha256).digest()

    day = digest(digest(digest(b"TC3" + KEY.reveal().encode(), "2020-12-31"), "sms"), "tc3_request")
    canonical = (
        "POST\n/\n\ncontent-type:application/json\nhost:sms.tencentcloudapi.com\n\ncontent-type;host\n"
        + hashlib.sha256(b"{}").hexdigest()
    )
    text = "TC3-HMAC-SHA256\n1609459199\n2020-12-31/sms/tc3_request\n" + hashlib.sha256(canonical.encode()).hexdigest()
    assert before.endswith(f"Signature={digest(day, text).hex()}")


def test_the_cached_day_key_belongs_to_its_secret() -> None:
    """Another secret on the same day signs differently, and the first one's signature comes back unchanged."""
    first = authorization(1700000000)
    assert authorization(1700000000, Secret("another")) != first
    assert authorization(1700000000) == first


def test_the_cache_is_bounded_and_shows_no_secret() -> None:
    """Day keys are kept for a few accounts only, and what the cache shows of itself holds no key."""
    for day in range(40):
        authorization(1700000000 + day * 86400)
    cache = signing._day_key  # pyright: ignore[reportPrivateUsage]
    assert cache.cache_info().currsize <= 32
    assert KEY.reveal() not in repr(cache) + repr(cache.cache_info())
