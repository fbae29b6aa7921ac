"""What the worker processes of task engines have in common in tests: a gateway, and what is enqueued for them."""

import os
from typing import Any, Final

from fake_vendors import LOGIN, alpha, login, number

from smsgate import Gateway
from smsgate.ledger import SqlLedger

__all__ = ["CHUNK", "IDLE_TIMEOUT", "KEY", "KEYS", "enqueue_all", "make_gateway"]

KEY: Final = "7pXqjSmUaSJ1OEMZq1hBxC4v6hWw1rFNQn2C5zQ0JpA="
CHUNK: Final = 10
IDLE_TIMEOUT: Final = 1500
"""Milliseconds after which another worker of taskiq may take what one has."""
_SINGLES, _ROWS = 20, 100
KEYS: Final = {f"key-{index}": number(index) for index in range(_SINGLES + _ROWS)}
"""The number of each message, by its key."""


def make_gateway() -> Gateway:
    """One that sends to the vendor of the test, and has its ledger in the database of the test."""
    ledger = SqlLedger(os.environ["LEDGER"], lease=1.0)
    return Gateway([alpha(batch_limit=CHUNK, url=os.environ["VENDOR"])], templates=[LOGIN], ledger=ledger)


async def enqueue_all(sms: Any) -> None:
    """Enqueue all messages, each of them twice."""
    messages = [login(to, key=key) for key, to in KEYS.items()]
    for _ in range(2):
        await sms.enqueue_many(messages[_SINGLES:], campaign="spring", chunk=CHUNK)
        for message in messages[:_SINGLES]:
            await sms.enqueue(message)
