"""Credentials that change while an account is in use: a source of them, which is asked before each request.

A vendor awaits nothing. It says where its credentials come from, and is given what the source returned: whoever makes
the request asks the source, `smsgate.transport.credentials`.
"""

from collections.abc import Awaitable, Callable
from typing import Any, Generic, Protocol, Self, TypeAlias, TypeVar, runtime_checkable

import attrs

from smsgate.model.errors import ConfigurationError
from smsgate.model.secret import Secret

__all__ = [
    "CredentialSource",
    "MaskedSource",
    "RenewsCredentials",
    "choose",
    "given",
    "masked",
    "returned",
    "secret_or_source",
]

C = TypeVar("C", bound="attrs.AttrsInstance")
T = TypeVar("T")

CredentialSource: TypeAlias = Callable[[], T | Awaitable[T]]
"""A plain or async callable that returns the credentials of this moment. It is called once for each request, also for
one that carries many messages, on the event loop and from several tasks at once: a plain one must not block."""


class MaskedSource(Generic[T]):
    """A caller's `CredentialSource`, behind a `repr` that shows nothing of it: it may be made with a secret.

    Creating one never raises, whatever it is given; `require()` checks it.
    """

    __slots__ = ("_source",)

    def __init__(self, source: CredentialSource[T]) -> None:
        self._source = source

    def __call__(self) -> T | Awaitable[T]:
        return self._source()

    def require(self, field: str) -> Self:
        """Return it, or raise a `ConfigurationError` that names *field* if it cannot be called."""
        kind = self._wrong_kind()  # this frame does not hold what may be a secret in the wrong place
        if kind:
            raise ConfigurationError(f"{field}: must be a function that returns the credentials, not {kind}")
        return self

    def _wrong_kind(self) -> str | None:
        source: object = self._source
        return None if callable(source) else type(source).__name__

    def __repr__(self) -> str:
        return "MaskedSource()"


@runtime_checkable
class RenewsCredentials(Protocol):
    """What a provider has beside `SmsProvider` if its credentials may come from a source."""

    @property
    def credential_source(self) -> MaskedSource[Any] | None:
        """Asked once before each request; None if the credentials do not change."""
        ...

    def with_credentials(self, credentials: Any) -> Self:
        """A copy that signs with what the source returned. Raises `ConfigurationError`, without a secret in its text.

        The copy makes one request and reads its response.
        """
        ...


def masked(value: str | Secret) -> Secret:
    """For a field of an attrs class of credentials, as its converter: the text, masked. Never raises."""
    return Secret.wrap(value)


def secret_or_source(value: str | Secret | CredentialSource[str | Secret]) -> Secret | MaskedSource[str | Secret]:
    """An argument that is one secret or a source of it, masked. Never raises: `require` of either checks it."""
    return MaskedSource(value) if callable(value) else Secret.wrap(value)


def choose(credentials: C, source: MaskedSource[C] | None) -> C | MaskedSource[C]:
    """What an account signs with: *source*, or without one the *credentials* that were given in its place.

    *credentials*: an attrs class whose fields are `Secret`s, or None for what is not needed. Raises
    `ConfigurationError`, naming the field, if one is unsound, or given beside a source.
    """
    if source is None:
        return _sound(credentials)
    parts = _parts(credentials)
    if any(part.reveal() for part in parts.values() if part is not None):
        raise ConfigurationError(f"credentials: takes the place of {', '.join(parts)}: give either it or these")
    return source.require("credentials")


def given(credentials: T | MaskedSource[Any]) -> T:
    """*credentials*, which have been given. Raises `ConfigurationError` if there is only a source of them yet."""
    if isinstance(credentials, MaskedSource):
        raise ConfigurationError("the credentials come from a source: sign with a copy made by with_credentials()")
    return credentials


def returned(credentials: object, kind: type[C]) -> C:
    """What a source returned, checked as by `choose`. Raises `ConfigurationError`, which shows none of it."""
    if not isinstance(credentials, kind):
        raise ConfigurationError(f"a source must return {kind.__name__}, not {type(credentials).__name__}")
    return _sound(credentials)


def _sound(credentials: C) -> C:
    for field, part in _parts(credentials).items():
        if part is not None:
            part.require(field)
    return credentials


def _parts(credentials: "attrs.AttrsInstance") -> dict[str, Secret | None]:
    return attrs.asdict(credentials, recurse=False)
