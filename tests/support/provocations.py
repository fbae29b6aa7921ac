"""For every documented code of a send, the request to the sandbox that provokes it, over a real port.

`PROVOKED` has the codes that a rule or a state of the account gives, `BY_FAULT_ONLY` those that no request can
provoke, and why. Run `python tests/support/provocations.py` to write docs/sandbox-codes.md again; a test fails while it
is stale.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

import attrs
import httpx
from sandbox_callers import FORM, FORM_TYPE, NOW, HuaweiCaller, TencentCaller
from sandbox_managers import CloudCaller

from smsgate.sandbox import Sandbox, SandboxConfig, Scenario
from smsgate.sandbox.core import SENDERS
from smsgate.sandbox.server import SandboxServer
from smsgate.wire import HttpRequest

PAGE = Path(__file__).parents[2] / "docs" / "sandbox-codes.md"
NUMBER, ABROAD = "+8613788888888", "+6581234567"
TEMPLATES: Final = [
    {"id": 21, "text": "Sale: {1}.", "kind": "marketing"},
    {"id": 22, "text": "{1} is your code.", "kind": "verification"},
]
GENERAL: Final = {"id": "general", "text": "You have ${NUM_5} parcels.", "general": True}


def new_server() -> SandboxServer:
    """A server at midnight in China, with the templates that some codes need."""
    config = SandboxConfig.parse({"tencent": {"templates": TEMPLATES}, "huawei": {"templates": [GENERAL]}})
    return SandboxServer(Sandbox(config), clock=lambda: NOW)


@attrs.frozen
class Port:
    """Calls of a running server, over plain HTTP: no client of them reads certificates."""

    server: SandboxServer

    def send(self, plain: HttpRequest) -> list[str]:
        """The codes in the response to *plain*: that of the request, and those of its numbers."""
        target = plain.url.partition("://")[2].partition("/")[2]
        with httpx.Client(trust_env=False, verify=False) as client:
            headers = list(plain.headers.pairs)
            answer = client.request(plain.method, f"{self.server.url}/{target}", headers=headers, content=plain.body)
        return list(_codes(answer.json()))

    def call(self, path: str, body: Mapping[str, Any]) -> None:
        """One of the sandbox's own calls, which has to succeed."""
        httpx.post(f"{self.server.url}{path}", json=dict(body), trust_env=False, verify=False).raise_for_status()


def _codes(value: Any) -> Iterator[str]:
    """Every code, wherever it stands."""
    names = ("result", "code", "Code", "status", "ErrorCode")
    for name, item in value.items() if isinstance(value, dict) else ():
        if name in names and isinstance(item, str | int):
            yield str(item)
        yield from _codes(item)
    for item in value if isinstance(value, list) else ():
        yield from _codes(item)


@attrs.frozen
class Provocation:
    """A request that gets a code."""

    words: str
    """For people, in Markdown."""
    request: Callable[[], HttpRequest]
    vendor: str = ""
    account: Mapping[str, Any] = attrs.field(factory=dict[str, Any])
    """What has to be the matter with the account of that vendor first."""

    def run(self, port: Port) -> list[str]:
        """Provoke it, and give the codes that came."""
        if self.account:
            port.call("/sandbox/account", {"vendor": self.vendor, **self.account})
        return port.send(self.request())


def _state(vendor: str, request: Callable[[], HttpRequest], words: str = "", /, **account: Any) -> Provocation:
    shown = f"account: `{json.dumps(account)}`"
    return Provocation(f"{shown}, {words}" if words else shown, request, vendor, account)


def _magic(scenario: Scenario, request: Callable[[str], HttpRequest]) -> Provocation:
    return Provocation(f"magic number `{scenario.number}`", lambda: request(scenario.number))


