"""Work for the threads of a ledger, whoever waits for it, and how much of it is one transaction."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, ClassVar, Protocol, TypeVar

import attrs
from sqlalchemy import Connection

from smsgate.transport.loop import LoopBinding, LoopEvent

__all__ = ["GroupedWork", "Job", "Pulse", "Work", "finish", "run_jobs"]

T = TypeVar("T")
Work = Callable[[Connection], T]


class GroupedWork(ABC):
    """Work whose statements are made once for all of its kind in a transaction."""

    __slots__ = ()

    rank: ClassVar[int] = 0
    """Which kind comes first: the lowest. Work that is not grouped comes last."""

    @classmethod
    @abstractmethod
    def run_all(cls, connection: Connection, works: Sequence[Any]) -> None:
        """Do all of *works*, which are of this kind."""

    def __call__(self, connection: Connection) -> None:
        """Do this one alone."""
        self.run_all(connection, [self])


@attrs.define(eq=False)
class Job:
    """Work for a thread, and whoever waits for it."""

    work: Work[Any]
    loop: LoopBinding
    done: LoopEvent | None = None
    """Set when it has ended. None: nobody waits for it."""
    undo: Work[object] | None = None
    undo_if_cancelled: bool = False
    erases: bool = False
    last: bool = False
    finished: bool = False
    given_up: bool = False
    value: Any = None
    error: BaseException | None = None


class Pulse(Protocol):
    """Work that nobody waits for."""

    def __call__(self, connection: Connection) -> None:
        """Do it, in a transaction of its own."""
        ...

    def committed(self) -> bool:
        """Called once that is committed. Whether there is more of it to do at once."""
        ...


def run_jobs(connection: Connection, group: Sequence[Job]) -> None:
    """Do all of *group*, in one transaction."""
    kinds: dict[type[GroupedWork], list[Job]] = {}
    for job in group:
        job.error = None
        if isinstance(job.work, GroupedWork):
            kinds.setdefault(type(job.work), []).append(job)
    for kind in sorted(kinds, key=lambda kind: kind.rank):
        kind.run_all(connection, [job.work for job in kinds[kind]])
    for job in group:
        if not isinstance(job.work, GroupedWork):
            job.value = job.work(connection)


def finish(jobs: Sequence[Job]) -> None:
    """Wake whoever waits for *jobs*: each event loop once."""
    by_loop: dict[LoopBinding, list[LoopEvent]] = {}
    for job in jobs:
        if job.done is not None:
            by_loop.setdefault(job.loop, []).append(job.done)
    for loop, events in by_loop.items():
        loop.call_soon(partial(_set, events))


def _set(events: Sequence[LoopEvent]) -> None:
    for event in events:
        event.set()
