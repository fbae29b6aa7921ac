"""Sending with the workers of a task engine. One module an engine, imported only with it.

    sms = SmsTasks(app, gateway=make_gateway, encrypt=os.environ["SMS_TASK_KEY"])
    key = await sms.enqueue(message)

Queues, workers, schedules and priorities are the engine's. A job has messages with keys; whoever runs it claims them in
the ledger, so that a job that is run twice, or by two workers at once, sends each message once.
"""

import typing

if typing.TYPE_CHECKING:
    from smsgate.tasks.enqueuing import Enqueued
    from smsgate.tasks.lanes import Lane
    from smsgate.tasks.running import JobNotDoneError
    from smsgate.tasks.sealing import UNENCRYPTED

__all__ = ["UNENCRYPTED", "Enqueued", "JobNotDoneError", "Lane"]

_HOMES: typing.Final = {
    "Enqueued": "smsgate.tasks.enqueuing",
    "JobNotDoneError": "smsgate.tasks.running",
    "Lane": "smsgate.tasks.lanes",
    "UNENCRYPTED": "smsgate.tasks.sealing",
}

if not typing.TYPE_CHECKING:  # a type checker shall go on to find misspelt names

    def __getattr__(name: str) -> object:
        from smsgate._lazy import import_name

        return import_name(__name__, name, _HOMES)