def v5(number: str = NUMBER, /, **body: Any) -> HttpRequest:
    """sendsms, or another operation with other numbers in *body*."""
    parts = ("65", number[3:]) if number.startswith("+65") else ("86", number.removeprefix("+86"))
    full = {"tel": {"nationcode": parts[0], "mobile": parts[1]}, "tpl_id": 19, "params": ["4821", "5"], "sign": "Acme"}
    return TencentCaller().request("sendsms", {**full, **body}, f"&mobile={parts[1]}")


def _bulk(numbers: Sequence[tuple[str, str]]) -> HttpRequest:
    tel = [{"nationcode": nation, "mobile": mobile} for nation, mobile in numbers]
    body = {"tel": tel, "tpl_id": 19, "params": ["4821", "5"], "sign": "Acme"}
    return TencentCaller().request("sendmultisms2", body, "&mobile=" + ",".join(mobile for _, mobile in numbers))


def _abroad() -> HttpRequest:
    return v5(ABROAD, tpl_id=1110)


def _changed(request: HttpRequest, old: str, new: str, method: str = "POST") -> HttpRequest:
    return attrs.evolve(request, url=request.url.replace(old, new), method=method)


def cloud(*numbers: str, version: str = "2021-01-11", **change: Any) -> HttpRequest:
    """SendSms."""
    caller = CloudCaller(version=version)
    return caller.request("SendSms", json.dumps(caller.sms(*(numbers or (NUMBER,)), **change)).encode())


def _old() -> HttpRequest:
    """SendSms of the older version."""
    caller = CloudCaller(version="2019-07-11")
    return caller.request("SendSms", json.dumps(caller.sms(NUMBER)).encode())


def _headed(request: HttpRequest, **headers: str | None) -> HttpRequest:
    """*request* with headers changed, or (None) left out; underscores stand for hyphens."""
    changes = {name.replace("_", "-").lower(): value for name, value in headers.items()}
    kept = [(name, value) for name, value in request.headers.pairs if name.lower() not in changes]
    return attrs.evolve(request, headers=[*kept, *((name, value) for name, value in changes.items() if value)])


def _signed(action: str = "SendSms", version: str = "2021-01-11", **changes: Any) -> HttpRequest:
    caller = CloudCaller(version=version, **changes)
    return caller.request(action, json.dumps(caller.sms(NUMBER)).encode())


def huawei(to: str = NUMBER, /, **fields: str | None) -> HttpRequest:
    """batchSendSms."""
    return HuaweiCaller().form_request(to=to, **fields)


def _wsse(**change: str) -> HttpRequest:
    body = urlencode(FORM).encode()
    return HuaweiCaller().wsse("/sms/batchSendSms/v1", body, FORM_TYPE, change)


def _scheme(text: str) -> HttpRequest:
    return _headed(_wsse(), Authorization=text)


_MARKETING: Final = "a marketing template outside 8:00 to 22:00 in China"

