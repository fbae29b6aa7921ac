"""What people and tests make happen, beside the vendors' own APIs: reviews end, people reply, tokens expire.

request                       body                                                          response
POST /sandbox/review          {"vendor", "kind", "id", "state", "reason"}                   200, the same
POST /sandbox/replies         {"from", "text", "vendor", "to", "signature", "extend"}       200, the same and "time"
POST /sandbox/reports         {"message_id" or "to", "code", "times", "reported_at",        200, whom it is about
                               "segment": {"sequence", "total"}}
POST /sandbox/expire-tokens   nothing, or {"lifetime": seconds} for the tokens from now on  204

What can be left out: "reason"; all of a reply but the first two ("signature": the account's first); all of a report but
the message that it is about, of which the newest to a number is meant. "pushed_to" is null for what waits to be pulled.
"""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any, Final, cast

from smsgate.sandbox.events import ReportOrder, add_reply, add_report
from smsgate.sandbox.state.answer import json_response
from smsgate.sandbox.state.review import Entry, ReviewState
from smsgate.sandbox.state.state import SandboxState
from smsgate.wire import HttpRequest, HttpResponse

__all__ = ["control", "end_review", "set_token_lifetime"]


def control(state: SandboxState, request: HttpRequest, now: float) -> HttpResponse | None:
    """The response, or None if the request is for something else."""
    run = _CALLS.get(request.path)
    if run is None:
        return None
    if request.method != "POST":
        return json_response({"error": f"{request.path} takes POST"}, status=405)
    try:
        done = run(state, _object(request.body), now)
    except LookupError as error:
        return json_response({"error": str(error.args[0])}, status=404)
    except ValueError as error:
        return json_response({"error": str(error)}, status=400)
    return HttpResponse(204, {"Content-Length": "0"}) if done is None else json_response(done)


def end_review(state: SandboxState, vendor: str, kind: str, id: str, verdict: str, reason: str = "") -> Entry:
    """Decide a template or signature anew. *id*: that of management calls or that of sends.

    Raises `ValueError` for a word that is not known, `LookupError` if there is no such entry.
    """
    if kind not in ("template", "signature"):
        raise ValueError(f'kind: "template" or "signature", not {kind!r}')
    if verdict.upper() not in ReviewState.__members__:
        raise ValueError(f'state: "approved", "rejected" or "pending", not {verdict!r}')
    if kind == "template":
        templates = state.templates.all(vendor)
        found: Entry | None = next((each for each in templates if id in (each.id, each.template.id)), None)
    else:
        signatures = state.signatures.all(vendor)
        found = next((each for each in signatures if id in (each.id, each.details.get("signature_id"))), None)
    if found is None:
        raise LookupError(f"{vendor} has no {kind} {id}")
    found.decide(ReviewState[verdict.upper()], reason)
    return found


def set_token_lifetime(state: SandboxState, seconds: float) -> None:
    """How long tokens issued from now on are good. Raises `ValueError` unless that is above 0."""
    if not 0 < seconds < 10**9:
        raise ValueError("lifetime: seconds, above 0")
    state.token_lifetime = seconds


def _review(state: SandboxState, body: Mapping[str, Any], now: float) -> dict[str, Any]:
    id: object = body.get("id")
    id = str(id) if isinstance(id, int) else id
    vendor, kind, verdict = (_text(body, name) for name in ("vendor", "kind", "state"))
    entry = end_review(state, vendor, kind, _text({"id": id}, "id"), verdict, _text(body, "reason", ""))
    return {"vendor": vendor, "kind": kind, "id": entry.id, "state": entry.state.lower(), "reason": entry.reason}


def _reply(state: SandboxState, body: Mapping[str, Any], now: float) -> dict[str, Any]:
    options = {name: _text(body, name) for name in ("vendor", "to", "signature", "extend") if name in body}
    reply, url = add_reply(state, _text(body, "from"), _text(body, "text"), now, **options)
    shown = {"from": reply.sender, "text": reply.text, "signature": reply.signature, "extend": reply.extend}
    return {**shown, "to": reply.to, "time": int(reply.time), "pushed_to": url}


def _report(state: SandboxState, body: Mapping[str, Any], now: float) -> dict[str, Any]:
    texts = {name: _text(body, name) for name in ("message_id", "to", "code") if name in body}
    times: object = body.get("times", 1)
    order = ReportOrder(**texts, times=_whole(times, "times"), segment=_segment(body), reported_at=_moment(body))
    message, url = add_report(state, order, now)
    return {"vendor": message.vendor, "message_id": message.message_id, "to": message.to, "pushed_to": url}


def _segment(body: Mapping[str, Any]) -> tuple[int, int] | None:
    if "segment" not in body:
        return None
    value: object = body["segment"]
    parts = cast("dict[str, object]", value) if isinstance(value, dict) else {}
    return _whole(parts.get("sequence"), "segment.sequence"), _whole(parts.get("total"), "segment.total")


def _moment(body: Mapping[str, Any]) -> float | None:
    if "reported_at" not in body:
        return None
    try:
        moment = datetime.fromisoformat(_text(body, "reported_at"))
    except ValueError:
        raise ValueError("reported_at: a time as in 2026-01-01T00:00:00Z") from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _expire_tokens(state: SandboxState, body: Mapping[str, Any], now: float) -> None:
    lifetime: object = body.get("lifetime", state.token_lifetime)
    if not isinstance(lifetime, int | float):
        raise ValueError("lifetime: seconds, above 0")
    set_token_lifetime(state, lifetime)
    state.expire_tokens()


def _text(body: Mapping[str, Any], name: str, default: str | None = None) -> str:
    value: object = body.get(name, default)
    if not isinstance(value, str):
        raise ValueError(f"{name}: a text is missing")
    return value


def _whole(value: object, name: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise ValueError(f"{name}: a whole number is missing")
    return value


def _object(body: bytes) -> dict[str, Any]:
    try:
        value: object = json.loads(body or b"{}")
        json.dumps(value, ensure_ascii=False).encode()  # half a surrogate pair is no text
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        raise ValueError("the body is not a JSON object")
    return cast("dict[str, Any]", value)


_CALLS: Final[Mapping[str, Callable[[SandboxState, Mapping[str, Any], float], dict[str, Any] | None]]] = (
    MappingProxyType(
        {
            "/sandbox/review": _review,
            "/sandbox/replies": _reply,
            "/sandbox/reports": _report,
            "/sandbox/expire-tokens": _expire_tokens,
        }
    )
)
