"""The key of one message, before it is sent: claimed, or waited for while another send has it."""

import math
from collections.abc import Callable
from typing import Final

import attrs

from smsgate.model.errors import ClosedError, KeyConflictError, KeyInProgressError
from smsgate.model.message import Message
from smsgate.model.result import Result
from smsgate.sending.idempotency import Conflict, copy_for, in_progress
from smsgate.sending.keys import Answer, Claimant, Keys, Wait
from smsgate.sending.outgoing import OutgoingMessage, refusal
from smsgate.sending.recording import Recorder
from smsgate.sending.resolve import Problem
from smsgate.transport.tasks import BackgroundTasks

__all__ = ["FIRST_PAUSE", "LONGEST_PAUSE", "Claiming"]

FIRST_PAUSE: Final = 0.02
LONGEST_PAUSE: Final = 1.0
"""Seconds until a key that another process has is asked for again: each time twice as many, up to so many."""


@attrs.frozen
class Claiming:
    """Claims keys for the callers of `send`, and knows what `send_many` needs for it."""

    keys: Keys
    tasks: BackgroundTasks
    recorder: Recorder
    default_region: str | None
    patience: float
    """How long another send is waited for, in seconds."""

    async def claim(
        self, message: Message, prepared: OutgoingMessage | Problem, now: Callable[[], float]
    ) -> Result | OutgoingMessage | Problem:
        """The first result of the key of *message*; else what follows for it: *prepared*, or why it is not sent.

        If it is sent, its result concludes the key. *now*: gives Unix seconds. Raises `KeyConflictError`, and
        `KeyInProgressError` if another send has its key for too long.
        """
        claimant = Claimant.of(message, prepared, self.default_region)
        if claimant is None:
            return prepared
        answer = await self._ask(claimant)
        if isinstance(answer, Wait):
            left = prepared.expires - now() if isinstance(prepared, OutgoingMessage) else math.inf
            answer = await self._wait(claimant, answer, self.tasks.time() + min(self.patience, left))
        if isinstance(answer, Conflict):
            text = f"{answer.text}. Nothing was sent to {claimant.message.to.masked}."
            raise KeyConflictError(text, result=refusal(claimant.owner, answer), field=answer.field)
        return claimant.prepared if answer is None else answer

    async def _wait(self, claimant: Claimant, answer: Answer, end: float) -> Result | Problem | None:
        """The answer once there is one, before the loop's time is *end*."""
        pause = FIRST_PAUSE
        while isinstance(answer, Wait):
            try:
                await answer.wait(pause, end - self.tasks.time())
                if answer.result is not None:
                    return copy_for(claimant.owner, answer.result)
                if self.tasks.is_closed():
                    raise ClosedError(f"this Gateway has been closed. {in_progress(claimant.message)}")
                if self.tasks.time() >= end:
                    raise KeyInProgressError(in_progress(claimant.message))
            except BaseException:
                self.keys.give_up(claimant)
                raise
            pause = min(2 * pause, LONGEST_PAUSE)
            answer = await self._ask(claimant)
        return answer

    async def _ask(self, claimant: Claimant) -> Answer:
        if not self.keys.suspends:
            return (await self.keys.claim([claimant]))[0]
        answers: list[Answer] = []
        gone = False

        async def work() -> None:
            answers.extend(await self.keys.claim([claimant]))
            if gone:
                await self._withdraw(claimant, answers[0])

        try:
            await self.tasks.start(work).done.wait()
        except BaseException:  # the caller is cancelled: what was claimed for it is given back
            gone = True
            if answers:
                self.tasks.start(lambda: self._withdraw(claimant, answers[0]))
            raise
        if not answers:
            raise ClosedError("this Gateway was closed before the message was sent. Nothing was sent.")
        return answers[0]

    async def _withdraw(self, claimant: Claimant, answer: Answer) -> None:
        """Record what nobody waits for any more."""
        if answer is None:
            await self.recorder.record(claimant.unsent())
        elif isinstance(answer, Wait):
            self.keys.give_up(claimant)
