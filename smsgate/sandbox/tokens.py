"""Tokens that IAM hands out and the management APIs take."""

import uuid
from typing import Final

import attrs

__all__ = ["Token", "Tokens"]

_LIFETIME: Final = 24 * 3600.0


@attrs.frozen
class Token:
    """One token."""

    value: str = attrs.field(repr=False)
    project_id: str | None
    """The project that it is good for; None for a token of the whole account."""
    issued: float
    expires: float
    """Unix seconds, as is `issued`."""


class Tokens:
    """All tokens. Several are good at the same time."""

    def __init__(self) -> None:
        self.lifetime = _LIFETIME
        """Seconds for which a token that is issued from now on is good."""
        self._tokens: dict[str, Token] = {}

    def issue(self, project_id: str | None, now: float) -> Token:
        """A new token."""
        token = Token(f"MIISandbox{uuid.uuid4().hex}{uuid.uuid4().hex}", project_id, now, now + self.lifetime)
        self._tokens[token.value] = token
        return token

    def get(self, value: str) -> Token | None:
        """The token with that value, expired or not; None if it was never issued or all were withdrawn."""
        return self._tokens.get(value)

    def expire_all(self) -> None:
        """Withdraw every token."""
        self._tokens.clear()
