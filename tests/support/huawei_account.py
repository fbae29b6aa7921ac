"""A Huawei project for tests: signed or by token, its requests taken apart, and the samples of answers."""

import json
from pathlib import Path
from typing import Any, Final, TypeVar
from urllib.parse import parse_qsl

from smsgate.huawei import HuaweiManagement
from smsgate.model.secret import Secret
from smsgate.provider import Call, RequestContext
from smsgate.wire import HttpRequest, HttpResponse

__all__ = ["APP_ID", "MOMENT", "PROJECT_ID", "built", "by_key", "by_user", "read", "sample", "taken_apart"]

PROJECT_ID: Final = "845ada5bc7444f1295cd517af0123da1"
APP_ID: Final = "9e61f59c-1a6b-4ee5-9651-5bca450694b3"
MOMENT: Final = RequestContext(now=1684457438.0, nonce="0" * 32, token=Secret("canary-token"))
SAMPLES: Final = Path(__file__).parents[1] / "huawei" / "samples" / "management"

T = TypeVar("T")


def by_key(**options: Any) -> HuaweiManagement:
    """The project, called with an access key."""
    options = {"access_key": "canary-access-key", "secret_key": "canary-secret-key", "app_id": APP_ID} | options
    return HuaweiManagement(project_id=PROJECT_ID, base_url="https://msgsms.example:8443", **options)


def by_user(**options: Any) -> HuaweiManagement:
    """The project, called by an IAM user."""
    user = {"user": "user", "password": "canary-password", "domain": "domain", "project": "eu-west-101"}
    options = {"iam_url": "https://iam.example", "app_id": APP_ID, **user} | options
    return HuaweiManagement(project_id=PROJECT_ID, base_url="https://msgsms.example:8443", **options)


def built(call: Call[Any]) -> HttpRequest:
    """The request of a call."""
    return call.build(MOMENT)


def taken_apart(call: Call[Any]) -> tuple[str, str, dict[str, str], Any]:
    """Method, path below `/v2/{project_id}/msgsms/`, query and JSON body of a call's request."""
    request = built(call)
    start = f"https://msgsms.example:8443/v2/{PROJECT_ID}/msgsms/"
    assert request.url.startswith(start)
    body = json.loads(request.body) if request.body else None
    return request.method, request.path.removeprefix(f"/v2/{PROJECT_ID}/msgsms/"), dict(parse_qsl(request.query)), body


def sample(case: str, **headers: str) -> HttpResponse:
    """A recorded or printed answer."""
    (path,) = (SAMPLES / case).iterdir()
    return HttpResponse(int(path.stem), {"Content-Type": "application/json", **headers}, path.read_bytes())


def read(call: Call[T], case: str) -> T:
    """What a call reads out of a sample."""
    return call.parse(sample(case))
