"""The attempts of one request, most of which nobody looks at."""

from collections.abc import Iterable, Sequence
from typing import overload

from smsgate.model.result import Attempt, Result, only_try_columns

__all__ = ["RequestAttempts"]


class RequestAttempts(Sequence[Attempt]):
    """One for each message of a request. That of a message that was accepted is made when somebody asks for it.

    *ends*: the attempts, or in place of one that was accepted the result.
    """

    __slots__ = ("_ends",)

    def __init__(self, ends: Iterable[Attempt | Result]) -> None:
        self._ends = tuple(ends)

    def __len__(self) -> int:
        return len(self._ends)

    @overload
    def __getitem__(self, index: int) -> Attempt: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Attempt, ...]: ...
    def __getitem__(self, index: int | slice) -> Attempt | tuple[Attempt, ...]:
        if isinstance(index, slice):
            return tuple(map(_attempt, self._ends[index]))
        return _attempt(self._ends[index])

    def differing(self) -> dict[str, list[str | None]] | None:
        """By name, the fields in which they may differ, if all were accepted, at their first try and in one response.

        None if they may differ in any, or there is none.
        """
        return only_try_columns(self._ends)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, RequestAttempts | tuple) and self[:] == other[:]

    def __hash__(self) -> int:
        return hash(self[:])

    def __repr__(self) -> str:
        return repr(self[:])


def _attempt(end: Attempt | Result) -> Attempt:
    return end if isinstance(end, Attempt) else end.attempts[-1]
