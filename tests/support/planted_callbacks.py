"""Planted defects of how pushes are read."""

from collections.abc import Callable
from types import ModuleType
from typing import Any

import attrs
from planted_defects import defect
from vendor_samples import KEY

from smsgate import HttpRequest, StatusReport
from smsgate.provider import BadItem, Callback, CallbackError, ParsedItems


def with_reports(module: ModuleType, change: Callable[[Callback], dict[str, Any]]) -> dict[str, Any]:
    """The reports of a push are changed."""

    def parse(request: HttpRequest, provider: str) -> Callback:
        found: Callback = module.parse_callback(request, provider=provider)
        return attrs.evolve(found, reports=tuple(attrs.evolve(each, **change(found)) for each in found.reports))

    return {"parse_callback": parse}


@defect("callback round trip", "the reference 'sgu.check0' became None")
def loses_references(module: ModuleType) -> dict[str, Any]:
    return with_reports(module, lambda found: {"reference": None})


@defect("callback round trip", "the reference 'sgu.check1' became 'sgu.check0'")
def gives_all_the_reference_of_the_first(module: ModuleType) -> dict[str, Any]:
    return with_reports(module, lambda found: {"reference": found.reports[0].reference})


@defect("callback round trip", "became None. Read it with read_time, with the vendor's own time zone")
def loses_times(module: ModuleType) -> dict[str, Any]:
    return with_reports(module, lambda found: {"reported_at": None})


@defect("callback round trip", "the meaning or remedy of a report has a key")
def shows_its_key_in_a_remedy(module: ModuleType) -> dict[str, Any]:
    return with_reports(module, lambda found: {"remedy": f"ask with {KEY}"})


def saying(module: ModuleType, say: Callable[[HttpRequest], str]) -> dict[str, Any]:
    """A fault of a push is described otherwise."""

    def parse(request: HttpRequest, provider: str) -> Callback:
        try:
            found: Callback = module.parse_callback(request, provider=provider)
        except CallbackError as error:
            raise CallbackError(say(request), reports=error.reports) from None
        return found

    return {"parse_callback": parse}


@defect("no push", "the text of the CallbackError has a key")
def shows_the_body(module: ModuleType) -> dict[str, Any]:
    return saying(module, lambda request: f"bad push: {request.body!r}")


@defect("no push", "the text of the CallbackError has the number in full")
def shows_the_body_without_the_key(module: ModuleType) -> dict[str, Any]:
    return saying(module, lambda request: f"bad push: {request.body.decode(errors='replace').replace(KEY, '')!r}")


@defect("bad items", "the text of the CallbackError has the number in full")
def names_the_number_of_a_bad_item(module: ModuleType) -> dict[str, Any]:
    def read(item: dict[str, Any], provider: str) -> StatusReport:
        if not item.get("id"):
            raise BadItem("id", f"is missing for {item.get('to')}")
        found: StatusReport = module.read_item(item, provider)
        return found

    def parse(request: HttpRequest, provider: str) -> Callback:
        found = ParsedItems()
        found.read_body(request.body, lambda item: read(item, provider))
        found.raise_for_fault("Heron")
        good: Callback = module.parse_callback(request, provider=provider)
        return good

    return {"parse_callback": parse}
