"""Reading what Huawei pushes: status reports one by one or in a batch, and replies. Pure.

Three shapes are told apart by what is in them, whatever the headers say: a form with `status` (Message & SMS API
Reference, 3.2.5), a JSON document with `statusReportList`, and a form with `body` (both in the online edition of 2024).
Huawei takes any answer; ours is the one of its example.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final, cast

import attrs

from smsgate.huawei.forms import read_form
from smsgate.huawei.push_signature import push_problem, unix_seconds
from smsgate.huawei.reports import BadItem, read_reply, read_report
from smsgate.model.report import Reply, StatusReport
from smsgate.model.secret import Secret
from smsgate.provider.callback import Callback, CallbackError
from smsgate.provider.reading import read_object
from smsgate.wire import Headers, HttpRequest, HttpResponse

__all__ = ["MAX_REPORTS", "parse_callback"]

MAX_REPORTS: Final = 100
"""The most reports of one batch that are read; Huawei sends at most 50."""
_BATCH: Final = "statusReportList"
_ANSWER: Final = HttpResponse(
    200, {"Content-Type": "application/json; charset=UTF-8"}, b'{"returnCode":0,"returnCodeDesc":"Success"}'
)


def parse_callback(
    request: HttpRequest,
    *,
    keys: Mapping[str, str | Secret] | None = None,
    now: float | datetime | None = None,
    host: str | None = None,
    provider: str = "huawei",
) -> Callback:
    """What is in a push of Huawei's, and what to answer.

    *keys*: access key to secret key of signed pushes; with keys, a push that is not signed with one of them is refused.
    *now*: the time, as Unix seconds or as an aware datetime; needed with keys. *host*: the `Host` that Huawei asked
    for, where a proxy in front has changed it; the request's own URL path and other headers must be those of the push.
    *provider*: the name that the reports carry.

    Raises `CallbackError`: with status 401 and where "Authorization" for a push that is not proven to be Huawei's; with
    status 400 for one that cannot be read, with the reports that could be read beside the fault; with status 413 for a
    batch of more than `MAX_REPORTS`. Raises `ConfigurationError` for *keys* without *now* or with an unusable secret.
    """
    if keys is not None:
        # Rebound before anything is checked, so that no traceback's locals hold the raw values.
        keys = secrets = {access: Secret.wrap(secret) for access, secret in keys.items()}
        _verify(request, secrets, now, host)
    found = _read(request.body, provider)
    if found.problem is not None:
        raise CallbackError(
            f"{found.where}: {found.problem}{f' ({found.faults} faults)' if found.faults > 1 else ''}",
            where=found.where,
            status=found.status,
            reports=tuple(found.reports),
        )
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
        raise CallbackError(f"Authorization: {problem}", where="Authorization", status=401)


@attrs.define
class _Found:
    """What was read, and the first fault."""

    reports: list[StatusReport] = attrs.field(factory=list[StatusReport])
    replies: list[Reply] = attrs.field(factory=list[Reply])
    problem: str | None = None
    where: str = "body"
    status: int = 400
    faults: int = 0

    def fault(self, where: str, problem: str, *, status: int = 400) -> "_Found":
        if self.problem is None:
            self.where, self.problem, self.status = where, problem, status
        self.faults += 1
        return self


def _read(body: bytes, provider: str) -> _Found:
    found = _Found()
    if body.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"["):
        return _read_batch(body, provider, found)
    fields = read_form(body)
    if isinstance(fields, str):
        return found.fault("body", fields)
    try:
        if "status" in fields:
            found.reports.append(read_report(fields, provider))
        elif "body" in fields:
            found.replies.append(read_reply(fields, provider))
        else:
            found.fault("body", "is neither a status report nor a reply")
    except BadItem as bad:
        found.fault(*bad.args)
    return found


def _read_batch(body: bytes, provider: str, found: _Found) -> _Found:
    document = read_object(body)
    items = (document or {}).get(_BATCH)
    if not isinstance(items, list):
        return found.fault("body" if document is None else _BATCH, "is not a JSON document with a list of reports")
    reports = cast("Sequence[object]", items)
    if len(reports) > MAX_REPORTS:
        return found.fault(_BATCH, f"has more than {MAX_REPORTS} reports", status=413)
    for index, item in enumerate(reports):
        if not isinstance(item, dict):
            found.fault(f"{_BATCH}[{index}]", "is not an object")
            continue
        if not item:
            continue  # says nothing, and a refusal could have the whole batch pushed again
        try:
            found.reports.append(read_report(cast("dict[str, object]", item), provider))
        except BadItem as bad:
            key, problem = bad.args
            found.fault(f"{_BATCH}[{index}].{key}", problem)
    return found
