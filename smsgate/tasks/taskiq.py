"""Sending with the workers of taskiq: `SmsTasks`."""

from collections.abc import AsyncIterable, Callable, Iterable, Mapping
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any, Final, NoReturn, TypedDict, Unpack

from smsgate.model.errors import ConfigurationError
from smsgate.model.kind import MessageKind
from smsgate.model.message import Message
from smsgate.model.template import Template
from smsgate.sending.gateway import Gateway
from smsgate.tasks.enqueuing import Enqueued, Enqueuing, NewJob, check_options
from smsgate.tasks.gateways import ClosesGateways, Gateways, ledger_of
from smsgate.tasks.lanes import Lane, Lanes
from smsgate.tasks.running import SEND, SEND_CHUNK, run_job
from smsgate.tasks.sealing import Sealing, Unencrypted

try:
    from taskiq import (
        AsyncBroker,
        AsyncTaskiqDecoratedTask,
        Context,
        ScheduleSource,
        SimpleRetryMiddleware,
        SmartRetryMiddleware,
        TaskiqDepends,
        TaskiqEvents,
        TaskiqMessage,
    )
except ModuleNotFoundError:
    raise ConfigurationError('smsgate.tasks.taskiq needs: pip install "smsgate[taskiq]"') from None

if TYPE_CHECKING:
    from cryptography.fernet import MultiFernet

__all__ = ["EnqueueOptions", "SmsTasks"]

_RETRYING: Final = (SimpleRetryMiddleware, SmartRetryMiddleware)
_NOT_MOVED: Final = (
    "reschedule: taskiq cannot move a task that waits: cancel(key), and enqueue the message with another key and time="
)


class EnqueueOptions(TypedDict, total=False):
    """What taskiq can be told about a task."""

    time: datetime
    """When it is to run at the earliest (aware): needs *schedule_source*, and a process of `taskiq scheduler`."""
    schedule_source: ScheduleSource
    """Where it waits for that."""
    labels: Mapping[str, Any]
    """More labels, also in place of the lane's `queue_name` and `priority`, or of `max_retries`."""


class SmsTasks(ClosesGateways):
    """Enqueues messages with the broker *app*, and sends them in its workers.

    *gateway*: a function that makes a `smsgate.Gateway` with a ledger, called once for each worker process. *encrypt*:
    the Fernet key that numbers and parameters wait encrypted with; of several, the first one encrypts and all decrypt;
    or `smsgate.tasks.UNENCRYPTED`. *lanes*: where messages of a kind wait, in place of the queues `sms-code`,
    `sms-notification` and `sms-marketing`: their tasks have the labels `queue_name` and `priority`. *templates*: what
    says of a message without a kind what it is for. *max_retries*: how many runs a task has for messages that did not
    leave; then they are given up. It is run again by a `SimpleRetryMiddleware` or `SmartRetryMiddleware` of the broker;
    without one, each task has one run.

    Raises `ConfigurationError`. Make it where the broker is made, once.
    """

    def __init__(
        self,
        app: AsyncBroker,
        *,
        gateway: Callable[[], Gateway],
        encrypt: "str | bytes | Iterable[str | bytes] | MultiFernet | Unencrypted",
        lanes: Mapping[MessageKind, Lane] | None = None,
        templates: Iterable[Template] = (),
        max_retries: int = 10,
    ) -> None:
        # Rebound before anything is checked, so that no traceback's locals hold the raw value.
        sealing, encrypt = Sealing(encrypt), ""
        self._sealing = sealing.require()
        self._app = app
        self._gateways = Gateways(gateway)
        self._enqueuing = Enqueuing(self._sealing, Lanes(lanes, templates))

        async def run(job: dict[str, Any], context: Annotated[Context, TaskiqDepends()]) -> dict[str, int]:
            return await self._run(job, context.message)

        # Acknowledged when it is over: a worker that dies before has not had it. Every failure is one to be run again.
        labels = {"max_retries": max_retries, "retry_on_error": True, "types_of_exceptions": (Exception,)}
        self._send, self._send_chunk = (
            app.register_task(run, task_name=name, ack_type="when_saved", **labels) for name in (SEND, SEND_CHUNK)
        )
        for event in (TaskiqEvents.WORKER_SHUTDOWN, TaskiqEvents.CLIENT_SHUTDOWN):
            app.add_event_handler(event, lambda _: self.aclose())

    async def enqueue(self, message: Message, **options: Unpack[EnqueueOptions]) -> str:
        """Make a task that sends *message*, and return its key: its own, or one that is made for it.

        *options*: see `EnqueueOptions`.

        Raises `MessageError` for what cannot be a message, `ConfigurationError`, and what taskiq raises.
        """
        check_options(options, EnqueueOptions)
        job = self._enqueuing.one(message)
        await self._kick(self._send, options, job)
        return job.keys[0]

    async def enqueue_many(
        self,
        source: Iterable[Message] | AsyncIterable[Message],
        *,
        campaign: str | None = None,
        chunk: int = 200,
        **options: Unpack[EnqueueOptions],
    ) -> Enqueued:
        """Make tasks that send the messages of *source*, each with up to *chunk* of them.

        *source* is read as tasks are made. With keys of its own it can be enqueued again after a failure: each message
        is sent once. *campaign*: the name under which the ledger counts them (`SqlLedger.progress`).

        Raises as `enqueue` does, and what *source* raises: tasks that were made before stay.
        """
        check_options(options, EnqueueOptions)
        kick = partial(self._kick, self._send_chunk, options)
        return await self._enqueuing.each(source, chunk, campaign, kick)

    async def cancel(self, key: str) -> bool:
        """See to it that the message with this key is not sent, also one of a campaign: whether it is so.

        See `smsgate.ledger.SqlLedger.cancel`. The task stays in its queue, and sends nothing.
        """
        return await ledger_of(self._gateways.get()).cancel(key)

    async def reschedule(self, key: str, when: datetime) -> NoReturn:
        """Raises `ConfigurationError`: taskiq cannot move a task that waits."""
        raise ConfigurationError(_NOT_MOVED)

    async def _kick(self, task: "AsyncTaskiqDecoratedTask[..., Any]", options: EnqueueOptions, job: NewJob) -> None:
        time, source = options.get("time"), options.get("schedule_source")
        if (time is None) != (source is None):
            raise ConfigurationError("time and schedule_source: give both of them, or neither")
        labels = {"queue_name": job.lane.queue, "priority": job.lane.priority, **options.get("labels", {})}
        kicker = task.kicker().with_labels(**labels)
        if time is None or source is None:
            await kicker.kiq(job=job.data)
        else:
            await kicker.schedule_by_time(source, time, job=job.data)

    async def _run(self, job: dict[str, Any], message: TaskiqMessage) -> dict[str, int]:
        run = int(message.labels.get("_retries", 0)) + 1
        retried = any(isinstance(each, _RETRYING) for each in self._app.middlewares)
        last = not retried or run >= int(message.labels["max_retries"])
        return await run_job(await self._gateways.warmed(), job, self._sealing, last=last)
