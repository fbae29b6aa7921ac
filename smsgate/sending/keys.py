"""The keys of messages on their way: asked for before they are sent, and given back with their results.

Rule 1: a key is asked for by one message of this process at a time. Others with it wait for its result.
Rule 2: what a record says of a key is kept by that record alone, in a database or in memory.
Rule 3: whoever has a key is bound to conclude it, with a result or without one.
"""

import logging
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final

import anyio
import attrs

from smsgate.model.errors import LedgerError
from smsgate.model.masking import describe_failure
from smsgate.model.message import Message
from smsgate.model.reason import Reason
from smsgate.model.result import Attempt, Result
from smsgate.sending.idempotency import Conflict, copy_for, differing_field, settles_others
from smsgate.sending.key_memory import KeyMemory
from smsgate.sending.ledger import GRANTED, Claim, ClaimsKeys
from smsgate.sending.outgoing import OutgoingMessage, refusal
from smsgate.sending.resolve import Problem
from smsgate.transport.loop import LoopBinding
from smsgate.transport.tasks import BackgroundTasks

__all__ = ["Answer", "Claimant", "Keys", "Wait"]

logger: Final = logging.getLogger("smsgate")

_NOT_IN_TIME: Final = "no end before the gateway closed"


@attrs.define(eq=False)
class Claimant:
    """A message that is to be sent if nobody has sent its key, until that is concluded."""

    message: Message
    """Its content, with the number in E.164."""
    prepared: OutgoingMessage | Problem
    """What follows if it has its key."""
    owner: Message
    """The message whose result concludes it."""
    waits_for: "Claimant | None" = None
    """That of this process which has the key, if it is not this one."""
    over: bool = False
    result: Result | None = None
    """What those who waited for it have too."""
    _waiting: list[tuple[LoopBinding, Callable[[], object]]] = attrs.field(
        init=False, factory=list[tuple[LoopBinding, Callable[[], object]]]
    )

    @classmethod
    def of(cls, message: Message, prepared: OutgoingMessage | Problem, default_region: str | None) -> "Claimant | None":
        """The claimant for *message*. None if it has no key, or is not well formed."""
        if message.key is None:
            return None
        if isinstance(prepared, OutgoingMessage):
            return cls(prepared.message, prepared, prepared.message)
        to = message.to.parse(default_region) if prepared.forbidden else ""
        return None if isinstance(to, str) else cls(attrs.evolve(message, to=to), prepared, message)

    @property
    def key(self) -> str:
        """Its key."""
        return self.message.key or ""

    def add_tries(self, tried: Sequence[Attempt]) -> None:
        """Let what was *tried* before count in its result."""
        if isinstance(self.prepared, OutgoingMessage):
            self.prepared.course.attempts.extend(tried)
        else:
            self.prepared = attrs.evolve(self.prepared, tried=tried)

    def when_over(self, call: Callable[[], object]) -> None:
        """Let *call* be called on this loop when it is over."""
        loop = LoopBinding()
        loop.bind()
        self._waiting.append((loop, call))
        if self.over:
            call()

    def end(self, result: Result | None) -> None:
        """Tell those who wait, on whatever loop: a gateway of tests may be used on several."""
        self.over, self.result = True, result
        for loop, call in self._waiting:
            if loop.on_own_loop():
                call()
            else:
                loop.call_soon(call)

    def unsent(self) -> Result:
        """Its result if nothing is begun for it."""
        prepared = self.prepared
        return prepared.conclude() if isinstance(prepared, OutgoingMessage) else refusal(self.owner, prepared)


@attrs.frozen
class Wait:
    """Another send has the key: to be asked for again."""

    held: Claimant | None = None
    """That of this process, which tells when it is over; None if it is another one's."""

    @property
    def result(self) -> Result | None:
        """What those who have waited have, if there is such a result."""
        return None if self.held is None else self.held.result

    async def wait(self, pause: float, longest: float) -> None:
        """Wait until it is worth to ask again: for *pause* seconds, or until its holder here has a result."""
        if self.held is None:
            await anyio.sleep(max(0.0, min(pause, longest)))
            return
        over = anyio.Event()
        self.held.when_over(over.set)
        with anyio.move_on_after(longest):
            await over.wait()


Answer = Result | Problem | Wait | None
"""To a claimant: the first result of its key, what is wrong, or that it has to wait; None: it has its key."""
_WAIT: Final = Wait()
_UNRECORDED: Final = Problem(
    Reason.NOT_RECORDED, "the ledger could not record its key: the log says why", forbidden=True
)


