"""What one simulated interface of a vendor is. Each has a package of its own and exports one `SIMULATOR`."""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import attrs

from smsgate.sandbox.signature_steps import SignatureStep
from smsgate.sandbox.state.answer import Answer
from smsgate.sandbox.state.condition import Recipients
from smsgate.sandbox.state.faults import Scope
from smsgate.sandbox.state.records import NumberResult
from smsgate.sandbox.state.scenarios import Codes, Scenario
from smsgate.sandbox.state.state import SandboxState, SimulatedVendor
from smsgate.wire import HttpRequest, HttpResponse

__all__ = ["Example", "Simulator"]


def _nobody(_: HttpRequest) -> Recipients:
    return {}


def _cannot_refuse(_: HttpRequest, code: str) -> HttpResponse:
    raise ValueError(code)


def _no_signature(state: SandboxState, request: HttpRequest, now: float) -> Sequence[SignatureStep]:
    return ()


@attrs.frozen(kw_only=True)
class Example:
    """What a program that sends through the interface has of its own: Python, with the sandbox's URL as `SANDBOX`."""

    imports: str
    provider: str
    template_id: str
    """Of a login code that takes the code and the minutes that it is valid."""


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
    example: Example | None = None
    """How a program sends through it; None if it sends nothing."""
    explain: Callable[[SandboxState, HttpRequest, float], Sequence[SignatureStep]] = _no_signature
    """The check of a request's signature at Unix seconds, step by step. Never raises."""
    claims: Callable[[HttpRequest], bool]
    """Whether a request is for this interface."""
    respond: Callable[[SandboxState, HttpRequest, float], Answer]
    """The response to a request at Unix seconds."""
    operation: Callable[[HttpRequest], str]
    """The vendor's name of the call; empty if it names none."""
    results: Callable[[HttpResponse], Sequence[NumberResult]]
    """The codes in a response of this interface."""
    refusals: Mapping[str, Scope] = MappingProxyType({})
    """Every documented code with which a send can be refused; empty if it sends nothing."""
    numbers: Callable[[HttpRequest], Recipients] = _nobody
    """The numbers (E.164) that a send is to, each with its template, as far as they can be read. Never raises."""
    refuse: Callable[[HttpRequest, str], HttpResponse] = _cannot_refuse
    """The response that refuses a whole request with one of `refusals`."""
