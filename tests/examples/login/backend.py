"""Login by a code that is texted."""

import hmac
import secrets
import time
from collections.abc import Callable
from typing import Any

from fastapi import FastAPI, HTTPException
from pydantic import BaseModel

from smsgate import DeliveryState, Gateway, Message, Outcome, Reply, StatusReport, huawei, tencent
from smsgate.webhooks import CallbackApp, Route

VALID_SECONDS = 300
AGAIN_SECONDS = 60


class Wanted(BaseModel):
    number: str


class Login(Wanted):
    code: str


class Codes:
    """The code of each number, when it was made, and what is known of its message. Yours are in a database."""

    def __init__(self, sms: Gateway, clock: Callable[[], float]) -> None:
        self.sms = sms
        self.clock = clock
        self.made: dict[str, tuple[str, float]] = {}
        self.messages: dict[str, str] = {}
        self.states: dict[str, DeliveryState] = {}

    async def send(self, number: str) -> str:
        if number in self.made and self.clock() < self.made[number][1] + AGAIN_SECONDS:
            return "wait"
        code = f"{secrets.randbelow(10**6):06}"
        self.made[number] = code, self.clock()
        message = Message(number, "login-code", {"code": code, "minutes": str(VALID_SECONDS // 60)})
        result = await self.sms.send(message, within=AGAIN_SECONDS)
        if result.outcome in (Outcome.REJECTED, Outcome.NOT_SENT):
            del self.made[number]
            raise HTTPException(422 if result.permanent else 503, "we cannot text this number")
        if result.message_id:
            self.messages[result.message_id] = number
        return "sent" if result.accepted else "wait"

    def take(self, number: str, code: str) -> bool:
        wanted, made_at = self.made.get(number, ("", 0.0))
        if not wanted or self.clock() >= made_at + VALID_SECONDS or not hmac.compare_digest(wanted, code):
            return False
        del self.made[number]
        return True

    async def on_event(self, event: StatusReport | Reply) -> None:
        if isinstance(event, StatusReport) and event.message_id in self.messages:
            self.states[self.messages[event.message_id]] = event.state


def make_app(sms: Gateway, *, token: str, clock: Callable[[], float] = time.time) -> FastAPI:
    app, codes = FastAPI(), Codes(sms, clock)

    @app.post("/codes")
    async def send_code(wanted: Wanted) -> dict[str, Any]:
        return {"status": await codes.send(wanted.number)}

    @app.get("/codes/{number}")
    async def code_state(number: str) -> dict[str, Any]:
        return {"state": codes.states.get(number, DeliveryState.PENDING)}

    @app.post("/login")
    async def login(given: Login) -> dict[str, Any]:
        if not codes.take(given.number, given.code):
            raise HTTPException(401, "wrong or old code")
        return {"number": given.number}

    tencent_route = Route("tencent-v5", tencent.parse_callback, tokens=[token])
    app.mount(
        "/sms", CallbackApp(codes.on_event, tencent_route, Route("huawei", huawei.parse_callback, tokens=[token]))
    )
    return app
