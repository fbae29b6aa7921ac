"""Vendors whose credentials change: each kind of account with a source, and which credentials signed a request."""

import json
import re
from collections.abc import Callable
from typing import Any, Final
from urllib.parse import parse_qs

import attrs
import httpx

from smsgate import Secret, Template
from smsgate.huawei import HuaweiAccessKey, HuaweiAppKey, HuaweiManagement, HuaweiSms
from smsgate.huawei.signing import password_digest, signature
from smsgate.tencent import TencentCloud, TencentCloudManagement, TencentCredentials, TencentV5, TencentV5Management
from smsgate.tencent.signing import tc3_authorization, v5_sig
from smsgate.wire import HttpRequest

__all__ = ["HELLO", "MANAGED", "NAMES", "RotatingVendor", "Rotation", "manager", "sender", "signer"]

HELLO: Final = Template("hello", ids=dict.fromkeys(("v5", "cloud", "aksk", "wsse"), "19"))
"""Every account below sends it."""
NAMES: Final = ("v5", "cloud", "aksk", "wsse")
"""The kinds of accounts that send."""
MANAGED: Final = ("v5", "cloud", "key")
"""The kinds of accounts that manage, with credentials that sign."""
MOST: Final = 50


def secret(generation: int) -> str:
    return f"canary-secret-{generation}"


@attrs.define
class Rotation:
    """A source of the credentials of *kind*. Each of its *generations* is returned once, the last one for ever."""

    kind: str
    generation: int = 0
    asked: int = 0
    before: Callable[[], object] = lambda: None
    """Called when it is asked. What it raises, the source raises."""

    def current(self) -> Any:
        number = self.generation
        if self.kind == "cloud":
            return TencentCredentials(f"id-{number}", secret(number), f"token-{number}")
        if self.kind == "v5":
            return secret(number)
        return HuaweiAccessKey(f"id-{number}", secret(number)) if self.kind == "key" else self.app_key()

    def app_key(self) -> HuaweiAppKey:
        return HuaweiAppKey(f"id-{self.generation}", secret(self.generation))

    def __call__(self) -> Any:
        self.asked += 1
        self.before()
        return self.current()

    async def asynchronous(self) -> Any:
        return self()

    def __repr__(self) -> str:
        return f"Rotation({secret(self.generation)})"


def sender(kind: str, source: Any) -> Any:
    """An account of *kind* that sends with credentials of *source*."""
    url = f"https://{kind}.test"
    if kind == "v5":
        return TencentV5("1400006666", source, name=kind, base_url=url)
    if kind == "cloud":
        return TencentCloud(credentials=source, sdk_app_id="1400006666", sign="Acme", name=kind, base_url=url)
    auth: Any = kind
    return HuaweiSms(credentials=source, sender="isms1", name=kind, base_url=url, auth=auth)


def manager(kind: str, source: Any) -> Any:
    """An account of *kind* that manages with credentials of *source*."""
    url = f"https://{kind}.test"
    if kind == "v5":
        return TencentV5Management("1400006666", source, base_url=url)
    if kind == "cloud":
        return TencentCloudManagement(credentials=source, sdk_app_id="1400006666", base_url=url)
    return HuaweiManagement(credentials=source, project_id="p", base_url=url)


def signer(request: HttpRequest) -> int:
    """The generation of the credentials that signed *request*: exactly one of them did."""
    kind = request.url.removeprefix("https://").partition(".")[0]
    found = [number for number in range(MOST) if _SIGNED_BY[kind](request, number)]
    assert len(found) == 1, f"{kind}: signed by {found}"
    return found[0]


def _v5(request: HttpRequest, number: int) -> bool:
    body = json.loads(request.body)
    tels = body.get("tel", [])
    mobiles = [tel["mobile"] for tel in (tels if isinstance(tels, list) else [tels])]
    (random,) = parse_qs(request.query)["random"]
    sig = v5_sig(Secret(secret(number)), random=random, time=body["time"], mobiles=mobiles)
    return bool(body["sig"] == sig)


def _cloud(request: HttpRequest, number: int) -> bool:
    expected = tc3_authorization(
        Secret(f"id-{number}"),
        Secret(secret(number)),
        host=request.headers["Host"],
        content_type=request.headers["Content-Type"],
        body=request.body,
        time=int(request.headers["X-TC-Timestamp"]),
    )
    return request.headers["Authorization"] == expected and request.headers["X-TC-Token"] == f"token-{number}"


def _aksk(request: HttpRequest, number: int) -> bool:
    access, names, sign = re.split(r"[^,]+?=([^,]+)(?:, |$)", request.headers["Authorization"])[1::2]
    computed = signature(request, names.split(";"), Secret(secret(number)))
    return (access, sign) == (f"id-{number}", computed)


def _wsse(request: HttpRequest, number: int) -> bool:
    fields = dict(re.findall(r'(\w+)="([^"]*)"', request.headers["X-WSSE"]))
    digest = password_digest(fields["Nonce"], fields["Created"], Secret(secret(number)))
    return (fields["Username"], fields["PasswordDigest"]) == (f"id-{number}", digest)


_SIGNED_BY: Final = {"v5": _v5, "cloud": _cloud, "aksk": _aksk, "wsse": _wsse, "key": _aksk}


@attrs.define
class RotatingVendor:
    """A network that accepts what is signed with credentials that are *valid*, and refuses the rest."""

    valid: Callable[[int], bool] = lambda number: True
    signers: list[int] = attrs.field(factory=list[int])
    sizes: list[int] = attrs.field(factory=list[int])

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        plain = HttpRequest(request.method, str(request.url), list(request.headers.items()), request.content)
        number = signer(plain)
        self.signers.append(number)
        kind = request.url.host.partition(".")[0]
        numbers = _numbers(kind, plain)
        self.sizes.append(len(numbers))
        return httpx.Response(200, json=_accepted(kind, numbers) if self.valid(number) else _refused(kind, number))


def _numbers(kind: str, request: HttpRequest) -> list[str]:
    if kind in ("aksk", "wsse"):
        (to,) = parse_qs(request.body.decode())["to"]
        return to.split(",")
    body = json.loads(request.body)
    if kind == "cloud":
        return list(body["PhoneNumberSet"])
    tels = body["tel"]
    return [f"+86{tel['mobile']}" for tel in (tels if isinstance(tels, list) else [tels])]


def _accepted(kind: str, numbers: list[str]) -> object:
    if kind == "cloud":
        rows = [{"SerialNo": "1", "PhoneNumber": each, "Fee": 1, "Code": "Ok"} for each in numbers]
        return {"Response": {"SendStatusSet": rows, "RequestId": "r"}}
    if kind == "v5":
        detail = [{"result": 0, "mobile": each[3:], "nationcode": "86", "sid": "1", "fee": 1} for each in numbers]
        return {"result": 0, "errmsg": "OK", **(detail[0] if len(detail) == 1 else {"detail": detail})}
    huawei = [{"originTo": each, "status": "000000", "smsMsgId": "1"} for each in numbers]
    return {"code": "000000", "description": "Success", "result": huawei}


def _refused(kind: str, number: int) -> object:
    """A refusal of the credentials, whose text repeats the secret."""
    text = f"wrong: {secret(number)}"
    if kind == "cloud":
        return {"Response": {"Error": {"Code": "AuthFailure.TokenFailure", "Message": text}, "RequestId": "r"}}
    return {"result": 1001, "errmsg": text} if kind == "v5" else {"code": "E000102", "description": text}
