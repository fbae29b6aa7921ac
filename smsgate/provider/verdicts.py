"""The verdicts of a request whose messages were all accepted, and alike but for the vendor's ids. Pure."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, overload

import attrs

from smsgate.model.reason import Outcome
from smsgate.provider.protocol import Verdict

__all__ = ["AlikeVerdicts", "kinds_of", "read_rows"]


class AlikeVerdicts(Sequence[Verdict]):
    """Verdicts that differ from *example* in their `message_id` alone. Each is made when it is asked for."""

    __slots__ = ("example", "ids")

    def __init__(self, example: Verdict, ids: Sequence[str]) -> None:
        self.example: Verdict = example
        self.ids: Sequence[str] = ids

    def __len__(self) -> int:
        return len(self.ids)

    @overload
    def __getitem__(self, index: int) -> Verdict: ...
    @overload
    def __getitem__(self, index: slice) -> "AlikeVerdicts": ...
    def __getitem__(self, index: int | slice) -> "Verdict | AlikeVerdicts":
        if isinstance(index, slice):
            return AlikeVerdicts(self.example, self.ids[index])
        return attrs.evolve(self.example, message_id=self.ids[index])


def kinds_of(verdicts: Sequence[Verdict]) -> Sequence[Verdict]:
    """One of each kind of *verdicts*, for what does not depend on the id; at most all of them."""
    return [verdicts.example] if isinstance(verdicts, AlikeVerdicts) else verdicts


def read_rows(
    rows: Sequence[Mapping[str, Any]],
    read: Callable[[Mapping[str, Any]], Verdict],
    *others: str,
    id: str,
    longest: int | None = None,
) -> Sequence[Verdict]:
    """The verdict that *read* gives of each of *rows*. It is asked once if all were accepted and are alike.

    *others*: the names of all that it reads, beside the vendor's *id*, in a row that was accepted. *longest*: how long
    an id is at most that is believed, and then it has to be printable.
    """
    ids: list[Any] = [row.get(id) for row in rows]
    if set(map(type, ids)) == {str} and "" not in ids and all(_have_one_value(rows, name) for name in others):
        believed = longest is None or (max(map(len, ids)) <= longest and "".join(ids).isprintable())
        first = read(rows[0])
        if believed and first.outcome is Outcome.ACCEPTED:
            return AlikeVerdicts(first, ids)
    return [read(row) for row in rows]


def _have_one_value(rows: Sequence[Mapping[str, Any]], name: str) -> bool:
    values = [row.get(name) for row in rows]
    # Of one type too: 1, 1.0 and true are equal in Python.
    return values.count(values[0]) == len(values) and len(set(map(type, values))) == 1
