"""The rows of a campaign's file: each a message, or what is wrong with it."""

import csv
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import attrs

from smsgate.model.errors import ConfigurationError
from smsgate.model.message import Message
from smsgate.model.suggestion import did_you_mean
from smsgate.model.template import Template

__all__ = ["BadRows", "People", "Row"]

_LINE: Final = "line"
_PROBLEM: Final = "problem"


@attrs.frozen
class Row:
    """One row."""

    line: int
    """Where it begins in the file; the header is line 1."""
    cells: Sequence[str] = attrs.field(repr=False)
    message: Message | None
    problem: str = ""
    """Why there is no message."""


@attrs.frozen(kw_only=True)
class People:
    """A file with a row for each message, and how its columns make one."""

    path: Path
    campaign: str
    template: Template
    to: str
    key: str
    """The names of the columns with the number and with the key."""
    fixed: Mapping[str, str]
    """Values of parameters that are the same in each message."""
    delimiter: str = ","

    def header(self) -> list[str]:
        """The names of the columns. Raises `ConfigurationError` if one is missing, or the file cannot be read."""
        for _, cells in self._lines():
            for wanted in (self.to, self.key, *self._params()):
                if wanted not in cells:
                    near = did_you_mean(wanted, cells)
                    raise ConfigurationError(f"{self.path}: no column {wanted!r}{near}; it has {', '.join(cells)}")
            return cells
        raise ConfigurationError(f"{self.path}: is empty: the first line must have the names of the columns")

    def count(self) -> int:
        """How many rows there are."""
        return sum(1 for _ in self._lines()) - 1

    def rows(self) -> Iterator[Row]:
        """The rows, in their order. Blank lines are none."""
        header = self.header()
        where = {name: header.index(name) for name in (self.to, self.key, *self._params())}
        lines = self._lines()
        next(lines)
        first: dict[str, int] = {}
        for line, cells in lines:
            problem = self._problem(cells, header, where)
            if not problem and (key := cells[where[self.key]]) in first:
                problem = f"{self.key}: is that of line {first[key]} too"
            if problem:
                yield Row(line, cells, None, problem)
                continue
            first[cells[where[self.key]]] = line
            params = {**self.fixed, **{name: cells[where[name]] for name in self._params()}}
            own = f"{self.campaign}/{cells[where[self.key]]}"  # a key is one message, whichever campaign it is of
            yield Row(line, cells, Message(cells[where[self.to]].strip(), self.template.name, params, key=own))

    def _params(self) -> list[str]:
        return [name for name in self.template.params if name not in self.fixed]

    def _problem(self, cells: list[str], header: list[str], where: Mapping[str, int]) -> str:
        if len(cells) != len(header):
            return f"has {len(cells)} cells, and there are {len(header)} columns"
        empty = [name for name, index in where.items() if not cells[index].strip()]
        return f"{empty[0]}: is empty" if empty else ""

    def _lines(self) -> Iterator[tuple[int, list[str]]]:
        try:
            with self.path.open(newline="", encoding="utf-8-sig") as file:
                reader = csv.reader(file, delimiter=self.delimiter)
                line = 1
                for cells in reader:
                    if cells:
                        yield line, cells
                    line = reader.line_num + 1
                return
        except OSError as error:
            problem = f"cannot be read: {error.strerror}"
        except UnicodeDecodeError:
            problem = "is not UTF-8"
        except csv.Error as error:
            problem = f"is not CSV: {error}"
        raise ConfigurationError(f"{self.path}: {problem}")


class BadRows:
    """A file of the rows that are not sent as they are, each with its line and what is wrong. Made with the first one.

    What stood there before is overwritten, or removed if there is none.
    """

    def __init__(self, path: Path, header: Sequence[str], delimiter: str) -> None:
        self.path: Path = path
        self.count: int = 0
        self._header = header
        self._delimiter = delimiter
        self._file: Any = None

    def __enter__(self) -> Self:
        self.path.unlink(missing_ok=True)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._file is not None:
            self._file.close()

    def add(self, row: Row, problem: str) -> None:
        """Write one."""
        if self._file is None:
            self._file = self.path.open("w", newline="", encoding="utf-8")
            self._writer = csv.writer(self._file, delimiter=self._delimiter)
            self._writer.writerow([_LINE, _PROBLEM, *self._header])
        self._writer.writerow([row.line, problem, *row.cells])
        self.count += 1
