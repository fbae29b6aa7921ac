"""The broker of an application that sends with taskiq: `taskiq worker taskiq_worker:broker` runs what is enqueued.

python tests/support/taskiq_worker.py      enqueues
"""

import asyncio
import os

from engine_gateway import IDLE_TIMEOUT, KEY, enqueue_all, make_gateway
from taskiq import SimpleRetryMiddleware
from taskiq_redis import RedisStreamBroker

from smsgate.tasks.taskiq import SmsTasks

__all__ = ["broker", "sms"]

broker = RedisStreamBroker(
    os.environ["QUEUE"],
    queue_name="sms-code",
    additional_streams={"sms-notification": ">", "sms-marketing": ">"},
    consumer_id="0",
    idle_timeout=IDLE_TIMEOUT,
    unacknowledged_lock_timeout=5.0,
    xread_block=200,
    xread_count=2,
).with_middlewares(SimpleRetryMiddleware())
sms = SmsTasks(broker, gateway=make_gateway, encrypt=KEY)


async def main() -> None:
    """Enqueue."""
    await broker.startup()
    await enqueue_all(sms)
    await broker.shutdown()


if __name__ == "__main__":
    asyncio.run(main())
