"""The defects that the tests of the conformance kit plant in Heron, each with the check that has to find it."""

import json
from collections.abc import Callable
from types import ModuleType
from typing import Any, Final

from vendor_samples import KEY

from smsgate import HttpRequest

__all__ = ["DEFECTS", "Plant", "defect", "other", "request"]

Plant = Callable[[ModuleType], dict[str, Any]]
"""Gives what of an `Adapter` for Heron is another one."""
DEFECTS: Final[list[tuple[str, str, Plant]]] = []
"""The check that finds a planted defect, and a part of what it says of it."""


def defect(check: str, text: str) -> Callable[[Plant], Plant]:
    """Add what is decorated to `DEFECTS`."""

    def add(plant: Plant) -> Plant:
        DEFECTS.append((check, text, plant))
        return plant

    return add


def other(module: ModuleType, **members: Any) -> dict[str, Any]:
    """Heron with other members."""
    made = type("Heron", (module.Heron,), members)
    return {"make": lambda: made(KEY)}


def request(body: Any, headers: dict[str, str] | None = None) -> HttpRequest:
    """A request as Heron's, with that body."""
    return HttpRequest("POST", "https://api.heron.example/send", headers or {}, json.dumps(body).encode())
