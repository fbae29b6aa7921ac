"""The spool: every byte that was kept comes back, whatever cut the last record short."""

import os
from pathlib import Path

import pytest

from smsgate.management import FileSpool

pytestmark = pytest.mark.anyio


async def test_gives_back_every_answer_in_order(tmp_path: Path) -> None:
    """What was kept is read back byte for byte, by another object too, and `clear` forgets it."""
    bodies = [b"", b"one", bytes(range(256)) * 100]
    spool = FileSpool(tmp_path / "spool")
    assert list(spool.read()) == []
    for body in bodies:
        await spool.keep(body)
    assert list(FileSpool(tmp_path / "spool").read()) == bodies
    spool.clear()
    assert list(spool.read()) == []
    spool.clear()


async def test_is_readable_for_its_owner_only(tmp_path: Path) -> None:
    """It holds numbers and texts, so nobody else may read it."""
    spool = FileSpool(tmp_path / "spool")
    await spool.keep(b"x")
    assert (tmp_path / "spool").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("cut", [1, 5, 12, 14])
async def test_a_torn_last_record_is_left_out(tmp_path: Path, cut: int) -> None:
    """A crash in the middle of a write costs that record and no other."""
    path = tmp_path / "spool"
    spool = FileSpool(path)
    await spool.keep(b"whole")
    await spool.keep(b"torn")
    os.truncate(path, path.stat().st_size - cut)
    assert list(spool.read()) == [b"whole"]


async def test_a_failed_write_leaves_no_half_record(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that fails in the middle does not hide what is kept after it."""
    spool = FileSpool(tmp_path / "spool")
    await spool.keep(b"before")
    real = os.fsync

    def broken(descriptor: int) -> None:
        raise OSError("disk error")

    monkeypatch.setattr(os, "fsync", broken)
    with pytest.raises(OSError, match="disk error"):
        await spool.keep(b"lost")
    monkeypatch.setattr(os, "fsync", real)
    await spool.keep(b"after")
    assert list(spool.read()) == [b"before", b"after"]
