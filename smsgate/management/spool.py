"""A file that keeps what was pulled, byte for byte, before anything tries to understand it.

Each answer is appended as one record (its length, a checksum, its bytes) and forced to the disk. A record that a crash
cut short is left out when the file is read; all before it are whole.
"""

import os
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import anyio.to_thread

from smsgate.model.errors import ConfigurationError

__all__ = ["FileSpool"]

_HEAD: Final = 12
_MARK: Final = b"SGS1"


class FileSpool:
    """Keeps raw answers in one file. Give its `keep` to a `Puller`.

    The file holds phone numbers and texts: it is made readable for its owner only.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self._path = Path(path)
        if not self._path.parent.is_dir():
            raise ConfigurationError(f"FileSpool: {self._path.parent} is not a directory")

    async def keep(self, body: bytes) -> None:
        """Append one answer; returns once the disk has it. Raises `OSError` if it cannot be written."""
        with anyio.CancelScope(shield=True):  # half-way is no place to stop
            await anyio.to_thread.run_sync(self._append, body)

    def read(self) -> Iterator[bytes]:
        """Every answer that was kept, oldest first."""
        if not self._path.exists():
            return
        with self._path.open("rb") as file:
            while (head := file.read(_HEAD)) and len(head) == _HEAD and head.startswith(_MARK):
                length, checksum = int.from_bytes(head[4:8]), int.from_bytes(head[8:12])
                body = file.read(length)
                if len(body) != length or zlib.crc32(body) != checksum:
                    return
                yield body

    def clear(self) -> None:
        """Forget everything that was kept: call it once what was read is safe elsewhere."""
        self._path.unlink(missing_ok=True)

    def _append(self, body: bytes) -> None:
        record = _MARK + len(body).to_bytes(4) + zlib.crc32(body).to_bytes(4) + body
        new = not self._path.exists()
        descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            whole = os.fstat(descriptor).st_size
            try:
                _write_all(descriptor, record)
                os.fsync(descriptor)
            except OSError:
                os.ftruncate(descriptor, whole)  # a torn record would hide all that come after it
                raise
        finally:
            os.close(descriptor)
        if new:
            _sync_directory(self._path.parent)


def _write_all(descriptor: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]


def _sync_directory(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
