"""What one simulated vendor API is. Each has a package of its own and exports one `SIMULATOR`."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import attrs

from smsgate.sandbox.state.answer import Answer
from smsgate.sandbox.state.scenarios import Codes, Scenario
from smsgate.sandbox.state.state import World
from smsgate.wire import HttpRequest

__all__ = ["Simulator"]


@attrs.frozen(kw_only=True)
class Simulator:
    """One vendor API, told from the others by the request alone."""

    name: str
    """ "tencent-v5": the provider name that goes with it."""
    vendor: str
    """ "tencent": shared by all APIs of that vendor, as are templates and faults."""
    accounts: Mapping[str, Any]
    """The fixed account, for people."""
    codes: Mapping[Scenario, Codes] = MappingProxyType({})
    """The vendor's own codes for the magic numbers; empty if it sends nothing."""
    claims: Callable[[HttpRequest], bool]
    """Whether a request is for this API."""
    answer: Callable[[World, HttpRequest, float], Answer]
    """The answer, given the world, the request and Unix seconds."""
