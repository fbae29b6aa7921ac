"""A process of an application that sends with DBOS.

python tests/support/dbos_worker.py worker-1      runs what is enqueued
python tests/support/dbos_worker.py enqueue       enqueues, and runs nothing
"""

import asyncio
import os
import sys
import threading

from dbos import DBOS
from engine_gateway import KEY, enqueue_all, make_gateway

from smsgate.tasks.dbos import SmsTasks

__all__ = ["main"]

_AT_ONCE = 2


def main(name: str) -> None:
    """Be the process *name*."""
    DBOS(
        config={
            "name": "sms-workers",
            "system_database_url": os.environ["QUEUE"],
            "executor_id": name,
            "application_version": "1",
            "log_level": "ERROR",
        }
    )
    sms = SmsTasks(DBOS, gateway=make_gateway, encrypt=KEY)
    if name == "enqueue":
        DBOS.listen_queues([])
    DBOS.launch()
    for queue in ("sms-code", "sms-notification", "sms-marketing"):
        DBOS.register_queue(queue, worker_concurrency=_AT_ONCE, polling_interval_sec=0.1)
    if name == "enqueue":
        asyncio.run(enqueue_all(sms))
        DBOS.destroy()
        return
    threading.Event().wait()


if __name__ == "__main__":
    main(sys.argv[1])
