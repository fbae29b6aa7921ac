"""Workers of procrastinate that are killed while they send."""

from collections.abc import Callable
from pathlib import Path

from databases import Server
from queues import Queue
from worker_crashes import run


def test_workers_that_are_killed(queue: Queue, database_server: Callable[[str], Server], tmp_path: Path) -> None:
    """A campaign whose workers are killed with -9 is sent: nothing is lost, and nothing is sent twice."""
    server = database_server("postgresql")
    books = run(server, queue, tmp_path / "taken", 1000, workers=2, most_kills=2, dead_after=1.0)
    assert books.kills == 2
    assert (books.lost, books.twice) == (0, 0)
    assert books.accepted + books.unknown - books.resent == 1000
