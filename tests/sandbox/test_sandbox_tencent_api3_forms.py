"""Calls of API 3.0 as forms and queries, written as Tencent's Go SDK 1.0.606 writes them: sorted, blanks as a plus."""

import base64
import hashlib
import hmac
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sandbox_callers import NOW, read

from smsgate.sandbox import Sandbox
from smsgate.sandbox.tencent.api3.flat import unflatten
from smsgate.wire import HttpRequest

COMMON = {
    "Action": "SendMultiGlobalSms",
    "Language": "zh-CN",
    "Nonce": "5577006791947779410",
    "Region": "ap-guangzhou",
    "RequestClient": "SDK_GO_1.0.606",
    "SecretId": "AKIDsandbox",
    "SignatureMethod": "HmacSHA1",
    "Timestamp": str(int(NOW)),
    "Version": "2021-01-11",
}
INFOS = {
    "MultiSmsInfoSet.0.PhoneNumber": "+6581234567",
    "MultiSmsInfoSet.0.TemplateId": "1110",
    "MultiSmsInfoSet.0.TemplateParamSet.0": "48 21",
    "MultiSmsInfoSet.0.TemplateParamSet.1": "5",
    "MultiSmsInfoSet.1.PhoneNumber": "+14155550123",
    "MultiSmsInfoSet.1.SessionContext": "order-7",
    "MultiSmsInfoSet.1.TemplateId": "1110",
    "MultiSmsInfoSet.1.TemplateParamSet.0": "4822",
    "MultiSmsInfoSet.1.TemplateParamSet.1": "5",
    "SmsSdkAppId": "1400006666",
}


def form(own: dict[str, str]) -> HttpRequest:
    """A form with signature v1."""
    fields = dict(sorted((COMMON | own).items()))
    plain = "POST127.0.0.1:8025/?" + "&".join(f"{name}={value}" for name, value in fields.items())
    digest = hmac.new(b"sandbox-tencent-secret-key", plain.encode(), hashlib.sha1).digest()
    body = urlencode(sorted((fields | {"Signature": base64.b64encode(digest).decode()}).items()))
    headers = {"Host": "127.0.0.1:8025", "Content-Type": "application/x-www-form-urlencoded"}
    return HttpRequest("POST", "http://127.0.0.1:8025/", headers, body.encode())


def test_form_with_objects_is_taken() -> None:
    """Objects of a list are numbered, and so are the items of the lists in them."""
    sandbox = Sandbox()
    rows = read(sandbox.handle(form(INFOS), now=NOW))["Response"]["SendMultiStatusSet"]
    assert [(row["PhoneNumber"], row["Code"]) for row in rows] == [("+6581234567", "Ok"), ("+14155550123", "Ok")]
    assert [(each.params, each.reference) for each in sandbox.messages] == [
        (("48 21", "5"), None),
        (("4822", "5"), "order-7"),
    ]


@pytest.mark.parametrize(
    ("own", "code", "named"),
    [
        ({"MultiSmsInfoSet.0.Phone": "+6581234567"}, "UnknownParameter", "`MultiSmsInfoSet.0.Phone`"),
        ({"MultiSmsInfoSet.0": "+6581234567"}, "InvalidParameter", "`MultiSmsInfoSet`"),
        ({"MultiSmsInfoSet.0.TemplateParamSet": "4821"}, "InvalidParameter", "`MultiSmsInfoSet.0.TemplateParamSet`"),
        ({"MultiSmsInfoSet.0.TemplateId": "19"}, "MissingParameter", "`MultiSmsInfoSet.0.PhoneNumber`"),
        ({f"MultiSmsInfoSet.{'9' * 5000}.PhoneNumber": "+6581234567"}, "UnknownParameter", "`MultiSmsInfoSet.999"),
        ({"MultiSmsInfoSet.x.PhoneNumber": "+6581234567"}, "UnknownParameter", "`MultiSmsInfoSet.x.PhoneNumber`"),
    ],
    ids=["field", "text", "list", "missing", "huge", "index"],
)
def test_wrong_field_is_named(own: dict[str, str], code: str, named: str) -> None:
    """A field that is none, is of another type or is missing is refused by its whole name."""
    error = read(Sandbox().handle(form({"SmsSdkAppId": "1400006666"} | own), now=NOW))["Response"]["Error"]
    assert error["Code"] == code
    assert named in error["Message"]


INFO = st.fixed_dictionaries(
    {"PhoneNumber": st.text(), "TemplateId": st.text()},
    optional={"SessionContext": st.text(), "TemplateParamSet": st.lists(st.text(), min_size=1, max_size=12)},
)


@given(st.lists(INFO, min_size=1, max_size=12))
def test_flat_parameters_are_those_of_the_json(infos: list[dict[str, str | list[str]]]) -> None:
    """Whatever the order of the pairs, the call has the parameters that its JSON has."""
    pairs: list[tuple[str, str]] = []
    for index, info in enumerate(infos):
        for name, value in info.items():
            texts = enumerate(value) if isinstance(value, list) else None
            one = [(f"MultiSmsInfoSet.{index}.{name}", str(value))]
            pairs += [(f"MultiSmsInfoSet.{index}.{name}.{place}", text) for place, text in texts] if texts else one
    assert unflatten("SendMultiGlobalSms", "2021-01-11", dict(reversed(pairs))) == {"MultiSmsInfoSet": infos}
