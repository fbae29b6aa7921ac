"""The attempts of a request are those of its messages, whenever they are made."""

from datetime import UTC, datetime

import pytest
from fake_vendors import LOGIN, Wire, alpha, login, number

from smsgate import Gateway, Outcome, Reason, Result
from smsgate.model.result import Attempt
from smsgate.observers import RequestEnded
from smsgate.observers.attempts import RequestAttempts

pytestmark = pytest.mark.anyio


class Keeping:
    """Keeps the events of requests."""

    wants = frozenset({RequestEnded})

    def __init__(self) -> None:
        self.events: list[RequestEnded] = []

    def observe(self, event: object) -> None:
        assert isinstance(event, RequestEnded)
        self.events.append(event)


async def test_each_message_has_its_attempt() -> None:
    """Of an accepted message and of a refused one, in the order of the request; the refused ones stand apart too."""
    keeping, results = Keeping(), list[Result]()
    messages = [login(number(index)) for index in range(3)]
    wire = Wire(alpha={number(1): Reason.INVALID_NUMBER})
    async with Gateway([alpha(batch_limit=9)], templates=[LOGIN], transport=wire, observer=keeping) as gateway:
        results += [result async for result in gateway.send_many(messages, linger=60)]
    [event] = keeping.events
    by_number = {str(result.message.to): result for result in results}
    assert list(event.attempts) == [by_number[number(index)].attempts[0] for index in range(3)]
    assert [attempt.outcome for attempt in event.attempts] == [Outcome.ACCEPTED, Outcome.REJECTED, Outcome.ACCEPTED]
    assert event.failed == event.attempts[1:2]


def test_they_are_a_value() -> None:
    """They compare, hash and show like a tuple of attempts."""
    attempt = Attempt("alpha", Outcome.ACCEPTED, started_at=datetime(2026, 1, 1, tzinfo=UTC))
    attempts = RequestAttempts([attempt])
    assert attempts == (attempt,) == RequestAttempts([attempt])
    assert attempts != RequestAttempts([])
    assert hash(attempts) == hash(RequestAttempts([attempt])) == hash((attempt,))
    assert repr(attempts) == repr((attempt,))
