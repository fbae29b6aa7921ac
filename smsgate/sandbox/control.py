"""What people and tests make happen, beside the vendors' own APIs: a review ends, a person replies, tokens expire.

request                       body                                                          answer
POST /sandbox/review          {"vendor", "kind", "id", "state", "reason"}                   200, the same
POST /sandbox/replies         {"from", "text", "signature", "extend"}                       200, the same and "time"
POST /sandbox/expire-tokens   nothing, or {"lifetime": seconds} for the tokens from now on  204

What can be left out: "reason", "signature" (the account's first), "extend".
"""

import json
import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final, cast

from smsgate.sandbox.answer import json_response
from smsgate.sandbox.review import Entry, ReviewState
from smsgate.sandbox.tray import SandboxReply
from smsgate.sandbox.world import World
from smsgate.wire import HttpRequest, HttpResponse

__all__ = ["add_reply", "control", "end_review", "set_token_lifetime"]

_E164: Final = re.compile(r"\+[1-9][0-9]{6,14}", re.ASCII)


def control(world: World, request: HttpRequest, now: float) -> HttpResponse | None:
    """The answer, or None if the request is for something else."""
    run = _CALLS.get(request.path)
    if run is None:
        return None
    if request.method != "POST":
        return json_response({"error": f"{request.path} takes POST"}, status=405)
    try:
        told = run(world, _object(request.body), now)
    except LookupError as error:
        return json_response({"error": str(error.args[0])}, status=404)
    except ValueError as error:
        return json_response({"error": str(error)}, status=400)
    return HttpResponse(204, {"Content-Length": "0"}) if told is None else json_response(told)


def end_review(world: World, vendor: str, kind: str, id: str, state: str, reason: str = "") -> Entry:
    """Decide a template or signature anew. *id*: that of management calls or that of sends.

    Raises `ValueError` for a word that is not known, `LookupError` if there is no such entry.
    """
    if kind not in ("template", "signature"):
        raise ValueError(f'kind: "template" or "signature", not {kind!r}')
    if state.upper() not in ReviewState.__members__:
        raise ValueError(f'state: "approved", "rejected" or "pending", not {state!r}')
    if kind == "template":
        templates = world.templates.all(vendor)
        found: Entry | None = next((each for each in templates if id in (each.id, each.template.id)), None)
    else:
        signatures = world.signatures.all(vendor)
        found = next((each for each in signatures if id in (each.id, each.details.get("signature_id"))), None)
    if found is None:
        raise LookupError(f"{vendor} has no {kind} {id}")
    found.decide(ReviewState[state.upper()], reason)
    return found


def add_reply(
    world: World, sender: str, text: str, now: float, *, signature: str | None = None, extend: str = ""
) -> SandboxReply:
    """Let a reply from *sender* (E.164) wait to be pulled. Raises `ValueError` if that is no number."""
    if not _E164.fullmatch(sender):
        raise ValueError("from: a number in E.164, as in +8613800138000")
    signature = world.default_signature("tencent") if signature is None else signature
    reply = SandboxReply(sender=sender, text=text, time=now, signature=signature, extend=extend)
    world.replies.add(reply)
    return reply


def set_token_lifetime(world: World, seconds: float) -> None:
    """How long tokens issued from now on are good. Raises `ValueError` unless that is above 0."""
    if not 0 < seconds < 10**9:
        raise ValueError("lifetime: seconds, above 0")
    world.tokens.lifetime = seconds


def _review(world: World, body: Mapping[str, Any], now: float) -> dict[str, Any]:
    id: object = body.get("id")
    id = str(id) if isinstance(id, int) else id
    vendor, kind, state = (_text(body, name) for name in ("vendor", "kind", "state"))
    entry = end_review(world, vendor, kind, _text({"id": id}, "id"), state, _text(body, "reason", ""))
    return {"vendor": vendor, "kind": kind, "id": entry.id, "state": entry.state.lower(), "reason": entry.reason}


def _reply(world: World, body: Mapping[str, Any], now: float) -> dict[str, Any]:
    signature = _text(body, "signature") if "signature" in body else None
    sender, text, extend = _text(body, "from"), _text(body, "text"), _text(body, "extend", "")
    reply = add_reply(world, sender, text, now, signature=signature, extend=extend)
    told = {"from": reply.sender, "text": reply.text, "signature": reply.signature, "extend": reply.extend}
    return {**told, "time": int(reply.time)}


def _expire_tokens(world: World, body: Mapping[str, Any], now: float) -> None:
    lifetime: object = body.get("lifetime", world.tokens.lifetime)
    if not isinstance(lifetime, int | float):
        raise ValueError("lifetime: seconds, above 0")
    set_token_lifetime(world, lifetime)
    world.tokens.expire_all()


def _text(body: Mapping[str, Any], name: str, default: str | None = None) -> str:
    value: object = body.get(name, default)
    if not isinstance(value, str):
        raise ValueError(f"{name}: a text is missing")
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


_CALLS: Final[Mapping[str, Callable[[World, Mapping[str, Any], float], dict[str, Any] | None]]] = MappingProxyType(
    {"/sandbox/review": _review, "/sandbox/replies": _reply, "/sandbox/expire-tokens": _expire_tokens}
)
