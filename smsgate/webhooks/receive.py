"""Reading one push: `receive` for a view of your own, and what `CallbackApp` shares with it."""

import json
import logging
import time
from collections.abc import Iterable, Sequence
from http import HTTPStatus
from typing import Final

import attrs

from smsgate.model.masking import describe_failure, safe_text
from smsgate.model.secret import Secret
from smsgate.provider.callback import Callback, CallbackError
from smsgate.tags import read_tag
from smsgate.webhooks.route import Route, find_route, wrap_secrets
from smsgate.wire import HttpRequest, HttpResponse

__all__ = ["MAX_BODY", "MAX_ITEMS", "read_push", "receive", "refusal"]

_log: Final = logging.getLogger("smsgate.webhooks")

MAX_BODY: Final = 256 * 1024
"""The most bytes that a push may have."""
MAX_ITEMS: Final = 100
"""The most reports and replies that a push may have: Tencent's documented limit, Huawei's is 50."""


def receive(
    request: HttpRequest,
    route: Route,
    *,
    token: str = "",
    tag_secrets: Iterable[str | Secret] = (),
    now: float | None = None,
) -> Callback:
    """Read one push, for a view of your own. Never raises for what came in.

    Process `callback.events`, also if the answer is an error: they are what was valid beside the fault. Then return
    `callback.answer`: the vendor's acknowledgement, or 400 (malformed), 401 (bad signature), 404 (wrong *token*), 405
    or 413. Return 500 instead if your code fails, so that a vendor that retries will.

    *token*: what your URL has in the token's place. *tag_secrets*: the secrets with which the tags that come back were
    made. *now*: Unix seconds, the clock by default. Limit the size while you read the body: here it has been read.

    Raises `ConfigurationError` for a tag secret that cannot be one.
    """
    secrets = tag_secrets = wrap_secrets(tag_secrets)
    for secret in secrets:
        secret.require("tag_secrets")
    if find_route(dict.fromkeys(route.address_digests, route), route.provider, token) is None:
        return refusal(404)
    if request.method not in route.methods:
        return refusal(405, route)
    if len(request.body) > MAX_BODY:
        return refusal(413, route)
    return read_push(request, route, tag_secrets=secrets, now=now)


def read_push(
    request: HttpRequest, route: Route, *, tag_secrets: Sequence[Secret], now: float | None = None
) -> Callback:
    """Parse a push that has come to the right address."""
    if route.headers or route.prefix:
        request = _as_sent(request, route)
    options = {"keys": route.keys, "now": time.time() if now is None else now} if route.keys else {}
    try:
        callback = route.parse(request, provider=route.provider, **options)
    except CallbackError as error:
        refused = refusal(error.status, route, safe_text(str(error)))
        callback = Callback(error.reports, error.replies, refused.answer)
    except Exception as error:
        return refusal(500, route, f"its parser failed: {describe_failure(error)}")
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
    level = logging.ERROR if status >= 500 and why else logging.WARNING
    _log.log(level, "callback%s refused: %d %s%s", sender, status, phrase, f": {why}" if why else "")
    # The form in which Tencent reads an answer, failures included (SMS Development Guide 2.0, Notification of MT SMS
    # Delivery Status, Response Packet). Huawei reads the status alone.
    body = json.dumps({"result": status, "errmsg": phrase}, separators=(",", ":"))
    headers = {"content-type": "application/json"}
    if route and status == 405:
        headers["allow"] = ", ".join(route.methods)
    return Callback((), (), HttpResponse(status, headers, body.encode()))


def _as_sent(request: HttpRequest, route: Route) -> HttpRequest:
    """The request as the vendor sent and signed it, without what a proxy in front has changed."""
    names = {name.lower() for name in route.headers}
    kept = [pair for pair in request.headers.pairs if pair[0].lower() not in names]
    url, path = request.url, request.path
    if route.prefix and path != route.prefix and not path.startswith(f"{route.prefix}/"):
        origin = url.partition("#")[0].partition("?")[0].removesuffix(path)
        url = f"{origin}{route.prefix}{url[len(origin) :]}"
    return attrs.evolve(request, url=url, headers=[*kept, *route.headers.items()])