class Keys:
    """Asks *record* for keys, once for all who want the same one."""

    def __init__(self, record: ClaimsKeys, tasks: BackgroundTasks) -> None:
        self.suspends: bool = not isinstance(record, KeyMemory)
        """Whether `claim` may take its time, so that it has to run in a task of its own."""
        self.failures: int = 0
        """How many calls of the record's `concluded` failed."""
        self._record = record
        self._tasks = tasks
        self._held: dict[str, Claimant] = {}
        self._pid = os.getpid()

    @property
    def any_held(self) -> bool:
        """Whether anything waits to be concluded."""
        return bool(self._held)

    def drop_inherited(self) -> None:
        """Leave to a parent process what it has in flight."""
        if self._pid != os.getpid():
            self._pid = os.getpid()
            self._held.clear()

    async def claim(self, claimants: Sequence[Claimant]) -> list[Answer]:
        """Answer each of *claimants*. What has its key, or was told to wait, is to be concluded or to give up."""
        answers = [self._look(each) for each in claimants]
        asking = [each for each, answer in zip(claimants, answers, strict=True) if answer is None]
        if not asking:
            return answers
        told = await self._ask(asking)
        if len(told) == len(answers):
            return told
        rest = iter(told)
        return [next(rest) if answer is None else answer for answer in answers]

    async def conclude(self, results: Sequence[Result]) -> None:
        """Give back the keys that messages of *results* have."""
        mine = list(self._held_by(results))
        if not mine:
            return
        try:
            done = await self._tasks.shielded(self._record.concluded([result for _, result in mine]))
            failure = None if done else _NOT_IN_TIME
        except GeneratorExit:
            raise
        except BaseException as error:  # also a cancellation: the results must be recorded all the same
            failure = describe_failure(error)
        if failure is not None:
            self.failures += 1
            logger.error("ledger: %s not recorded: %s", _counted(len(mine), "result"), failure)
        for held, result in mine:
            self._end(held, result)

    def give_up(self, claimant: Claimant) -> None:
        """Ask no longer for a key that somebody else has."""
        if self._held.get(claimant.key) is claimant:
            self._end(claimant, None)

    def _held_by(self, results: Iterable[Result]) -> Iterator[tuple[Claimant, Result]]:
        """Those of *results* that conclude keys, with whoever has these."""
        for result in results:
            owner = result.message
            held = self._held.get(owner.key) if type(owner.key) is str else None
            if held is not None and held.owner is owner:
                yield held, result

    def _look(self, claimant: Claimant) -> Answer:
        """What is known in this process; None if the record has to be asked, for which it then has its key."""
        key, other = claimant.key, claimant.waits_for
        if other is not None and other.result is not None:
            return copy_for(claimant.owner, other.result)
        held = self._held.setdefault(key, claimant)
        if held is claimant:
            claimant.waits_for = None
            return None
        field = differing_field(held.message, claimant.message)
        if field is not None:
            return Conflict.of(claimant.message, field)
        claimant.waits_for = held
        return Wait(held)

    async def _ask(self, claimants: Sequence[Claimant]) -> list[Answer]:
        """What the record says. Whoever is neither to be sent nor to wait has its key no longer."""
        answers: list[Answer] = [_UNRECORDED] * len(claimants)
        try:
            answers = await self._told(claimants)
        except Exception as error:
            count = _counted(len(claimants), "message")
            logger.error("ledger: %s not sent: %s", count, describe_failure(error))
        finally:
            for each, answer in zip(claimants, answers, strict=True):
                if answer is not None and not isinstance(answer, Wait):
                    self._end(each, answer if isinstance(answer, Result) else None)
        return answers

    async def _told(self, claimants: Sequence[Claimant]) -> list[Answer]:
        claims: list[Claim] = []

        async def ask() -> None:
            claims.extend(await self._record.claim([each.message for each in claimants]))

        # What it says is heard, whoever is cancelled meanwhile: nobody else would give the keys back.
        if self.suspends and not await self._tasks.shielded(ask()):
            raise LedgerError(_NOT_IN_TIME)
        if not self.suspends:
            await ask()
        answered = zip(claimants, claims, strict=True)
        return [None if claim is GRANTED else _answer(each, claim) for each, claim in answered]

    def _end(self, held: Claimant, result: Result | None) -> None:
        key = held.key
        if self._held.get(key) is held:
            del self._held[key]
        held.end(result if result is not None and settles_others(result) else None)


def _counted(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"


def _answer(claimant: Claimant, claim: Claim) -> Answer:
    if claim.result is not None:
        return copy_for(claimant.owner, claim.result)
    if claim.differs is not None:
        return Conflict.of(claimant.message, claim.differs)
    if claim.held:
        return _WAIT
    if claim.tried:
        claimant.add_tries(claim.tried)
    return None
