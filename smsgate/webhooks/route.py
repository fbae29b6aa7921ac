"""One vendor's way in: who may use it, how its pushes are read, and how many items one may have."""

import hmac
import logging
import re
import warnings
from collections.abc import Callable, Iterable, Mapping
from hashlib import sha256
from typing import Final

from smsgate.model.errors import ConfigurationError
from smsgate.model.secret import Secret
from smsgate.provider.callback import Callback

__all__ = ["OpenDoorWarning", "Route", "find"]

_NAME: Final = re.compile(r"[A-Za-z0-9._-]+", re.ASCII)
_TOKEN: Final = re.compile(r"[A-Za-z0-9._~-]{16,}", re.ASCII)
_log: Final = logging.getLogger("smsgate.webhooks")


class OpenDoorWarning(UserWarning):
    """Anyone who knows the address can make up reports: the route has neither tokens nor keys."""


class Route:
    """How one provider's pushes come in: at `/<provider>/<token>` below where the app is mounted.

    *provider*: the name that its reports carry, the same as the sending provider's, so that they find its results.
    *parse*: the vendor's `parse_callback`. *tokens*: unguessable path parts, 16 characters or more of letters, digits
    and "-._~" (`secrets.token_urlsafe()` makes one); several while one replaces another. *keys*: access key to secret
    key of pushes that the vendor signs (Huawei), handed to *parse* with the time. *methods*: those that the vendor
    uses. *headers*: header fields as the vendor sent them, where a proxy in front changes fields that are signed.

    Raises `ConfigurationError` for a name or token that no path can carry; warns with `OpenDoorWarning` if there is
    neither a token nor a key.
    """

    __slots__ = ("headers", "keys", "methods", "parse", "provider", "seals")

    def __init__(
        self,
        provider: str,
        parse: Callable[..., Callback],
        *,
        tokens: Iterable[str | Secret] = (),
        keys: Mapping[str, str | Secret] | None = None,
        methods: Iterable[str] = ("POST",),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        # Rebound before anything is checked, so that no traceback's locals hold the raw values.
        tokens = path_tokens = tuple(Secret.wrap(token) for token in tokens)
        keys = push_keys = {name: Secret.wrap(secret) for name, secret in (keys or {}).items()}
        for problem in _problems(provider, path_tokens):
            raise ConfigurationError(f"Route {provider!r}: {problem}")
        for name, secret in push_keys.items():
            secret.require(f"Route {provider!r}: keys[{name!r}]")
        if not path_tokens and not push_keys:
            text = f"Route {provider!r} has no token and no key: anyone can make up reports. Give it tokens=[…]."
            warnings.warn(text, OpenDoorWarning, stacklevel=2)
            _log.warning("%s", text)
        self.provider: str = provider
        self.parse: Callable[..., Callback] = parse
        self.keys: Mapping[str, Secret] = push_keys
        self.methods: tuple[str, ...] = tuple(methods)
        self.headers: Mapping[str, str] = dict(headers or {})
        seals = tuple(_seal(provider, token.reveal()) for token in path_tokens)
        self.seals: tuple[bytes, ...] = seals or (_seal(provider, ""),)
        """A hash of each address that opens this route, to compare in constant time."""

    def __repr__(self) -> str:
        return f"Route({self.provider!r})"


def find(routes: Mapping[bytes, Route], provider: str, token: str) -> Route | None:
    """The route that this address opens. As much work for an unknown provider as for a wrong token."""
    given = _seal(provider, token)
    found = [route for known, route in routes.items() if hmac.compare_digest(known, given)]
    return found[0] if found else None


def _seal(provider: str, token: str) -> bytes:
    return sha256(f"{provider}/{token}".encode(errors="replace")).digest()


def _problems(provider: str, tokens: tuple[Secret, ...]) -> list[str]:
    problems = [] if _NAME.fullmatch(provider) else ["the name must be letters, digits, '-', '_' and '.'"]
    if not all(_TOKEN.fullmatch(token.reveal()) for token in tokens):
        problems.append("tokens: each must be 16 or more letters, digits and -._~; secrets.token_urlsafe() makes one")
    return problems
