"""Names of a package that are imported when they are first used (PEP 562).

pytest loads the package at every start for the sake of its fixtures, and a program that only receives reports should
not pay for what sends: so a package's `__init__` lists its names and imports none.
"""

import importlib
import sys
from collections.abc import Mapping

__all__ = ["import_name"]


def import_name(package: str, name: str, homes: Mapping[str, str]) -> object:
    """What the `__getattr__` of *package* gives for *name*; *homes* has the module that each public name lives in."""
    if name not in homes:
        raise AttributeError(f"module {package!r} has no attribute {name!r}")
    value: object = getattr(importlib.import_module(homes[name]), name)
    setattr(sys.modules[package], name, value)
    return value
