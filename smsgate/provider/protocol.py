"""What a vendor adapter is: two pure functions and a few facts. No base class, no I/O, no clock.

A third party writes a vendor by giving a class these members; the gateway does the rest. `Job` is a message made ready
for that provider, `Batch` the jobs of one request, `Verdict` what the response says about one job.
"""

from collections.abc import Hashable, Sequence
from datetime import datetime
from typing import Protocol, Self, runtime_checkable

import attrs

from smsgate.model.masking import safe_text
from smsgate.model.message import Message
from smsgate.model.phone import PhoneNumber
from smsgate.model.reason import Outcome, Reason, outcome_of
from smsgate.provider.meanings import Meaning
from smsgate.wire import HttpRequest, HttpResponse

__all__ = [
    "Batch",
    "HasAddress",
    "Job",
    "PacesRequests",
    "ReferencesJobs",
    "SignsJobs",
    "SmsProvider",
    "SortsNumbers",
    "Verdict",
    "WeighsJobs",
]


@attrs.define
class Job:
    """One message, resolved for one provider: what its request needs and nothing else to look up."""

    message: Message
    """The caller's message."""
    to: PhoneNumber
    """The recipient in E.164."""
    template_id: str
    """The vendor's id of the template."""
    params: tuple[str, ...] = attrs.field(repr=False)
    """The values in the vendor's order."""
    signature: str | None = None
    """The binding's override, or None for the provider's own."""
    sender: str | None = None
    """The binding's override, or None for the provider's own."""
    extend: str | None = None
    """The channel extension of the message or else of the binding, or None for the provider's own."""
    reference: str | None = None
    """The tag of this message alone. Only for a provider that `ReferencesJobs`; else `Batch.reference` is for all."""
    text: str | None = attrs.field(default=None, kw_only=True, repr=False)
    """The text that the recipient would read, without the signature, if the template has one (`Template.text`)."""

    @property
    def expires_at(self) -> datetime | None:
        """When the message is of no use any more, for a vendor that has a field for the validity of a message.

        Where its requests have that field once, `batch_key` must have the time in it.
        """
        return self.message.expires_at


@attrs.define
class Batch:
    """The jobs that share one request: one, or up to `batch_limit` with equal `batch_key`."""

    jobs: Sequence[Job]
    """The messages of the request, in order. Those of hundreds with one text are made when they are asked for:
    `numbers_of` makes none."""
    reference: str
    """The tag that the vendor is to echo in its reports. Printable ASCII without spaces; empty for none."""


@attrs.define
class Verdict:
    """What a vendor's response says about one job."""

    outcome: Outcome
    """What the vendor did with the message."""
    reason: Reason | None = None
    """Why, when it was not accepted."""
    code: str | None = None
    """The vendor's code as it came."""
    description: str | None = None
    """Our meaning of it, then the vendor's own text."""
    message_id: str | None = None
    """The vendor's id, if it accepted the message."""
    request_id: str | None = None
    """The vendor's id of the call, for its support desk."""
    segments: int | None = None
    """How many messages the vendor charges for."""
    country: str | None = None
    """The recipient's country, as the vendor writes it."""
    sender: str | None = None
    """The channel number that the vendor sends from."""
    accepted_at: datetime | None = None
    """When the vendor took it (aware)."""
    retry_after: float | None = None
    """The pause that the vendor demands, in seconds."""
    of_request: bool = False
    """The vendor said it of the whole request, and not of this message."""
    remedy: str = ""
    """What to do about the code, in our words. Empty where there is nothing to do."""

    @classmethod
    def accepted(
        cls,
        message_id: str | None,
        *,
        segments: int | None = None,
        request_id: str | None = None,
        country: str | None = None,
        sender: str | None = None,
        accepted_at: datetime | None = None,
    ) -> Self:
        """The vendor took it."""
        return cls(Outcome.ACCEPTED, None, None, None, message_id, request_id, segments, country, sender, accepted_at)

    @classmethod
    def refused(cls, code: str, meaning: Meaning, text: str | None = None, *, request_id: str | None = None) -> Self:
        """The vendor said *code*: `REJECTED`, or `UNKNOWN` where that code leaves open whether it was sent.

        *text*: the vendor's own (`vendor_text`). Numbers in it are masked.
        """
        description = f"{meaning.text} ({safe_text(text)})" if text else meaning.text
        outcome = outcome_of(meaning.reason)
        return cls(outcome, meaning.reason, code, description, request_id=request_id, remedy=meaning.remedy)

    @classmethod
    def unanswered(cls, description: str) -> Self:
        """The response does not speak of this message in a way that can be read: `UNKNOWN`."""
        return cls(Outcome.UNKNOWN, Reason.NO_ANSWER, description=description)


