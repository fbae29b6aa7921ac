"""What comes out of a gateway: `Result`, each `Attempt` of it, and the errors that carry a result."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Final, Self, cast

import attrs

from smsgate.model.correlation import correlation_id
from smsgate.model.errors import SmsgateError
from smsgate.model.lazy import OF_ACCEPTANCE, Acceptance, OnlyTry, Try
from smsgate.model.masking import safe_repr, safe_text
from smsgate.model.message import Message
from smsgate.model.reason import Fault, Outcome, Reason

__all__ = [
    "Attempt",
    "NotSentError",
    "OutcomeUnknownError",
    "RejectedError",
    "Result",
    "SendError",
    "only_try_columns",
    "result_of_only_try",
]


# Attempts and results are not frozen: they are made by the million, and freezing makes each four times as dear.
@attrs.define(unsafe_hash=True, weakref_slot=False)
class Attempt:
    """One try of one provider, as it happened. Treat it as a value: it can be a key."""

    provider: str
    """The name of the provider."""
    outcome: Outcome
    """What this try led to."""
    reason: Reason | None = None
    """Why, when it was not accepted."""
    code: str | None = None
    """The vendor's own code, as it came. None if it was accepted."""
    description: str | None = None
    """Our meaning of the code and the vendor's words, or the transport's error; numbers masked."""
    message_id: str | None = None
    """The vendor's id, if it accepted the message."""
    request_id: str | None = None
    """The vendor's id of the call, for its support desk."""
    started_at: datetime = attrs.field(kw_only=True)
    """When the try began (aware, UTC)."""
    duration: float = attrs.field(default=0.0, kw_only=True)
    """How long it took, in seconds."""
    retry_after: float | None = attrs.field(default=None, kw_only=True)
    """The pause that the vendor asked for, in seconds."""
    reference: str | None = attrs.field(default=None, kw_only=True, repr=safe_repr)
    """The tag as it was sent, which the vendor's reports echo."""
    remedy: str = attrs.field(default="", kw_only=True)
    """What to do about the vendor's code, in our words. Empty where there is nothing to do."""


@attrs.define(unsafe_hash=True, weakref_slot=False)
class Result(OnlyTry):
    """The outcome of sending one message. `attempts` has every try of every provider.

    Treat it as a value: it can be a key.
    """

    message: Message
    """The message; its number in E.164, where it is one."""
    outcome: Outcome
    """Also set where there was no try: `REJECTED` or `NOT_SENT` then."""
    provider: str | None = None
    """The provider of the deciding try: it took the message, or may have, or was the last; None if there was no try."""
    message_id: str | None = None
    """The vendor's id, which its delivery reports carry."""
    reason: Reason | None = None
    """Why, when it was not accepted."""
    code: str | None = None
    """The vendor's code of the deciding try. None if it was accepted."""
    description: str | None = None
    """The deciding try in words, or what is wrong with the message."""
    attempts: tuple[Attempt, ...] = ()
    """Each try, in order. Empty if no provider was asked."""
    reference: str | None = attrs.field(default=None, repr=safe_repr)
    """The tag of the deciding try as it was sent, which the vendor's reports echo."""
    segments: int | None = None
    """How many messages the vendor charges for, if it said so."""
    possible_duplicate: bool = False
    """More than one vendor may have sent it: only after a failover that you opted into."""
    country: str | None = attrs.field(default=None, kw_only=True)
    """The country that the vendor that accepted it counts the number to, as it writes it: a code of ISO 3166 (Tencent
    `IsoCode`, Huawei `countryId`) or a calling code (v5 `nationcode`). None if it does not say."""
    sender: str | None = attrs.field(default=None, kw_only=True, repr=safe_repr)
    """The channel number that it is sent from, if the vendor that accepted it says so (Huawei `from`)."""
    accepted_at: datetime | None = attrs.field(default=None, kw_only=True)
    """When the vendor accepted it (aware), if it says so (Huawei `createTime`)."""
    remedy: str = attrs.field(default="", kw_only=True)
    """What to do about the code of the deciding try, in our words. Empty where there is nothing to do."""

    if not TYPE_CHECKING:  # whose checkers would take any name then

        def __getattr__(self, name: str) -> object:
            """Called for what is not there: the first time that it is asked for."""
            if name in OF_ACCEPTANCE:
                value = getattr(self._acceptance, name)
            elif name == "attempts":
                value = (self._make_only_try(),)
            elif name == "reference":
                value = self._reference
            elif name == "possible_duplicate":
                value = False
            else:
                raise AttributeError(f"'Result' object has no attribute {name!r}")
            setattr(self, name, value)
            return value

    def _make_only_try(self) -> Attempt:
        accepted, tried = self._acceptance, self._try
        return Attempt(
            tried.provider,
            self.outcome,
            accepted.reason,
            accepted.code,
            accepted.description,
            self.message_id,
            accepted.request_id,
            started_at=tried.started_at,
            duration=tried.duration,
            retry_after=accepted.retry_after,
            reference=self._reference,
            remedy=accepted.remedy,
        )

    @property
    def correlation_id(self) -> str | None:
        """What its delivery reports have in common with it (`StatusReport.correlation_id`), also if it is `UNKNOWN`.

        Store it with the message, to find it by a report that comes before the response, or without one. It may hold
        the full number, so it is for no log. None if no request was made.
        """
        return correlation_id(self.reference, self.message.to)

    @property
    def accepted(self) -> bool:
        """Whether a vendor took the message."""
        return self.outcome is Outcome.ACCEPTED

    @property
    def suppress(self) -> bool:
        """Whether to send nothing more to this number: it does not exist, is blocklisted, or has opted out."""
        return self.reason is not None and self.reason.rule.suppress

    @property
    def permanent(self) -> bool:
        """Whether the same message to the same number will be refused again tomorrow."""
        return self.reason is not None and self.reason.rule.permanent

    @property
    def fault(self) -> Fault | None:
        """Who has to act before it can be sent. None if it was accepted."""
        return None if self.reason is None else self.reason.rule.fault

    def raise_for_outcome(self) -> Self:
        """Give the result back if it was accepted, else raise.

        Raises `RejectedError`, `NotSentError` or `OutcomeUnknownError`, each with this result.
        """
        if self.outcome is Outcome.ACCEPTED:
            return self
        raise _ERRORS[self.outcome](self.summary(), result=self)

    def summary(self) -> str:
        """One line for logs, with the number masked."""
        parts = [f"{safe_text(str(self.message.template))} to {self.message.to.masked}: {self.outcome}"]
        parts += [f"{self.reason}: {self.reason.meaning}"] if self.reason else []
        parts += [self.description] if self.description else []
        if self.attempts:
            parts.append("tried " + ", ".join(f"{a.provider} ({a.reason or a.outcome})" for a in self.attempts))
        return "; ".join(parts)


