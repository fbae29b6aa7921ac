"""The spool: every byte that was kept comes back, whatever cut a record short, and only what was read is forgotten."""

import os
import tempfile
import zlib
from pathlib import Path

import anyio
import anyio.to_thread
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smsgate.management import FileSpool
from smsgate.management.spool import may_be_spool

pytestmark = pytest.mark.anyio


def record(body: bytes) -> bytes:
    """One record as the format is documented: mark, length, checksum, bytes."""
    return b"SGS1" + len(body).to_bytes(4) + zlib.crc32(body).to_bytes(4) + body


async def test_gives_back_every_answer_in_order(tmp_path: Path) -> None:
    """What was kept is read back byte for byte, by another object too, and `clear` forgets what was read."""
    bodies = [b"", b"one", bytes(range(256)) * 1000, b"SGS1", b"SGS1" * 5]
    spool = FileSpool(tmp_path / "spool")
    assert list(spool.read()) == []
    for body in bodies:
        await spool.keep(body)
    assert list(FileSpool(tmp_path / "spool").read()) == bodies
    assert list(spool.read()) == bodies
    spool.clear()
    assert list(spool.read()) == []
    assert os.listdir(tmp_path) == []
    spool.clear()


async def test_is_readable_for_its_owner_only(tmp_path: Path) -> None:
    """It holds numbers and texts, so nobody else may read it, also after a part of it was cleared."""
    spool = FileSpool(tmp_path / "spool")
    for body in (b"x", b"y", b"z"):
        await spool.keep(body)
        assert (tmp_path / "spool").stat().st_mode & 0o077 == 0
    reading = spool.read()
    assert [next(reading), next(reading)] == [b"x", b"y"]
    spool.clear()
    assert (tmp_path / "spool").stat().st_mode & 0o077 == 0
    assert list(spool.read()) == [b"y", b"z"]


@pytest.mark.parametrize("cut", [1, 5, 12, 14])
async def test_a_torn_last_record_is_left_out(tmp_path: Path, cut: int, caplog: pytest.LogCaptureFixture) -> None:
    """A crash in the middle of a write costs that record and no other, neither before nor after it."""
    path = tmp_path / "spool"
    spool = FileSpool(path)
    await spool.keep(b"whole")
    await spool.keep(b"torn")
    os.truncate(path, path.stat().st_size - cut)
    assert list(spool.read()) == [b"whole"]
    again = FileSpool(path)
    await again.keep(b"third")
    await again.keep(b"fourth")
    assert list(again.read()) == [b"whole", b"third", b"fourth"]
    assert f"spool: {16 - cut} bytes at 17 are no whole record: passed over" in caplog.text


PIECES = st.one_of(
    st.binary(max_size=40),
    st.sampled_from(
        [b"SGS1", b"SGS1" * 3, b"SGS1\x00\x00\x00\x02", b"SGS1\x00\x00\x00\x00\x00\x00\x00", b"x" * 70_000]
    ),
)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(PIECES, st.none() | st.integers(0, 60)), max_size=6))
def test_whole_records_are_found_between_torn_ones(pieces: list[tuple[bytes, int | None]]) -> None:
    """Whatever records were cut short at whatever byte: all whole ones come back, in their order.

    A torn one comes back too where the next one happens to begin with the bytes that it lacks: it is whole then.
    """
    whole = [body for body, cut in pieces if cut is None or cut >= len(record(body))]
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "spool"
        path.write_bytes(b"".join(record(body)[:cut] for body, cut in pieces))
        found = list(FileSpool(path).read())
    torn = [body for body, cut in pieces if cut is not None and cut < len(record(body))]
    for body in whole:
        while found[0] != body:
            assert found.pop(0) in torn
        found.pop(0)
    assert all(body in torn for body in found)


@pytest.mark.parametrize("read", [0, 1, 2, 3])
async def test_clear_forgets_what_was_read_and_nothing_else(tmp_path: Path, read: int) -> None:
    """An answer that came after the reading, or that was not reached, stays; so does one still being processed."""
    spool = FileSpool(tmp_path / "spool")
    for body in (b"a", b"b", b"c"):
        await spool.keep(body)
    reading = spool.read()
    for _ in range(read):
        next(reading)
    await spool.keep(b"d")
    spool.clear()
    left = [b"a", b"b", b"c"][max(read - 1, 0) :]
    assert list(spool.read()) == [*left, b"d"]
    await spool.keep(b"e")
    assert list(FileSpool(tmp_path / "spool").read()) == [*left, b"d", b"e"]


async def test_clear_without_a_read_forgets_nothing(tmp_path: Path) -> None:
    """What this object has not read is not its to forget."""
    spool = FileSpool(tmp_path / "spool")
    await spool.keep(b"a")
    FileSpool(tmp_path / "spool").clear()
    spool.clear()
    assert list(spool.read()) == [b"a"]


