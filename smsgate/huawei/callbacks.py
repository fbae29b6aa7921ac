"""Reading what Huawei pushes: status reports one by one or in a batch, and replies. Pure.

Three shapes differ by what is in them, whatever the headers say: a form with `status` (Message & SMS API
Reference, 3.2.5), a JSON document with `statusReportList`, and a form with `body` (both in the online edition of 2024).
Huawei takes any answer; ours is the one of its example.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

import attrs

from smsgate.huawei.push_signature import push_problem, unix_seconds
from smsgate.huawei.reports import read_reply, read_report
from smsgate.model.secret import Secret
from smsgate.provider.callback import Callback, CallbackError, ParsedItems
from smsgate.provider.forms import read_form
from smsgate.wire import Headers, HttpRequest, HttpResponse

__all__ = ["parse_callback"]

_BATCH: Final = "statusReportList"
_ANSWER: Final = HttpResponse(
    200, {"Content-Type": "application/json; charset=UTF-8"}, b'{"returnCode":0,"returnCodeDesc":"Success"}'
)


def parse_callback(
    request: HttpRequest,
    *,
    provider: str = "huawei",
    keys: Mapping[str, str | Secret] | None = None,
    now: float | datetime | None = None,
    host: str | None = None,
) -> Callback:
    """What is in a push of Huawei's, and what to answer.

    *provider*: the name of the provider that sent the messages: the reports carry it, and match its results only then.
    *keys*: access key to secret key of signed pushes; with keys, a push that is not signed with one of them is
    refused. *now*: the time, as Unix seconds or as an aware datetime; needed with keys. *host*: the `Host` that Huawei
    requested, where a proxy in front has changed it; the URL path and the other headers must be those of the push.

    Raises `CallbackError`: with status 401 and where "Authorization" for a push that is not proven to be Huawei's; with
    status 400 for one that cannot be read, with the reports that could be read beside the fault; with status 413 and
    the first reports for a batch of more than 100. Raises `ConfigurationError` for *keys* without *now* or with an
    unusable secret.
    """
    if keys is not None:
        # Rebound before anything is checked, so that no traceback's locals hold the raw values.
        keys = secrets = {access: Secret.wrap(secret) for access, secret in keys.items()}
        _verify(request, secrets, now, host)
    found = _read(request.body, provider)
    found.raise_for_fault("Huawei")
    return Callback(tuple(found.reports), tuple(found.replies), _ANSWER)


def _verify(request: HttpRequest, keys: Mapping[str, Secret], now: float | datetime | None, host: str | None) -> None:
    for secret in keys.values():
        secret.require("keys: a secret")
    moment = unix_seconds(now)
    if host is not None:
        others = [pair for pair in request.headers.pairs if pair[0].lower() != "host"]
        request = attrs.evolve(request, headers=Headers([*others, ("Host", host)]))
    problem = push_problem(request, keys, now=moment)
    if problem:
        raise CallbackError(f"Huawei callback: Authorization: {problem}", where="Authorization", status=401)


def _read(body: bytes, provider: str) -> ParsedItems:
    found = ParsedItems()
    if body.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"["):
        found.read_body(body, lambda item: read_report(item, provider), key=_BATCH)
        return found
    fields = read_form(body)
    if isinstance(fields, str):
        found.fault("body", fields)
    elif "status" in fields:
        found.read(fields, lambda item: read_report(item, provider), "")
    elif "body" in fields:
        found.read(fields, lambda item: read_reply(item, provider), "")
    else:
        found.fault("body", "is neither a status report nor a reply")
    return found
