"""Sending with the workers of DBOS: `SmsTasks`."""

from collections.abc import AsyncIterable, Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, TypedDict, Unpack

from smsgate.model.errors import ConfigurationError
from smsgate.model.kind import MessageKind
from smsgate.model.message import Message
from smsgate.model.template import Template
from smsgate.sending.gateway import Gateway
from smsgate.tasks.enqueuing import Enqueued, Enqueuing, check_aware, check_options
from smsgate.tasks.gateways import ClosesGateways, Gateways, ledger_of
from smsgate.tasks.lanes import Lane, Lanes
from smsgate.tasks.running import SEND, SEND_CHUNK, SWEEP, Swept, run_job
from smsgate.tasks.sealing import Sealing, Unencrypted

try:
    from dbos import DBOS, StepOptions
except ModuleNotFoundError:
    raise ConfigurationError('smsgate.tasks.dbos needs: pip install "smsgate[dbos]"') from None

from smsgate.tasks.dbos_jobs import Workflows, workflow_with

if TYPE_CHECKING:
    from cryptography.fernet import MultiFernet

__all__ = ["EnqueueOptions", "SmsTasks", "Swept"]

_RETRY: Final[StepOptions] = {"max_attempts": 10, "interval_seconds": 1.0, "backoff_rate": 2.0}


class EnqueueOptions(TypedDict, total=False):
    """What DBOS can be told about a workflow, under its own names (`dbos.EnqueueOptions`)."""

    delay_seconds: float
    """How many seconds from now it is to run at the earliest."""
    queue_name: str
    """In place of the lane's queue."""
    priority: int
    """In place of the lane's priority. The lower one comes first."""
    workflow_timeout: float
    """After how many seconds DBOS cancels it."""
    app_version: str
    """The version of the application that is to run it; without one, the latest."""


class SmsTasks(ClosesGateways):
    """Enqueues messages as workflows of *app*, the class `DBOS`, and sends them in its processes.

    *gateway*: a function that makes a `smsgate.Gateway` with a ledger, called once for each worker process. *encrypt*:
    the Fernet key that numbers and parameters wait encrypted with; of several, the first one encrypts and all decrypt;
    or `smsgate.tasks.UNENCRYPTED`. *lanes*: where messages of a kind wait, in place of the queues `sms-code`,
    `sms-notification` and `sms-marketing`. *templates*: what says of a message without a kind what it is for. *retry*:
    how often a workflow tries to send what did not leave, and when; then it is given up. *max_recovery_attempts*: how
    often a workflow whose process died is run again. *longest_run*: seconds after which a running workflow counts as
    lost. *sweep*: when such workflows are looked for, as a cron line.

    Make it before `DBOS.launch()`, once, in each process that enqueues or sends. Queues that are not there are
    registered by the first message that is enqueued, or by `prepare`.

    Raises `ConfigurationError`.
    """

    def __init__(
        self,
        app: type[DBOS],
        *,
        gateway: Callable[[], Gateway],
        encrypt: "str | bytes | Iterable[str | bytes] | MultiFernet | Unencrypted",
        lanes: Mapping[MessageKind, Lane] | None = None,
        templates: Iterable[Template] = (),
        retry: StepOptions = _RETRY,
        max_recovery_attempts: int = 10,
        longest_run: float = 900.0,
        sweep: str = "* * * * *",
    ) -> None:
        # Rebound before anything is checked, so that no traceback's locals hold the raw value.
        sealing, encrypt = Sealing(encrypt), ""
        self._sealing = sealing.require()
        self._app = app
        self._gateways = Gateways(gateway)
        self._retry: StepOptions = {**_RETRY, **retry, "name": "smsgate.run", "retries_allowed": True}
        self._longest_run = timedelta(seconds=longest_run)
        lanes_by_kind = Lanes(lanes, templates)
        self._enqueuing = Enqueuing(self._sealing, lanes_by_kind)
        for name in (SEND, SEND_CHUNK):
            app.workflow(name=name, max_recovery_attempts=max_recovery_attempts)(workflow_with(name, self._run))
        sweeping = app.workflow(name=SWEEP)(workflow_with(SWEEP, self._sweep))
        self._workflows = Workflows(app, lanes_by_kind, sweeping, sweep)

    async def prepare(self) -> None:
        """Register the queues and the sweep, if they are not there. `DBOS.launch()` comes before it."""
        await self._workflows.prepare()

    async def enqueue(self, message: Message, **options: Unpack[EnqueueOptions]) -> str:
        """Make a workflow that sends *message*, and return its key: its own, or one that is made for it.

        If a workflow with this key waits or runs, nothing is done. *options*: see `EnqueueOptions`.

        Raises `MessageError` for what cannot be a message, and what DBOS raises.
        """
        check_options(options, EnqueueOptions)
        job = self._enqueuing.one(message)
        await self._workflows.enqueue(job, options, job.keys[0])
        return job.keys[0]

    async def enqueue_many(
        self,
        source: Iterable[Message] | AsyncIterable[Message],
        *,
        campaign: str | None = None,
        chunk: int = 200,
        **options: Unpack[EnqueueOptions],
    ) -> Enqueued:
        """Make workflows that send the messages of *source*, each with up to *chunk* of them.

        *source* is read as workflows are made. With keys of its own it can be enqueued again after a failure: each
        message is sent once. *campaign*: the name under which the ledger counts them (`SqlLedger.progress`).

        Raises as `enqueue` does, and what *source* raises: workflows that were made before stay.
        """
        check_options(options, EnqueueOptions)
        return await self._enqueuing.each(source, chunk, campaign, lambda job: self._workflows.enqueue(job, options))

    async def cancel(self, key: str) -> bool:
        """See to it that the message with this key is not sent, also one of a campaign: whether it is so.

        See `smsgate.ledger.SqlLedger.cancel`. A workflow that has only this message is cancelled, too.
        """
        if not await ledger_of(self._gateways.get()).cancel(key):
            return False
        await self._workflows.cancel_waiting(key)
        return True

    async def reschedule(self, key: str, when: datetime) -> bool:
        """Let the delayed workflow of the message with this key run at *when* (aware) at the earliest: whether it will.

        DBOS moves workflows that were enqueued with `delay_seconds` and still wait for that time, and no others. Not
        for the messages of a chunk, which have one workflow: cancel its key, and enqueue the message with another one.
        """
        check_aware("when", when)
        return await self._workflows.move_delayed(key, when)

    async def sweep(self) -> Swept:
        """Run workflows again that dead processes have left, or give up those that were run as often as they may be.

        The workflow `smsgate.sweep` does it.
        """
        before = datetime.now(UTC) - self._longest_run
        return await self._workflows.sweep(ledger_of(self._gateways.get()), before)

    async def _run(self, job: dict[str, Any]) -> dict[str, int]:
        return await self._app.run_step_async(self._retry, self._try, job)

    async def _try(self, job: dict[str, Any]) -> dict[str, int]:
        status = self._app.step_status
        attempt = None if status is None else status.current_attempt
        last = attempt is None or attempt + 1 >= self._retry.get("max_attempts", 1)
        return await run_job(await self._gateways.warmed(), job, self._sealing, last=last)

    async def _sweep(self, scheduled_at: datetime, context: object) -> None:
        await self.sweep()