async def test_two_readers_forget_nothing_of_each_other(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Where another reader has cleared the file, a place in the old file says nothing about the new one."""
    spool, other = FileSpool(tmp_path / "spool"), FileSpool(tmp_path / "spool")
    for body in (b"a", b"b"):
        await spool.keep(body)
    assert list(spool.read()) == list(other.read()) == [b"a", b"b"]
    spool.clear()
    await spool.keep(b"c")
    await spool.keep(b"d")
    other.clear()
    assert list(spool.read()) == [b"c", b"d"]
    assert "cleared by another reader" in caplog.text


async def test_a_link_stays_a_link(tmp_path: Path) -> None:
    """A spool behind a symbolic link is cleared where it is."""
    (tmp_path / "link").symlink_to(tmp_path / "real")
    spool = FileSpool(tmp_path / "link")
    for body in (b"a", b"b"):
        await spool.keep(body)
    reading = spool.read()
    assert [next(reading), next(reading)] == [b"a", b"b"]
    spool.clear()
    assert (tmp_path / "link").is_symlink()
    assert list(FileSpool(tmp_path / "real").read()) == [b"b"]


async def test_nothing_is_lost_between_keeping_and_clearing(tmp_path: Path) -> None:
    """Answers kept while another thread reads and clears are read once and no answer is missing."""
    seen: list[bytes] = []
    done = False
    reader = FileSpool(tmp_path / "spool")

    def consume() -> None:
        last = False
        while not last:
            last = done
            seen.extend(reader.read())
            reader.clear()

    async def produce() -> None:
        nonlocal done
        for number in range(200):
            await FileSpool(tmp_path / "spool").keep(str(number).encode())
        done = True

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(anyio.to_thread.run_sync, consume)
        tasks.start_soon(produce)
    assert seen == [str(number).encode() for number in range(200)]


async def test_it_needs_no_thread_that_others_hold(tmp_path: Path) -> None:
    """With every thread of the default limiter taken, an answer is kept all the same."""
    limiter = anyio.to_thread.current_default_thread_limiter()
    holders = [object() for _ in range(int(limiter.total_tokens))]
    for holder in holders:
        await limiter.acquire_on_behalf_of(holder)
    try:
        with anyio.fail_after(5):
            await FileSpool(tmp_path / "spool").keep(b"a")
    finally:
        for holder in holders:
            limiter.release_on_behalf_of(holder)
    assert list(FileSpool(tmp_path / "spool").read()) == [b"a"]


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


async def test_opens_what_windows_opens_and_as_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Windows' `os.open` translates line feeds without O_BINARY, has no O_DIRECTORY and refuses a directory.

    Its `os.open` is imitated: the spool has not been run on Windows itself.
    """
    real, binary = os.open, 1 << 30

    def windows(path: os.PathLike[str], flags: int, mode: int = 0o777) -> int:
        if Path(path).is_dir():
            raise PermissionError(13, "Permission denied")
        assert flags & binary, "opened as text"
        return real(path, flags & ~binary, mode)

    monkeypatch.setattr(os, "open", windows)
    monkeypatch.setattr(os, "O_BINARY", binary, raising=False)
    monkeypatch.delattr(os, "O_DIRECTORY")
    spool = FileSpool(tmp_path / "spool")
    await spool.keep(b"one\nanswer")
    assert list(spool.read()) == [b"one\nanswer"]


async def test_a_clear_that_fails_forgets_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that fails while a part is cleared leaves the file as it was, and a later clear works."""
    spool = FileSpool(tmp_path / "spool")
    for body in (b"a", b"b"):
        await spool.keep(body)
    reading = spool.read()
    assert [next(reading), next(reading)] == [b"a", b"b"]
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", lambda _: (_ for _ in ()).throw(OSError("disk error")))
        with pytest.raises(OSError, match="disk error"):
            spool.clear()
    assert list(FileSpool(tmp_path / "spool").read()) == [b"a", b"b"]
    spool.clear()
    assert list(spool.read()) == [b"b"]


@pytest.mark.parametrize(
    ("content", "may_be"),
    [(b"", True), (b"SG", True), (b"SGS1 and more", True), (b"SGSSGS1", True), (b"my notes", False), (b"x", False)],
)
def test_what_may_be_a_spool(tmp_path: Path, content: bytes, may_be: bool) -> None:
    """A file that begins with a mark, or with one that a crash cut short; nothing else is taken for one."""
    path = tmp_path / "spool"
    assert may_be_spool(path)
    path.write_bytes(content)
    assert may_be_spool(path) is may_be
