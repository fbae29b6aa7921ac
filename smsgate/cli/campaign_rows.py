"""The rows of a campaign's file: each a message, or what is wrong with it."""

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import attrs

from smsgate.cli.accounts import in_shell_words
from smsgate.model.errors import ConfigurationError
from smsgate.model.message import Message
from smsgate.model.suggestion import did_you_mean
from smsgate.model.template import Template

__all__ = ["BadRows", "People", "Row"]

_LINE: Final = "line"
_PROBLEM: Final = "problem"
_DELIMITERS: Final = {";": "';'", ",": "','", "\t": "$'\\t'", "|": "'|'"}
"""What stands between cells, and how it is written at the shell."""
_OURS: Final = re.compile(f"{_LINE}(.{{1,4}}?){_PROBLEM}\\1".encode())
"""How a list of wrong rows begins, whatever stood between the cells of its file."""


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
                    has = f"no column {wanted!r}{near}; it has {', '.join(cells)}"
                    raise ConfigurationError(f"{self.path}: {has}{_other_delimiter(cells)}")
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


def _other_delimiter(cells: Sequence[str]) -> str:
    """What to do if the whole header is one cell because something else stands between the names."""
    found = [name for each, name in _DELIMITERS.items() if len(cells) == 1 and each in cells[0]]
    return f": are they parted by {found[0]}? Add --delimiter {found[0]}" if found else ""


class BadRows:
    """A file of the rows that are not sent as they are, each with its line and what is wrong. Made with the first one.

    A list of an earlier run is overwritten with the first one, or removed at the end of a *sending* run without one.
    Raises `ConfigurationError` for a file that is anything else, and `OSError` if a sending run cannot write there.
    """

    def __init__(self, path: Path, header: Sequence[str], delimiter: str, *, sending: bool) -> None:
        self.path: Path = path
        self.count: int = 0
        self._header = header
        self._delimiter = delimiter
        self._sending = sending
        self._file: Any = None

    def __enter__(self) -> Self:
        self._new = not self.path.exists()
        if not self._new and not self._may_replace():
            raise ConfigurationError(
                f"--bad-rows: {self.path} is not a list of wrong rows: move it, or name another file"
            )
        if self._sending and self._is_regular():
            self.path.open("ab").close()  # with the first wrong row it would be too late: messages are on their way
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._file is not None:
            self._file.close()
        elif self._sending and (self._new or kind is None) and self.path.is_file() and self._may_replace():
            self.path.unlink()

    def add(self, row: Row, problem: str) -> None:
        """Write one."""
        if self._file is None:
            self._file = self.path.open("w", newline="", encoding="utf-8")
            self._writer = csv.writer(self._file, delimiter=self._delimiter)
            self._writer.writerow([_LINE, _PROBLEM, *self._header])
        self._writer.writerow([row.line, in_shell_words(problem), *row.cells])
        self.count += 1

    def _is_regular(self) -> bool:
        """Whether it is a file and nothing else: a device such as /dev/null is written to, and never removed."""
        return self.path.is_file() or not self.path.exists()

    def _may_replace(self) -> bool:
        """Whether nothing is lost with what stands there: it has our header, whatever columns follow, or is empty."""
        if not self._is_regular():
            return True
        with self.path.open("rb") as file:
            begin = file.read(64)
        return not begin or _OURS.match(begin) is not None
