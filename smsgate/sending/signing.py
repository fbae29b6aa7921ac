"""A provider with the credentials of one request, where they come from a source of the caller's."""

from smsgate.model.reason import Outcome, Reason
from smsgate.provider.credentials import RenewsCredentials
from smsgate.provider.protocol import SmsProvider, Verdict
from smsgate.transport.credentials import NoCredentials, obtain

__all__ = ["has_source", "signer_of"]


def has_source(provider: SmsProvider) -> bool:
    """Whether the credentials of *provider* come from a source, which must be awaited."""
    return getattr(provider, "credential_source", None) is not None and isinstance(provider, RenewsCredentials)


async def signer_of(provider: SmsProvider, seconds: float) -> SmsProvider | Verdict:
    """*provider* with the credentials that its source gives within *seconds*, or why nothing can be sent through it."""
    assert isinstance(provider, RenewsCredentials)  # noqa: S101  # `has_source` has looked
    assert provider.credential_source is not None  # noqa: S101
    renewed = await obtain(provider.credential_source, provider.with_credentials, seconds=seconds)
    if isinstance(renewed, NoCredentials):
        return Verdict(Outcome.NOT_SENT, Reason.NO_CREDENTIALS, description=renewed.problem)
    return renewed
