"""Which provider takes a text, and what a request needs to know of it: found once for messages that are alike. Pure.

Two messages are alike to a provider if they have one text, and their numbers are of one kind (`SortsNumbers`). To one
that does not sort numbers no two messages are.
"""

from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import Any, Final

import attrs

from smsgate.model.message import Message
from smsgate.model.phone import PhoneNumber
from smsgate.model.reason import Reason
from smsgate.provider.jobs import AlikeJobs
from smsgate.provider.protocol import Job, SmsProvider
from smsgate.sending.resolve import Problem, Text, make_job

__all__ = ["Assignment", "assign", "assignment_of", "no_provider"]

_MOST_ASSIGNMENTS: Final = 1000
"""For each text. Messages may have an extension or a deadline each of its own."""


@attrs.define(eq=False, weakref_slot=False)
class Assignment:
    """A provider that takes messages with one text, and what they may share a request with."""

    provider: SmsProvider
    text: Text
    example: Job
    """The job of one of the messages: those of the others differ in message and number alone."""
    key: Hashable | None
    """Messages with equal keys may share a request; one with None has a request of its own."""
    batch_limit: int
    share: float | None = None
    """What each message takes of its request, once it has been weighed."""
    text_key: Hashable = None
    is_shared: bool = False
    """Whether it is that of all messages with its text, and numbers of its kind."""
    names: Sequence[str] | None = None
    """Of messages that differ in their values too: the names of these, in the vendor's order. None: they do not."""
    group: Any = None
    """The `Batcher`'s group that the last of the messages was put into."""

    def jobs(self, messages: Sequence[Message]) -> Sequence[Job]:
        """The jobs of *messages*, which are of those that this was found for."""
        return AlikeJobs(self.example, messages)


def assign(message: Message, text: Text, provider: SmsProvider) -> Assignment | str:
    """The assignment of *message* to *provider*, or why it cannot take it. One whose adapter raises cannot."""
    # Looked up by its name: `isinstance` of a protocol costs as much as all the rest.
    number_kind: Callable[[PhoneNumber], Hashable] | None = getattr(provider, "number_kind", None)
    try:
        if number_kind is None:
            return _assign(message, text, provider)
        to = message.to
        kind = number_kind(to)
        alike = (provider.name, kind, to.is_mainland, message.extend, message.expires_at)
        hash(alike)
        found = _found(text, alike)
        if found is None:
            found = _assign(message, text, provider)
            if isinstance(found, Assignment):
                found.is_shared = True
            _keep(text, alike, found)
    except Exception as error:
        return f"its adapter raised {type(error).__name__}"
    return found


def _found(text: Text, alike: Hashable) -> Assignment | str | None:
    """What was found of *text* for messages that are *alike*."""
    if text.first is not None and text.first[0] == alike:
        found: Assignment | str = text.first[1]
        return found
    return None if text.assignments is None else text.assignments.get(alike)


def _keep(text: Text, alike: Hashable, found: Assignment | str) -> None:
    if text.first is None:
        text.first = alike, found
    elif text.assignments is None or len(text.assignments) >= _MOST_ASSIGNMENTS:
        text.assignments = {alike: found}
    else:
        text.assignments[alike] = found


def _assign(message: Message, text: Text, provider: SmsProvider) -> Assignment | str:
    job = make_job(message, text, provider)
    return job if isinstance(job, str) else assignment_of(job, text, provider)


def assignment_of(job: Job, text: Text, provider: SmsProvider) -> Assignment:
    """The assignment to *provider*, which has not refused *job*. Raises what the adapter raises."""
    key = provider.batch_key(job)
    hash(key)
    return Assignment(provider, text, job, None if key is None else (provider.name, key), provider.batch_limit)


def no_provider(problems: Iterable[str]) -> Problem:
    """What is wrong with a message that none of its providers can take, each for its own reason."""
    return Problem(Reason.INVALID_REQUEST, f"no provider can take it: {'; '.join(problems)}")
