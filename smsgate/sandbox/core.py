"""The pure core: a request and a time go in, a response comes out. And the one registry of what is simulated."""

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
from smsgate.sandbox.state.faults import Faults
from smsgate.sandbox.state.state import SandboxState, SimulatedVendor
from smsgate.sandbox.tencent import api3 as tencent_api3
from smsgate.sandbox.tencent import v5 as tencent_v5
from smsgate.sandbox.tencent.settings import TencentCallback
from smsgate.wire import HttpRequest, HttpResponse

__all__ = ["SENDERS", "SIMULATORS", "VENDORS", "PushSettings", "respond", "take_early_drop"]

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


def respond(state: SandboxState, faults: Faults, request: HttpRequest, now: float) -> Answer:
    """The response of the interface that *request* is for, as *faults* want it, at *now* (Unix seconds)."""
    simulator = _simulator(request)
    if simulator is None:
        return Answer(json_response({"error": f"no simulated vendor has {request.path}"}, status=404))
    fault = faults.take(simulator.vendor.name)
    if fault is None:
        answer = simulator.respond(state, request, now)
    else:
        answer = fault.apply(simulator.respond(state, request, now) if fault.processed else Answer())
    return attrs.evolve(answer, response=_dated(answer.response, now))


def take_early_drop(faults: Faults, request: HttpRequest) -> Drop | None:
    """The drop that comes before the body of *request* leaves, if one is set."""
    simulator = _simulator(request)
    return faults.take_early(simulator.vendor.name) if simulator else None


def _simulator(request: HttpRequest) -> Simulator | None:
    return next((each for each in SIMULATORS if each.claims(request)), None)


def _dated(response: HttpResponse | None, now: float) -> HttpResponse | None:
    """With the vendor's own time, by which a client may set its clock."""
    if response is None or "date" in response.headers:
        return response
    return attrs.evolve(response, headers=(*response.headers.pairs, ("Date", formatdate(now, usegmt=True))))
