"""A file that keeps what was pulled, byte for byte, before anything parses it.

Each answer is appended as one record (a mark, its length, a checksum, its bytes) and forced to the disk. A crash may
cut a record short, and the next one is appended to what is left of it: so a reader that meets a record that is not
whole looks for the next mark whose length and checksum fit, and goes on there.
"""

import logging
import os
import shutil
import sys
import zlib
from collections.abc import Generator, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, Final

import anyio
import anyio.to_thread
import attrs

from smsgate.model.errors import ConfigurationError

if sys.platform != "win32":
    import fcntl

__all__ = ["FileSpool", "may_be_spool"]

logger: Final = logging.getLogger("smsgate")

_HEAD: Final = 12
_MARK: Final = b"SGS1"
_CHUNK: Final = 1 << 16


@attrs.frozen
class _Place:
    """Where a record stands in the file, and what it begins with."""

    start: int
    end: int
    head: bytes


class FileSpool:
    """Keeps raw answers in one file. Give its `keep` to a `Puller`.

    The file holds phone numbers and texts: it is made readable for its owner only. Several threads may use it, and
    where the system has file locks (not on Windows) several processes.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self._path = Path(path)
        self._read_to: _Place | None = None
        if not self._path.parent.is_dir():
            raise ConfigurationError(f"FileSpool: {self._path.parent} is not a directory")

    async def keep(self, body: bytes) -> None:
        """Append one answer; returns once the disk has it. Raises `OSError` if it cannot be written.

        It is written also if the caller is cancelled meanwhile.
        """
        # A limiter of its own: all threads of the default one may be waiting for this event loop, and then for ever.
        with anyio.CancelScope(shield=True):
            await anyio.to_thread.run_sync(self._keep, body, limiter=anyio.CapacityLimiter(1))

    def read(self) -> Iterator[bytes]:
        """Every answer that was kept when the iteration began, the oldest first. Reads the file as it goes (blocking).

        What is left of records that a crash cut short is passed over, with a warning in the log.
        """
        if not self._path.exists():
            return
        with self._path.open("rb") as file:
            with _exclusive(self._path.parent):  # no record is half written at this moment
                size = os.fstat(file.fileno()).st_size
            end, found = 0, _next_record(file, 0, 0, size)
            while found is not None:
                start, record = found
                self._warn_of_gap(end, start)
                yield record[_HEAD:]
                end = start + len(record)
                found = _next_record(file, start + 1, end, size)
                self._read_to = _Place(start, end if found is None else min(end, found[0]), record[:_HEAD])
            self._warn_of_gap(end, size)

    def clear(self) -> None:
        """Forget the answers that `read` of this object has returned (blocking): call it once they are safe elsewhere.

        One counts as returned when the next is requested, or when the iteration has ended. What was kept since, and
        what nobody has read, stays. Raises `OSError` if the file cannot be written; nothing is forgotten then.
        """
        place = self._read_to
        if place is None or not self._path.exists():
            return
        with _exclusive(self._path.parent):
            self._drop(place)
        self._read_to = None

    def _drop(self, place: _Place) -> None:
        path = Path(os.path.realpath(self._path))  # a link stays one
        with path.open("rb") as file:
            file.seek(place.start)
            if file.read(_HEAD) != place.head:
                logger.warning("%s was cleared by another reader meanwhile: nothing more is cleared", self._path.name)
                return
            file.seek(place.end)
            part = path.with_name(f"{path.name}.part")
            with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | _binary(), 0o600), "wb") as rest:
                shutil.copyfileobj(file, rest)
                rest.flush()
                os.fsync(rest.fileno())
        # Replaced whole: a crash leaves the old file or the new one, never half of either.
        if part.stat().st_size:
            part.replace(path)
        else:
            path.unlink()
            part.unlink()
        _sync_directory(path.parent)

    def _warn_of_gap(self, end: int, start: int) -> None:
        if start > end:
            logger.warning("%s: %d bytes at %d are no whole record: passed over", self._path.name, start - end, end)

    def _keep(self, body: bytes) -> None:
        with _exclusive(self._path.parent):
            self._append(body)

    def _append(self, body: bytes) -> None:
        record = _MARK + len(body).to_bytes(4) + zlib.crc32(body).to_bytes(4) + body
        new = not self._path.exists()
        descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | _binary(), 0o600)
        try:
            whole = os.fstat(descriptor).st_size
            try:
                _write_all(descriptor, record)
                os.fsync(descriptor)
            except OSError:
                os.ftruncate(descriptor, whole)  # the caller takes it for not kept: it must not be read later
                raise
        finally:
            os.close(descriptor)
        if new:
            _sync_directory(self._path.parent)


def may_be_spool(path: Path) -> bool:
    """Whether *path* is a spool, empty or not there: a crash may have cut its first record short within the mark."""
    if not path.is_file():
        return True
    with path.open("rb") as file:
        begin = file.read(2 * len(_MARK))
    return _MARK in begin or _MARK.startswith(begin)


@contextmanager
def _exclusive(directory: Path) -> Generator[None]:
    """Keep other writers out: what is appended to a file while `clear` replaces it would be lost."""
    if not hasattr(os, "O_DIRECTORY"):  # Windows, which opens no directory
        yield  # it refuses to replace a file that is open
        return
    # The directory, because the file itself is replaced; a lock belongs to the descriptor, so it parts threads as well.
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        with suppress(OSError):  # some network file systems have no locks: there one process is the limit
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        with suppress(OSError):
            fcntl.flock(descriptor, fcntl.LOCK_UN)  # by hand: a process forked meanwhile has the descriptor too
        os.close(descriptor)


def _next_record(file: BinaryIO, start: int, end: int, size: int) -> tuple[int, bytes] | None:
    """The first record that begins at *start* or behind it and ends behind *end*, where the one before it ends.

    It may begin before *end*: its first bytes may by chance be those that the one before it, cut short, was lacking.
    """
    at = _find_mark(file, start)
    while at is not None:
        record = _record_at(file, at, size)
        if record is not None and at + len(record) > end:
            return at, record
        at = _find_mark(file, at + 1)
    return None


def _record_at(file: BinaryIO, start: int, size: int) -> bytes | None:
    """The record that begins at *start*, or None if no whole one does."""
    file.seek(start)
    head = file.read(_HEAD)
    length = int.from_bytes(head[4:8])
    if len(head) < _HEAD or start + _HEAD + length > size:
        return None
    body = file.read(length)
    return head + body if len(body) == length and zlib.crc32(body) == int.from_bytes(head[8:12]) else None


def _find_mark(file: BinaryIO, start: int) -> int | None:
    """Where the next mark begins, at *start* or behind it."""
    file.seek(start)
    data = b""
    while chunk := file.read(_CHUNK):
        data += chunk
        found = data.find(_MARK)
        if found >= 0:
            return start + found
        start += len(data) - len(_MARK) + 1
        data = data[-len(_MARK) + 1 :]
    return None


def _binary() -> int:
    """The flag without which Windows writes a line feed as two bytes."""
    flag: int = getattr(os, "O_BINARY", 0)
    return flag


def _write_all(descriptor: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]


def _sync_directory(path: Path) -> None:
    if not hasattr(os, "O_DIRECTORY"):  # Windows opens no directory
        return
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
