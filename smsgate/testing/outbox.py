"""`Outbox`: a gateway that records in place of sending."""

import math
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from functools import partial
from itertools import count
from typing import Final, Unpack

import anyio.lowlevel
import attrs
import httpx

from smsgate.guard.guard import Guard
from smsgate.model.errors import ConfigurationError
from smsgate.model.masking import safe_text
from smsgate.model.message import Message
from smsgate.model.phone import PhoneNumber
from smsgate.model.reason import Reason
from smsgate.model.result import Result
from smsgate.model.template import Template
from smsgate.provider.meanings import Meaning
from smsgate.provider.protocol import Batch, Job, Verdict
from smsgate.sandbox.verification_code import find_verification_code
from smsgate.sending.preparer import Preparer
from smsgate.testing.gateway import HintingPreparer, InProcessGateway
from smsgate.testing.options import SmsOptions, check_names, checked_templates
from smsgate.testing.sent import Received
from smsgate.wire import HttpRequest, HttpResponse

__all__ = ["Outbox"]

# No vendor says these: without a request or a readable response there is no code either.
_WITHOUT_CODE: Final = frozenset(
    {
        Reason.NETWORK,
        Reason.NO_ANSWER,
        Reason.OVERLOADED,
        Reason.NOT_RECORDED,
        Reason.CANCELLED,
        Reason.GIVEN_UP,
    }
)


class Outbox(InProcessGateway[Message]):
    """A gateway that records in place of sending. Every message that it can take is accepted, unless told otherwise.

    *templates*: the templates that your code sends; each provider that their `ids` name is played. Without any, every
    template name is taken, with whatever parameters come. *options*: those of `Gateway`, see `SmsOptions`.
    """

    _providers_hint = "an Outbox has the providers that the ids of its templates name: see the fixture sms_templates"

    def __init__(self, *, templates: Iterable[Template] = (), **options: Unpack[SmsOptions]) -> None:
        check_names(options)
        templates = checked_templates(templates)
        names = dict.fromkeys(name for template in templates for name in template.ids) or {"outbox": None}
        self._ids = count(1)
        self._accepted: list[Received[Message]] = []
        self._faults: list[_Fault] = []
        self._met: dict[int, Reason | None] = {}
        super().__init__(
            [_Recorder(name, partial(self._verdict, name)) for name in names],
            templates=templates,
            transport=_Nowhere(),
            **options,
        )

    def fail(self, reason: Reason, *, to: str | PhoneNumber | None = None, times: int | None = 1) -> None:
        """Let the next *times* messages (None: all) meet *reason* at every provider; with *to*, only those to it.

        The outcome follows from the reason: `Reason.NETWORK` gives `NOT_SENT`, `Reason.NO_ANSWER` gives `UNKNOWN`,
        `Reason.BLOCKLISTED` gives `REJECTED`. Retries and failover happen as they would with vendors. Raises
        `ConfigurationError` if *reason* is no `Reason`, be it the text of one, or *times* is not above 0.
        """
        to = None if to is None else self._e164(to)
        _check_fault(reason, times)
        self._faults.append(_Fault(reason, to, math.inf if times is None else times))

    def clear(self) -> None:
        """Forget all messages and results, and fail no more."""
        self._accepted.clear()
        self._accounts.clear()
        self._faults.clear()

    def _received(self) -> Sequence[Received[Message]]:
        return self._accepted

    def _make_preparer(self, templates: Iterable[Template], default_region: str | None, guard: Guard) -> Preparer:
        templates = tuple(templates)
        if templates:
            return super()._make_preparer(templates, default_region, guard)
        return _AnyTemplate(self._providers, default_region, guard)

    def _verdict(self, name: str, job: Job) -> Verdict:
        mark = id(job.message)  # what it meets is decided once, for all its tries
        if mark not in self._met:
            self._met[mark] = next((fault.reason for fault in self._faults if fault.strikes(job.to)), None)
        reason = self._met[mark]
        if reason is not None:
            return _refusal(reason)
        message, message_id = job.message, f"outbox-{next(self._ids)}"
        template = self._preparer.templates_for(message)[message.template]
        text, values = template.render(message.params), [message.params[name] for name in template.params]
        received = Received(
            id=message_id,
            to=job.to,
            message=message,
            code=find_verification_code(values, text or ""),
            template=message.template,
            params=message.params,
            text=text,
            by=name,
        )
        self._accepted.append(received)
        return Verdict.accepted(message_id, segments=1)

    def _without_report(self, received: Sequence[Received[Message]]) -> list[str]:
        return ["an outbox has no delivery reports: use a SandboxGateway (the fixture sms_sandbox)"]

    async def _keep(self, result: Result) -> None:
        self._met.pop(id(result.message), None)
        await super()._keep(result)


def _refusal(reason: Reason) -> Verdict:
    verdict = Verdict.refused(reason.value, Meaning(reason, reason.meaning))
    return attrs.evolve(verdict, code=None) if reason in _WITHOUT_CODE else verdict


def _check_fault(reason: object, times: object) -> None:
    if not isinstance(reason, Reason):
        shown = safe_text(str(reason))
        hint = f"write Reason.{shown}" if shown in Reason.__members__ else "as in Reason.BLOCKLISTED"
        raise ConfigurationError(f"fail: reason must be a Reason ({hint}), not {type(reason).__name__} {shown!r}")
    if times is not None and (not isinstance(times, int) or isinstance(times, bool) or times < 1):
        raise ConfigurationError("fail: times must be a number of messages, at least 1, or None for all")


class _AnyTemplate(HintingPreparer):
    """Takes every template name, with whatever parameters come."""

    def __init__(self, providers: Iterable[str], default_region: str | None, guard: Guard) -> None:
        super().__init__((), tuple(providers), default_region, guard)

    def templates_for(self, message: Message) -> Mapping[str, Template]:
        if not message.template or not isinstance(message.template, str):  # pyright: ignore[reportUnnecessaryIsInstance]
            return {}
        if message.template in self.by_name:  # one that was added since
            return self.by_name
        params = message.params if isinstance(message.params, Mapping) else ()  # pyright: ignore[reportUnnecessaryIsInstance]
        names = [name for name in params if isinstance(name, str) and name]  # pyright: ignore[reportUnnecessaryIsInstance]
        ids = dict.fromkeys(self._providers, "any")
        return {message.template: Template(message.template, params=names, ids=ids)}


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

    async def simulated_sleep(self, seconds: float) -> None:
        """No pause takes any time here."""
        await anyio.lowlevel.checkpoint()
