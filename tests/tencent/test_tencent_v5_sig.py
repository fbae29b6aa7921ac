"""The v5 `sig` against the values that Tencent published, and what the adapter makes of them."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from smsgate.model.message import Message
from smsgate.model.phone import PhoneNumber
from smsgate.model.secret import Secret
from smsgate.provider import Batch, Job
from smsgate.tencent import TencentV5
from smsgate.tencent.signing import v5_sig

VECTORS: list[dict[str, Any]] = json.loads(
    (Path(__file__).parent.parent / "vectors" / "tencent_v5.json").read_text(encoding="utf-8")
)
MAINLAND = [vector for vector in VECTORS if vector["signed"] == "mobile"]


@pytest.mark.parametrize("vector", VECTORS, ids=lambda v: v["id"])
def test_sig_reproduces_every_vector(vector: dict[str, Any]) -> None:
    """The sig equals the published one: recipients in request order, repetitions kept, a literal plus for sendisms."""
    sig = v5_sig(
        Secret(vector["app_key"]),
        random=vector["random"],
        time=vector["time"],
        mobiles=vector["numbers"] if vector["signed"] == "mobile" else (),
        tel=vector["numbers"][0] if vector["signed"] == "tel" else None,
    )
    assert sig == vector["sig"] == hashlib.sha256(vector["string"].encode()).hexdigest()


@pytest.mark.parametrize("vector", MAINLAND, ids=lambda v: v["id"])
def test_request_carries_the_published_sig(vector: dict[str, Any]) -> None:
    """A request built with the vector's clock and random has its sig, over the numbers that its body lists."""
    numbers = [f"+86{mobile}" for mobile in vector["numbers"]]
    jobs = tuple(Job(Message(to, "login"), PhoneNumber(to), "19", ()) for to in numbers)
    provider = TencentV5("1400006666", vector["app_key"])
    request = provider.build_request(Batch(jobs, "ref"), now=float(vector["time"]), nonce=vector["random"])
    body = json.loads(request.body)
    assert body["sig"] == vector["sig"]
    assert body["time"] == vector["time"]
    assert f"&random={vector['random']}" in request.url
    tel = body["tel"] if isinstance(body["tel"], list) else [body["tel"]]
    assert [item["mobile"] for item in tel] == vector["numbers"]
