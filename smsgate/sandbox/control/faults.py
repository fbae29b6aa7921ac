"""`/sandbox/faults`: a vendor fails over HTTP as it does in Python.

POST takes {"vendor", "to", "times"} and one of "answer", "status" (with "retry_after"), "drop", "stall" (with "when")
and "refuse". "vendor" is the name of an interface: what a provider is called.
"""

import math
from collections.abc import Callable, Mapping
from typing import Any, Final

from smsgate.model.suggestion import did_you_mean
from smsgate.sandbox.control.bodies import check_fields, check_number, read_seconds, read_text, read_whole
from smsgate.sandbox.control.ports import Ports
from smsgate.sandbox.control.vendors import read_interface
from smsgate.sandbox.simulator import Simulator
from smsgate.sandbox.state.answer import Drop
from smsgate.sandbox.state.faults import Fault
from smsgate.wire import HttpResponse

__all__ = ["CLOSES_PORT", "read_fault"]

_KINDS: Final = ("answer", "status", "drop", "stall", "refuse")
_COMPANIONS: Final = {"retry_after": "status", "when": "stall"}
_FIELDS: Final = ("vendor", "to", "times", *_KINDS, *_COMPANIONS)
_DROPS: Final = {"before": Drop.BEFORE, "after": Drop.AFTER}
_LONGEST: Final = 86_400.0
_MOST_TIMES: Final = 1_000_000
CLOSES_PORT: Final = None
"""What `read_fault` gives for "refuse": no fault, for the port of the interface closes."""


def read_fault(body: Mapping[str, Any], ports: Ports | None) -> Fault | None:
    """The fault that *body* describes, or `CLOSES_PORT`. Raises `ValueError`."""
    check_fields(body, _FIELDS)
    simulator = read_interface(body)
    kind = _kind(body)
    to, left = _to(body, simulator), _left(body)
    if kind == "refuse":
        _check_refusal(body, simulator, ports)
        return CLOSES_PORT
    fault = _READERS[kind](body, simulator)
    fault.to, fault.left = to, left
    return fault


def _kind(body: Mapping[str, Any]) -> str:
    found = [name for name in _KINDS if name in body]
    if len(found) != 1:
        raise ValueError(f"give one of {', '.join(_KINDS)}{f', not {len(found)} of them in one body' if found else ''}")
    for companion, kind in _COMPANIONS.items():
        if companion in body and kind != found[0]:
            raise ValueError(f'{companion}: goes with "{kind}" only')
    return found[0]


def _to(body: Mapping[str, Any], simulator: Simulator) -> str | None:
    if body.get("to") is None:
        return None
    if not simulator.refusals:
        raise ValueError(f"to: {simulator.name} sends to nobody; leave it out")
    return check_number(body["to"], "to")


def _left(body: Mapping[str, Any]) -> float:
    if body.get("times", 1) is None:
        return math.inf
    times = read_whole(body.get("times", 1), "times")
    if not 1 <= times <= _MOST_TIMES:
        raise ValueError(f"times: 1 to {_MOST_TIMES}, or null for as long as it is not cleared")
    return times


def _check_refusal(body: Mapping[str, Any], simulator: Simulator, ports: Ports | None) -> None:
    if body["refuse"] is not True:
        raise ValueError("refuse: true; send DELETE to end it")
    if body.get("to") is not None or body.get("times") is not None:
        raise ValueError('refuse: takes no "to" and no "times": a closed port refuses everybody until DELETE')
    if ports is None or not ports.has(simulator.name):
        raise ValueError(
            f"refuse: {simulator.name} has no port of its own to close; start the server with "
            f'--port-for {simulator.name}=PORT, or use "drop": "before", which resets connections'
        )


def _answer(body: Mapping[str, Any], simulator: Simulator) -> Fault:
    given: object = body["answer"]
    code = str(given) if isinstance(given, int) and not isinstance(given, bool) else read_text(body, "answer")
    scope = simulator.refusals.get(code)
    if scope is None:
        known = f"documented are {', '.join(simulator.refusals)}" if simulator.refusals else "it sends nothing"
        hint = did_you_mean(code, simulator.refusals)
        raise ValueError(f"answer: {simulator.name} answers no send with {code[:100]!r}{hint}; {known}")
    return Fault(interfaces=frozenset({simulator.name}), code=code, scope=scope)


def _status(body: Mapping[str, Any], simulator: Simulator) -> Fault:
    status = read_whole(body["status"], "status")
    if not 200 <= status <= 599:
        raise ValueError("status: an HTTP status from 200 to 599")
    headers = {"Content-Length": "0"}
    if "retry_after" in body:
        headers["Retry-After"] = f"{math.ceil(read_seconds(body['retry_after'], 'retry_after', most=_LONGEST))}"
    return Fault(interfaces=frozenset({simulator.name}), response=HttpResponse(status, headers))


def _drop(body: Mapping[str, Any], simulator: Simulator) -> Fault:
    at = _DROPS.get(str(body["drop"]))
    if at is None:
        raise ValueError('drop: "before" (not processed) or "after" (processed and charged)')
    return Fault(interfaces=frozenset({simulator.name}), processed=at is Drop.AFTER, drop=at)


def _stall(body: Mapping[str, Any], simulator: Simulator) -> Fault:
    when = str(body.get("when", "after"))
    if when not in _DROPS:
        raise ValueError('when: "before" (not processed: the connection drops in the end) or "after" (processed)')
    return Fault(
        interfaces=frozenset({simulator.name}),
        processed=when == "after",
        drop=None if when == "after" else Drop.BEFORE,
        delay=read_seconds(body["stall"], "stall", most=_LONGEST, above_zero=True),
    )


_READERS: Final[Mapping[str, Callable[[Mapping[str, Any], Simulator], Fault]]] = {
    "answer": _answer,
    "status": _status,
    "drop": _drop,
    "stall": _stall,
}