@runtime_checkable
class SmsProvider(Protocol):
    """One vendor account. All members are pure: the gateway owns clock, nonce and network."""

    @property
    def name(self) -> str:
        """The name that templates, policies and results use. Unique within a gateway."""
        ...

    @property
    def batch_limit(self) -> int:
        """How many messages fit one request at most."""
        ...

    def batch_key(self, job: Job) -> Hashable | None:
        """Jobs with equal keys may share a request; a job with None is sent alone."""
        ...

    def refuse(self, job: Job) -> str | None:
        """Why this provider cannot take the job ("field: what is wrong"), or None. Called before any byte leaves."""
        ...

    def build_request(self, batch: Batch, *, now: float, nonce: str) -> HttpRequest:
        """The signed request for *batch*. *now*: Unix seconds. *nonce*: 32 random hex digits, new for each call."""
        ...

    def parse_response(self, batch: Batch, response: HttpResponse) -> Sequence[Verdict]:
        """One verdict per job, in the batch's order, matched by number. Never raises, whatever came back."""
        ...


@runtime_checkable
class PacesRequests(Protocol):
    """What a provider has beside `SmsProvider` if its vendor limits how fast an account may send.

    Requests wait until they fit. It is looked up once, when the gateway is made.
    """

    @property
    def rate(self) -> float:
        """How much a second the requests may cost over time: more than 0; infinity for no limit."""
        ...

    def rate_cost(self, jobs: Sequence[Job]) -> float:
        """What the request for *jobs* costs: 1 where requests are limited, the number of messages where these are."""
        ...


@runtime_checkable
class HasAddress(Protocol):
    """What a provider, or an object that makes management calls, has if it says where its requests go.

    For connections that are opened before the first request, and for `smsgate doctor`.
    """

    @property
    def address(self) -> str:
        """Scheme, host and port, as in the URL of its requests: "https://sms.example.com"."""
        ...


@runtime_checkable
class ReferencesJobs(Protocol):
    """What a provider has beside `SmsProvider` if some of its requests have a field for the reference of each number.

    Each `Job` of them has a `reference` of its own, which its reports are to carry in place of `Batch.reference`.
    """

    def references_jobs(self, jobs: Sequence[Job]) -> bool:
        """Whether the request for *jobs* is such a one."""
        ...


@runtime_checkable
class SignsJobs(Protocol):
    """What a provider has beside `SmsProvider` if it knows the signature of a text. For previews."""

    def signature_of(self, job: Job) -> str | None:
        """The signature that the text of *job* will have, without brackets. None for none, or the vendor's default."""
        ...


@runtime_checkable
class SortsNumbers(Protocol):
    """What a provider has beside `SmsProvider` if it treats alike all jobs that differ in message and number alone.

    In bulk it is then asked once for all of them, and not once for each.
    """

    def number_kind(self, to: PhoneNumber) -> Hashable:
        """What of the number *to* matters to `refuse`, `batch_key`, `weight` and `text_key`: its country, say.

        Of two jobs whose numbers are of equal kinds, and that have all else but `Job.message` in common, these say the
        same. Mobile numbers of mainland China with eleven digits are all of one kind.
        """
        ...


@runtime_checkable
class WeighsJobs(Protocol):
    """What a provider has beside `SmsProvider` if its vendor limits the size of a request.

    It is looked up once for each provider. Messages that may share a request are split into several before their
    weights, added up, pass the limit.
    """

    @property
    def weight_limit(self) -> int:
        """What the jobs of one request may weigh together: more than 0."""
        ...

    def weight(self, job: Job) -> int:
        """What *job* adds to its request, in the unit of `weight_limit`."""
        ...

    def text_key(self, job: Job) -> Hashable:
        """Jobs of a request that all have equal keys weigh nothing: their one text is in it once."""
        ...