V5: Final[Mapping[str, Provocation]] = {
    "1001": Provocation("`sig` of another key", lambda: v5(sig="0" * 64)),
    "1002": _magic(Scenario.CONTENT_REFUSED, v5),
    "1003": Provocation("no `sig`", lambda: v5(sig="")),
    "1004": Provocation("`params` missing", lambda: v5(params=None)),
    "1006": _state("tencent", v5, permitted=False),
    "1009": _state("tencent", v5, allowed_ips=["203.0.113.7"]),
    "1011": Provocation("an operation that does not exist", lambda: _changed(v5(), "sendsms", "sendall")),
    "1012": Provocation("a signature that is not approved", lambda: v5(sign="Nobody")),
    "1014": Provocation("a template that is not approved, or for the other region", lambda: v5(tpl_id=20)),
    "1015": _magic(Scenario.BLOCKLISTED, v5),
    "1016": Provocation("a mobile of ten digits", lambda: v5("+861378888888")),
    "1017": Provocation("a text of more than 450 characters", lambda: v5(params=["4821", "x" * 450])),
    "1019": Provocation("another sdkappid", lambda: _changed(v5(), "1400006666", "1400000000")),
    "1020": _state("tencent", v5, disabled=True),
    "1021": Provocation("`time` more than ten minutes off", lambda: v5(time=int(NOW) - 601)),
    "1022": _state("tencent", v5, daily_limit=0),
    "1023": _state("tencent", v5, per_30_seconds=0),
    "1024": _state("tencent", v5, per_hour=0),
    "1025": _magic(Scenario.NUMBER_LIMIT, v5),
    "1026": _state("tencent", v5, same_text_per_day=0),
    "1029": Provocation(_MARKETING, lambda: v5(tpl_id=21, params=["half"])),
    "1031": _state("tencent", v5, balance=0),
    "1032": _state("tencent", lambda: v5(tpl_id=21, params=["half"]), "a marketing template", kind="individual"),
    "1033": _state("tencent", v5, arrears=True),
    "1034": Provocation(
        "sendmultisms2 to the mainland and abroad", lambda: _bulk([("86", NUMBER[3:]), ("65", "81234567")])
    ),
    "1036": _state("tencent", lambda: v5(params=["4821", "x" * 13]), "a parameter of 13 characters", kind="individual"),
    "1038": Provocation("seven digits to a verification template", lambda: v5(tpl_id=22, params=["1234567"])),
    "1045": _state("tencent", v5, unsupported_countries=["86"]),
    "1046": Provocation("201 numbers", lambda: _bulk([("86", f"137{row:08}") for row in range(201)])),
    "1047": _state("tencent", _abroad, "a number abroad", international_quota=0),
    "1048": Provocation("a URL in a parameter", lambda: v5(params=["4821", "www.x.y"])),
    "1049": _state("tencent", v5, mainland_daily_limit=0),
    "1050": _state("tencent", _abroad, "a number abroad", international_daily_limit=0),
    "1051": _state("tencent", v5, blocked_countries=["86"]),
    "1052": _state("tencent", v5, country_daily_limit=0),
    "60006": Provocation("a sdkappid that is no number", lambda: _changed(v5(), "1400006666", "app")),
    "60007": _magic(Scenario.BUSY, v5),
    "60008": Provocation("GET", lambda: _changed(v5(), "", "", "GET")),
    "60009": Provocation(
        "a path below /v5/ that is not the service's", lambda: _changed(v5(), "tlssmssvr", "tlsvoicesvr")
    ),
    "60012": Provocation("no sdkappid in the URL", lambda: _changed(v5(), "sdkappid", "app")),
}

