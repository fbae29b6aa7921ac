"""`smsgate sandbox --demo`: messages of every kind, so that people see what the inbox page shows."""

from collections.abc import AsyncGenerator, Generator, Sequence
from contextlib import asynccontextmanager, contextmanager
from secrets import token_urlsafe
from typing import Any, Final

import anyio
import anyio.from_thread
import attrs

from smsgate import huawei, tencent
from smsgate.huawei import HuaweiSms
from smsgate.model.message import Message
from smsgate.model.report import Reply, StatusReport
from smsgate.model.template import Template
from smsgate.provider.protocol import SmsProvider
from smsgate.sandbox import SandboxConfig, SandboxTemplate, Scenario
from smsgate.sandbox.huawei import HUAWEI_APP_KEY, HUAWEI_APP_SECRET, HUAWEI_SENDER, HUAWEI_TEMPLATE
from smsgate.sandbox.server import SandboxServer
from smsgate.sandbox.serving import Serving
from smsgate.sandbox.tencent import (
    TENCENT_APP_KEY,
    TENCENT_SDK_APP_ID,
    TENCENT_SECRET_ID,
    TENCENT_SECRET_KEY,
    TENCENT_TEMPLATE,
    TENCENT_TEMPLATE_ABROAD,
)
from smsgate.sending.gateway import Gateway
from smsgate.tencent import TencentCloud, TencentV5
from smsgate.webhooks import CallbackApp, Route

__all__ = ["demo_config", "fill", "running_demo"]

_FAILS_FIRST: Final = 2
"""How many of the first pushes the demo's endpoint does not take."""
_PARCEL: Final = "20"
_LOGIN: Final = Template(
    "login",
    params=("code", "minutes"),
    ids={"tencent-v5": TENCENT_TEMPLATE, "tencent": TENCENT_TEMPLATE_ABROAD, "huawei": HUAWEI_TEMPLATE},
)
_PARCEL_COME: Final = Template("parcel", params=("parcel", "place", "code"), ids={"tencent-v5": _PARCEL})
_UNKNOWN: Final = Template("unknown", params=("code",), ids={"tencent-v5": "4711"})
_ANNA, _BO, _CAI, _DAN = "+8613788888888", "+8613912345678", "+14155550123", "+8615800001111"


def demo_config(config: SandboxConfig) -> SandboxConfig:
    """*config* with what the demo's messages need beside it."""
    text = "Your parcel {1} waits at {2}. Show the code {3} to collect it. After three days it goes back."
    parcel = SandboxTemplate("tencent", _PARCEL, text, international=False)
    return attrs.evolve(config, templates=(*config.templates, parcel))


@contextmanager
def running_demo(server: SandboxServer) -> Generator[None]:
    """An endpoint that the vendors of *server* push to, unless they have others, and messages that go out meanwhile."""
    token = token_urlsafe()
    routes = (
        Route("tencent-v5", tencent.parse_callback, tokens=[token]),
        Route("huawei", huawei.parse_callback, tokens=[token]),
    )
    endpoint = Serving(_Stumbling(CallbackApp(_take, *routes, tag_secrets=[token_urlsafe()])), "127.0.0.1", 0)
    endpoint.start()
    url = f"http://127.0.0.1:{endpoint.port}"
    given = server.sandbox.push_settings
    server.sandbox.push_settings = attrs.evolve(
        given,
        tencent_callback=given.tencent_callback or f"{url}/tencent-v5/{token}",
        huawei_callback=given.huawei_callback or f"{url}/huawei/{token}",
    )
    try:
        with anyio.from_thread.start_blocking_portal() as portal:
            sending = portal.start_task_soon(fill, server)
            yield
            if not sending.cancel():
                sending.result()
    finally:
        endpoint.stop()


async def fill(server: SandboxServer) -> None:
    """Send messages of every kind to *server*, and let people reply."""
    v5 = TencentV5(TENCENT_SDK_APP_ID, TENCENT_APP_KEY, sign="Acme", base_url=server.url)
    cloud = TencentCloud(
        TENCENT_SECRET_ID, TENCENT_SECRET_KEY, sdk_app_id=TENCENT_SDK_APP_ID, sign="Acme", base_url=server.url
    )
    wrong = TencentV5(TENCENT_SDK_APP_ID, "not-the-app-key", sign="Acme", base_url=server.url)
    other = HuaweiSms(HUAWEI_APP_KEY, HUAWEI_APP_SECRET, sender=HUAWEI_SENDER, base_url=server.url)
    login = {"code": "4821", "minutes": "5"}
    async with _gateways([v5, cloud, wrong, other]) as (by_v5, by_cloud, by_wrong, by_other):
        await by_v5.send(Message(_ANNA, "login", login))
        await by_v5.send(Message(_ANNA, "parcel", {"parcel": "SF1042", "place": "Gate 3", "code": "77120"}))
        await by_other.send(Message(_BO, "login", {"code": "903144", "minutes": "10"}))
        await by_cloud.send(Message(_CAI, "login", {"code": "6150", "minutes": "5"}))
        for scenario in (Scenario.PHONE_OFF, Scenario.BLOCKLISTED, Scenario.REPLIES):
            await by_v5.send(Message(scenario.number, "login", login))
        for scenario in (Scenario.DROP_AFTER, Scenario.SERVER_ERROR):
            await by_other.send(Message(scenario.number, "login", login))
        await by_wrong.send(Message(_DAN, "login", login))
        await by_v5.send(Message(_DAN, "unknown", {"code": "1"}))
        server.sandbox.reply(_ANNA, "Thank you! Can I come after six?", now=server.now(), vendor="tencent")
        await by_v5.send(Message(_ANNA, "login", {"code": "360927", "minutes": "5"}))


@asynccontextmanager
async def _gateways(providers: Sequence[SmsProvider]) -> AsyncGenerator[list[Gateway]]:
    templates = (_LOGIN, _PARCEL_COME, _UNKNOWN)
    # What is not accepted is what the inbox is to show: the log would say it once more, over the greeting.
    made = [
        Gateway([each], templates=[known for known in templates if each.name in known.ids], observer=())
        for each in providers
    ]
    try:
        yield made
    finally:
        for gateway in made:
            await gateway.aclose()


async def _take(event: StatusReport | Reply) -> None:
    pass


class _Stumbling:
    """*app*, which fails the first requests, so that a vendor has to try again."""

    def __init__(self, app: Any) -> None:
        self._app = app
        self._failures = _FAILS_FIRST

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if not self._failures:
            await self._app(scope, receive, send)
            return
        self._failures -= 1
        await send({"type": "http.response.start", "status": 503, "headers": [(b"content-length", b"0")]})
        await send({"type": "http.response.body"})
