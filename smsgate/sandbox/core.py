"""The sandbox itself: a request and a time go in, an answer comes out. No socket, no clock of its own."""

import threading
import uuid
from collections.abc import Callable, Iterable, Mapping
from email.utils import formatdate
from types import MappingProxyType
from typing import Final

import attrs

from smsgate.sandbox.config import SandboxConfig
from smsgate.sandbox.control import control, end_review, set_token_lifetime
from smsgate.sandbox.events import ReportOrder, add_reply, add_report
from smsgate.sandbox.huawei import iam as huawei_iam
from smsgate.sandbox.huawei import management as huawei_management
from smsgate.sandbox.huawei import pushes as huawei
from smsgate.sandbox.huawei import sms as huawei_sms
from smsgate.sandbox.pushes import Push, PushSettings
from smsgate.sandbox.pushes.push import Kind, Way
from smsgate.sandbox.pushes.scheduler import Desk
from smsgate.sandbox.simulator import Simulator
from smsgate.sandbox.state.answer import Answer, Drop, json_response
from smsgate.sandbox.state.faults import Faults
from smsgate.sandbox.state.state import AcceptedMessage, World
from smsgate.sandbox.tencent import api3 as tencent_api3
from smsgate.sandbox.tencent import pushes as tencent
from smsgate.sandbox.tencent import v5 as tencent_v5
from smsgate.wire import HttpRequest, HttpResponse

__all__ = ["SENDERS", "SIMULATORS", "WAYS", "Sandbox"]

SIMULATORS: Final[tuple[Simulator, ...]] = (
    tencent_v5.SIMULATOR,
    tencent_api3.SIMULATOR,
    huawei_sms.SIMULATOR,
    huawei_management.SIMULATOR,
    huawei_iam.SIMULATOR,
)
SENDERS: Final = tuple(simulator for simulator in SIMULATORS if simulator.codes)
"""Those that send messages."""
WAYS: Final[Mapping[Kind, Way]] = MappingProxyType(
    {
        Kind.TENCENT_REPORTS: tencent.REPORTS,
        Kind.TENCENT_REPLY: tencent.REPLY,
        Kind.HUAWEI_REPORT: huawei.REPORT,
        Kind.HUAWEI_BATCH: huawei.BATCH,
        Kind.HUAWEI_REPLY: huawei.REPLY,
    }
)


class Sandbox:
    """Simulated vendors over one shared state. Safe to use from several threads.

    *lenient*: accept any template, parameter and signature. *pushes*: where and how reports and replies are pushed, in
    place of what *config* says. *new_id*: makes the vendors' message ids, a UUID each unless given.
    """

    def __init__(
        self,
        config: SandboxConfig | None = None,
        *,
        lenient: bool = False,
        pushes: PushSettings | None = None,
        new_id: Callable[[], str] = lambda: str(uuid.uuid4()),
    ) -> None:
        config = config or SandboxConfig()
        self._desk = Desk(WAYS, pushes or config.pushes)
        self.faults: Faults = Faults()
        """The switchboard for failing vendors."""
        self._world = World(config.templates, config.signatures, lenient=lenient, new_id=new_id, desk=self._desk)
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
        """Forget the accepted messages, their reports, the replies and the pushes, also those still to come."""
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

    def report(
        self,
        *,
        now: float,
        message_id: str | None = None,
        to: str | None = None,
        code: str | None = None,
        times: int = 1,
        segment: tuple[int, int] | None = None,
        reported_at: float | None = None,
    ) -> None:
        """Let a report come at *now* (Unix seconds), as `POST /sandbox/reports` does.

        On the message with *message_id*, or the newest one to the number *to* (E.164). *code*: the vendor's, that of
        its number unless given. *segment*: part and total, Huawei's only; without it, all parts. *reported_at*: its
        date in Unix seconds. Raises `LookupError` for an unknown message, `ValueError` for what makes no sense.
        """
        order = ReportOrder(
            message_id=message_id, to=to, code=code, times=times, segment=segment, reported_at=reported_at
        )
        with self._lock:
            add_report(self._world, order, now)

    def reply(
        self,
        sender: str,
        text: str,
        *,
        now: float,
        vendor: str = "tencent",
        to: str = "",
        signature: str | None = None,
        extend: str = "",
    ) -> None:
        """Let a person's reply come at *now* (Unix seconds), as `POST /sandbox/replies` does.

        *sender*: their number in E.164. *vendor*: "tencent", with whom it waits to be pulled if it is not pushed, or
        "huawei". *to*: the number that they sent it to; of Tencent's replies only those that answer no message have it.
        *signature*, *extend*: of the message that they answer. Raises `ValueError` for what makes no sense.
        """
        with self._lock:
            add_reply(self._world, sender, text, now, vendor=vendor, to=to, signature=signature, extend=extend)

    @property
    def push_settings(self) -> PushSettings:
        """Where and how reports and replies are pushed. Setting it concerns what comes from then on."""
        return self._desk.settings

    @push_settings.setter
    def push_settings(self, settings: PushSettings) -> None:
        with self._lock:
            self._desk.settings = settings

    def due_pushes(self, *, now: float) -> list[Push]:
        """The pushes that are due at *now* (Unix seconds), each given out once. Make each `push.request`.

        `SandboxServer` does this by itself. Without one: send them, and tell `settle_push()` what was answered.
        """
        with self._lock:
            return self._desk.due(now)

    def settle_push(self, push: Push, response: HttpResponse | None, *, now: float, error: str = "") -> Push:
        """Note the answer to *push*, or that there was none: its vendor may try again later. Gives the noted push."""
        with self._lock:
            return self._desk.settle(push, response, now, error=error)

    def put_back_pushes(self, pushes: Iterable[Push]) -> None:
        """Let *pushes* be due again, which were given out and not made."""
        with self._lock:
            self._desk.put_back(pushes)

    @property
    def pushes(self) -> tuple[Push, ...]:
        """The newest 10,000 pushes that were made, each try, oldest first."""
        with self._lock:
            return tuple(self._desk.log)

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
