"""The messages of a request, and its attempts, as one value: what they have in common is written once.

A request has up to hundreds of messages that differ in number and key, and attempts that differ in the vendor's id. To
write each of them whole takes ten times as long, and three times the space.
"""

import json
from collections.abc import Iterator, Sequence
from operator import attrgetter
from typing import Any, Final, TypeVar, cast

import attrs

from smsgate.data import from_data
from smsgate.ledger.privacy import Privacy
from smsgate.model.message import Message
from smsgate.model.reason import Outcome, Reason
from smsgate.model.result import Attempt
from smsgate.observers.attempts import RequestAttempts

__all__ = ["Packed", "dump", "pack"]

T = TypeVar("T", Message, Attempt)

_NAMES: Final = {"outcome": Outcome, "reason": Reason}
_TEXTS: Final = (str, type(None))
_FIELDS: Final = {
    kind: {field.name: attrgetter(field.name) for field in attrs.fields(kind)} for kind in (Message, Attempt)
}
"""How each field is read: a bulk send reads those of every message."""


@attrs.frozen
class Packed:
    """Values as data, which are read one at a time: a base and the fields that differ, or each of them whole."""

    count: int
    base: dict[str, Any] = attrs.field(factory=dict[str, Any])
    columns: dict[str, list[str | None]] = attrs.field(factory=dict[str, list[str | None]])
    values: list[dict[str, Any]] = attrs.field(factory=list[dict[str, Any]])
    _first: dict[str, Any] = attrs.field(init=False, eq=False, repr=False, factory=dict[str, Any])

    @classmethod
    def load(cls, text: str) -> "Packed":
        """What `dump` wrote as *text*."""
        return cls(**json.loads(text))

    def dump(self) -> str:
        """It as text."""
        parts = {"count": self.count, "base": self.base, "columns": self.columns, "values": self.values}
        return dump({name: part for name, part in parts.items() if part})

    def __len__(self) -> int:
        return self.count

    def data(self, position: int) -> dict[str, Any]:
        """The value at *position* as data."""
        if self.values:
            return self.values[position]
        return {**self.base, **{name: column[position] for name, column in self.columns.items()}}

    def column(self, name: str) -> list[Any]:
        """One field of each value; None where it has its default."""
        if self.values:
            return [value.get(name) for value in self.values]
        return self.columns.get(name) or [self.base.get(name)] * self.count

    def text(self, position: int, name: str) -> Any:
        """One field of the value at *position*; None where it has its default."""
        if self.values:
            return self.values[position].get(name)
        column = self.columns.get(name)
        return column[position] if column else self.base.get(name)

    def value(self, position: int, kind: type[T]) -> T:
        """The value at *position*."""
        if self.values or kind is Message:
            return from_data(self.data(position), kind)
        # Those that are not written whole differ in texts alone: they are read for a tenth of the price.
        if not self._first:
            self._first.update(attrs.asdict(from_data(self.data(0), kind), recurse=False))
        own: dict[str, Any] = {name: column[position] for name, column in self.columns.items()}
        for name, names in _NAMES.items():
            if (value := own.get(name)) is not None:
                own[name] = names(value)
        return kind(**{**self._first, **own})

    def without(self, position: int, erased: dict[str, Any]) -> "Packed":
        """With the fields of *erased* in place of those that the value at *position* has."""
        values = [self.data(each) for each in range(self.count)]
        kept = values[position]
        values[position] = {**kept, **{name: value for name, value in erased.items() if name in kept}}
        return Packed(self.count, values=values)


def pack(values: Sequence[T], privacy: Privacy) -> Packed:
    """*values*, of which there is one at least."""
    columns = _columns(values, privacy)
    if columns is None:
        return Packed(len(values), values=[privacy.write(value) for value in values])
    return Packed(len(values), privacy.write(values[0]), columns)


def _columns(values: Sequence[T], privacy: Privacy) -> dict[str, list[str | None]] | None:
    """The fields in which *values* differ; None if some of them are no texts."""
    columns: dict[str, list[str | None]] = {}
    for name, column in _fields(values, privacy) if len(values) > 1 else ():
        if name != "to" and column.count(column[0]) == len(column):
            continue
        if any(not issubclass(kind, _TEXTS) for kind in set(map(type, column))):
            return None
        columns[name] = column
    return columns


def _fields(values: Sequence[T], privacy: Privacy) -> Iterator[tuple[str, list[Any]]]:
    """The fields in which *values* may differ, each with those of all."""
    if isinstance(values, RequestAttempts) and (differing := values.differing()):  # without an `Attempt` for each
        yield from differing.items()
        return
    for name, read in _FIELDS[type(values[0])].items():
        if name == "to":
            yield name, privacy.write_numbers_of(cast("Any", values))
        elif name != "params" or privacy.params:
            yield name, list(map(read, values))


def dump(data: object) -> str:
    """*data* as short JSON."""
    return json.dumps(data, separators=(",", ":"))
