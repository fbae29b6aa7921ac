"""Login by a code that is texted."""

import hmac
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from fastapi import FastAPI, HTTPException, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel

from smsgate import (
    DeliveryState,
    Gateway,
    Message,
    MessageError,
    Outcome,
    Reply,
    SmsgateError,
    StatusReport,
    huawei,
    resolve_number,
    tencent,
)
from smsgate.webhooks import CallbackApp, Route

VALID_SECONDS = 300
AGAIN_SECONDS = 60


class Wanted(BaseModel):
    number: str


class Login(Wanted):
    code: str


@dataclass
class Code:
    """One code, when it was made, and what is known of its message."""

    digits: str
    made_at: float
    state: DeliveryState = DeliveryState.PENDING


def in_e164(number: str) -> str:
    """The one form of *number*, however a person types it. What cannot be a number is a `MessageError`."""
    return str(resolve_number(number, "CN"))


class Codes:
    """The newest code of each number, and the code of each message. Yours are in a database."""

    def __init__(self, sms: Gateway, clock: Callable[[], float]) -> None:
        self.sms = sms
        self.clock = clock
        self.of_number: dict[str, Code] = {}
        self.of_message: dict[str, Code] = {}

    async def send(self, number: str) -> str:
        number = in_e164(number)
        last = self.of_number.get(number)
        if last is not None and self.clock() < last.made_at + AGAIN_SECONDS:
            return "wait"
        code = self.of_number[number] = Code(f"{secrets.randbelow(10**6):06}", self.clock())
        message = Message(number, "login-code", {"code": code.digits, "minutes": str(VALID_SECONDS // 60)})
        try:
            result = await self.sms.send(message, within=AGAIN_SECONDS)
        except SmsgateError:  # nothing was sent
            del self.of_number[number]
            raise
        if result.outcome in (Outcome.REJECTED, Outcome.NOT_SENT):
            del self.of_number[number]
            raise HTTPException(422 if result.permanent else 503, "we cannot text this number")
        if result.message_id:
            self.of_message[result.message_id] = code
        return "sent" if result.accepted else "wait"

    def take(self, number: str, digits: str) -> bool:
        number = in_e164(number)
        code = self.of_number.get(number)
        if code is None or self.clock() >= code.made_at + VALID_SECONDS:
            return False
        given = digits.encode(errors="replace")  # of texts, compare_digest takes ASCII only
        if not hmac.compare_digest(code.digits.encode(), given):
            return False
        del self.of_number[number]
        return True

    def state(self, number: str) -> DeliveryState:
        code = self.of_number.get(in_e164(number))
        return DeliveryState.PENDING if code is None else code.state

    async def on_event(self, event: StatusReport | Reply) -> None:
        if isinstance(event, StatusReport) and event.message_id in self.of_message:
            self.of_message[event.message_id].state = event.state


def make_app(sms: Gateway, *, token: str, clock: Callable[[], float] = time.time) -> FastAPI:
    app, codes = FastAPI(), Codes(sms, clock)

    @app.exception_handler(MessageError)
    async def refuse(_: Request, error: Exception) -> JSONResponse:
        return JSONResponse({"detail": str(error)}, 422)

    @app.post("/codes")
    async def send_code(wanted: Wanted) -> dict[str, Any]:
        return {"status": await codes.send(wanted.number)}

    @app.get("/codes/{number}")
    async def code_state(number: str) -> dict[str, Any]:
        return {"state": codes.state(number)}

    @app.post("/login")
    async def login(given: Login) -> dict[str, Any]:
        if not codes.take(given.number, given.code):
            raise HTTPException(401, "wrong or old code")
        return {"number": in_e164(given.number)}

    tencent_route = Route("tencent-v5", tencent.parse_callback, tokens=[token])
    app.mount(
        "/sms", CallbackApp(codes.on_event, tencent_route, Route("huawei", huawei.parse_callback, tokens=[token]))
    )
    return app
