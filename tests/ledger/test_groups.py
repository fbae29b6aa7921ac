"""How much is one transaction of a ledger: what waits, and of a crowd what comes a moment later."""

import queue
from types import SimpleNamespace

import pytest

from smsgate.ledger.jobs import Job
from smsgate.ledger.threads import _take_group
from smsgate.transport.loop import LoopBinding


def job() -> Job:
    return Job(lambda connection: None, LoopBinding())


def filled(*jobs: Job) -> "queue.SimpleQueue[Job]":
    found: queue.SimpleQueue[Job] = queue.SimpleQueue()
    for each in jobs:
        found.put(each)
    return found


@pytest.mark.parametrize(
    ("waiting", "crowd", "waits"),
    [(1, 0, False), (1, 1, False), (1, 4, False), (1, 5, True), (30, 50, True), (50, 50, False), (60, 50, False)],
)
def test_a_crowd_waits_for_as_many_as_before(
    waiting: int, crowd: int, waits: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those that come meanwhile are of the group. Who is alone, or has company enough, waits for nobody."""
    here, later = [job() for _ in range(waiting)], [job(), job()]
    jobs, waited = filled(*here), list[float]()

    def sleep(seconds: float) -> None:
        waited.append(seconds)
        for each in later:
            jobs.put(each)

    monkeypatch.setattr("smsgate.ledger.threads.time", SimpleNamespace(sleep=sleep))
    assert _take_group(jobs, 1.0, crowd) == here + (later if waits else [])
    assert waited == ([0.001] if waits else [])


@pytest.mark.parametrize("seconds", [0.0, 0.01])
def test_nobody_waits_for_what_does_not_come(seconds: float, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without work there is no group, whatever came before."""
    monkeypatch.setattr("smsgate.ledger.threads.time", SimpleNamespace(sleep=pytest.fail))
    assert _take_group(filled(), seconds, 50) == []


def test_a_group_has_an_end() -> None:
    """What is beyond it is of the next one."""
    jobs = filled(*[job() for _ in range(450)])
    assert [len(_take_group(jobs, 0.0, 0)) for _ in range(4)] == [200, 200, 50, 0]
