"""Reading the "vendor" of a body: an interface, or the vendor that has it."""

from collections.abc import Mapping
from typing import Any

from smsgate.model.suggestion import did_you_mean
from smsgate.sandbox.core import SIMULATORS, VENDORS
from smsgate.sandbox.simulator import Simulator
from smsgate.sandbox.state.state import SimulatedVendor

__all__ = ["read_interface", "read_vendor"]


def read_interface(body: Mapping[str, Any]) -> Simulator:
    """The interface that "vendor" names: what a provider is called. Raises `ValueError`."""
    known = {each.name: each for each in SIMULATORS}
    name = _name(body, list(known))
    if name not in known:
        raise _unknown(name, list(known))
    return known[name]


def read_vendor(body: Mapping[str, Any]) -> SimulatedVendor:
    """The vendor that "vendor" names, or whose interface it names. Raises `ValueError`."""
    known = [each.name for each in VENDORS]
    name = _name(body, known)
    found = next((each.vendor for each in SIMULATORS if name in (each.name, each.vendor.name)), None)
    if found is None:
        raise _unknown(name, known)
    return found


def _name(body: Mapping[str, Any], known: list[str]) -> str:
    name: object = body.get("vendor")
    if not isinstance(name, str):
        raise ValueError(f"vendor: {'is missing, ' if 'vendor' not in body else ''}{_one_of(known)}")
    return name


def _unknown(name: str, known: list[str]) -> ValueError:
    return ValueError(f"vendor: {_one_of(known)}, not {name[:50]!r}{did_you_mean(name, known)}")


def _one_of(known: list[str]) -> str:
    return "one of " + ", ".join(f'"{each}"' for each in known)