CLOUD: Final[Mapping[str, Provocation]] = {
    "AuthFailure.TokenFailure": _state("tencent", cloud, "no `X-TC-Token`", session_token="a-token"),
    "AuthFailure.UnauthorizedOperation": _state("tencent", cloud, denied_actions=["SendSms"]),
    "IpInBlacklist": _state("tencent", cloud, account_blocked_ips=["127.0.0.1"]),
    "IpNotInWhitelist": _state("tencent", cloud, account_allowed_ips=["203.0.113.7"]),
    "UnauthorizedOperation.SdkAppidIsDisabled": _state("tencent", _old, "version 2019-07-11", disabled=True),
    "UnauthorizedOperation.SerivceSuspendDueToArrears": _state("tencent", _old, "version 2019-07-11", arrears=True),
    "UnsupportedOperation.UnsuportedRegion": _state(
        "tencent", _old, "version 2019-07-11", unsupported_countries=["86"]
    ),
    "AuthFailure.InvalidAuthorization": Provocation(
        "an Authorization of another form", lambda: _headed(cloud(), Authorization="TC3-HMAC-SHA256 x")
    ),
    "AuthFailure.SecretIdNotFound": Provocation("another SecretId", lambda: _signed(secret_id="AKIDother")),
    "AuthFailure.SignatureExpire": Provocation(
        "a timestamp more than five minutes off", lambda: _signed(now=NOW - 301)
    ),
    "AuthFailure.SignatureFailure": Provocation("another SecretKey", lambda: _signed(secret_key="x")),
    "FailedOperation.ContainSensitiveWord": _magic(Scenario.CONTENT_REFUSED, cloud),
    "FailedOperation.InsufficientBalanceInSmsPackage": _state("tencent", cloud, balance=0),
    "FailedOperation.MarketingSendTimeConstraint": Provocation(
        _MARKETING, lambda: cloud(TemplateId="21", TemplateParamSet=["half"])
    ),
    "FailedOperation.PhoneNumberInBlacklist": _magic(Scenario.BLOCKLISTED, cloud),
    "FailedOperation.SignatureIncorrectOrUnapproved": Provocation(
        "a signature that is not approved", lambda: cloud(SignName="Nobody")
    ),
    "FailedOperation.TemplateIncorrectOrUnapproved": Provocation(
        "a template that is not approved", lambda: cloud(TemplateId="20")
    ),
    "InvalidAction": Provocation("an action that does not exist", lambda: _signed("SendAll")),
    "InvalidParameter": Provocation("a number where a text belongs", lambda: cloud(TemplateId=19)),
    "InvalidParameterValue.ContentLengthLimit": Provocation(
        "a text of more than 450 characters", lambda: cloud(TemplateParamSet=["4821", "x" * 450])
    ),
    "InvalidParameterValue.IncorrectPhoneNumber": Provocation("a number of ten digits", lambda: cloud("+861378888888")),
    "InvalidParameterValue.ProhibitedUseUrlInTemplateParameter": Provocation(
        "a URL in a parameter", lambda: cloud(TemplateParamSet=["4821", "www.x.y"])
    ),
    "InvalidParameterValue.SdkAppIdNotExist": Provocation(
        "an SdkAppId that cannot be one", lambda: cloud(SmsSdkAppId="14")
    ),
    "InvalidParameterValue.SdkAppidNotExist": Provocation(
        "the same in version 2019-07-11", lambda: cloud(version="2019-07-11", SmsSdkAppid="14")
    ),
    "InvalidParameterValue.TemplateParameterFormatError": Provocation(
        "seven digits to a verification template", lambda: cloud(TemplateId="22", TemplateParamSet=["1234567"])
    ),
    "InvalidParameterValue.TemplateParameterLengthLimit": _state(
        "tencent", lambda: cloud(TemplateParamSet=["4821", "x" * 13]), "a parameter of 13 characters", kind="individual"
    ),
    "LimitExceeded.AppCountryOrRegionDailyLimit": _state("tencent", cloud, country_daily_limit=0),
    "LimitExceeded.AppCountryOrRegionInBlacklist": _state("tencent", cloud, blocked_countries=["86"]),
    "LimitExceeded.AppDailyLimit": _state("tencent", cloud, daily_limit=0),
    "LimitExceeded.AppGlobalDailyLimit": _state(
        "tencent", lambda: cloud(ABROAD, TemplateId="1110"), "a number abroad", international_daily_limit=0
    ),
    "LimitExceeded.AppMainlandChinaDailyLimit": _state("tencent", cloud, mainland_daily_limit=0),
    "LimitExceeded.DailyLimit": _state(
        "tencent", lambda: cloud(ABROAD, TemplateId="1110"), "a number abroad", international_quota=0
    ),
    "LimitExceeded.PhoneNumberCountLimit": Provocation(
        "201 numbers", lambda: cloud(*(f"+86137{row:08}" for row in range(201)))
    ),
    "LimitExceeded.PhoneNumberDailyLimit": _magic(Scenario.NUMBER_LIMIT, cloud),
    "LimitExceeded.PhoneNumberOneHourLimit": _state("tencent", cloud, per_hour=0),
    "LimitExceeded.PhoneNumberSameContentDailyLimit": _state("tencent", cloud, same_text_per_day=0),
    "LimitExceeded.PhoneNumberThirtySecondLimit": _state("tencent", cloud, per_30_seconds=0),
    "MissingParameter": Provocation("no action", lambda: _headed(cloud(), X_TC_Action=None)),
    "MissingParameter.EmptyPhoneNumberSet": Provocation("no number", lambda: cloud(PhoneNumberSet=[])),
    "NoSuchVersion": Provocation("a version that does not exist", lambda: _headed(cloud(), X_TC_Version="2020-01-01")),
    "RequestLimitExceeded": _magic(Scenario.BUSY, cloud),
    "RequestSizeLimitExceeded": Provocation(
        "a body of more than 10 MB", lambda: CloudCaller().request("SendSms", b" " * (10 * 1024 * 1024 + 1))
    ),
    "UnauthorizedOperation.IndividualUserMarketingSmsPermissionDeny": _state(
        "tencent", lambda: cloud(TemplateId="21", TemplateParamSet=["half"]), "a marketing template", kind="individual"
    ),
    "UnauthorizedOperation.RequestIpNotInWhitelist": _state("tencent", cloud, allowed_ips=["203.0.113.7"]),
    "UnauthorizedOperation.RequestPermissionDeny": _state("tencent", cloud, permitted=False),
    "UnauthorizedOperation.SdkAppIdIsDisabled": _state("tencent", cloud, disabled=True),
    "UnauthorizedOperation.ServiceSuspendDueToArrears": _state("tencent", cloud, arrears=True),
    "UnauthorizedOperation.SmsSdkAppIdVerifyFail": Provocation(
        "an SdkAppId of somebody else", lambda: cloud(SmsSdkAppId="1400000000")
    ),
    "UnauthorizedOperation.SmsSdkAppidVerifyFail": Provocation(
        "the same in version 2019-07-11", lambda: cloud(version="2019-07-11", SmsSdkAppid="1400000000")
    ),
    "UnknownParameter": Provocation("a parameter of the other version", lambda: cloud(TemplateID="19")),
    "UnsupportedOperation.ChineseMainlandTemplateToGlobalPhone": Provocation(
        "template 19 to a number abroad", lambda: cloud(ABROAD)
    ),
    "UnsupportedOperation.ContainDomesticAndInternationalPhoneNumber": Provocation(
        "numbers of the mainland and abroad", lambda: cloud(NUMBER, ABROAD)
    ),
    "UnsupportedOperation.GlobalTemplateToChineseMainlandPhone": Provocation(
        "template 1110 to a number of the mainland", lambda: cloud(TemplateId="1110")
    ),
    "UnsupportedOperation.UnsupportedRegion": _state("tencent", cloud, unsupported_countries=["86"]),
    "UnsupportedProtocol": Provocation("PUT", lambda: _changed(cloud(), "", "", "PUT")),
    "UnsupportedRegion": Provocation("a region without SMS", lambda: _headed(cloud(), X_TC_Region="ap-nowhere")),
}

