"""A gateway with a ledger before simulated vendors whose responses are lost, and what asks them afterwards."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, TypeVar

import attrs
from sql_ledgers import Place
from virtual_time import Clock

from smsgate import Gateway, Message, Outcome, Result, SmsProvider, Template
from smsgate.ledger import SqlLedger
from smsgate.management import ManagementClient
from smsgate.sandbox import Drop, SandboxTransport
from smsgate.sandbox.tencent import TENCENT_APP_KEY, TENCENT_SDK_APP_ID, TENCENT_SECRET_ID, TENCENT_SECRET_KEY
from smsgate.tencent import TencentCloud, TencentV5

__all__ = ["CLOUD", "LOGIN", "NUMBER", "V5", "Scene", "scene_of"]

NUMBER = "+8613788888888"
V5 = TencentV5(TENCENT_SDK_APP_ID, TENCENT_APP_KEY, sign="Acme")
CLOUD = TencentCloud(TENCENT_SECRET_ID, TENCENT_SECRET_KEY, sdk_app_id=TENCENT_SDK_APP_ID, sign="Acme")
LOGIN = Template("login", params=("code", "minutes"), ids={"tencent-v5": "19", "tencent": "19"})


@attrs.frozen
class Scene:
    """All of one clock."""

    clock: Clock
    transport: SandboxTransport
    ledger: SqlLedger
    gateway: Gateway
    client: ManagementClient

    async def send(self, key: str, to: str = NUMBER, provider: str = "tencent", **options: Any) -> Result:
        """Send a message."""
        message = Message(to, "login", {"code": "4821", "minutes": "5"}, key=key)
        return await self.gateway.send(message, providers=[provider], **options)

    async def lose(
        self, key: str, to: str = NUMBER, drop: Drop = Drop.AFTER, provider: str = "tencent", **options: Any
    ) -> None:
        """Send a message whose request or response is lost."""
        self.transport.sandbox.faults.drop("tencent", drop)
        assert (await self.send(key, to, provider, **options)).outcome is Outcome.UNKNOWN
        await self.clock.sleep(1)


S = TypeVar("S", bound=Scene)


@asynccontextmanager
async def scene_of(
    kind: type[S], place: Place, *providers: SmsProvider, params: bool = False, **options: Any
) -> AsyncIterator[S]:
    """A scene with *providers*, whose ledger is at *place*. *options*: of its gateway."""
    clock = Clock()
    transport = SandboxTransport(clock=clock, delay_scale=0)
    async with (
        SqlLedger(**place.arguments, params=params, clock=clock) as ledger,
        Gateway(providers, templates=[LOGIN], transport=transport, ledger=ledger, clock=clock, **options) as gateway,
        ManagementClient(transport=transport, clock=clock) as client,
    ):
        yield kind(clock, transport, ledger, gateway, client)
