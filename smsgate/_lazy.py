"""Names of a package that are imported when they are first used (PEP 562).

pytest imports the package at every start because of its fixtures, and a program that only receives reports should not
import what sends: so a package's `__init__` lists its names and imports none.
"""

import importlib
import sys
from collections.abc import Mapping

__all__ = ["import_name"]


def import_name(package: str, name: str, homes: Mapping[str, str]) -> object:
    """What the `__getattr__` of *package* returns for *name*; *homes* maps each public name to its module.

    Raises `AttributeError`, as Python does, for a name that is not in *homes*.
    """
    if name not in homes:
        raise AttributeError(f"module {package!r} has no attribute {name!r}")
    value: object = getattr(importlib.import_module(homes[name]), name)
    setattr(sys.modules[package], name, value)
    return value