HUAWEI: Final[Mapping[str, Provocation]] = {
    "E000000": Provocation("`templateParas` that is no JSON", lambda: huawei(templateParas="[4821")),
    "E000001": Provocation("no Authorization", lambda: _headed(huawei(), Authorization=None)),
    "E000002": Provocation("no realm in Authorization", lambda: _scheme('WSSE profile="UsernameToken",type="Appkey"')),
    "E000003": Provocation("no profile in Authorization", lambda: _scheme('WSSE realm="SDP",type="Appkey"')),
    "E000004": Provocation("another realm", lambda: _scheme('WSSE realm="X",profile="UsernameToken",type="Appkey"')),
    "E000005": Provocation("another profile", lambda: _scheme('WSSE realm="SDP",profile="X",type="Appkey"')),
    "E000006": Provocation("another type", lambda: _scheme('WSSE realm="SDP",profile="UsernameToken",type="X"')),
    "E000007": Provocation("no type in Authorization", lambda: _scheme('WSSE realm="SDP",profile="UsernameToken"')),
    "E000008": Provocation("no WSSE in Authorization", lambda: _scheme("Basic x")),
    "E000020": Provocation("no X-WSSE", lambda: _headed(_wsse(), X_WSSE=None)),
    "E000021": Provocation("no Username in X-WSSE", lambda: _wsse(Username="")),
    "E000022": Provocation("no Nonce in X-WSSE", lambda: _wsse(Nonce="")),
    "E000023": Provocation("no Created in X-WSSE", lambda: _wsse(Created="")),
    "E000024": Provocation("no PasswordDigest in X-WSSE", lambda: _wsse(PasswordDigest="")),
    "E000025": Provocation("Created of another form", lambda: _wsse(Created="today")),
    "E000026": Provocation("no UsernameToken in X-WSSE", lambda: _headed(_wsse(), X_WSSE='Username="x"')),
    "E000027": Provocation("a Nonce of 129 characters", lambda: _wsse(Nonce="x" * 129)),
    "E000040": Provocation(
        "a Content-Type of another API", lambda: HuaweiCaller().signed("/sms/batchSendSms/v1", b"", "application/json")
    ),
    "E000041": Provocation("a signature, and no X-Sdk-Date", lambda: _headed(huawei(), X_Sdk_Date=None)),
    "E000042": Provocation("X-Sdk-Date of another form", lambda: _headed(huawei(), X_Sdk_Date="today")),
    "E000045": Provocation("a signature with another secret", lambda: HuaweiCaller(secret="x").form_request()),
    "E000101": Provocation(
        "an Authorization that begins as a signature's and goes on otherwise",
        lambda: _headed(huawei(), Authorization="SDK-HMAC-SHA256 x"),
    ),
    "E000102": Provocation("another app key", lambda: HuaweiCaller(key="x").form_request()),
    "E000103": _state("huawei", huawei, disabled=True),
    "E000105": Provocation("another PasswordDigest", lambda: _wsse(PasswordDigest="x")),
    "E000106": _state("huawei", huawei, permitted=False),
    "E000109": _state("huawei", huawei, user="deactivated"),
    "E000110": Provocation("X-Sdk-Date more than 15 minutes off", lambda: HuaweiCaller(now=NOW - 901).form_request()),
    "E000111": _state("huawei", huawei, user="unknown"),
    "E000112": _state("huawei", huawei, arrears=True),
    "E000503": Provocation("no `templateId`; or a brace in a variable", lambda: huawei(templateParas='["4821","{5}"]')),
    "E000510": Provocation("no number that is accepted", lambda: huawei(templateId="x")),
    "E000620": _state("huawei", huawei, allowed_ips=["203.0.113.7"]),
    "E000623": _state("huawei", huawei, daily_limit=0),
    "E000628": _state("huawei", huawei, blocked_countries=["86"]),
    "E000629": _magic(Scenario.OUT_OF_BALANCE, huawei),
    "E200015": _magic(Scenario.BUSY, huawei),
    "E200018": Provocation("a sender that is not the application's", lambda: huawei(sender="isms2")),
    "E200019": _state("huawei", huawei, channel="pending"),
    "E200020": Provocation("a signature that is not approved", lambda: huawei(signature="Nobody")),
    "E200021": _state("huawei", huawei, channel="missing"),
    "E200022": Provocation("a number of the mainland with ten digits", lambda: huawei("+861378888888")),
    "E200023": _state("huawei", huawei, unsupported_countries=["86"]),
    "E200024": _state("huawei", huawei, sms_enabled=False),
    "E200025": Provocation(
        "a general template without a signature", lambda: huawei(templateId="general", templateParas='["5"]')
    ),
    "E200026": _state("huawei", lambda: huawei(ABROAD), "a number abroad", unsupported_countries=["65"]),
    "E200027": _state("huawei", huawei, channel="unrouted"),
    "E200028": Provocation(
        "parameters that the template does not take, or with an apostrophe", lambda: huawei(templateParas='["4821"]')
    ),
    "E200029": _state("huawei", huawei, "a template of another kind", channel_kind="marketing"),
    "E200030": Provocation("a template that is not approved", lambda: huawei(templateId="x")),
    "E200032": Provocation("a number abroad without a plus sign", lambda: huawei("6581234567")),
    "E200036": _state("huawei", huawei, channel="stopped"),
    "E200041": Provocation("the same number twice", lambda: huawei(f"{NUMBER},{NUMBER}")),
}

