"""Workflows of DBOS: how they are made, found, moved, and taken up again after their process has died."""

import hashlib
import logging
from collections.abc import Callable, Coroutine, Mapping
from datetime import datetime
from typing import Any, Final

from dbos import DBOS, WorkflowStatus
from dbos import EnqueueOptions as AllOptions

from smsgate.model.errors import DataError
from smsgate.tasks.enqueuing import NewJob
from smsgate.tasks.gateways import TaskLedger
from smsgate.tasks.lanes import Lane, Lanes
from smsgate.tasks.running import SEND, SEND_CHUNK, SWEEP, Swept, give_up_job

__all__ = ["Workflows", "workflow_with"]

logger: Final = logging.getLogger("smsgate")

_WAITING: Final = ("ENQUEUED", "DELAYED")
_LOWEST: Final = 1000
"""DBOS's number of the lane with the priority 0: there the lower number comes first, from 1 on."""
_POLLING_SECONDS: Final = 0.2
_DIED: Final = "its processes died in as many runs as it has"


def workflow_with(name: str, run: Callable[..., Coroutine[Any, Any, Any]]) -> Callable[..., Coroutine[Any, Any, Any]]:
    """A function that DBOS can register as *name*: it sets attributes of it, which a method does not take."""

    async def workflow(*args: Any) -> Any:
        return await run(*args)

    workflow.__qualname__ = name
    return workflow


class Workflows:
    """Those that send messages, in the queues of *lanes*."""

    def __init__(self, app: type[DBOS], lanes: Lanes, sweeping: Callable[..., Any], cron: str) -> None:
        self._app = app
        self._lanes = lanes
        self._sweeping = sweeping
        self._cron = cron
        self._prepared = False

    async def prepare(self) -> None:
        """Register the queues, and when to sweep, if nobody has."""
        if self._prepared:
            return
        for name in dict.fromkeys(lane.queue for lane in self._lanes.by_kind.values()):
            await self._app.register_queue_async(
                name, polling_interval_sec=_POLLING_SECONDS, on_conflict="never_update"
            )
        if await self._app.get_schedule_async(SWEEP) is None:
            try:
                await self._app.create_schedule_async(
                    schedule_name=SWEEP, workflow_fn=self._sweeping, schedule=self._cron
                )
            except Exception:
                if await self._app.get_schedule_async(SWEEP) is None:  # another process was not quicker
                    raise
        self._prepared = True

    async def enqueue(self, job: NewJob, options: Mapping[str, Any], key: str | None = None) -> None:
        """Make a workflow for *job*. With *key*, that of its one message, there is one at most that waits or runs."""
        await self.prepare()
        chosen: AllOptions = {
            "workflow_name": SEND_CHUNK if key is None else SEND,
            "queue_name": job.lane.queue,
            "priority": _priority(job.lane),
            **options,  # type: ignore[typeddict-item]  # some of its own
        }
        if key is not None:
            made = await self._made(key)
            if made and made[-1].status in (*_WAITING, "PENDING"):
                return
            chosen["workflow_id"] = _id_of(key, len(made))
        await self._app.enqueue_workflow_with_options_async(chosen, job.data)

    async def cancel_waiting(self, key: str) -> None:
        """Cancel the workflow of the message with this key, if one waits."""
        waiting = [each.workflow_id for each in await self._made(key) if each.status in _WAITING]
        await self._app.cancel_workflows_async(waiting)

    async def move_delayed(self, key: str, at: datetime) -> bool:
        """Let the delayed workflow of the message with this key run at another time: whether it will."""
        until = max(0, round(at.timestamp() * 1000))
        for each in await self._made(key):
            if each.status == "DELAYED":
                await self._app.set_workflow_delay_async(each.workflow_id, delay_until_epoch_ms=until)
                now = await self._app.get_workflow_status_async(each.workflow_id)
                return now is not None and now.delay_until_epoch_ms == until
        return False

    async def sweep(self, ledger: TaskLedger, before: datetime) -> Swept:
        """Run those again that began *before* and have not ended; give up those that are run no more."""
        names, began = [SEND, SEND_CHUNK], before.isoformat()
        lost = await self._app.list_workflows_async(
            name=names, status="PENDING", dequeued_before=began, load_input=False, load_output=False
        )
        for each in lost:
            await self._app.resume_workflow_async(each.workflow_id, queue_name=each.queue_name)
        dead = await self._app.list_workflows_async(
            name=names, status="MAX_RECOVERY_ATTEMPTS_EXCEEDED", load_output=False
        )
        for each in dead:
            await self._give_up(ledger, each.workflow_id, each.input)
        return Swept(requeued=len(lost), given_up=len(dead))

    async def _give_up(self, ledger: TaskLedger, id: str, given: Any) -> None:
        try:
            await give_up_job(ledger, given["args"][0], _DIED)
        except DataError as error:
            logger.error("workflow %s is given up, and its messages cannot be read: %s", id, error)
        await self._app.cancel_workflow_async(id)

    async def _made(self, key: str) -> list[WorkflowStatus]:
        """All workflows that were made for the message with this key alone, the last one last."""
        made: list[WorkflowStatus] = []
        while (found := await self._app.get_workflow_status_async(_id_of(key, len(made)))) is not None:
            made.append(found)
        return made


def _id_of(key: str, number: int) -> str:
    """The id of a workflow for the message with this key: one more after each that has ended without sending it."""
    digest = hashlib.blake2b(key.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
    return f"smsgate-{digest}-{number}"


def _priority(lane: Lane) -> int:
    return max(1, _LOWEST - lane.priority)
