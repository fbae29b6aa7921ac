"""Sending with the workers of Celery. See docs/from-celery.md.

    app = Celery("shop", broker="redis://…")
    sms = SmsTasks(app, gateway=make_gateway, encrypt=os.environ["SMS_TASK_KEY"])

It registers two tasks with the application: `smsgate.send` for a message, and `smsgate.send_chunk` for a part of a
campaign.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, NoReturn, TypedDict, Unpack

from smsgate.model.errors import ConfigurationError
from smsgate.model.kind import MessageKind
from smsgate.model.masking import describe_failure
from smsgate.model.message import Message
from smsgate.model.template import Template
from smsgate.sending.gateway import Gateway as AsyncGateway
from smsgate.sync.gateway import Gateway, run
from smsgate.tasks.enqueuing import Enqueued, Enqueuing, NewJob, check_options
from smsgate.tasks.gateways import Gateways, ledger_of
from smsgate.tasks.lanes import Lane, Lanes
from smsgate.tasks.running import SEND, SEND_CHUNK, run_job
from smsgate.tasks.sealing import Sealing, Unencrypted

try:
    import celery  # pyright: ignore[reportMissingTypeStubs]
except ModuleNotFoundError:
    raise ConfigurationError('smsgate.tasks.celery needs: pip install "smsgate[celery]"') from None

from celery import exceptions, signals  # pyright: ignore[reportMissingTypeStubs]

if TYPE_CHECKING:
    from cryptography.fernet import MultiFernet

__all__ = ["EnqueueOptions", "SmsTasks"]

_LONGEST_WAIT: Final = 600.0
_QUEUE: Final = "smsgate-queue"
"""The header with the name of a job's queue, which it is to wait in again: the broker does not say it."""
_NO_RESCHEDULE: Final = (
    "reschedule: Celery cannot change a job that waits. Cancel the key of the message (cancel), and enqueue the "
    "message with another key and eta="
)


_NOT_CONFIRMED: Final = (
    "app: RabbitMQ may lose what it has not confirmed. Let enqueue wait for that: app.conf.broker_transport_options = "
    '{"confirm_publish": True}, or False if a job may be lost'
)


class EnqueueOptions(TypedDict, total=False):
    """What Celery can be told about a job, under its own names (`celery.app.task.Task.apply_async`)."""

    eta: datetime | None
    """When it is to run at the earliest (aware). With RabbitMQ more than 30 minutes ahead end the worker that has it,
    unless RabbitMQ's `consumer_timeout` is longer or the queue a quorum queue."""
    countdown: float | None
    """How many seconds from now that is."""
    queue: str | None
    """In place of the lane's queue."""
    priority: int | None
    """From 0 to 9. In Redis the lowest comes first, in RabbitMQ the highest, if the queue has priorities
    (`task_queue_max_priority`)."""
    connection: Any
    """A connection to the broker that is used in place of one of the application's."""


def retry_after(retries: int) -> float:
    """Seconds until a job that was run again *retries* times is run once more: 1, 2, 4 … up to 600."""
    return min(2.0**retries, _LONGEST_WAIT)


