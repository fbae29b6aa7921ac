"""Whatever comes in, the sandbox answers: a vendor's refusal or a 400, never an exception."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sandbox_callers import NOW

from smsgate.sandbox import Sandbox
from smsgate.wire import HttpRequest

VALUES: Any = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=5,
)
FIELDS = st.sampled_from(
    [
        "vendor",
        "to",
        "times",
        "answer",
        "status",
        "retry_after",
        "drop",
        "stall",
        "when",
        "refuse",
        "arrears",
        "balance",
    ]
)
USUAL = st.sampled_from(["tencent-v5", "tencent", "huawei", "before", "after", "1031", "+8613788888888", 1, 503, True])
PATHS = ["/sandbox/faults", "/sandbox/account", "/sandbox/reset", "/sandbox/refused"]


@pytest.mark.parametrize("path", PATHS)
@given(method=st.sampled_from(["GET", "POST", "DELETE"]), body=st.dictionaries(FIELDS, VALUES | USUAL, max_size=5))
@settings(max_examples=60)
def test_own_calls_answer_anything(path: str, method: str, body: Any) -> None:
    """200 or 204 for what makes sense, else an error in JSON; what was set shows and clears."""
    sandbox = Sandbox()
    request = HttpRequest(method, f"http://127.0.0.1{path}", body=json.dumps(body).encode())
    response = sandbox.handle(request, now=NOW).response
    assert response is not None
    assert response.status in (200, 204, 400, 405)
    if response.status >= 400:
        assert set(json.loads(response.body)) == {"error"}
    sandbox.faults.clear()
    assert list(sandbox.faults) == []


@given(
    method=st.sampled_from(["GET", "POST", "PUT"]),
    query=st.text("ActionVersionSendSms=&%+.0123456789-", max_size=60),
    headers=st.dictionaries(
        st.sampled_from(["X-TC-Action", "X-TC-Version", "X-TC-Timestamp", "Authorization", "Content-Type", "Host"]),
        st.sampled_from(["SendSms", "2021-01-11", "1764000000", "TC3-HMAC-SHA256 x", "application/json"])
        | st.text("abc%=;/ ", max_size=10),
    ),
    body=st.binary(max_size=40)
    | st.text("Action=SendSms&Version2021-01-11PhoneNumberSet.0%", max_size=60).map(str.encode),
)
@settings(max_examples=200)
def test_api3_answers_any_call(method: str, query: str, headers: dict[str, str], body: bytes) -> None:
    """A call is refused in the vendor's envelope, whoever signed it how; its record has a code."""
    sandbox = Sandbox()
    request = HttpRequest(method, f"http://127.0.0.1/?{query}", headers, body)
    claimed = sandbox.claims(request)
    response = sandbox.handle(request, now=NOW).response
    assert response is not None
    assert ("Response" in json.loads(response.body)) is claimed
    assert sandbox.refused[0].as_json()["why"]
    assert sandbox.refused[0].line
