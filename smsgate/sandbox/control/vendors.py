"""Reading the "vendor" of a body: an interface, or the vendor that has it."""

from collections.abc import Mapping
from typing import Any

from smsgate.model.suggestion import did_you_mean
from smsgate.sandbox.control.bodies import read_text
from smsgate.sandbox.core import SIMULATORS, VENDORS
from smsgate.sandbox.simulator import Simulator
from smsgate.sandbox.state.state import SimulatedVendor

__all__ = ["read_interface", "read_vendor"]


def read_interface(body: Mapping[str, Any]) -> Simulator:
    """The interface that "vendor" names: what a provider is called. Raises `ValueError`."""
    name, known = read_text(body, "vendor"), {each.name: each for each in SIMULATORS}
    if name not in known:
        raise _unknown(name, list(known))
    return known[name]


def read_vendor(body: Mapping[str, Any]) -> SimulatedVendor:
    """The vendor that "vendor" names, or whose interface it names. Raises `ValueError`."""
    name = read_text(body, "vendor")
    found = next((each.vendor for each in SIMULATORS if name in (each.name, each.vendor.name)), None)
    if found is None:
        raise _unknown(name, [each.name for each in VENDORS])
    return found


def _unknown(name: str, known: list[str]) -> ValueError:
    names = ", ".join(f'"{each}"' for each in known)
    return ValueError(f"vendor: one of {names}, not {name[:50]!r}{did_you_mean(name, known)}")
