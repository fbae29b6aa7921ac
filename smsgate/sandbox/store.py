"""The inbox in an SQLite file: it is there again when the sandbox starts the next time."""

import json
import logging
import sqlite3
from collections.abc import Iterable, Set
from pathlib import Path
from typing import Any, Final

from cattrs.preconf.json import make_converter

from smsgate.model.errors import ConfigurationError
from smsgate.sandbox.state.entry import Entry, Exchange
from smsgate.sandbox.state.history import CLEARED, FAULTS, History
from smsgate.wire import Headers

__all__ = ["HistoryStore"]

logger: Final = logging.getLogger("smsgate")
_FORM: Final = 1
_TABLES: Final = """
CREATE TABLE IF NOT EXISTS entries (id TEXT PRIMARY KEY, serial INTEGER NOT NULL, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS exchanges (number INTEGER PRIMARY KEY, value TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS entries_by_serial ON entries (serial);
"""
_CONVERTER: Final = make_converter(detailed_validation=False)
_CONVERTER.register_unstructure_hook(Headers, lambda headers: [list(pair) for pair in headers.pairs])
_CONVERTER.register_structure_hook(Headers, lambda pairs, _: Headers([(name, value) for name, value in pairs]))


class HistoryStore:
    """Keeps a `History` in the file *path*. Raises `ConfigurationError` if that is no file of this kind.

    Nothing waits for the disk: what was written survives the end of the program, also a sudden one.
    """

    def __init__(self, path: str | Path) -> None:
        self._path = Path(path)
        try:
            # The sandbox's own lock guards it, whichever thread that runs in.
            self._connection = sqlite3.connect(self._path, check_same_thread=False, isolation_level=None)
        except sqlite3.Error as error:
            raise self._problem(error) from None
        try:
            (form,) = self._connection.execute("PRAGMA user_version").fetchone()
            (tables,) = self._connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
            if form == 0 and tables:
                raise sqlite3.DatabaseError("it is the database of something else")
            if form not in (0, _FORM):
                raise sqlite3.DatabaseError(f"it is of form {form}, and this release reads form {_FORM}")
            self._connection.execute("PRAGMA journal_mode = WAL")
            self._connection.execute("PRAGMA synchronous = OFF")
            # Before the tables: with them alone it is not ours.
            self._connection.execute(f"PRAGMA user_version = {_FORM}")
            self._connection.executescript(_TABLES)
        except sqlite3.Error as error:
            self._connection.close()
            raise self._problem(error) from None

    def load(self, history: History) -> None:
        """Put what the file has into *history*, and save from now on what changes in it."""
        try:
            exchanges = [_structure(value, Exchange) for value in self._values("exchanges", "number")]
            entries = [_structure(value, Entry) for value in self._values("entries", "serial")]
        except (sqlite3.Error, ValueError, LookupError, TypeError, AttributeError) as error:
            self._connection.close()
            raise self._problem(error) from None
        history.restore(entries, exchanges)
        history.changed = {entry.id for entry in entries} - history.entries.keys()
        self.save(history)

    def save(self, history: History) -> None:
        """Write what has changed. Never raises: what cannot be written is logged."""
        changed, history.changed = history.changed or set(), set()
        try:
            self._write(history, changed)
        except sqlite3.Error as error:
            # The sandbox works on: what is not written yet is tried again with the next change.
            history.changed |= changed
            logger.error("%s", self._problem(error))

    def _write(self, history: History, changed: Set[str]) -> None:
        with self._connection as cursor:
            cursor.execute("BEGIN")
            if CLEARED in changed:
                cursor.execute("DELETE FROM entries")
                cursor.execute("DELETE FROM exchanges")
            entries = {id: history.entries.get(id) for id in changed - {CLEARED, FAULTS}}
            kept = [entry for entry in entries.values() if entry is not None]
            cursor.executemany("DELETE FROM entries WHERE id = ?", [(id,) for id, each in entries.items() if not each])
            rows = [(entry.id, entry.serial, _text(entry)) for entry in kept]
            cursor.executemany("INSERT OR REPLACE INTO entries VALUES (?, ?, ?)", rows)
            _save_exchanges(cursor, history, kept)

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def _values(self, table: str, order: str) -> list[str]:
        rows = self._connection.execute(f"SELECT value FROM {table} ORDER BY {order}")  # noqa: S608  # two fixed names
        return [value for (value,) in rows]

    def _problem(self, error: Exception) -> ConfigurationError:
        text = f"{self._path}: cannot keep messages there: {error or type(error).__name__}"
        return ConfigurationError(f"{text}; give another file, or delete this one if it is a sandbox's")


def _save_exchanges(cursor: sqlite3.Connection, history: History, entries: Iterable[Entry]) -> None:
    found = [history.exchanges.get(entry.exchange or 0) for entry in entries]
    rows = {each.number: _text(each) for each in found if each is not None}
    cursor.executemany("INSERT OR IGNORE INTO exchanges VALUES (?, ?)", list(rows.items()))
    oldest = next(iter(history.exchanges), 0)
    cursor.execute("DELETE FROM exchanges WHERE number < ?", (oldest,))


def _text(value: Entry | Exchange) -> str:
    return json.dumps(_CONVERTER.unstructure(value), ensure_ascii=False)


def _structure(value: str, kind: type[Any]) -> Any:
    return _CONVERTER.structure(json.loads(value), kind)
