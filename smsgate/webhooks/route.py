"""One vendor's way in: who may use it, how its pushes are read, and how many items one may have."""

import hmac
import json
import logging
import re
import time
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from hashlib import sha256
from http import HTTPStatus
from typing import Final

import attrs

from smsgate.errors import CallbackError, ConfigurationError
from smsgate.phone import safe_words
from smsgate.report import Callback
from smsgate.secret import Secret
from smsgate.tags import read_tag
from smsgate.webhooks.trouble import trouble
from smsgate.wire import HttpRequest, HttpResponse

__all__ = ["MAX_BODY", "MAX_ITEMS", "OpenDoorWarning", "Route", "find", "read", "receive", "refusal"]

MAX_BODY: Final = 256 * 1024
"""The most bytes that a push may have."""
MAX_ITEMS: Final = 100
"""The most reports and replies that a push may have: Tencent's documented limit, Huawei's is 50."""
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


def receive(
    request: HttpRequest,
    route: Route,
    *,
    token: str = "",
    tag_secrets: Iterable[str | Secret] = (),
    now: float | None = None,
) -> Callback:
    """Read one push, for those who keep their own view. Never raises for what came in.

    Hand `callback.events` to your code, also if the answer is an error: they are what was valid beside the fault. Then
    answer `callback.answer`: the vendor's acknowledgement, or 400 (malformed), 401 (bad signature), 404 (wrong
    *token*), 405 or 413. Answer 500 instead if your code fails, so that a vendor that retries will.

    *token*: what your URL has in the token's place. *tag_secrets*: the secrets with which the tags that come back were
    made. *now*: Unix seconds, the clock by default. Limit the size while you read the body: here it has been read.
    """
    tag_secrets = secrets = [Secret.wrap(secret) for secret in tag_secrets]
    if find(dict.fromkeys(route.seals, route), route.provider, token) is None:
        return refusal(404)
    if request.method not in route.methods:
        return refusal(405, route)
    if len(request.body) > MAX_BODY:
        return refusal(413, route)
    return read(request, route, tag_secrets=secrets, now=now)


def read(request: HttpRequest, route: Route, *, tag_secrets: Sequence[Secret], now: float | None = None) -> Callback:
    """Parse a push that has come to the right address."""
    if route.headers:
        request = attrs.evolve(request, headers=_replaced(request, route.headers))
    options = {"keys": route.keys, "now": time.time() if now is None else now} if route.keys else {}
    try:
        callback = route.parse(request, provider=route.provider, **options)
    except CallbackError as error:
        refused = refusal(error.status, route, safe_words(str(error)))
        callback = Callback(error.reports, error.replies, refused.answer)
    except Exception as error:
        return refusal(500, route, f"its parser failed: {trouble(error)}")
    if len(callback.events) > MAX_ITEMS:
        return refusal(413, route, f"{len(callback.events)} items")
    for report in callback.reports:
        tag = read_tag(report.reference, to=report.to, secrets=tag_secrets)
        # A forged tag is no tag: code that only looks at its key must not be led to another message.
        report.tag = tag if tag is None or tag.proven or not tag_secrets else None
    return callback


def refusal(status: int, route: Route | None = None, why: str = "") -> Callback:
    """A refused push: nothing in it, its answer, and one line in the log. *why* has no number, secret or text in it."""
    phrase = HTTPStatus(status).phrase
    sender = f" from {route.provider}" if route else ""
    level = logging.ERROR if status == 500 else logging.WARNING
    _log.log(level, "callback%s refused: %d %s%s", sender, status, phrase, f": {why}" if why else "")
    # The form in which Tencent reads an answer, failures included (SMS Development Guide 2.0, Notification of MT SMS
    # Delivery Status, Response Packet). Huawei reads the status alone.
    body = json.dumps({"result": status, "errmsg": phrase}, separators=(",", ":"))
    headers = {"content-type": "application/json"}
    if route and status == 405:
        headers["allow"] = ", ".join(route.methods)
    return Callback((), (), HttpResponse(status, headers, body.encode()))


def _seal(provider: str, token: str) -> bytes:
    return sha256(f"{provider}/{token}".encode(errors="replace")).digest()


def _replaced(request: HttpRequest, fields: Mapping[str, str]) -> list[tuple[str, str]]:
    names = {name.lower() for name in fields}
    return [*(pair for pair in request.headers.pairs if pair[0].lower() not in names), *fields.items()]


def _problems(provider: str, tokens: tuple[Secret, ...]) -> list[str]:
    problems = [] if _NAME.fullmatch(provider) else ["the name must be letters, digits, '-', '_' and '.'"]
    if not all(_TOKEN.fullmatch(token.reveal()) for token in tokens):
        problems.append("tokens: each must be 16 or more letters, digits and -._~; secrets.token_urlsafe() makes one")
    return problems
