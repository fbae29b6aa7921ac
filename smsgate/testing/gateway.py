"""What both test gateways share: no connections, any number of event loops, and looking up what was accepted."""

import math
import time
from abc import ABC
from collections.abc import AsyncIterable, Callable, Iterable, Sequence
from inspect import isawaitable
from typing import ClassVar, Final, NoReturn, Self, TypeVar, Unpack

import anyio
import attrs
import httpx

from smsgate.guard.guard import Guard
from smsgate.model.errors import ConfigurationError, InvalidNumberError
from smsgate.model.message import Message
from smsgate.model.phone import PhoneNumber, resolve_number
from smsgate.model.reason import Reason
from smsgate.model.result import Result
from smsgate.model.template import Template
from smsgate.provider.protocol import SmsProvider
from smsgate.sending.arguments import SharedArguments
from smsgate.sending.gateway import Gateway
from smsgate.sending.outgoing import OutgoingMessage
from smsgate.sending.preparer import Order, Preparer
from smsgate.sending.resolve import KnownTexts, Problem, Text
from smsgate.sending.results import Results
from smsgate.sending.router import ProviderChoice
from smsgate.testing.accounting import Accounts
from smsgate.testing.assertions import Assertions
from smsgate.testing.loops import TasksPerLoop
from smsgate.testing.sent import Received
from smsgate.transport.tasks import BackgroundTasks

__all__ = ["HintingPreparer", "InProcessGateway"]

__tracebackhide__ = True
"""pytest leaves this module out of its tracebacks, and shows the line of the test and the text of the error."""

M = TypeVar("M")

_POLL_SECONDS: Final = 0.005
"""A message may come from any loop and any thread, and from another gateway over the same sandbox."""

_TEMPLATES_HINT: Final = "its templates are those of the fixture sms_templates (or of templates=)"
_REGION_HINT: Final = "a test gateway has its default_region from the fixture sms_options (or from default_region=)"


