"""Whatever an authentic caller sends, the simulated management APIs answer."""

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from sandbox_callers import NOW, TencentCaller, read
from sandbox_managers import NEW, OLD, CloudCaller, ManagementCaller, control

from smsgate.sandbox.tencent.api3.params import ACTIONS
from smsgate.sandbox.tencent.v5.management import OPERATIONS
from smsgate.wire import HttpRequest

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=8,
)
V5_FIELDS = "type max begin_time end_time nationcode mobile begin_date end_date tpl_id tpl_page sign_id text pic title"
HUAWEI_FIELDS = (
    "app_id app_name region template_name template_content send_country variable_attributes universal_template "
    "sign_id signature_name signature_type file_id show_secret"
)
PATHS = (
    "apps",
    "apps-count",
    "templates",
    "country",
    "signatures",
    "upload-files",
    "templates/x",
    "signatures/x/active",
)


@settings(max_examples=150, deadline=None)
@given(
    operation=st.sampled_from(sorted(OPERATIONS)),
    body=st.dictionaries(st.sampled_from(V5_FIELDS.split()), VALUES | st.integers(0, 60), max_size=6),
)
def test_no_v5_call_makes_it_raise(operation: str, body: dict[str, Any]) -> None:
    """Each answer has a result."""
    assert isinstance(read(TencentCaller().handle(operation, body, ""))["result"], int)


@settings(max_examples=250, deadline=None)
@given(
    action=st.sampled_from(sorted(ACTIONS)),
    version=st.sampled_from([OLD, NEW]),
    data=st.data(),
    junk=st.dictionaries(st.text(max_size=6), VALUES, max_size=1),
)
def test_no_api3_call_makes_it_raise(action: str, version: str, data: st.DataObject, junk: dict[str, Any]) -> None:
    """Each answer has the envelope."""
    names = [name for param in ACTIONS[action] if (name := param.name_in(version))]
    fitting = st.integers(0, 4) | st.text(st.characters(), max_size=8) | st.lists(st.integers(0, 40), max_size=2)
    params = {name: data.draw(st.just("1400006666") | fitting | VALUES, name) for name in names}
    assert CloudCaller(version=version).call(action, **{**params, **junk}) is not None


@settings(max_examples=200, deadline=None)
@given(
    method=st.sampled_from(["GET", "POST", "PUT", "DELETE"]),
    path=st.sampled_from(PATHS),
    body=st.dictionaries(st.sampled_from(HUAWEI_FIELDS.split()), VALUES | st.sampled_from(["cn", "eu"]), max_size=8)
    | VALUES,
)
def test_no_management_call_makes_it_raise(method: str, path: str, body: Any) -> None:
    """Each answer has a status, and an error has a code."""
    status, payload = ManagementCaller().call(method, path, body)
    assert status < 300 or payload["error_code"]


@settings(max_examples=200, deadline=None)
@given(
    body=VALUES
    | st.fixed_dictionaries({"auth": VALUES | st.fixed_dictionaries({"identity": VALUES, "scope": VALUES})})
    | st.fixed_dictionaries(
        {"auth": st.fixed_dictionaries({"identity": st.fixed_dictionaries({"methods": VALUES, "password": VALUES})})}
    )
)
def test_no_request_for_a_token_makes_it_raise(body: Any) -> None:
    """No token comes of it."""
    request = HttpRequest("POST", "http://vendor/v3/auth/tokens", body=json.dumps(body).encode())
    answer = ManagementCaller().sandbox.handle(request, now=NOW).response
    assert answer is not None
    assert answer.status in (400, 401)


@settings(max_examples=150, deadline=None)
@given(
    path=st.sampled_from(["/sandbox/review", "/sandbox/replies"]),
    body=st.dictionaries(
        st.sampled_from("vendor kind id state reason from text signature extend".split()),
        VALUES | st.sampled_from(["tencent", "huawei", "template", "signature", "19", "approved", "+8613788888888"]),
        max_size=9,
    ),
)
def test_no_control_makes_it_raise(path: str, body: dict[str, Any]) -> None:
    """Each answer is one of those that are documented."""
    assert control(ManagementCaller().sandbox, path, body)[0] in (200, 400, 404)
