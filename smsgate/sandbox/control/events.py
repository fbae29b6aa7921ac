"""Reviews end, people reply, reports come and tokens expire because somebody says so."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final, cast

from smsgate.sandbox.control.bodies import check_fields, check_number, read_seconds, read_text, read_whole
from smsgate.sandbox.control.vendors import read_vendor
from smsgate.sandbox.events import ReportOrder, add_reply, add_report
from smsgate.sandbox.state.review import Entry, ReviewState
from smsgate.sandbox.state.state import SandboxState

__all__ = ["end_review", "expire_tokens", "reply", "report", "review", "set_token_lifetime"]

_OF_REPLIES: Final = ("vendor", "to", "signature", "extend")
_REPORT_TEXTS: Final = ("message_id", "code", "sub_error", "sub_error_description")
_LONGEST_LIFETIME: Final = 10**9


def end_review(state: SandboxState, vendor: str, kind: str, id: str, verdict: str, reason: str = "") -> Entry:
    """Decide a template or signature anew. *id*: that of management calls or that of sends.

    Raises `ValueError` for a word that is not known, `LookupError` if there is no such entry.
    """
    if kind not in ("template", "signature"):
        raise ValueError(f'kind: "template" or "signature", not {kind[:50]!r}')
    if verdict.upper() not in ReviewState.__members__:
        raise ValueError(f'state: "approved", "rejected" or "pending", not {verdict[:50]!r}')
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
    state.token_lifetime = read_seconds(seconds, "lifetime", most=_LONGEST_LIFETIME, above_zero=True)


def review(state: SandboxState, body: Mapping[str, Any], now: float) -> dict[str, Any]:
    """End a review."""
    check_fields(body, ("vendor", "kind", "id", "state", "reason"))
    id: object = body.get("id")
    id = str(id) if isinstance(id, int) and not isinstance(id, bool) else id
    vendor = read_vendor(body).name
    kind, verdict = (read_text(body, name) for name in ("kind", "state"))
    entry = end_review(
        state,
        vendor,
        kind,
        read_text({**body, "id": id} if "id" in body else {}, "id"),
        verdict,
        read_text(body, "reason", ""),
    )
    return {"vendor": vendor, "kind": kind, "id": entry.id, "state": entry.state.lower(), "reason": entry.reason}


def reply(state: SandboxState, body: Mapping[str, Any], now: float) -> dict[str, Any]:
    """Let a person reply."""
    check_fields(body, ("from", "text", *_OF_REPLIES))
    options = {name: read_text(body, name) for name in _OF_REPLIES if name in body}
    if "vendor" in body:
        options["vendor"] = read_vendor(body).name
    sender = check_number(body.get("from"), "from")
    made, url = add_reply(state, sender, read_text(body, "text"), now, **options)
    shown = {"from": made.sender, "text": made.text, "signature": made.signature, "extend": made.extend}
    return {**shown, "to": made.to, "time": int(made.time), "pushed_to": url}


def report(state: SandboxState, body: Mapping[str, Any], now: float) -> dict[str, Any]:
    """Let a report come."""
    check_fields(body, (*_REPORT_TEXTS, "to", "times", "reported_at", "segment"))
    texts = {name: read_text(body, name) for name in _REPORT_TEXTS if name in body}
    if "to" in body:
        texts["to"] = check_number(body["to"], "to")
    times: object = body.get("times", 1)
    order = ReportOrder(**texts, times=read_whole(times, "times"), segment=_segment(body), reported_at=_moment(body))
    message, url = add_report(state, order, now)
    return {"vendor": message.vendor, "message_id": message.message_id, "to": message.to, "pushed_to": url}


def _segment(body: Mapping[str, Any]) -> tuple[int, int] | None:
    if "segment" not in body:
        return None
    value: object = body["segment"]
    if not isinstance(value, dict):
        raise ValueError('segment: as in {"sequence": 1, "total": 2}')
    parts = cast("dict[str, object]", value)
    check_fields(parts, ("sequence", "total"))
    return read_whole(parts.get("sequence"), "segment.sequence"), read_whole(parts.get("total"), "segment.total")


def _moment(body: Mapping[str, Any]) -> float | None:
    if "reported_at" not in body:
        return None
    try:
        moment = datetime.fromisoformat(read_text(body, "reported_at"))
    except ValueError:
        raise ValueError("reported_at: a time as in 2026-01-01T00:00:00Z") from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def expire_tokens(state: SandboxState, body: Mapping[str, Any], now: float) -> None:
    """Withdraw the tokens, and say how long new ones are good."""
    check_fields(body, ("lifetime",))
    if "lifetime" in body:
        set_token_lifetime(state, body["lifetime"])
    state.expire_tokens()