class InProcessGateway(Assertions[M], Gateway, ABC):
    """A gateway over *transport*, which belongs to no event loop, unless with `one_event_loop`."""

    _providers_hint: ClassVar[str]
    """Where the names of the providers come from."""

    def __init__(
        self,
        providers: Iterable[SmsProvider],
        *,
        templates: Iterable[Template],
        transport: httpx.AsyncBaseTransport,
        one_event_loop: bool = False,
        **options: Unpack[SharedArguments],
    ) -> None:
        self._one_event_loop = one_event_loop
        self._given: set[tuple[str, str]] = set()
        self.clock: Callable[[], float] = options.get("clock", time.time)
        """Its time, and that of its vendors: Unix seconds."""
        self._on_result = options.get("on_result")
        if self._on_result is not None and not callable(self._on_result):
            raise ConfigurationError("on_result: must be callable with a Result")
        options["on_result"] = self._keep
        self._accounts = Accounts(self._e164)
        super().__init__(providers, templates=templates, transport=transport, **options)

    async def send(
        self,
        message: Message,
        *,
        providers: Iterable[str | SmsProvider] | None = None,
        after: Result | None = None,
        within: float | None = None,
    ) -> Result:
        """See `Gateway.send`."""
        return await super().send(self._accounts.give(message), providers=providers, after=after, within=within)

    def send_many(
        self,
        messages: Iterable[Message] | AsyncIterable[Message],
        *,
        providers: Iterable[str | SmsProvider] | None = None,
        concurrency: int = 10,
        window: int = 5000,
        linger: float = 0.05,
        campaign: str | None = None,
    ) -> Results:
        """See `Gateway.send_many`."""
        return super().send_many(
            self._accounts.source(messages),
            providers=providers,
            concurrency=concurrency,
            window=window,
            linger=linger,
            campaign=campaign,
        )

    async def __aenter__(self) -> Self:
        """Open it again if it was closed here: an application enters it each time that it starts."""
        if isinstance(tasks := self._parts.tasks, TasksPerLoop):
            tasks.open_again()
        return self

    @property
    def messages(self) -> tuple[M, ...]:
        """The accepted messages, oldest first."""
        return tuple([each.message for each in self._received()])

    @property
    def results(self) -> tuple[Result, ...]:
        """The result of every message, oldest first: accepted, refused, or not known."""
        return tuple(self._accounts.results)

    async def _keep(self, result: Result) -> None:
        self._accounts.results.append(result)
        returned = None if self._on_result is None else self._on_result(result)
        if isawaitable(returned):
            await returned

    def last_to(self, number: str | PhoneNumber) -> M:
        """The newest accepted message to *number*. Raises `AssertionError` if there is none."""
        number = self._e164(number)
        return self._last_to(number).message

    def code_for(self, number: str | PhoneNumber) -> str:
        """The verification code in the newest accepted message to *number*.

        That is the first parameter that is 4 to 8 ASCII digits, else the first such run of digits in the text. Raises
        `AssertionError` if there is no message, or no code in it.
        """
        number = self._e164(number)
        code = self._last_to(number).code
        if code is None:
            problem = "has no code: no parameter is 4 to 8 digits, nor is there such a run in its text"
            raise AssertionError(f"the newest message to {number.masked} {problem}")
        return code

    async def wait_for(self, number: str | PhoneNumber, *, timeout: float = 5.0) -> M:
        """The next accepted message to *number*, also if it was accepted already. Each is given once, oldest first.

        For code that sends in the background. Raises `AssertionError` if there is none within *timeout* seconds.
        """
        number = self._e164(number)
        with anyio.move_on_after(timeout):
            while True:
                for each in self._received():
                    if each.to == number and (each.id, str(each.to)) not in self._given:
                        self._given.add((each.id, str(each.to)))
                        return each.message
                await anyio.sleep(_POLL_SECONDS)
        further = "further " if any(to == str(number) for _, to in self._given) else ""
        self._nothing_to(number, f"no {further}message was accepted within {timeout:g} seconds for")

    def _e164(self, number: str | PhoneNumber) -> PhoneNumber:
        number = PhoneNumber.wrap(number)
        try:
            return resolve_number(number, self._preparer.default_region)
        except InvalidNumberError as error:
            raise InvalidNumberError(_with_region_hint(str(error))) from None

    def _last_to(self, number: PhoneNumber) -> Received[M]:
        for each in reversed(self._received()):
            if each.to == number:
                return each
        self._nothing_to(number)

    def _nothing_to(self, number: PhoneNumber, problem: str = "no message was accepted for") -> NoReturn:
        """Fail the test that looks for a message to *number*, and say to whom there are messages."""
        others = ", ".join(dict.fromkeys(each.to.masked for each in self._received()))
        known = f"accepted were messages to {others}" if others else "nothing was accepted at all"
        raise AssertionError(f"{problem} {number.masked}; {known}")

    def _limit_in_flight(self, max_connections: int) -> float:
        # Who waits on one event loop cannot be woken from another one.
        return super()._limit_in_flight(max_connections) if self._one_event_loop else math.inf

    def _make_tasks(self) -> BackgroundTasks:
        return super()._make_tasks() if self._one_event_loop else TasksPerLoop()

    def _make_preparer(self, templates: Iterable[Template], default_region: str | None, guard: Guard) -> Preparer:
        return HintingPreparer(templates, self._providers, default_region, guard)

    def _chosen(self, providers: Iterable[str | SmsProvider] | None, after: Result | None = None) -> ProviderChoice:
        try:
            return super()._chosen(providers, after)
        except ConfigurationError as error:
            raise ConfigurationError(f"{error} ({self._providers_hint})") from None


class HintingPreparer(Preparer):
    """Says of what a test gateway was not given which fixture gives it."""

    def prepare(
        self, message: Message, order: Order, now: Callable[[], float], known: KnownTexts | None = None
    ) -> OutgoingMessage | Problem:
        asked: list[SmsProvider] = []

        def noting(message: Message, text: Text) -> Sequence[SmsProvider]:
            asked.extend(order(message, text))
            return asked

        prepared = super().prepare(message, noting, now, known)
        if not isinstance(prepared, Problem):
            return prepared
        text = _with_region_hint(prepared.text)
        templates = self.templates_for(message)
        # Whether the template is not there, or has no id for any of the providers.
        is_lacking = prepared.reason is Reason.TEMPLATE_REJECTED or (
            asked and not any(provider.name in templates[message.template].ids for provider in asked)
        )
        return attrs.evolve(prepared, text=f"{text}; {_TEMPLATES_HINT}" if is_lacking else text)

    def _check(self, template: Template) -> None:
        """Take one that no provider here can send: an application may have providers that a test has not."""


def _with_region_hint(text: str) -> str:
    return f"{text}; {_REGION_HINT}" if "default_region" in text else text
