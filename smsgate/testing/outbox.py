"""`Outbox`: a gateway that records in place of sending."""

import math
from collections.abc import Callable, Hashable, Iterable, Sequence
from inspect import isawaitable
from itertools import count

import attrs
import httpx

from smsgate.model.message import Message, Result
from smsgate.model.phone import PhoneNumber
from smsgate.model.reason import Reason
from smsgate.model.template import Template
from smsgate.provider.codes import Meaning
from smsgate.provider.protocol import Batch, Job, SmsProvider, Verdict
from smsgate.sending.failover import Policy
from smsgate.sending.outgoing import Journey
from smsgate.sending.resolve import Problem
from smsgate.testing.gateway import InProcessGateway, OnResult, nothing_to
from smsgate.wire import HttpRequest, HttpResponse

__all__ = ["Outbox"]


class Outbox(InProcessGateway):
    """A gateway that records in place of sending. Every message that it can take is accepted, unless told otherwise.

    *templates*: the templates that your code sends; each provider that their `ids` name is played. Without any, every
    template name is taken, with whatever parameters come. *policy*, *default_region*, *on_result*: as for `Gateway`.
    """

    def __init__(
        self,
        *,
        templates: Iterable[Template] = (),
        policy: Policy | None = None,
        default_region: str | None = None,
        on_result: OnResult | None = None,
    ) -> None:
        templates = tuple(templates)
        names = dict.fromkeys(name for template in templates for name in template.ids) or {"outbox": None}
        self._any_template = not templates
        self._on_result = on_result
        self._ids = count(1)
        self._accepted: list[tuple[PhoneNumber, Message]] = []
        self._results: list[Result] = []
        self._faults: list[_Fault] = []
        self._met: dict[int, Reason | None] = {}
        super().__init__(
            [_Recorder(name, self._verdict) for name in names],
            templates=templates,
            policy=policy,
            default_region=default_region,
            on_result=self._keep,
            transport=_Nowhere(),
        )

    @property
    def messages(self) -> tuple[Message, ...]:
        """The accepted messages, oldest first."""
        return tuple(message for _, message in self._accepted)

    @property
    def results(self) -> tuple[Result, ...]:
        """What became of every message, oldest first: accepted, refused, or not known."""
        return tuple(self._results)

    def last_to(self, number: str | PhoneNumber) -> Message:
        """The newest accepted message to *number*. Raises `AssertionError` if there is none."""
        number = self._e164(PhoneNumber.wrap(number))
        for to, message in reversed(self._accepted):
            if to == number:
                return message
        nothing_to(number, [to for to, _ in self._accepted])

    def fail(self, reason: Reason, *, to: str | PhoneNumber | None = None, times: int | None = 1) -> None:
        """Let the next *times* messages (None: all) meet *reason* at every provider; with *to*, only those to it.

        The outcome follows from the reason: `Reason.NETWORK` gives `NOT_SENT`, `Reason.NO_ANSWER` gives `UNKNOWN`,
        `Reason.BLOCKLISTED` gives `REJECTED`. Retries and failover happen as they would with vendors.
        """
        to = None if to is None else self._e164(PhoneNumber.wrap(to))
        self._faults.append(_Fault(reason, to, math.inf if times is None else times))

    def clear(self) -> None:
        """Forget all messages and results, and fail no more."""
        self._accepted.clear()
        self._results.clear()
        self._faults.clear()

    def _depart(self, message: Message, providers: Sequence[SmsProvider]) -> Journey | Problem:
        if self._any_template and message.template:
            ids = dict.fromkeys(self._providers, message.template)
            self._templates[message.template] = Template(message.template, params=message.params, ids=ids)
        return super()._depart(message, providers)

    def _verdict(self, job: Job) -> Verdict:
        mark = id(job.message)  # what it meets is decided once, for all its tries
        if mark not in self._met:
            self._met[mark] = next((fault.reason for fault in self._faults if fault.strikes(job.to)), None)
        reason = self._met[mark]
        if reason is not None:
            return Verdict.refused(reason.value, Meaning(reason, reason.meaning))
        self._accepted.append((job.to, job.message))
        return Verdict.accepted(f"outbox-{next(self._ids)}", segments=1)

    async def _keep(self, result: Result) -> None:
        self._met.pop(id(result.message), None)
        self._results.append(result)
        returned = None if self._on_result is None else self._on_result(result)
        if isawaitable(returned):
            await returned


@attrs.define
class _Fault:
    reason: Reason
    to: PhoneNumber | None
    left: float

    def strikes(self, to: PhoneNumber) -> bool:
        if self.left < 1 or self.to not in (None, to):
            return False
        self.left -= 1
        return True


@attrs.define
class _Recorder:
    """A provider whose vendor is the outbox."""

    name: str
    verdict: Callable[[Job], Verdict]
    batch_limit: int = 100

    def batch_key(self, job: Job) -> Hashable | None:
        return True

    def refuse(self, job: Job) -> str | None:
        return None

    def build_request(self, batch: Batch, *, now: float, nonce: str) -> HttpRequest:
        return HttpRequest("POST", "https://outbox.invalid/")

    def parse_response(self, batch: Batch, response: HttpResponse) -> Sequence[Verdict]:
        return [self.verdict(job) for job in batch.jobs]


class _Nowhere(httpx.AsyncBaseTransport):
    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        return httpx.Response(204)