class SmsTasks:
    """Enqueues messages with *app*, and sends them in its workers. Its methods block.

    *gateway*: a function that makes a `smsgate.Gateway` with a ledger, or a `smsgate.sync.Gateway`; called once for
    each worker process, after its fork. *encrypt*: the Fernet key that numbers and parameters wait encrypted with; of
    several, the first one encrypts and all decrypt; or `smsgate.tasks.UNENCRYPTED`. *lanes*: where messages of a kind
    wait, in place of the queues `sms-code`, `sms-notification` and `sms-marketing`; their priority is not used.
    *templates*: what says of a message without a kind what it is for. *max_retries*: how often a job is run again for
    messages that did not leave, *wait* seconds after it was run again so many times; then they are given up.

    A job is acknowledged when it has ended, and goes back to its queue if its worker process dies or has a time limit
    that ends it. It may so be run twice, which sends nothing twice.

    With RabbitMQ, `enqueue` and `enqueue_many` raise `ConfigurationError` unless the application's
    `broker_transport_options` say whether RabbitMQ confirms what is published (`confirm_publish`).

    Raises `ConfigurationError`. Make it where the application is made, once.
    """

    def __init__(
        self,
        app: "celery.Celery",
        *,
        gateway: Callable[[], AsyncGateway | Gateway],
        encrypt: "str | bytes | Iterable[str | bytes] | MultiFernet | Unencrypted",
        lanes: Mapping[MessageKind, Lane] | None = None,
        templates: Iterable[Template] = (),
        max_retries: int = 9,
        wait: Callable[[int], float] = retry_after,
    ) -> None:
        # Rebound before anything is checked, so that no traceback's locals hold the raw value.
        sealing, encrypt = Sealing(encrypt), ""
        if not isinstance(max_retries, int) or max_retries < 0:  # pyright: ignore[reportUnnecessaryIsInstance]
            raise ConfigurationError("max_retries: must be a whole number, 0 or more")
        self._sealing = sealing.require()
        self._app: Any = app
        self._gateways = Gateways(_as_async(gateway))
        self._max_retries = max_retries
        self._wait = wait
        self._enqueuing = Enqueuing(self._sealing, Lanes(lanes, templates))
        self._broker_checked = False
        self._send, self._send_chunk = self._register(SEND), self._register(SEND_CHUNK)
        process_ends: Any = signals.worker_process_shutdown
        # By a name of its own: Celery 5.5 takes the methods of two objects for the same one.
        process_ends.connect(self._on_shutdown, weak=False, dispatch_uid=f"smsgate.tasks {id(self)}")

    def enqueue(self, message: Message, **options: Unpack[EnqueueOptions]) -> str:
        """Make a job that sends *message*, and return its key: its own, or one that is made for it.

        *options*: see `EnqueueOptions`.

        Raises `MessageError` for what cannot be a message, `ConfigurationError`, and what Celery raises.
        """
        self._check(options)
        job = self._enqueuing.one(message)
        self._publish(self._send, job, options)
        return job.keys[0]

    def enqueue_many(
        self,
        source: Iterable[Message],
        *,
        campaign: str | None = None,
        chunk: int = 200,
        **options: Unpack[EnqueueOptions],
    ) -> Enqueued:
        """Make jobs that send the messages of *source*, each with up to *chunk* of them.

        *source* is read as jobs are made. With keys of its own it can be enqueued again after a failure: each message
        is sent once. *campaign*: the name under which the ledger counts them (`SqlLedger.progress`).

        Raises as `enqueue` does, and what *source* raises: jobs that were made before stay.
        """
        self._check(options)
        messages = jobs = 0
        with self._app.producer_or_acquire() as producer:
            for job in self._enqueuing.many_blocking(source, chunk, campaign):
                self._publish(self._send_chunk, job, {"producer": producer, **options})
                messages, jobs = messages + len(job.keys), jobs + 1
        return Enqueued(messages=messages, jobs=jobs, campaign=campaign)

    def cancel(self, key: str) -> bool:
        """See to it that the message with this key is not sent, also one of a campaign: whether it is so.

        See `smsgate.ledger.SqlLedger.cancel`. Its job ends without sending it.
        """
        return run(self._cancel, key)

    def reschedule(self, key: str, when: datetime) -> NoReturn:
        """Raise `ConfigurationError`: Celery cannot change a job that waits. The text says what to do."""
        raise ConfigurationError(_NO_RESCHEDULE)

    def close(self) -> None:
        """Close the gateway of this process, if one was made. A worker process does so at its end."""
        run(self._gateways.aclose)

    def _register(self, name: str) -> Any:
        def task(task: Any, *, job: dict[str, Any]) -> dict[str, int]:
            return self._run(task, job)

        # Not acknowledged on a time limit: the job would be lost, and its messages with it.
        return self._app.task(
            name=name,
            bind=True,
            shared=False,
            serializer="json",
            ignore_result=True,
            acks_late=True,
            reject_on_worker_lost=True,
            acks_on_failure_or_timeout=False,
            max_retries=self._max_retries,
        )(task)

    def _check(self, options: Mapping[str, Any]) -> None:
        check_options(options, EnqueueOptions)
        given = options.get("connection")
        if given is not None:
            _check_confirmed(given)
        elif not (self._broker_checked or self._app.conf.task_always_eager):
            _check_confirmed(self._app.connection_for_write())
            self._broker_checked = True

    def _publish(self, task: Any, job: NewJob, options: Mapping[str, Any]) -> None:
        given = {"queue": job.lane.queue, **{name: value for name, value in options.items() if value is not None}}
        # Celery writes the arguments of a task into its headers and its log, as text.
        shown = f"{{'job': <{len(job.keys)} messages>}}"
        headers = {_QUEUE: given["queue"]}
        task.apply_async(kwargs={"job": job.data}, **given, headers=headers, argsrepr="()", kwargsrepr=shown)

    def _run(self, task: Any, job: dict[str, Any]) -> dict[str, int]:
        retries = task.request.retries
        last = retries >= self._max_retries
        try:
            return run(self._run_job, job, last)
        except Exception as error:
            if last:
                raise
            try:
                raise task.retry(exc=error, countdown=self._wait(retries), queue=_queue_of(task))
            except exceptions.Reject:  # it could not be enqueued again, and Celery would drop it
                pass
            raise exceptions.Reject(f"not enqueued again: {describe_failure(error)}", requeue=True) from None

    async def _run_job(self, job: dict[str, Any], last: bool) -> dict[str, int]:
        return await run_job(await self._gateways.warmed(), job, self._sealing, last=last)

    async def _cancel(self, key: str) -> bool:
        return await ledger_of(self._gateways.get()).cancel(key)

    def _on_shutdown(self, **_: object) -> None:
        self.close()


def _queue_of(task: Any) -> str | None:
    """The queue that the job waited in. Without it Celery takes its default queue where RabbitMQ delays a job."""
    headers: Mapping[str, str] = task.request.headers or {}
    return headers.get(_QUEUE)


def _check_confirmed(broker: Any) -> None:
    """Raise `ConfigurationError` if *broker* is RabbitMQ and it is not said whether it confirms what is published."""
    if broker.get_transport_cls().driver_type == "amqp" and "confirm_publish" not in broker.transport_options:
        raise ConfigurationError(_NOT_CONFIRMED)


def _as_async(make: Callable[[], AsyncGateway | Gateway]) -> Callable[[], AsyncGateway]:
    """Makes the gateway that runs on the event loop of `smsgate.sync`."""
    if not callable(make) or isinstance(make, Gateway):
        raise ConfigurationError("gateway: must be a function that makes one, which each worker process calls")

    def made() -> AsyncGateway:
        gateway = make()
        return gateway.on_loop if isinstance(gateway, Gateway) else gateway

    return made
