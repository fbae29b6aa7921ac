"""The check of Huawei's signed pushes."""

import base64
import json
import traceback
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsgate.huawei import parse_callback
from smsgate.huawei.signing import sign, signature
from smsgate.model.errors import ConfigurationError
from smsgate.model.secret import Secret
from smsgate.provider.callback import CallbackError
from smsgate.wire import Headers, HttpRequest

[VECTOR] = json.loads((Path(__file__).parents[1] / "vectors" / "huawei.json").read_text("utf-8"))["push"]
NOW = datetime(2024, 12, 12, 7, 6, 53, tzinfo=UTC)
KEYS = {VECTOR["access_key"]: VECTOR["secret_key"]}
AUTHORIZATION = (
    f"SDK-HMAC-SHA256 Access={VECTOR['access_key']},SignedHeaders={VECTOR['signed_headers']},"
    f"Signature={VECTOR['signature']}"
)
PUSH = HttpRequest(
    VECTOR["method"],
    f"https://{VECTOR['headers']['Host']}{VECTOR['path']}",
    VECTOR["headers"] | {"Authorization": AUTHORIZATION},
    base64.b64decode(VECTOR["body_b64"]),
)


def with_headers(request: HttpRequest, **fields: str | None) -> HttpRequest:
    names = {name.replace("_", "-"): value for name, value in fields.items()}
    kept = [pair for pair in request.headers.pairs if pair[0] not in names]
    added = [(name, value) for name, value in names.items() if value is not None]
    return attrs.evolve(request, headers=Headers([*kept, *added]))


def accepted(request: HttpRequest, **options: Any) -> bool:
    settings: dict[str, Any] = {"keys": KEYS, "now": NOW} | options
    refusal: CallbackError | None = None
    try:
        return len(parse_callback(request, **settings).reports) == 1
    except CallbackError as error:
        refusal = error
    assert (refusal.where, refusal.status, refusal.reports) == ("Authorization", 401, ())
    return False


def test_vector_is_accepted() -> None:
    """The push that Huawei's verifier accepts is accepted, with and without spaces after the commas."""
    assert accepted(PUSH)
    assert accepted(with_headers(PUSH, Authorization=AUTHORIZATION.replace(",", ", ")))
    assert accepted(attrs.evolve(PUSH, url=VECTOR["path"]))


def test_unsigned_push_needs_keys_to_be_refused() -> None:
    """Without keys nothing is checked; with keys a push without a signature is refused."""
    unsigned = with_headers(PUSH, Authorization=None)
    assert accepted(unsigned, keys=None, now=None)
    assert not accepted(unsigned)
    assert not accepted(PUSH, keys={})


def flipped(text: str) -> list[str]:
    return [text[:at] + chr(ord(text[at]) ^ 1 << bit) + text[at + 1 :] for at in range(len(text)) for bit in range(7)]


@pytest.mark.parametrize("name", [*VECTOR["headers"], "Authorization"])
def test_one_bit_of_a_header(name: str) -> None:
    """With any one bit of a signed header or of the signature changed, the push is refused."""
    for value in flipped(PUSH.headers[name]):
        assert not accepted(with_headers(PUSH, **{name: value})), value


def test_one_bit_of_the_body_or_path() -> None:
    """With any one bit of the body or of the path changed, the push is refused."""
    for at in range(len(PUSH.body)):
        for bit in range(8):
            body = bytearray(PUSH.body)
            body[at] ^= 1 << bit
            assert not accepted(attrs.evolve(PUSH, body=bytes(body)))
    for path in flipped(VECTOR["path"]):
        assert not accepted(attrs.evolve(PUSH, url=path)), path


def test_two_keys_during_rotation() -> None:
    """Of several keys the one that the push names counts, and only that."""
    assert accepted(PUSH, keys={"newAk": "newSk"} | KEYS)
    assert not accepted(PUSH, keys={"newAk": VECTOR["secret_key"]})
    assert not accepted(PUSH, keys={VECTOR["access_key"]: "another", "newAk": VECTOR["secret_key"]})
    assert accepted(PUSH, keys={VECTOR["access_key"]: Secret(VECTOR["secret_key"])})


