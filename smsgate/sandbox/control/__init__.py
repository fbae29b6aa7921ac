"""What people and tests make happen, beside the vendors' own APIs.

request                        body                                                          response
POST /sandbox/faults           {"vendor", "to", "times"} and one kind, see `control.faults`  200, the fault
GET, DELETE /sandbox/faults    DELETE: nothing, or {"vendor"}                                the faults; 204
GET /sandbox/account           nothing                                                       200, all accounts
POST /sandbox/account          {"vendor"} and what changes                                   200, the account
GET /sandbox/refused           nothing                                                       200, oldest first
POST /sandbox/pushes           {"number"}, as GET /sandbox/pushes shows it: once more         204
POST /sandbox/reset            nothing                                                       204
POST /sandbox/review           {"vendor", "kind", "id", "state", "reason"}                   200, the same
POST /sandbox/replies          {"from", "text", "vendor", "to", "signature", "extend"}       200, the same and "time"
POST /sandbox/reports          {"message_id" or "to", "code", "times", "reported_at",        200, whom it is about
                                "segment": {"sequence", "total"}}
POST /sandbox/expire-tokens    nothing, or {"lifetime": seconds} for the tokens from now on  204

What can be left out: "reason"; all of a reply but the first two ("signature": the account's first); all of a report but
the message that it is about, of which the newest to a number is meant. "pushed_to" is null for what waits to be pulled.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final
from urllib.parse import parse_qsl

import attrs

from smsgate.model.suggestion import did_you_mean
from smsgate.sandbox.control import events
from smsgate.sandbox.control.account import change_account, show_accounts
from smsgate.sandbox.control.bodies import check_fields, read_object, read_whole
from smsgate.sandbox.control.events import end_review, set_token_lifetime
from smsgate.sandbox.control.faults import read_fault
from smsgate.sandbox.control.ports import Ports
from smsgate.sandbox.control.vendors import read_interface
from smsgate.sandbox.state.answer import Answer, json_response
from smsgate.sandbox.state.faults import Faults
from smsgate.sandbox.state.records import RequestRecord
from smsgate.sandbox.state.state import SandboxState
from smsgate.sandbox.structure import check_parameters
from smsgate.wire import HttpRequest, HttpResponse

__all__ = ["Controlled", "Controls", "control", "end_review", "set_token_lifetime"]


@attrs.frozen(kw_only=True)
class Controls:
    """What the calls work on."""

    state: SandboxState
    faults: Faults
    ports: Ports | None
    refused: Iterable[RequestRecord]
    push_again: Callable[[int, float], None]
    reset: Callable[[float], None]


@attrs.frozen
class Controlled:
    """The answer to a request."""

    answer: Answer
    then: Callable[[], object] = lambda: None
    """What is to be done while nothing is locked: a port that closes waits for requests that are being processed."""


def control(controls: Controls, request: HttpRequest, now: float) -> Controlled | None:
    """What comes of *request* at *now* (Unix seconds), or None if it is for something else."""
    path, method = request.path, request.method
    if not path.startswith("/sandbox/") or method in _OF_SERVERS.get(path, ()):
        return None
    methods = _CALLS.get(path, {})
    run = methods.get(method)
    if run is None:
        taken = (*methods, *_OF_SERVERS.get(path, ()))
        return _error(405, f"{path} takes {', '.join(taken)}") if taken else _unknown(path)
    try:
        check_parameters(dict(parse_qsl(request.query, keep_blank_values=True)))
        return run(controls, read_object(request.body), now)
    except LookupError as error:
        return _error(404, str(error.args[0]))
    except ValueError as error:
        return _error(400, str(error))


def _unknown(path: str) -> Controlled:
    known = (*_CALLS, *_OF_SERVERS)
    return _error(404, f"there is no {path[:100]}{did_you_mean(path, known)}; known are {', '.join(known)}")


def _error(status: int, text: str) -> Controlled:
    return Controlled(Answer(json_response({"error": text}, status=status)))


def _done(response: HttpResponse, then: Callable[[], object] = lambda: None) -> Controlled:
    return Controlled(Answer(response), then)


_Call = Callable[[Controls, Mapping[str, Any], float], Controlled]
_OF_SERVERS: Final[Mapping[str, Sequence[str]]] = MappingProxyType(
    {
        "/sandbox/messages": ("GET", "DELETE"),
        "/sandbox/messages/wait": ("GET",),
        "/sandbox/pushes": ("GET",),
        "/sandbox/inbox": ("GET",),
        "/sandbox/interfaces": ("GET",),
        "/sandbox/events": ("GET",),
    }
)
"""The methods of those that a server answers by itself: Python reads `Sandbox`."""
_NO_CONTENT: Final = HttpResponse(204, {"Content-Length": "0"})


def _event(run: Callable[[SandboxState, Mapping[str, Any], float], dict[str, Any] | None]) -> Mapping[str, _Call]:
    def call(controls: Controls, body: Mapping[str, Any], now: float) -> Controlled:
        done = run(controls.state, body, now)
        return _done(_NO_CONTENT if done is None else json_response(done))

    return {"POST": call}


def _set_fault(controls: Controls, body: Mapping[str, Any], now: float) -> Controlled:
    ports = controls.ports
    fault = read_fault(body, ports)
    if fault is not None:
        controls.faults.add(fault)
        controls.state.history.note_faults()
        return _done(json_response(fault.as_json()))
    name = read_interface(body).name
    return _done(json_response({"vendors": [name], "refuse": True}), lambda: ports.close(name) if ports else None)


def _list_faults(controls: Controls, body: Mapping[str, Any], now: float) -> Controlled:
    closed = controls.ports.closed if controls.ports else ()
    refused = [{"vendors": [name], "refuse": True} for name in closed]
    return _done(json_response([*(fault.as_json() for fault in controls.faults), *refused]))


def _clear_faults(controls: Controls, body: Mapping[str, Any], now: float) -> Controlled:
    check_fields(body, ("vendor",))
    name = read_interface(body).name if body else None
    if name is None:
        controls.faults.clear()
    else:
        controls.faults.release(frozenset({name}))
    controls.state.history.note_faults()
    ports = controls.ports
    return _done(_NO_CONTENT, lambda: ports.open(name) if ports else None)


def _list_refused(controls: Controls, body: Mapping[str, Any], now: float) -> Controlled:
    return _done(json_response([record.as_json() for record in controls.refused]))


def _push_again(controls: Controls, body: Mapping[str, Any], now: float) -> Controlled:
    check_fields(body, ("number",))
    controls.push_again(read_whole(body.get("number"), "number"), now)
    return _done(_NO_CONTENT)


def _reset(controls: Controls, body: Mapping[str, Any], now: float) -> Controlled:
    check_fields(body, ())
    controls.reset(now)
    ports = controls.ports
    return _done(_NO_CONTENT, lambda: ports.open() if ports else None)


_CALLS: Final[Mapping[str, Mapping[str, _Call]]] = MappingProxyType(
    {
        "/sandbox/faults": {"GET": _list_faults, "POST": _set_fault, "DELETE": _clear_faults},
        "/sandbox/account": {
            "GET": lambda controls, body, now: _done(json_response(show_accounts(controls.state))),
            "POST": lambda controls, body, now: _done(json_response(change_account(controls.state, body))),
        },
        "/sandbox/refused": {"GET": _list_refused},
        "/sandbox/pushes": {"POST": _push_again},
        "/sandbox/reset": {"POST": _reset},
        "/sandbox/review": _event(events.review),
        "/sandbox/replies": _event(events.reply),
        "/sandbox/reports": _event(events.report),
        "/sandbox/expire-tokens": _event(events.expire_tokens),
    }
)