def result_of_only_try(message: Message, id: str | None, acceptance: Acceptance, reference: str, tried: Try) -> Result:
    """The result of a message that was accepted at its first try. The rest of it is made when it is asked for.

    *id*: the vendor's. *acceptance*: what it says, perhaps of many messages. *reference*: the tag of the message.
    *tried*: one for all messages of a request.
    """
    result = Result.__new__(Result)
    result.message = message
    result.outcome = Outcome.ACCEPTED
    result.provider = tried.provider
    result.message_id = id
    kept: OnlyTry = result
    kept._acceptance, kept._reference, kept._try = acceptance, reference, tried  # pyright: ignore[reportPrivateUsage]
    return result


def only_try_columns(ends: Sequence[Attempt | Result]) -> dict[str, list[str | None]] | None:
    """Of results of `result_of_only_try` for one request: the fields in which their attempts may differ, by name.

    None if some of *ends* are not such results, and if there are none.
    """
    first = next(iter(ends), None)
    tried, acceptance = getattr(first, "_try", None), getattr(first, "_acceptance", None)
    if tried is None or any(getattr(end, "_try", None) is not tried for end in ends):
        return None
    lazy = cast("Sequence[Result]", ends)
    if any(each._acceptance is not acceptance for each in lazy):  # pyright: ignore[reportPrivateUsage]
        return None
    references: list[str | None] = [each._reference for each in lazy]  # pyright: ignore[reportPrivateUsage]
    return {"message_id": [each.message_id for each in lazy], "reference": references}


class SendError(SmsgateError):
    """A send that was not accepted. `result` has the reason and every try; a pickle has the text alone."""

    def __init__(self, text: str, *, result: Result | None = None) -> None:
        super().__init__(text)
        self.result = result


class NotSentError(SendError):
    """The request never left this machine: sending again is safe."""


class RejectedError(SendError):
    """A vendor refused the message: it was not sent. `result.reason` says why."""


class OutcomeUnknownError(SendError):
    """The message may have been sent: sending it again may charge and deliver it twice."""


_ERRORS: Final = {
    Outcome.REJECTED: RejectedError,
    Outcome.NOT_SENT: NotSentError,
    Outcome.UNKNOWN: OutcomeUnknownError,
}
