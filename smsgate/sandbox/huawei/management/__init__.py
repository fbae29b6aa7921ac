"""Huawei Cloud Message & SMS management, simulated: /v2/{project_id}/msgsms/…

Source: Huawei Cloud Message & SMS API Reference, 3.1.3 and 3.1.4, and the signature APIs of its mainland edition. The
variables of a template are at `varilable`: the word is misspelt in the real path.
"""

from collections.abc import Callable, Mapping
from functools import partial
from types import MappingProxyType
from typing import Any, Final

from smsgate.sandbox.huawei.credentials import HUAWEI_MANAGEMENT_AK, HUAWEI_MANAGEMENT_SK
from smsgate.sandbox.huawei.management import apps, countries, files, signatures, templates
from smsgate.sandbox.huawei.management.auth import authenticate, explain
from smsgate.sandbox.huawei.management.refusal import GatewayRefusal, Refusal, results_of
from smsgate.sandbox.huawei.vendor import HUAWEI
from smsgate.sandbox.simulator import Simulator
from smsgate.sandbox.state.answer import Answer, json_response
from smsgate.sandbox.state.state import SandboxState
from smsgate.wire import HttpRequest, HttpResponse

__all__ = ["SIMULATOR"]

_LISTS: Final[Mapping[tuple[str, ...], Callable[[SandboxState, HttpRequest, float], Any]]] = MappingProxyType(
    {
        ("GET", "apps"): apps.list_all,
        ("POST", "apps"): apps.create,
        ("GET", "apps-count"): apps.count,
        ("GET", "templates"): templates.list_all,
        ("POST", "templates"): templates.create,
        ("POST", "templates", "batch-delete"): templates.delete_several,
        ("GET", "country"): countries.list_all,
        ("GET", "signatures"): signatures.list_all,
        ("POST", "signatures"): signatures.create,
        ("GET", "upload-files"): files.show,
        ("POST", "upload-files"): files.upload,
    }
)

_ITEMS: Final[Mapping[tuple[str, ...], Callable[[SandboxState, HttpRequest, float, str], Any]]] = MappingProxyType(
    {
        ("GET", "apps"): apps.show,
        ("PUT", "apps"): apps.modify,
        ("GET", "templates"): templates.show,
        ("PUT", "templates"): templates.modify,
        ("DELETE", "templates"): templates.delete,
        ("GET", "templates", "varilable"): templates.list_variables,
        ("GET", "signatures"): signatures.show,
        ("PUT", "signatures"): signatures.modify,
        ("DELETE", "signatures"): signatures.delete,
        ("PUT", "signatures", "active"): signatures.activate,
    }
)


def _claims(request: HttpRequest) -> bool:
    return request.path.startswith("/v2/")


def _respond(state: SandboxState, request: HttpRequest, now: float) -> Answer:
    try:
        project_id, run = _route(request)
        authenticate(state, request, project_id, now)
        payload = run(state, request, now)
    except (GatewayRefusal, Refusal) as refusal:
        return Answer(refusal.response())
    return Answer(HttpResponse(204, {"Content-Length": "0"}) if payload is None else json_response(payload))


def _route(request: HttpRequest) -> tuple[str, Callable[[SandboxState, HttpRequest, float], Any]]:
    """The project id in the path, and what serves the rest of it."""
    match request.path.strip("/").split("/"):
        case ["v2", project_id, "msgsms", *place] if (request.method, *place) in _LISTS:
            return project_id, _LISTS[request.method, *place]
        case ["v2", project_id, "msgsms", resource, id, *deeper] if (request.method, resource, *deeper) in _ITEMS:
            return project_id, partial(_run_item, _ITEMS[request.method, resource, *deeper], id)
        case _:
            text = "The API does not exist or has not been published in the environment"
            raise GatewayRefusal(404, "APIGW.0101", text)


def _run_item(
    run: Callable[[SandboxState, HttpRequest, float, str], Any],
    id: str,
    state: SandboxState,
    request: HttpRequest,
    now: float,
) -> Any:
    return run(state, request, now, id)


def _operation(request: HttpRequest) -> str:
    return f"{request.method} {'/'.join(request.path.strip('/').split('/')[3:])}"


SIMULATOR: Final = Simulator(
    name="huawei-management",
    vendor=HUAWEI,
    accounts={"access key": HUAWEI_MANAGEMENT_AK, "secret key": HUAWEI_MANAGEMENT_SK},
    explain=explain,
    claims=_claims,
    respond=_respond,
    operation=_operation,
    results=results_of,
)
