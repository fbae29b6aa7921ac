"""What the checks are told of an adapter: how to make one, and how its vendor writes."""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import Final

import attrs

from smsgate.model.errors import ConfigurationError
from smsgate.model.message import Message
from smsgate.model.phone import PhoneNumber
from smsgate.model.reason import Reason
from smsgate.model.states import DeliveryState
from smsgate.provider.callback import Callback
from smsgate.provider.protocol import Batch, Job, SmsProvider
from smsgate.wire import HttpRequest, HttpResponse

__all__ = ["FIELDS", "NONCE", "NOW", "Adapter", "SampleReport", "SampleRow", "Vector", "batch_of", "limit_of"]

NOW = 1_000_000_000.0
"""Long ago, so that a clock which an adapter reads by itself shows."""
NONCE = "0123456789abcdef0123456789abcdef"
FIELDS: Final = ("template_id", "params", "signature", "sender", "extend", "expires_at")
"""What of a `Job`, beside its number, a request may have."""
_ALWAYS: Final = ("template_id", "params")
_UNUSED: Final = (*FIELDS, "reference")


@attrs.frozen
class SampleRow:
    """What a response says of one number: it was accepted under *id*, or refused with *code*."""

    to: str
    """In E.164."""
    id: str | None = None
    code: str | None = None
    text: str | None = None
    """The vendor's words about the number, where its rows have a text; None for any."""


@attrs.frozen(kw_only=True)
class SampleReport:
    """A delivery report that the vendor pushes."""

    id: str
    """The vendor's id of the message; empty for an item that lacks it."""
    to: str
    """In E.164."""
    code: str
    """The vendor's code."""
    reference: str | None = None
    """What the vendor echoes of the send, where its reports have a field for it."""
    reported_at: datetime | None = None
    """The time of the report (aware), where its reports have one. In whole minutes."""


@attrs.frozen(kw_only=True)
class Vector:
    """A request that is known to be right, from the vendor's documents or its own SDK."""

    batch: Batch
    now: float
    nonce: str
    request: HttpRequest
    """What `build_request` must give: method, URL, these headers and the body, byte by byte; JSON value by value."""


_NUMBERS: Final = 4
"""What the checks have use for."""


@attrs.frozen(kw_only=True)
class Adapter:
    """A vendor adapter under test, and its vendor.

    *make*: a new provider each time, with *secrets* among its arguments. *respond*: the vendor's response to a request,
    with these rows. *refuse*: its response that refuses a request as a whole, with a code and a text. *refusals*: codes
    that a row may have, and their reasons; *request_refusals*: those of a whole request. *unlisted*: a code that the
    vendor does not have, in the form of its codes. *template_id*, *params*: what the requests send; *numbers*: to whom,
    at least four that may share a request.

    For a vendor that pushes: *parse_callback*, *push* (its request with these reports) and *states*, codes of reports
    and what they mean; *push_limit*: how many reports fit a push, if not any number. *vectors*: requests that are known
    to be right; *verify*: whether the signature of a request is right, as the vendor would find it.

    What is usual, but not of every vendor: *rows*, whether its responses say something of each number, and not one id
    or code for all of the request; *make_id*: its id of the message with an index, in the form of its ids.

    What makes the checks stricter, once it is said: *unused*, what of a `Job` its requests have no field for (of
    "template_id", "params", "signature", "sender", "extend", "expires_at", and "reference" of a `Batch`), so that all
    else must be in them; unless said, only the template and its parameters must. *families*: beginnings of codes that
    its documents explain as such, so that more codes can be made up that it does not have. *uses_nonce* and *uses_now*:
    whether its requests depend on them.

    Raises `ConfigurationError` for too few numbers, or for a field that no `Job` has.
    """

    make: Callable[[], SmsProvider]
    secrets: Sequence[str] = attrs.field(repr=False)
    respond: Callable[[Batch, Sequence[SampleRow]], HttpResponse]
    refuse: Callable[[Batch, str, str], HttpResponse]
    refusals: Mapping[str, Reason] = attrs.field(factory=dict[str, Reason])
    request_refusals: Mapping[str, Reason] = attrs.field(factory=dict[str, Reason])
    unlisted: str = "987654"
    template_id: str = "19"
    params: Sequence[str] = attrs.field(default=("482173", "5"), repr=False)
    numbers: Sequence[str] = attrs.field(
        default=("+8613800138000", "+8613800138001", "+8613800138002", "+8613800138003"), repr=False
    )
    parse_callback: Callable[..., Callback] | None = None
    push: Callable[[Sequence[SampleReport]], HttpRequest] | None = None
    states: Mapping[str, DeliveryState] = attrs.field(factory=dict[str, DeliveryState])
    vectors: Sequence[Vector] = ()
    rows: bool = True
    make_id: Callable[[int], str] = "id{}".format
    push_limit: int | None = None
    unused: Collection[str] | None = None
    families: Collection[str] | None = None
    uses_nonce: bool | None = None
    uses_now: bool | None = None
    verify: Callable[[HttpRequest], bool] | None = None

    def __attrs_post_init__(self) -> None:
        if odd := sorted(set(self.unused or ()) - set(_UNUSED)):
            raise ConfigurationError(f"Adapter: unused has {', '.join(odd)}; the fields are {', '.join(_UNUSED)}")
        if len(set(self.numbers)) < _NUMBERS or len(set(self.numbers)) < len(self.numbers):
            raise ConfigurationError(f"Adapter: numbers must be at least {_NUMBERS}, each another one")

    def needs(self, field: str) -> bool:
        """Whether requests must have this field of a `Job`, or "reference" of a `Batch`."""
        return field in _ALWAYS if self.unused is None else field not in self.unused

    def job(self, to: str, params: Sequence[str] | None = None, template_id: str | None = None) -> Job:
        """A message made ready for the provider."""
        values = tuple(self.params if params is None else params)
        names = {f"p{index}": value for index, value in enumerate(values)}
        return Job(Message(to, "check", names), PhoneNumber(to), template_id or self.template_id, values)

    def batch(self, count: int = 4) -> Batch:
        """A batch of as many of the numbers as may share a request, *count* at most."""
        provider = self.make()
        jobs = [self.job(to) for to in self.numbers[: min(count, limit_of(provider))]]
        key = provider.batch_key(jobs[0])
        alike = [job for job in jobs[1:] if key is not None and provider.batch_key(job) == key]
        return batch_of([jobs[0], *alike])


def batch_of(jobs: Sequence[Job]) -> Batch:
    """The batch of *jobs*, with a reference as a gateway gives it."""
    return Batch(tuple(jobs), "sgu.check")


def limit_of(provider: SmsProvider) -> int:
    """The `batch_limit` of *provider*, if it is one."""
    limit: object = provider.batch_limit
    if type(limit) is int and limit >= 1:
        return limit
    raise AssertionError(f"batch_limit: must be a whole number from 1, not {limit!r}")
