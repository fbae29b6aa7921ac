"""The keys of one `send_many`: claimed many at a time, and waited for apart while other sends have them."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Final

import anyio

from smsgate.model.message import Message
from smsgate.model.reason import Outcome, Reason
from smsgate.model.result import Result
from smsgate.sending.claiming import FIRST_PAUSE, LONGEST_PAUSE, Claiming
from smsgate.sending.idempotency import Conflict, in_progress
from smsgate.sending.keys import Answer, Claimant, Wait
from smsgate.sending.outgoing import OutgoingMessage, refusal
from smsgate.sending.resolve import Problem
from smsgate.transport.loop import LoopEvent

__all__ = ["BulkClaims"]

_MOST_AT_ONCE: Final = 1000


class BulkClaims:
    """Claims what is added, in a task that runs while there is something to claim or to wait for.

    *send* takes what has its key. *give* takes results that are not recorded here: those of other sends. *record* is
    awaited after each chunk, with the results that are to be recorded, some or none.
    """

    def __init__(
        self,
        claiming: Claiming,
        *,
        send: Callable[[OutgoingMessage], None],
        give: Callable[[Sequence[Result]], None],
        record: Callable[[Sequence[Result]], Awaitable[None]],
    ) -> None:
        self._keys = claiming.keys
        self._tasks = claiming.tasks
        self._patience = claiming.patience
        self._default_region = claiming.default_region
        self._send = send
        self._give = give
        self._record = record
        self._new: list[Claimant] = []
        self._asking: list[Claimant] = []
        self._waiting: dict[Claimant, float] = {}
        """With the time at which each has waited for long enough."""
        self._ask_again_at = 0.0
        self._pause = FIRST_PAUSE
        self._changed = self._tasks.make_event()
        self._stopping = False
        self._done: LoopEvent | None = None

    @property
    def is_busy(self) -> bool:
        """Whether anything is being claimed, or waits."""
        return self._done is not None

    @property
    def is_asking(self) -> bool:
        """Whether there is something that has not been claimed yet. What waits for other sends is not counted."""
        return bool(self._new or self._asking)

    def add(self, message: Message, prepared: OutgoingMessage | Problem) -> bool:
        """Claim the key of a message, soon, together with those of others. False if it has none that can be claimed."""
        claimant = Claimant.of(message, prepared, self._default_region)
        if claimant is None:
            return False
        if not self._new:
            self._changed.set()
        self._new.append(claimant)
        if self._done is None:
            self._done = self._tasks.make_event()
            self._tasks.start(self._run, self._end)
        return True

    async def stop(self) -> bool:
        """Begin nothing more, and record what has its key as not sent. Returns whether there was anything left."""
        self._stopping = True
        self._changed.set()
        if (done := self._done) is None:
            return False
        with anyio.CancelScope(shield=True):
            await done.wait()
        return True

    def _end(self) -> None:
        done, self._done = self._done, None
        if done is not None:
            done.set()

    async def _run(self) -> None:
        try:
            while self._new or self._waiting:
                self._asking, self._new = self._new[:_MOST_AT_ONCE], self._new[_MOST_AT_ONCE:]
                if not self._asking:
                    await self._wait()
                asked = self._asking
                if self._stopping or self._tasks.time() >= self._ask_again_at or not self._asking:
                    asked = [*asked, *self._waiting]
                    self._pause = min(2 * self._pause, LONGEST_PAUSE)
                    self._ask_again_at = self._tasks.time() + self._pause
                answers = await self._keys.claim(asked)
                self._asking = []
                recorded = [self._take(each, answer) for each, answer in zip(asked, answers, strict=True)]
                await self._record([result for result in recorded if result is not None])
        finally:  # it may have been cut short, by the gateway's end or the loop's
            for claimant in list(self._waiting):
                self._leave(claimant)
            unsent = [*self._asking, *self._new]
            self._asking, self._new = [], []
            await self._record([each.unsent() for each in unsent])

    async def _wait(self) -> None:
        """Wait until one of the others has its result, or it is time to ask again, or there is something new."""
        if self._stopping:
            return
        self._changed = self._tasks.make_event()
        if any(claimant.waits_for is not None and claimant.waits_for.over for claimant in self._waiting):
            return
        with anyio.move_on_after(self._ask_again_at - self._tasks.time()):
            await self._changed.wait()

    def _take(self, claimant: Claimant, answer: Answer) -> Result | None:
        """What follows for one message. Returns its result if that is to be recorded."""
        if isinstance(answer, Wait):
            self._keep_waiting(claimant, answer)
            return None
        if self._waiting:
            self._waiting.pop(claimant, None)
        if answer is None and not self._stopping and isinstance(claimant.prepared, OutgoingMessage):
            self._send(claimant.prepared)
        elif isinstance(answer, Result):
            self._give([answer])
        elif isinstance(answer, Conflict):
            self._give([refusal(claimant.owner, answer)])
        else:
            return claimant.unsent() if answer is None else refusal(claimant.owner, answer)
        return None

    def _keep_waiting(self, claimant: Claimant, answer: Wait) -> None:
        now = self._tasks.time()
        if claimant not in self._waiting:
            self._waiting[claimant] = now + self._patience
            if answer.held is not None:
                answer.held.when_over(lambda: self._changed.set())
        if self._stopping or now >= self._waiting[claimant]:
            self._leave(claimant)

    def _leave(self, claimant: Claimant) -> None:
        """Wait no longer for another send, which may have sent it."""
        del self._waiting[claimant]
        self._keys.give_up(claimant)
        text = in_progress(claimant.message)
        self._give([Result(claimant.owner, Outcome.UNKNOWN, reason=Reason.NO_ANSWER, description=text)])
