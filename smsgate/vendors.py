"""The one registry of vendors: ours, and those that installed packages bring by an entry point."""

import functools
from importlib.metadata import EntryPoint, entry_points
from typing import Final

from smsgate.huawei.vendor import HUAWEI
from smsgate.model.errors import ConfigurationError
from smsgate.provider.vendor import Vendor
from smsgate.tencent.vendor import TENCENT

__all__ = ["GROUP", "vendors"]

GROUP: Final = "smsgate.vendors"
"""The group of entry points. Each resolves to a `Vendor`."""
_OURS: Final = (TENCENT, HUAWEI)


@functools.cache
def vendors() -> tuple[Vendor, ...]:
    """Every vendor: ours first, then those of other packages by the names of their entry points.

    Raises `ConfigurationError` if an entry point cannot be loaded or is no `Vendor`, or if two vendors have the same
    name or the same kind of account.
    """
    found = [*_OURS, *(_load(point) for point in sorted(entry_points(group=GROUP), key=lambda point: point.name))]
    _check_unique("vendors are called", [vendor.name for vendor in found])
    _check_unique("vendors have an account", [kind for vendor in found for kind in _kinds(vendor)])
    return tuple(found)


def _load(point: EntryPoint) -> Vendor:
    where = f"entry point {point.name} of the group {GROUP} ({point.value}"
    where += f", from the package {point.dist.name})" if point.dist else ")"
    try:
        vendor: object = point.load()
    except Exception as error:  # the package is not ours: whatever its import raises, say which package it is
        problem = f"{where}: cannot be loaded: {type(error).__name__}: {error}"
    else:
        if isinstance(vendor, Vendor):
            return vendor
        problem = f"{where}: must be a smsgate.provider.Vendor, not a {type(vendor).__name__}"
    raise ConfigurationError(problem)


def _kinds(vendor: Vendor) -> set[str]:
    return {*vendor.accounts, *vendor.management}


def _check_unique(what: str, names: list[str]) -> None:
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ConfigurationError(f"two {what} {twice[0]!r}: uninstall one, or ask its author for another name")
