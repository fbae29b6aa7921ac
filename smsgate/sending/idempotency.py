"""What a key promises: which messages are the same, and which results stand. Pure."""

from typing import Final

import attrs

from smsgate.model.masking import safe_repr
from smsgate.model.message import Message
from smsgate.model.reason import Fault, Outcome, Reason
from smsgate.model.result import Result
from smsgate.sending.resolve import Problem

__all__ = ["CONTENT", "Conflict", "copy_for", "differing_field", "in_progress", "may_try_again", "settles_others"]

CONTENT: Final = ("to", "template", "params", "extend")
"""The attributes of `Message` that are its content: what is sent, and to whom."""


def differing_field(first: Message, other: Message) -> str | None:
    """The attribute in which the contents of two messages differ, their numbers in E.164. None if they are the same."""
    return next((name for name in CONTENT if getattr(first, name) != getattr(other, name)), None)


def may_try_again(result: Result) -> bool:
    """Whether a message with the key of *result* may be sent.

    It was not sent, and nothing says that it will not be taken another time: `NOT_SENT` and not cancelled, refused by
    the gateway itself, or refused by a vendor for a reason that is not permanent, or is one of the account (its
    balance, its approvals).
    """
    if result.outcome is Outcome.REJECTED:
        return not result.attempts or not result.permanent or result.fault is Fault.ACCOUNT
    return result.outcome is Outcome.NOT_SENT and result.reason is not Reason.CANCELLED


def settles_others(result: Result) -> bool:
    """Whether those who have waited for *result* have the same one: a request was made. Else each tries."""
    return result.outcome is Outcome.ACCEPTED or bool(result.attempts)


def copy_for(message: Message, first: Result) -> Result:
    """The result of *message*, whose key has *first* as its first result."""
    return first if message is first.message else attrs.evolve(first, message=message)


@attrs.frozen
class Conflict(Problem):
    """The key of a message belongs to another one."""

    field: str = ""
    """The attribute in which they differ."""

    @classmethod
    def of(cls, message: Message, field: str) -> "Conflict":
        """That of *message*, which differs in *field*."""
        text = f"key: {safe_repr(message.key)} belongs to an earlier message, which has another value of {field!r}"
        return cls(Reason.INVALID_REQUEST, text, field=field)


def in_progress(message: Message) -> str:
    """What is said of a message whose key another send has."""
    return (
        f"key: another send with {safe_repr(message.key)} is in progress and may have sent it; ask again with this key"
    )
