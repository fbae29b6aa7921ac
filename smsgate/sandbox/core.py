"""The sandbox itself: a request and a time go in, an answer comes out. No socket, no clock of its own."""

import threading
import uuid
from collections.abc import Callable
from email.utils import formatdate
from typing import Final

import attrs

from smsgate.sandbox import huawei_sms, tencent_v5
from smsgate.sandbox.answer import Answer, Drop, json_response
from smsgate.sandbox.config import SandboxConfig
from smsgate.sandbox.faults import Faults
from smsgate.sandbox.simulator import Simulator
from smsgate.sandbox.world import AcceptedMessage, World
from smsgate.wire import HttpRequest, HttpResponse

__all__ = ["SIMULATORS", "Sandbox"]

SIMULATORS: Final[tuple[Simulator, ...]] = (tencent_v5.SIMULATOR, huawei_sms.SIMULATOR)


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


def _simulator(request: HttpRequest) -> Simulator | None:
    return next((each for each in SIMULATORS if each.claims(request)), None)


def _dated(response: HttpResponse | None, now: float) -> HttpResponse | None:
    """With the vendor's own time, by which a client may set its clock."""
    if response is None or "date" in response.headers:
        return response
    return attrs.evolve(response, headers=(*response.headers.pairs, ("Date", formatdate(now, usegmt=True))))
