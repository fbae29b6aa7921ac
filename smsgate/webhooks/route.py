"""The address of one vendor's pushes: who may use it, how its pushes are read, and what a proxy has changed of them."""

import hmac
import logging
import re
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from hashlib import sha256
from typing import Final, cast

from smsgate.model.errors import ConfigurationError
from smsgate.model.secret import Secret
from smsgate.provider.callback import Callback

__all__ = ["OpenDoorWarning", "Route", "find_route", "is_list", "wrap_secrets"]

_NAME: Final = re.compile(r"[A-Za-z0-9._-]+", re.ASCII)
_TOKEN: Final = re.compile(r"[A-Za-z0-9._~-]{16,}", re.ASCII)
# RFC 3986, 3.3: the characters of a path; percent-encoded, as the vendor signs it.
_PREFIX: Final = re.compile(r"(?:/[A-Za-z0-9._~!$&'()*+,;=:@%-]+)+", re.ASCII)
_log: Final = logging.getLogger("smsgate.webhooks")


class OpenDoorWarning(UserWarning):
    """Anyone who knows the address can make up reports: the route has neither tokens nor keys."""


class Route:
    """How one provider's pushes come in: at `/<provider>/<token>` below where the app is mounted.

    *provider*: the name that its reports carry, the same as the sending provider's, so that they find its results.
    *parse*: the vendor's `parse_callback`. *tokens*: unguessable path parts, 16 characters or more of letters, digits
    and "-._~" (`secrets.token_urlsafe()` makes one); several while one replaces another. *keys*: access key to secret
    key of pushes that the vendor signs (Huawei), passed to *parse* with the time. *methods*: those that the vendor
    uses. *headers*: header fields as the vendor sent them, where a proxy in front changes fields that are signed.
    *prefix*: the path prefix that a proxy in front removes ("/sms"), because the vendor has signed the whole path. It
    is put before a path that does not begin with it, so it may also be given where the server restores it.

    Raises `ConfigurationError` for an argument that cannot be right; warns with `OpenDoorWarning` if there is neither
    a token nor a key.
    """

    __slots__ = ("address_digests", "headers", "keys", "methods", "parse", "prefix", "provider")

    def __init__(
        self,
        provider: str,
        parse: Callable[..., Callback],
        *,
        tokens: Iterable[str | Secret] = (),
        keys: Mapping[str, str | Secret] | None = None,
        methods: Iterable[str] = ("POST",),
        headers: Mapping[str, str] | None = None,
        prefix: str = "",
    ) -> None:
        # Rebound before anything is checked, so that no traceback's locals hold the raw values.
        path_tokens = tokens = wrap_secrets(tokens)
        push_keys = keys = _wrap_keys(keys)
        for problem in _problems(provider, parse, path_tokens, push_keys, methods, headers, prefix):
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
        self.prefix: str = prefix
        self.address_digests: tuple[bytes, ...] = tuple(
            _digest(provider, token) for token in [each.reveal() for each in path_tokens] or [""]
        )
        """A hash of each address of this route, to compare in constant time."""

    def __repr__(self) -> str:
        return f"Route({self.provider!r})"


def find_route(routes: Mapping[bytes, Route], provider: str, token: str) -> Route | None:
    """The route with this address. As much work for an unknown provider as for a wrong token."""
    given = _digest(provider, token)
    found = [route for known, route in routes.items() if hmac.compare_digest(known, given)]
    return found[0] if found else None


def wrap_secrets(values: object) -> tuple[Secret, ...]:
    """*values* as secrets. Never raises: what is not a list of texts becomes one secret that `Secret.require` refuses.

    One text is no list: Python would take it for a list of characters.
    """
    if not is_list(values):
        return (Secret(cast("str", None)),)
    return tuple(Secret.wrap(value) for value in cast("Iterable[str | Secret]", values))


def is_list(values: object) -> bool:
    """Whether *values* are several values, and not one text."""
    return isinstance(values, Iterable) and not isinstance(values, str | bytes | Secret)


def _wrap_keys(keys: object) -> dict[str, Secret]:
    if not keys:
        return {}
    if not isinstance(keys, Mapping):
        return {"": Secret(cast("str", None))}
    return {name: Secret.wrap(secret) for name, secret in cast("Mapping[str, str | Secret]", keys).items()}


def _digest(provider: str, token: str) -> bytes:
    return sha256(f"{provider}/{token}".encode(errors="replace")).digest()


def _problems(
    provider: object,
    parse: object,
    tokens: tuple[Secret, ...],
    keys: Mapping[str, Secret],
    methods: object,
    headers: object,
    prefix: object,
) -> Iterator[str]:
    if not isinstance(provider, str) or not _NAME.fullmatch(provider):
        yield "the name must be letters, digits, '-', '_' and '.'"
    if not callable(parse):
        yield "parse: must be the vendor's parse_callback"
    texts: list[object] = [token.reveal() for token in tokens]
    if not all(isinstance(text, str) and _TOKEN.fullmatch(text) for text in texts):
        yield (
            "tokens: must be a list of texts, each of 16 or more letters, digits and -._~; "
            "secrets.token_urlsafe() makes one. Check how they are read from the environment or the vault."
        )
    if not all(keys):
        yield "keys: must be a dictionary of access keys to secret keys"
    if isinstance(methods, str) or not isinstance(methods, Iterable):
        yield 'methods: must be a list of HTTP methods, such as ["POST"]'
    if headers is not None and not isinstance(headers, Mapping):
        yield "headers: must be a dictionary of header fields"
    if prefix != "" and not (isinstance(prefix, str) and _PREFIX.fullmatch(prefix)):
        yield 'prefix: must be a path that begins with "/" and does not end with it, percent-encoded, such as "/sms"'
