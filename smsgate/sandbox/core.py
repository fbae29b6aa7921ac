"""The sandbox itself: a request and a time go in, an answer comes out. No socket, no clock of its own."""

import threading
import uuid
from collections.abc import Callable
from email.utils import formatdate
from typing import Final

import attrs

from smsgate.sandbox import huawei_iam, huawei_management, huawei_sms, tencent_api3, tencent_v5
from smsgate.sandbox.answer import Answer, Drop, json_response
from smsgate.sandbox.config import SandboxConfig
from smsgate.sandbox.control import add_reply, control, end_review, set_token_lifetime
from smsgate.sandbox.faults import Faults
from smsgate.sandbox.simulator import Simulator
from smsgate.sandbox.world import AcceptedMessage, World
from smsgate.wire import HttpRequest, HttpResponse

__all__ = ["SENDERS", "SIMULATORS", "Sandbox"]

SIMULATORS: Final[tuple[Simulator, ...]] = (
    tencent_v5.SIMULATOR,
    tencent_api3.SIMULATOR,
    huawei_sms.SIMULATOR,
    huawei_management.SIMULATOR,
    huawei_iam.SIMULATOR,
)
SENDERS: Final = tuple(simulator for simulator in SIMULATORS if simulator.codes)
"""Those that send messages."""


class Sandbox:
    """Simulated vendors over one shared state. Safe to use from several threads.

    *lenient*: accept any template, parameter and signature. *new_id*: makes the vendors' message ids, a UUID each
    unless given.
    """

    def __init__(
        self,
        config: SandboxConfig | None = None,
        *,
        lenient: bool = False,
        new_id: Callable[[], str] = lambda: str(uuid.uuid4()),
    ) -> None:
        config = config or SandboxConfig()
        self.faults = Faults()
        """The switchboard for failing vendors."""
        self._world = World(config.templates, config.signatures, lenient=lenient, new_id=new_id)
        self._lock = threading.Lock()

    def handle(self, request: HttpRequest, *, now: float) -> Answer:
        """Answer *request* as its vendor would at *now* (Unix seconds). Never raises, whatever the request is."""
        with self._lock:
            told = control(self._world, request, now)
            if told is not None:
                return Answer(told)
            simulator = _simulator(request)
            if simulator is None:
                return Answer(json_response({"error": f"no simulated vendor has {request.path}"}, status=404))
            fault = self.faults.take(simulator.vendor)
            if fault is None:
                answer = simulator.answer(self._world, request, now)
            else:
                answer = fault.spoil(simulator.answer(self._world, request, now) if fault.processed else Answer())
        return attrs.evolve(answer, response=_dated(answer.response, now))

    def early_drop(self, request: HttpRequest) -> Drop | None:
        """The drop that strikes before the body of *request* leaves, if one is set; it is used up by asking."""
        with self._lock:
            simulator = _simulator(request)
            return self.faults.take_early(simulator.vendor) if simulator else None

    @property
    def messages(self) -> tuple[AcceptedMessage, ...]:
        """The accepted messages, oldest first."""
        with self._lock:
            return tuple(self._world.messages)

    def messages_of(self, vendor: str) -> tuple[AcceptedMessage, ...]:
        """The messages that one vendor ("tencent" or "huawei") accepted, oldest first."""
        return tuple(message for message in self.messages if message.vendor == vendor)

    def clear(self) -> None:
        """Forget the accepted messages, their reports and the replies."""
        with self._lock:
            self._world.forget()

    def review(self, vendor: str, kind: str, id: str, state: str, reason: str = "") -> None:
        """End the review of a template or signature, as `POST /sandbox/review` does.

        *vendor*: "tencent" or "huawei". *kind*: "template" or "signature". *id*: the one of management calls or, for a
        template, the one of sends. *state*: "approved", "rejected" or "pending". Raises `ValueError` for other words
        and `LookupError` if there is no such entry.
        """
        with self._lock:
            end_review(self._world, vendor, kind, id, state, reason)

    def reply(self, sender: str, text: str, *, now: float, signature: str | None = None, extend: str = "") -> None:
        """Let a person's reply wait to be pulled from Tencent, as `POST /sandbox/replies` does.

        *sender*: their number in E.164, else `ValueError`. *signature*: of the message that they answer.
        """
        with self._lock:
            add_reply(self._world, sender, text, now, signature=signature, extend=extend)

    def expire_tokens(self) -> None:
        """Withdraw every token that IAM has issued, as `POST /sandbox/expire-tokens` does."""
        with self._lock:
            self._world.tokens.expire_all()

    @property
    def token_lifetime(self) -> float:
        """Seconds for which IAM's tokens are good, 24 hours at first. Setting it concerns new tokens only."""
        return self._world.tokens.lifetime

    @token_lifetime.setter
    def token_lifetime(self, seconds: float) -> None:
        with self._lock:
            set_token_lifetime(self._world, seconds)


def _simulator(request: HttpRequest) -> Simulator | None:
    return next((each for each in SIMULATORS if each.claims(request)), None)


def _dated(response: HttpResponse | None, now: float) -> HttpResponse | None:
    """With the vendor's own time, by which a client may set its clock."""
    if response is None or "date" in response.headers:
        return response
    return attrs.evolve(response, headers=(*response.headers.pairs, ("Date", formatdate(now, usegmt=True))))
