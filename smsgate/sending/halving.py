"""Finding the one message for which a whole batch was refused. Pure.

Some vendors refuse a request as a whole for one bad message in it: one malformed number among 500, say, or one to a
country that the account may not send to. That batch was not sent. It is sent again in two halves, and these again, so
that the bad message is refused alone in the end.
"""

from collections.abc import Sequence
from typing import Final

import attrs

from smsgate.model.reason import Outcome, Reason
from smsgate.provider.protocol import Verdict
from smsgate.sending.outgoing import OutgoingMessage

__all__ = ["halve"]

_BY_ANY_MESSAGE: Final = frozenset({Reason.INVALID_REQUEST})
_BY_ITS_TEXT: Final = frozenset({Reason.CONTENT_BLOCKED, Reason.TEMPLATE_REJECTED, Reason.TOO_LONG})
"""Caused by one message only where the messages of the request have texts of their own."""
_BY_ITS_COUNTRY: Final = frozenset({Reason.REGION_BLOCKED})
"""Caused by one message only where the messages of the request go to several countries."""


@attrs.define(eq=False)
class _Search:
    """What is left of the requests that may be made for one refused batch."""

    requests_left: int


def halve(messages: Sequence[OutgoingMessage], verdicts: Sequence[Verdict]) -> list[OutgoingMessage]:
    """Split a refused batch in two, each half for a request of its own. Empty if there is nothing to be gained.

    Those of *messages* that were not sent, being of no use any more when their request began, are in neither half.

    One bad message among n is found with 2·log2(n) requests. Twice as many are made at most, however many are bad: what
    is left then is refused together, and goes on as its reason says.
    """
    if any(not _was_refused_as_one(verdict) and verdict.outcome is not Outcome.NOT_SENT for verdict in verdicts):
        return []
    pairs = [pair for pair in zip(messages, verdicts, strict=True) if _was_refused_as_one(pair[1])]
    messages = [message for message, _ in pairs]
    if len(messages) < 2 or pairs[0][1].reason not in _causes(messages):
        return []
    search = messages[0].course.search
    if not isinstance(search, _Search):
        search = _Search(4 * (len(messages) - 1).bit_length())
    if search.requests_left < 2:
        return []
    search.requests_left -= 2
    messages = sorted(messages, key=_country)  # those to one country stay together: one half is likely to be rid of it
    middle = len(messages) // 2
    for half in (messages[:middle], messages[middle:]):
        part = object()
        for message in half:
            course = message.course
            course.search, course.part, course.pause = search, part, 0.0
    return messages


def _was_refused_as_one(verdict: Verdict) -> bool:
    return verdict.outcome is Outcome.REJECTED and verdict.of_request


def _causes(messages: Sequence[OutgoingMessage]) -> frozenset[Reason]:
    """The reasons that one of *messages* may have caused alone."""
    examples, causes = [each.example for each in messages], _BY_ANY_MESSAGE
    first = examples[0]
    if any(each.template_id != first.template_id or each.params != first.params for each in examples):
        causes |= _BY_ITS_TEXT
    if any(_country(each) != _country(messages[0]) for each in messages):
        causes |= _BY_ITS_COUNTRY
    return causes


def _country(message: OutgoingMessage) -> str:
    return message.message.to.calling_code
