"""Huawei's two ways of signing, against vectors that share no code with ours."""

import base64
import json
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from huaweicloudsdkcore.auth.credentials import BasicCredentials
from huaweicloudsdkcore.sdk_request import SdkRequest
from huaweicloudsdkcore.signer.signer import Signer
from hypothesis import given
from hypothesis import strategies as st

from smsgate.huawei.signing import canonical_request, password_digest, sign, signature, wsse
from smsgate.model.secret import Secret
from smsgate.wire import HttpRequest

VECTORS: dict[str, Any] = json.loads((Path(__file__).parents[1] / "vectors" / "huawei.json").read_text("utf-8"))
SIGNED_AT = 1684457438  # 2023-05-19T00:50:38Z


def request_of(vector: dict[str, Any], *, leave_out: tuple[str, ...] = ()) -> HttpRequest:
    query = "&".join(f"{quote(name)}={quote(value)}" for name, value in vector.get("query", ()))
    url = f"https://{vector['headers']['Host']}{vector['path']}{'?' if query else ''}{query}"
    headers = {name: value for name, value in vector["headers"].items() if name not in leave_out}
    return HttpRequest(vector["method"], url, headers, base64.b64decode(vector["body_b64"]))


@pytest.mark.parametrize("vector", VECTORS["aksk"], ids=lambda vector: str(vector["id"]))
def test_aksk_vector_is_reproduced(vector: dict[str, Any]) -> None:
    """Every AK/SK vector is reproduced, canonical request and Authorization header alike, byte for byte."""
    secret = Secret(vector["secret_key"])
    signed = sign(request_of(vector, leave_out=("X-Sdk-Date",)), vector["access_key"], secret, now=SIGNED_AT)
    assert canonical_request(signed, vector["signed_headers"].split(";")) == vector["canonical_request"]
    assert signed.headers["X-Sdk-Date"] == vector["x_sdk_date"]
    assert signed.headers["Authorization"] == vector["authorization"]


@pytest.mark.parametrize("vector", VECTORS["published"], ids=["api-request-signing-guide"])
def test_published_signature_is_reproduced(vector: dict[str, Any]) -> None:
    """The one signature that Huawei prints together with its key is reproduced."""
    url = "https://service.region.example.com/v1/77b6a44cba5143ab91d13ab9a8ff44fd/vpcs"
    request = HttpRequest(
        "GET",
        f"{url}?limit=2&marker=13551d6b-755d-4757-b956-536f674975c0",
        {"Content-Type": "application/json", "Host": "service.region.example.com"},
    )
    signed = sign(request, vector["access_key"], Secret(vector["secret_key"]), now=1573789015)
    assert canonical_request(signed, ["content-type", "host", "x-sdk-date"]) == vector["canonical_request"]
    assert signed.headers["Authorization"] == vector["authorization"]


@pytest.mark.parametrize("vector", VECTORS["push"], ids=["status-report"])
def test_push_vector_is_reproduced(vector: dict[str, Any]) -> None:
    """A push is signed over the headers that it names, hop-by-hop ones too."""
    names = vector["signed_headers"].split(";")
    assert canonical_request(request_of(vector), names) == vector["canonical_request"]
    assert signature(request_of(vector), names, Secret(vector["secret_key"])) == vector["signature"]


_NAMES = st.from_regex(r"[A-Za-z][A-Za-z0-9-]{0,10}", fullmatch=True)
_WORDS = st.text(st.characters(codec="utf-8"), max_size=12)


@given(
    method=st.sampled_from(["GET", "POST", "PUT", "DELETE"]),
    path=st.lists(_WORDS, max_size=4),
    query=st.lists(st.tuples(_WORDS.filter(bool), _WORDS), max_size=4),
    headers=st.dictionaries(
        _NAMES, st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=12), max_size=4
    ),
    body=st.binary(max_size=64),
)
def test_signer_agrees_with_huawei_sdk(
    method: str, path: list[str], query: list[tuple[str, str]], headers: dict[str, str], body: bytes
) -> None:
    """Whatever is signed, Huawei's own signer makes the same Authorization header of it."""
    resource = "/" + "/".join(quote(part, safe="") for part in path)
    encoded = "&".join(f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in query)
    mine = {name: value for name, value in headers.items() if name.lower() not in ("host", "x-sdk-date")}
    mine = {name.lower(): value for name, value in mine.items()} | {"content-type": "application/json", "host": "h:1"}
    signed = sign(
        HttpRequest(method, f"https://h:1{resource}?{encoded}", mine, body), "AK", Secret("SK"), now=SIGNED_AT
    )
    theirs = SdkRequest(
        method=method,
        schema="https",
        host="h:1",
        resource_path=resource,
        uri=None,
        query_params=query,
        header_params=dict(signed.headers) | {"X-Sdk-Date": "20230519T005038Z"},
        body=body,
    )
    theirs.header_params.pop("authorization")
    theirs.header_params.pop("x-sdk-date")
    Signer(BasicCredentials("AK", "SK")).sign(theirs)
    assert signed.headers["Authorization"].lower() == theirs.header_params["Authorization"].lower()


def test_host_is_signed_as_it_is_sent() -> None:
    """With and without its port, the Host that is signed is the Host header, and the signatures differ."""
    seals = [
        sign(HttpRequest("POST", "https://h/", {"Host": host}), "AK", Secret("SK"), now=SIGNED_AT).headers[
            "Authorization"
        ]
        for host in ("h", "h:443")
    ]
    assert seals[0] != seals[1]


@pytest.mark.parametrize("vector", VECTORS["wsse"], ids=lambda vector: str(vector["id"]))
def test_wsse_vector_is_reproduced(vector: dict[str, Any]) -> None:
    """Every X-WSSE vector is reproduced: the digest, and both headers byte for byte."""
    secret = Secret(vector["app_secret"])
    assert password_digest(vector["nonce"], vector["created"], secret) == vector["password_digest"]
    moments = {"2018-05-26T00:35:30Z": 1527294930, "2023-05-19T00:50:38Z": SIGNED_AT, "1970-01-01T00:00:00Z": 0}
    now = moments[vector["created"]] + 0.9
    assert dict(wsse(vector["app_key"], secret, now=now, nonce=vector["nonce"])) == vector["headers"]


def test_wsse_digest_has_the_published_form() -> None:
    """The printed digest decodes to 64 hexadecimal characters, and so do ours."""
    printed = VECTORS["wsse_published"]
    assert base64.b64decode(printed["password_digest"]).decode() == printed["decodes_to"]
    ours = base64.b64decode(password_digest("n", "2023-05-19T00:50:38Z", Secret("s"))).decode()
    assert len(ours) == len(printed["decodes_to"])
    assert set(ours) <= set("0123456789abcdef")