PROVOKED: Final[Mapping[str, Mapping[str, Provocation]]] = {"tencent-v5": V5, "tencent": CLOUD, "huawei": HUAWEI}

_INSIDE: Final = "a failure inside the vendor, of which no request is the cause"
_UNSAID: Final = "no document says which request gets it"
_BACKEND: Final = "of the service behind the gateway, whose packets the gateway writes"
_FAMILY: Final = "the family's name, for what has no code of its own"
_KEY: Final = "needs a kind of key that the account has not"

BY_FAULT_ONLY: Final[Mapping[str, Mapping[str, str]]] = {
    "tencent-v5": {
        **dict.fromkeys(("1007", "1008", "60013"), _INSIDE),
        "1013": "the guide does not say for which limits, beside 1023 to 1026",
        "1030": _UNSAID,
        "60002": "the server in front of the sandbox refuses broken HTTP itself",
        "60003": "broken JSON has been seen to get 1004",
    },
    "tencent": {
        **dict.fromkeys(
            (
                "InternalError",
                "InternalError.OtherError",
                "InternalError.Timeout",
                "InternalError.UnknownError",
                "ResourceUnavailable",
                "ServiceUnavailable",
            ),
            _INSIDE,
        ),
        **dict.fromkeys(
            (
                "FailedOperation.FailResolvePacket",
                "FailedOperation.JsonParseFail",
                "InternalError.RequestTimeException",
                "InternalError.RestApiInterfaceNotExist",
                "InternalError.SigFieldMissing",
                "InternalError.SigVerificationFail",
            ),
            _BACKEND,
        ),
        **dict.fromkeys(
            ("InvalidParameterValue", "LimitExceeded", "UnauthorizedOperation", "UnsupportedOperation"), _FAMILY
        ),
        "UnsupportedOperation.": "how version 2019-07-11 writes the family's name",
        **dict.fromkeys(("AuthFailure.InvalidSecretId", "AuthFailure.MFAFailure"), _KEY),
        **dict.fromkeys(("ActionOffline", "LimitExceeded.GlobalSmsSendingRateLimit"), _UNSAID),
        "LimitExceeded.DeliveryFrequencyLimit": "the guide does not say for which limits, beside those of a number",
    },
    "huawei": {
        **dict.fromkeys(("E200031", "E200034", "E200035", "E200038"), _INSIDE),
        **dict.fromkeys(("E000630", "E000632", "E200051"), _UNSAID),
        "E200033": "the guide gives it the causes of E200029 and does not tell the two apart",
        "E000104": "a wrong secret shows as a wrong signature or digest",
        "E200040": "a person's review intercepts it",
    },
}


def page() -> str:
    """The page."""
    parts = [_HEAD]
    for simulator in SENDERS:
        parts.append(f"\n## {simulator.name}\n\n| code | about | the request that provokes it |\n|---|---|---|\n")
        for code, scope in simulator.refusals.items():
            found = PROVOKED[simulator.name].get(code)
            words = found.words if found else f"none: {BY_FAULT_ONLY[simulator.name][code]}"
            parts.append(f"| `{code}` | {scope.lower()} | {words} |\n")
    return "".join(parts)


_HEAD: Final = """# The sandbox: every code of a send

Each documented code with which a vendor refuses a send, and the request to the [sandbox](sandbox.md) that provokes it.
"Account" is a state of the vendor's account, set by `POST /sandbox/account` or in a file
([accounts that cannot send](sandbox.md#accounts-that-cannot-send)). A code is about one number of a request, or about
the whole request.

Every code, also one that no request can provoke, comes back after `POST /sandbox/faults` with
`{"vendor": "tencent-v5", "answer": "1008"}`. A test provokes all of this page over a real port.
"""


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
