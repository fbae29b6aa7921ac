"""Reviews end, people reply, reports come and tokens expire because somebody says so."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final, cast

from smsgate.sandbox.control.bodies import read_text, read_whole
from smsgate.sandbox.events import ReportOrder, add_reply, add_report
from smsgate.sandbox.state.review import Entry, ReviewState
from smsgate.sandbox.state.state import SandboxState

__all__ = ["end_review", "expire_tokens", "reply", "report", "review", "set_token_lifetime"]

_REPORT_TEXTS: Final = ("message_id", "to", "code", "sub_error", "sub_error_description")


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


def review(state: SandboxState, body: Mapping[str, Any], now: float) -> dict[str, Any]:
    """End a review."""
    id: object = body.get("id")
    id = str(id) if isinstance(id, int) else id
    vendor, kind, verdict = (read_text(body, name) for name in ("vendor", "kind", "state"))
    entry = end_review(state, vendor, kind, read_text({"id": id}, "id"), verdict, read_text(body, "reason", ""))
    return {"vendor": vendor, "kind": kind, "id": entry.id, "state": entry.state.lower(), "reason": entry.reason}


def reply(state: SandboxState, body: Mapping[str, Any], now: float) -> dict[str, Any]:
    """Let a person reply."""
    options = {name: read_text(body, name) for name in ("vendor", "to", "signature", "extend") if name in body}
    made, url = add_reply(state, read_text(body, "from"), read_text(body, "text"), now, **options)
    shown = {"from": made.sender, "text": made.text, "signature": made.signature, "extend": made.extend}
    return {**shown, "to": made.to, "time": int(made.time), "pushed_to": url}


def report(state: SandboxState, body: Mapping[str, Any], now: float) -> dict[str, Any]:
    """Let a report come."""
    texts = {name: read_text(body, name) for name in _REPORT_TEXTS if name in body}
    times: object = body.get("times", 1)
    order = ReportOrder(**texts, times=read_whole(times, "times"), segment=_segment(body), reported_at=_moment(body))
    message, url = add_report(state, order, now)
    return {"vendor": message.vendor, "message_id": message.message_id, "to": message.to, "pushed_to": url}


def _segment(body: Mapping[str, Any]) -> tuple[int, int] | None:
    if "segment" not in body:
        return None
    value: object = body["segment"]
    parts = cast("dict[str, object]", value) if isinstance(value, dict) else {}
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
    lifetime: object = body.get("lifetime", state.token_lifetime)
    if not isinstance(lifetime, int | float):
        raise ValueError("lifetime: seconds, above 0")
    set_token_lifetime(state, lifetime)
    state.expire_tokens()
