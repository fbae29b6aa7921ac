"""What a message and the result of an acceptance make only when somebody asks for it: they are made by the million."""

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Protocol

from smsgate.model.phone import PhoneNumber
from smsgate.model.reason import Reason

__all__ = [
    "OF_ACCEPTANCE",
    "Acceptance",
    "MessageSlots",
    "OnlyTry",
    "Try",
    "number_of",
    "number_texts",
    "set_number",
]


class MessageSlots:
    """Where a `Message` has its fields: the number as it was given, until somebody asks for the `PhoneNumber`."""

    __slots__ = ("expires_at", "extend", "key", "kind", "on_unknown", "params", "template", "to")
    if TYPE_CHECKING:
        _given_to: str | PhoneNumber
        """What is in the slot `to`, for which `Message` has a property."""


_given: Final[Any] = MessageSlots.__dict__["to"]
if not TYPE_CHECKING:
    MessageSlots._given_to = _given


def number_of(message: MessageSlots) -> PhoneNumber:
    """The number of *message*."""
    given = _given.__get__(message)
    if type(given) is not str:
        return given  # type: ignore[no-any-return]
    number = PhoneNumber(given)
    _given.__set__(message, number)
    return number


def number_texts(messages: Iterable[MessageSlots]) -> list[str]:
    """The text of the number of each of *messages*, in E.164 once they have been prepared."""
    given = [message._given_to for message in messages]  # pyright: ignore[reportPrivateUsage]
    return [each if type(each) is str else str(each) for each in given]


def set_number(message: MessageSlots, number: PhoneNumber) -> None:
    """What a copy, a pickle and a class that is made of `Message` set it with: a message itself is frozen."""
    _given.__set__(message, number)


class Acceptance(Protocol):
    """What a vendor said when it accepted a message: `smsgate.provider.protocol.Verdict`."""

    reason: Reason | None
    code: str | None
    description: str | None
    request_id: str | None
    retry_after: float | None
    remedy: str


OF_ACCEPTANCE: Final = frozenset(
    {"reason", "code", "description", "segments", "country", "sender", "accepted_at", "remedy"}
)
"""The fields of a `Result` that it has in common with what the vendor said."""


class Try(NamedTuple):
    """What the messages of a request have in common."""

    provider: str
    started_at: datetime
    duration: float


class OnlyTry:
    """What a result whose first try was accepted keeps of it, until somebody asks for more: few do."""

    __slots__ = ("_acceptance", "_reference", "_try")
    _acceptance: Acceptance
    _reference: str
    _try: Try