@pytest.mark.parametrize(("minutes", "good"), [(0, True), (15, True), (-15, True), (15.02, False), (-15.02, False)])
def test_clock_window(minutes: float, good: bool) -> None:
    """A push may have been signed up to 15 minutes before or after the clock, given in either form."""
    now = NOW + timedelta(minutes=minutes)
    assert accepted(PUSH, now=now) is good
    assert accepted(PUSH, now=now.timestamp()) is good


@pytest.mark.parametrize("date", [None, "", "20241312T070653Z", "2024-12-12T07:06:53Z", "20241212T070653", "now"])
def test_date_that_cannot_be_read(date: str | None) -> None:
    """A push without a readable signing time is refused, even if it is signed as it is."""
    request = with_headers(PUSH, **{"X-Sdk-Date": date})
    names = VECTOR["signed_headers"].split(";")
    seal = signature(request, names, Secret(VECTOR["secret_key"]))
    signed = with_headers(request, Authorization=AUTHORIZATION.replace(VECTOR["signature"], seal))
    assert not accepted(signed)


def test_host_behind_a_proxy() -> None:
    """Where a proxy has changed the Host, the original one can be given."""
    proxied = with_headers(PUSH, Host="127.0.0.1:8000")
    assert not accepted(proxied)
    assert accepted(proxied, host=VECTOR["headers"]["Host"])
    assert not accepted(proxied, host="other.example.com")


def test_body_hash_header_cannot_stand_in_for_a_body() -> None:
    """A header with the hash of another body does not make a signature fit this one."""
    genuine = sign(
        HttpRequest("POST", "/report", {"Host": "h"}, PUSH.body),
        "exampleAk",
        Secret(VECTOR["secret_key"]),
        now=NOW.timestamp(),
    )
    assert accepted(genuine)
    canonical_hash = VECTOR["canonical_request"].rsplit("\n", 1)[1]
    forged = attrs.evolve(genuine, body=b"smsMsgId=forged&status=DELIVRD")
    assert not accepted(with_headers(forged, **{"X-Sdk-Content-Sha256": canonical_hash}))
    assert not accepted(with_headers(genuine, **{"X-Sdk-Content-Sha256": "UNSIGNED-PAYLOAD"}))
    assert accepted(with_headers(genuine, **{"X-Sdk-Content-Sha256": canonical_hash}))


@pytest.mark.parametrize("now", [None, "2024", datetime(2024, 12, 12), float("nan"), float("inf")])  # noqa: DTZ001
def test_keys_need_a_time(now: Any) -> None:
    """Keys without a usable time are a mistake in the caller's code, not in the push."""
    with pytest.raises(ConfigurationError, match=r"^now: "):
        parse_callback(PUSH, keys=KEYS, now=now)


@pytest.mark.parametrize("secret", ["", "canary ", "canary\n"])
def test_unusable_secret(secret: str) -> None:
    """An empty or broken secret is refused before it can verify anything, and is not shown."""
    with pytest.raises(ConfigurationError, match=r"^keys: ") as caught:
        parse_callback(PUSH, keys={VECTOR["access_key"]: secret}, now=NOW)
    assert "canary" not in str(caught.value)


def test_keys_do_not_leak() -> None:
    """Neither a refusal's text nor our frames' locals show a secret key."""
    with pytest.raises(CallbackError) as caught:
        parse_callback(with_headers(PUSH, Authorization="no"), keys={"ak": "canary-secret"}, now=NOW)
    frames = traceback.TracebackException.from_exception(caught.value, capture_locals=True).stack
    shown = str(caught.value) + "".join(str(frame.locals) for frame in frames if "smsgate/huawei" in frame.filename)
    assert "canary" not in shown


@given(
    header=st.text(max_size=30) | st.binary(max_size=30).map(lambda raw: raw.decode("utf-8", "surrogateescape")),
    path=st.text(max_size=20),
)
def test_hostile_headers_are_refused(header: str, path: str) -> None:
    """Whatever stands in headers and path, lone surrogates too, is refused and raises nothing else."""
    assert not accepted(with_headers(PUSH, Connection=header + "x"))
    assert not accepted(with_headers(PUSH, Authorization=header))
    assert not accepted(attrs.evolve(PUSH, url=f"/report/x{path}"))
    assert not accepted(attrs.evolve(PUSH, url=f"http://[{path}x/other"))
