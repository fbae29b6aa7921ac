"""A worker of procrastinate in a process of its own, which sends to a vendor at a URL.

python tests/support/queue_worker.py postgresql://… http://127.0.0.1:…/send --concurrency 4

It counts as dead soon, and so do the keys that its ledger has: tests wait for it. All that it needs is at the two URLs,
so that it can run on another host.
"""

import argparse
import logging
from collections.abc import Sequence
from typing import Any

import anyio
from fake_vendors import LOGIN, alpha
from procrastinate import App, PsycopgConnector, RetryStrategy
from queues import KEY, ledger_at

from smsgate import Gateway
from smsgate.ledger import SqlLedger
from smsgate.tasks.procrastinate import SmsTasks

__all__ = ["DEAD_AFTER", "make_tasks"]

DEAD_AFTER = 3.0
"""Seconds."""
_LONGEST_RUN = 20.0
_EVERY_SECOND = "* * * * * *"


def make_tasks(database: str, vendor: str, dead_after: float = DEAD_AFTER) -> tuple[App, SmsTasks, SqlLedger]:
    """Tasks that send to the vendor at that URL, with queue and ledger in the database at the other."""
    app = App(connector=PsycopgConnector(conninfo=database, min_size=1, max_size=4))
    ledger = ledger_at(database, lease=dead_after, params=True)

    def make() -> Gateway:
        return Gateway([alpha(batch_limit=100, url=vendor)], templates=[LOGIN], ledger=ledger)

    sms = SmsTasks(
        app,
        gateway=make,
        encrypt=KEY,
        retry=RetryStrategy(max_attempts=1000, wait=1),
        stalled_after=dead_after,
        longest_run=_LONGEST_RUN,
        sweep=_EVERY_SECOND,
    )
    return app, sms, ledger


async def work(database: str, vendor: str, dead_after: float, options: dict[str, Any]) -> None:
    """Run the worker."""
    app, sms, ledger = make_tasks(database, vendor, dead_after)
    async with app.open_async(), sms:
        await app.run_worker_async(update_heartbeat_interval=dead_after / 3, **options)
    await ledger.aclose()


def main(arguments: Sequence[str] | None = None) -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("database")
    parser.add_argument("vendor")
    parser.add_argument("--queues", type=lambda text: text.split(","))
    parser.add_argument("--concurrency", type=int, default=2)
    parser.add_argument("--dead-after", type=float, default=DEAD_AFTER, help="seconds")
    given = parser.parse_args(arguments)
    logging.disable()
    options = {"queues": given.queues, "concurrency": given.concurrency}
    anyio.run(work, given.database, given.vendor, given.dead_after, options)


if __name__ == "__main__":
    main()
