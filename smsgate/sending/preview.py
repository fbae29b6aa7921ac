"""What a gateway would do with a message, without doing it. Pure."""

from collections.abc import Callable

import attrs

from smsgate.model.message import Message
from smsgate.model.phone import PhoneNumber
from smsgate.model.reason import Reason
from smsgate.model.segments import count_segments
from smsgate.provider.protocol import Job, SignsJobs, SmsProvider
from smsgate.sending.assigning import assign, no_provider
from smsgate.sending.preparer import Preparer
from smsgate.sending.resolve import Problem, Text

__all__ = ["Preview", "PreviewedProvider", "preview"]


@attrs.frozen
class PreviewedProvider:
    """One provider, in its place in the order."""

    name: str
    """The name of the provider."""
    problem: str | None = None
    """Why it cannot take the message; None if it can."""
    template_id: str | None = None
    """The vendor's id of the template."""
    signature: str | None = None
    """The signature that goes with the text, without brackets. None if it has none, or the provider does not say."""
    segments: int | None = None
    """How many messages the text is charged as with this signature. None if the template has no text."""
    why: str = ""
    """Why it has this place: a route, weights, an earlier message, its health. Empty if that is the gateway's order."""


@attrs.frozen
class Preview:
    """What `Gateway.send` would do with a message."""

    to: PhoneNumber
    """The number in E.164, or as it was given if it is none."""
    providers: tuple[PreviewedProvider, ...] = ()
    """In order: the first without a problem gets the message, the next ones without one after a failover."""
    text: str | None = attrs.field(default=None, repr=False)
    """The text as the template's own `text` renders it, without a signature. None if it has none."""
    reason: Reason | None = None
    """Why it would be refused. None if it would be sent."""
    problem: str | None = None
    """Why `send` would send nothing: the text of its `MessageError`, or of its result. None if it would send."""

    @property
    def order(self) -> tuple[str, ...]:
        """The names of the providers that can take it, in the order in which they are tried."""
        return tuple([each.name for each in self.providers if each.problem is None])

    @property
    def segments(self) -> int | None:
        """How many messages the first provider that can take it charges, if the template has a text."""
        return next((each.segments for each in self.providers if each.problem is None), None)


def preview(
    message: Message,
    preparer: Preparer,
    explain: Callable[[Message, Text], tuple[list[SmsProvider], dict[str, str]]],
    now: Callable[[], float],
) -> Preview:
    """What would become of *message*. *explain* gives the providers in the order in which they are asked, and why.

    *now*: gives Unix seconds. Raises `MessageError` if it is none.
    """
    resolved = preparer.resolve(message, now)
    if isinstance(resolved, Problem):
        return Preview(message.to, reason=resolved.reason, problem=resolved.text)
    message, text = resolved
    listed: list[PreviewedProvider] = []
    providers, why = explain(message, text)
    for provider in providers:
        assigned = assign(message, text, provider)
        if isinstance(assigned, str):
            listed.append(PreviewedProvider(provider.name, assigned, why=why[provider.name]))
        else:
            listed.append(_taking(provider, assigned.example, why[provider.name]))
    if any(each.problem is None for each in listed):
        return Preview(message.to, tuple(listed), text.rendered)
    problem = no_provider([f"{each.name}: {each.problem}" for each in listed])
    return Preview(message.to, tuple(listed), text.rendered, problem.reason, problem.text)


def _taking(provider: SmsProvider, job: Job, why: str) -> PreviewedProvider:
    signature = provider.signature_of(job) if isinstance(provider, SignsJobs) else job.signature
    segments = None
    if job.text is not None:
        shown = f"【{signature}】{job.text}" if signature else job.text
        segments = count_segments(shown, calling_code=job.to.calling_code)
    return PreviewedProvider(provider.name, None, job.template_id, signature, segments, why)
