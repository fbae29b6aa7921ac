"""Running a job: what of it is over, what is to be run again, and what is given up.

Rule 1: what may have been sent is never sent again; the ledger sees to it, whoever runs the job how often.
Rule 2: a job is to be run again for what never left and may leave later, and for what another worker has in hand.
Rule 3: what ends without a request (too late, refused, given up) has its result in the ledger, as all else has.
"""

from collections import Counter
from collections.abc import Iterable
from typing import Final

import attrs

from smsgate.model.errors import ClosedError, KeyInProgressError, MessageError, SmsgateError
from smsgate.model.masking import describe_failure
from smsgate.model.message import Message
from smsgate.model.reason import Outcome, Reason
from smsgate.model.result import Result
from smsgate.sending.gateway import Gateway
from smsgate.tasks.gateways import TaskLedger, ledger_of
from smsgate.tasks.job import TaskJob, read_job, read_unopened
from smsgate.tasks.sealing import Sealing

__all__ = ["SEND", "SEND_CHUNK", "SWEEP", "JobNotDoneError", "Swept", "give_up_job", "is_to_run_again", "run_job"]

SEND: Final = "smsgate.send"
SEND_CHUNK: Final = "smsgate.send_chunk"
SWEEP: Final = "smsgate.sweep"
"""What each engine calls the tasks: for a message, for a part of a campaign, for what dead workers have left."""

_OVER: Final = frozenset({Reason.EXPIRED, Reason.CANCELLED})
"""What was not sent for these reasons is not sent later either."""
_LATER: Final = frozenset({Reason.TRY_LATER})
"""What a vendor refused for these reasons it may take later."""


class JobNotDoneError(SmsgateError):
    """Messages of a job are not sent: the engine is to run it again, or it was its last run and they are given up.

    The text says how many, and why.
    """

    _pickled = ("given_up",)

    def __init__(self, text: str, *, given_up: bool = False) -> None:
        super().__init__(text)
        self.given_up = given_up
        """Whether it was the last run."""


@attrs.frozen(kw_only=True)
class Swept:
    """What a sweep has done with jobs whose workers are dead."""

    requeued: int = 0
    """They are waiting again."""
    given_up: int = 0
    """They had been run as often as they may be."""


async def run_job(gateway: Gateway, data: object, sealing: Sealing, *, last: bool) -> dict[str, int]:
    """Send the messages of the job that was written as *data*: how many have which outcome.

    *last*: the engine will not run it again, so that what is not sent by then is given up.

    Raises `JobNotDoneError` if it is to be run again, or was given up; whatever else it raises, such as `DataError` for
    a job that cannot be read or `LedgerError` for results that cannot be recorded, asks for the same.
    """
    ledger = ledger_of(gateway)
    try:
        job = read_job(data, sealing)
        results = await _send(gateway, job)
        await _record_ended(ledger, job, results)
    except Exception as error:
        if last:
            # Ours has no number and no parameter in its text; whatever else it is may have.
            await give_up_job(ledger, data, str(error) if isinstance(error, SmsgateError) else describe_failure(error))
        raise
    again = [result for result in results if is_to_run_again(result)]
    if not again:
        return dict(Counter(str(result.outcome) for result in results))
    if last:
        await _give_up(ledger, again, job.campaign, "no worker could send it")
    why = ", ".join(f"{reason} {count}" for reason, count in Counter(map(_why, again)).most_common())
    text = f"{len(again)} of {len(results)} messages of a job are not sent: {why}"
    raise JobNotDoneError(f"{text}. {'They are given up.' if last else 'It is to be run again.'}", given_up=last)


async def give_up_job(ledger: TaskLedger, data: object, why: str) -> int:
    """Record that the messages of the job that was written as *data* are given up: how many were.

    Those that have been sent, or are refused for good, keep their results. *why*: the description of the others.

    Raises `DataError` if it is no job, and `LedgerError`.
    """
    job = read_unopened(data)
    return await _give_up(ledger, map(_unsent, job.messages), job.campaign, why)


def is_to_run_again(result: Result) -> bool:
    """Whether a job is to be run again for a message with this result."""
    if result.outcome is Outcome.NOT_SENT:
        return result.reason not in _OVER
    if result.outcome is Outcome.UNKNOWN:
        return not result.attempts  # another worker has it, and may die before it sends it
    return result.reason in _LATER


async def _send(gateway: Gateway, job: TaskJob) -> list[Result]:
    if len(job.messages) == 1 and job.campaign is None:
        return [await _send_one(gateway, job.messages[0])]
    async with gateway.send_many(job.messages, campaign=job.campaign) as results:
        return [result async for result in results]


async def _send_one(gateway: Gateway, message: Message) -> Result:
    try:
        return await gateway.send(message)
    except MessageError as error:
        if not isinstance(error.result, Result):
            raise
        return error.result
    except KeyInProgressError as error:
        return Result(message, Outcome.UNKNOWN, reason=Reason.NO_ANSWER, description=str(error))
    except ClosedError as error:  # the worker is about to end
        return _unsent(message, str(error))


def _unsent(message: Message, description: str | None = None) -> Result:
    return Result(message, Outcome.NOT_SENT, reason=Reason.NETWORK, description=description)


async def _record_ended(ledger: TaskLedger, job: TaskJob, results: Iterable[Result]) -> None:
    """Record what is over and was asked of no provider: nothing else has it."""
    ended = [
        result
        for result in results
        if not result.attempts and not is_to_run_again(result) and result.reason is not Reason.CANCELLED
    ]
    if ended:
        await ledger.record_unsent(ended, campaign=job.campaign)


async def _give_up(ledger: TaskLedger, results: Iterable[Result], campaign: str | None, why: str) -> int:
    given_up = [
        attrs.evolve(
            result,
            outcome=Outcome.NOT_SENT,
            reason=Reason.GIVEN_UP,
            description=why if result.description is None else f"{why}: {result.description}",
        )
        for result in results
    ]
    return await ledger.record_unsent(given_up, campaign=campaign)


def _why(result: Result) -> str:
    return "in progress" if result.outcome is Outcome.UNKNOWN else str(result.reason or result.outcome)
