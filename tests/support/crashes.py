"""Kills campaigns and single sends at random points, runs them again until all is told, and compares with the vendor.

python tests/support/crashes.py --count 1000            SQLite
python tests/support/crashes.py --count 300 --database postgresql

The vendor is a server of its own: it counts what it took, knows no key, and answers late, so that many requests are in
progress when a process dies. A job is one list of messages with keys, sent as a campaign or one by one. Its process is
killed, or stands still until it counts as dead; another one, which may have begun before, is given the same list, and
may be killed too. The last one is not.
"""

import argparse
import random
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import anyio
import attrs
from crash_jobs import EACH, Job, Senders, vendor
from databases import SERVERS, running

from smsgate import Outcome
from smsgate.ledger import LedgerEntry, SqlLedger

_LEASE = 0.4
_MOST_KILLS = 4


@attrs.define
class Books:
    """What all jobs came to."""

    kills: int = 0
    messages: int = 0
    taken: int = 0
    """Those that the vendor took."""
    unknown: int = 0
    """Those that may have been sent, as they were told at last."""
    faults: list[str] = attrs.field(factory=list[str])


def run(arguments: dict[str, Any], file: Path, kills: int) -> Books:
    """Kill *kills* processes that send, run what they had again, then compare. The vendor writes to *file*."""
    books, jobs = Books(), list[tuple[Job, dict[str, str]]]()
    arguments = {**arguments, "lease": _LEASE}
    anyio.run(_create, arguments)
    with vendor(file) as url, Senders.running() as senders:
        while books.kills < kills:
            way = "bulk" if len(jobs) % 2 else "single"
            job = Job(len(jobs), way, arguments, url, file, senders)
            jobs.append((job, job.run(min(random.randint(1, _MOST_KILLS), kills - books.kills))))
            books.kills += job.kills
    anyio.run(_compare, arguments, Counter(file.read_text().split()), jobs, books)
    return books


async def _create(arguments: dict[str, Any]) -> None:
    async with SqlLedger(**arguments):
        pass


async def _compare(
    arguments: dict[str, Any], taken: Counter[str], jobs: Sequence[tuple[Job, dict[str, str]]], books: Books
) -> None:
    """Nothing lost, nothing sent twice, nothing unknown of which anything is known."""
    found: dict[str, list[LedgerEntry]] = {}
    async with SqlLedger(**arguments) as ledger:
        async for entry in ledger.unsettled():
            found.setdefault(entry.message.key or "", []).append(entry)
        for job, outcomes in jobs:
            books.faults += [f"job {job.index}: {each}" for each in _faults_of(job, outcomes, taken, found)]
            if job.way == "bulk":
                progress = await ledger.progress(f"campaign-{job.index * EACH}")
                counted = Counter(outcomes.values())
                if (progress.accepted, progress.total) != (counted[Outcome.ACCEPTED], EACH):
                    books.faults.append(f"job {job.index}: {progress} is not {counted}")
    books.messages, books.taken = EACH * len(jobs), taken.total()
    books.unknown = sum(outcome == Outcome.UNKNOWN for _, outcomes in jobs for outcome in outcomes.values())


def _faults_of(
    job: Job, outcomes: dict[str, str], taken: Counter[str], found: dict[str, list[LedgerEntry]]
) -> Iterator[str]:
    told = [job.told_by(which) for which in range(len(job.told))]
    for key, to in job.numbers.items():
        outcome, entries = outcomes.get(key), found.get(key, [])
        recorded = [entry.recorded and entry.recorded.outcome for entry in entries]
        if taken[to] > 1:
            yield f"{key} was sent {taken[to]} times"
        if outcome not in (Outcome.ACCEPTED, Outcome.UNKNOWN):
            yield f"{key} is {outcome} at last"
        if outcome == Outcome.ACCEPTED and (taken[to] != 1 or recorded != [Outcome.ACCEPTED]):
            yield f"{key} is accepted, was taken {taken[to]} times, and is recorded as {recorded}"
        if outcome == Outcome.UNKNOWN and recorded != [None]:
            yield f"{key} is unknown, and recorded as {recorded}"
        if any(each.get(key) == Outcome.ACCEPTED for each in told) and outcome != Outcome.ACCEPTED:
            yield f"{key} was told as accepted, and is {outcome} at last"
    if job.failures:
        yield f"{job.failures} processes failed that nobody killed"
    unknown = sum(outcome == Outcome.UNKNOWN for outcome in outcomes.values())
    if unknown > job.most_unknown:
        yield f"{unknown} are unknown after {job.kills} kills, and {job.most_unknown} at most were on their way"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run it, and say what came of it."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--database", choices=["sqlite", *SERVERS], default="sqlite")
    options = parser.parse_args(arguments)
    with ExitStack() as stack:
        directory = stack.enter_context(tempfile.TemporaryDirectory())
        url = f"sqlite:///{directory}/ledger.db"
        if options.database != "sqlite":
            url = stack.enter_context(running(options.database)).url
        books = run({"url_or_engine": url}, Path(directory) / "taken", options.count)
    sys.stdout.write(f"{books.kills} kills, {books.messages} messages: {books.taken} taken, {books.unknown} unknown\n")
    sys.stdout.write("".join(f"{fault}\n" for fault in books.faults) or "no fault\n")
    return bool(books.faults)


if __name__ == "__main__":
    sys.exit(main())
