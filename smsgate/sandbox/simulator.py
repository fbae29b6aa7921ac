"""What one simulated interface of a vendor is. Each has a package of its own and exports one `SIMULATOR`."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import attrs

from smsgate.sandbox.state.answer import Answer
from smsgate.sandbox.state.scenarios import Codes, Scenario
from smsgate.sandbox.state.state import SandboxState, SimulatedVendor
from smsgate.wire import HttpRequest

__all__ = ["Simulator"]


@attrs.frozen(kw_only=True)
class Simulator:
    """One interface of a vendor, recognised by the request alone."""

    name: str
    """ "tencent-v5": the provider name that goes with it."""
    vendor: SimulatedVendor
    """Shared by all interfaces of that vendor, as are templates and faults."""
    accounts: Mapping[str, Any]
    """The fixed account, for people."""
    codes: Mapping[Scenario, Codes] = MappingProxyType({})
    """The vendor's own codes for the magic numbers; empty if it sends nothing."""
    claims: Callable[[HttpRequest], bool]
    """Whether a request is for this interface."""
    respond: Callable[[SandboxState, HttpRequest, float], Answer]
    """The response to a request at Unix seconds."""
