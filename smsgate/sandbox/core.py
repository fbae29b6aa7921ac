"""The pure core: a request and a time go in, a response comes out. And the one registry of what is simulated."""

from collections.abc import Collection, Sequence
from email.utils import formatdate
from typing import Final

import attrs

from smsgate.sandbox.huawei import iam as huawei_iam
from smsgate.sandbox.huawei import management as huawei_management
from smsgate.sandbox.huawei import sms as huawei_sms
from smsgate.sandbox.huawei.settings import HuaweiCallback
from smsgate.sandbox.pushes.settings import CommonPushSettings
from smsgate.sandbox.simulator import Simulator
from smsgate.sandbox.state.answer import Answer, Drop, json_response
from smsgate.sandbox.state.faults import Fault, Faults, Scope
from smsgate.sandbox.state.records import RequestRecord
from smsgate.sandbox.state.state import SandboxState, SimulatedVendor, Strike
from smsgate.sandbox.tencent import api3 as tencent_api3
from smsgate.sandbox.tencent import v5 as tencent_v5
from smsgate.sandbox.tencent.settings import TencentCallback
from smsgate.wire import HttpRequest, HttpResponse

__all__ = [
    "SENDERS",
    "SIMULATORS",
    "VENDORS",
    "PushSettings",
    "new_faults",
    "recipients",
    "respond",
    "simulator_for",
    "take_early_drop",
]

SIMULATORS: Final[tuple[Simulator, ...]] = (
    tencent_v5.SIMULATOR,
    tencent_api3.SIMULATOR,
    huawei_sms.SIMULATOR,
    huawei_management.SIMULATOR,
    huawei_iam.SIMULATOR,
)
"""Every simulated interface. With the base classes of `PushSettings`, the only place that names the vendors."""
SENDERS: Final = tuple(simulator for simulator in SIMULATORS if simulator.codes)
"""Those that send messages."""
VENDORS: Final[tuple[SimulatedVendor, ...]] = tuple(dict.fromkeys(simulator.vendor for simulator in SIMULATORS))
"""Those that have these interfaces."""


@attrs.frozen(kw_only=True, slots=False)
class PushSettings(HuaweiCallback, TencentCallback, CommonPushSettings):
    """How the simulated vendors push reports and replies. Raises `ConfigurationError`, naming the field at fault."""


def respond(state: SandboxState, faults: Faults, request: HttpRequest, now: float) -> tuple[Answer, RequestRecord]:
    """The response of the interface that *request* is for, as *faults* want it, at *now* (Unix seconds)."""
    simulator = simulator_for(request)
    if simulator is None:
        answer = Answer(json_response({"error": f"no simulated vendor has {request.path}"}, status=404))
        return answer, _record(None, request, answer, now, struck=False)
    state.why = ""
    found = faults.take(simulator.name, lambda: simulator.numbers(request), now)
    answer = _struck(simulator, state, found, request, now) if found else simulator.respond(state, request, now)
    answer = attrs.evolve(answer, response=_dated(answer.response, now), why=answer.why or state.why)
    return answer, _record(simulator, request, answer, now, struck=bool(found))


def take_early_drop(faults: Faults, request: HttpRequest, now: float) -> Drop | None:
    """The drop that comes before the body of *request* leaves at *now* (Unix seconds), if one is set."""
    simulator = simulator_for(request)
    return faults.take_early(simulator.name, now) if simulator else None


def simulator_for(request: HttpRequest) -> Simulator | None:
    """The interface that *request* is for, or None."""
    return next((each for each in SIMULATORS if each.claims(request)), None)


def recipients(request: HttpRequest) -> Collection[str]:
    """The numbers (E.164) that *request* sends to, as far as they can be read."""
    simulator = simulator_for(request)
    return simulator.numbers(request) if simulator else ()


def new_faults() -> Faults:
    """Faults that know every vendor, each of its interfaces, and their codes. A vendor's name means all of its own."""
    interfaces = {each.name: frozenset({each.name}) for each in SIMULATORS}
    for vendor in VENDORS:
        interfaces[vendor.name] = frozenset(each.name for each in SIMULATORS if each.vendor is vendor)
    return Faults(interfaces, {each.name: each.refusals for each in SENDERS})


def _struck(
    simulator: Simulator, state: SandboxState, faults: Sequence[Fault], request: HttpRequest, now: float
) -> Answer:
    """What comes back with a fault, or with the codes that several have for numbers of a request that is processed."""
    first = faults[0]
    if first.code is None:
        return first.apply(simulator.respond(state, request, now) if first.processed else Answer())
    if first.scope is Scope.REQUEST:
        return Answer(simulator.refuse(request, first.code))
    state.strikes = [Strike(fault.code or "", fault.to) for fault in faults]
    try:
        return simulator.respond(state, request, now)
    finally:
        state.strikes = ()


def _record(
    simulator: Simulator | None, request: HttpRequest, answer: Answer, now: float, *, struck: bool
) -> RequestRecord:
    response = answer.response
    numbers = tuple(simulator.numbers(request)) if simulator else ()
    return RequestRecord(
        time=now,
        vendor=simulator.name if simulator else "",
        method=request.method,
        path=request.path,
        operation=simulator.operation(request) if simulator else "",
        status=response.status if response else None,
        to=numbers[0] if len(numbers) == 1 else "",
        results=simulator.results(response) if simulator and response else (),
        why=answer.why or ("" if simulator else "no simulated vendor has this path"),
        struck=struck,
    )


def _dated(response: HttpResponse | None, now: float) -> HttpResponse | None:
    """With the vendor's own time, by which a client may set its clock."""
    if response is None or "date" in response.headers:
        return response
    return attrs.evolve(response, headers=(*response.headers.pairs, ("Date", formatdate(now, usegmt=True))))
