"""Huawei Cloud IAM, simulated as far as a token by user and password goes: POST /v3/auth/tokens.

Source: Huawei Cloud IAM API Reference, "Obtaining a User Token Through Password Authentication"; Message & SMS API
Reference, 3.1.1: the token is in the header X-Subject-Token, HTTP 201, and its scope has to be a project.
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any, Final, cast

from smsgate.sandbox.huawei.account import Token, account_of
from smsgate.sandbox.huawei.credentials import (
    HUAWEI_DOMAIN,
    HUAWEI_PASSWORD,
    HUAWEI_PROJECT,
    HUAWEI_PROJECT_ID,
    HUAWEI_USER,
)
from smsgate.sandbox.huawei.vendor import HUAWEI
from smsgate.sandbox.simulator import Simulator
from smsgate.sandbox.state.answer import Answer, json_response
from smsgate.sandbox.state.records import NumberResult
from smsgate.sandbox.state.state import SandboxState
from smsgate.wire import HttpRequest, HttpResponse

__all__ = ["SIMULATOR"]

_PATH: Final = "/v3/auth/tokens"
_TITLES: Final = {400: "Bad Request", 401: "Unauthorized", 404: "Not Found"}
_DOMAIN: Final = MappingProxyType({"name": HUAWEI_DOMAIN, "id": "d78cbac186b744899480f25bd022f468"})


class _Refusal(Exception):  # a refusal is a response, not an error
    def __init__(self, status: int, message: str) -> None:
        super().__init__(status)
        self.status = status
        self.message = message

    def response(self) -> HttpResponse:
        error = {"code": self.status, "message": self.message, "title": _TITLES[self.status]}
        return json_response({"error": error}, status=self.status)


def _claims(request: HttpRequest) -> bool:
    return request.path.startswith("/v3/")


def _respond(state: SandboxState, request: HttpRequest, now: float) -> Answer:
    try:
        if request.path.rstrip("/") != _PATH or request.method != "POST":
            raise _Refusal(404, "The resource could not be found.")
        auth = _part(_object(request.body), "auth")
        _check_user(_part(auth, "identity"))
        token = account_of(state).tokens.issue(_project_id(auth.get("scope")), now, lifetime=state.token_lifetime)
    except _Refusal as refusal:
        return Answer(refusal.response())
    response = json_response({"token": _payload(token)}, status=201)
    return Answer(HttpResponse(201, (*response.headers.pairs, ("X-Subject-Token", token.value)), response.body))


def _check_user(identity: Mapping[str, Any]) -> None:
    if identity.get("methods") != ["password"]:
        raise _Refusal(400, "The sandbox knows the method password only.")
    user = _part(_part(identity, "password"), "user")
    given = (_part(user, "domain").get("name"), user.get("name"), user.get("password"))
    if given != (HUAWEI_DOMAIN, HUAWEI_USER, HUAWEI_PASSWORD):
        raise _Refusal(401, "The username or password is wrong.")


def _project_id(scope: object) -> str | None:
    """The project that the token is for; None for one of the whole account, which management calls do not take."""
    if not isinstance(scope, dict) or "project" not in scope:
        return None
    project = _part(cast("dict[str, Any]", scope), "project")
    if project.get("id") != HUAWEI_PROJECT_ID and project.get("name") != HUAWEI_PROJECT:
        raise _Refusal(401, "The request you have made requires authentication.")
    return HUAWEI_PROJECT_ID


def _payload(token: Token) -> dict[str, Any]:
    payload: dict[str, Any] = {
        "expires_at": _moment(token.expires),
        "issued_at": _moment(token.issued),
        "methods": ["password"],
        "catalog": [],
        "roles": [],
        "user": {"name": HUAWEI_USER, "id": "7116d09f88fa41908676fdd4b039e95b", "domain": dict(_DOMAIN)},
    }
    if token.project_id is None:
        return {**payload, "domain": dict(_DOMAIN)}
    return {**payload, "project": {"name": HUAWEI_PROJECT, "id": token.project_id, "domain": dict(_DOMAIN)}}


def _moment(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _object(body: bytes) -> Mapping[str, Any]:
    try:
        return {"auth": None, **json.loads(body)}
    except (ValueError, TypeError, RecursionError):
        raise _Refusal(400, "The request body is not a JSON object.") from None


def _part(value: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    part: object = value.get(name)
    if not isinstance(part, dict):
        raise _Refusal(400, f"Expecting to find {name} in the request body.")
    return cast("dict[str, Any]", part)


def _results(response: HttpResponse) -> list[NumberResult]:
    try:
        value: dict[str, Any] = json.loads(response.body)
    except ValueError:
        return []  # a response that a fault has made
    error: dict[str, Any] = value.get("error", {})
    return [NumberResult(code=str(error["code"]), text=error["message"])] if error else []


SIMULATOR: Final = Simulator(
    name="huawei-iam",
    vendor=HUAWEI,
    accounts={
        "domain": HUAWEI_DOMAIN,
        "user": HUAWEI_USER,
        "password": HUAWEI_PASSWORD,
        "project": HUAWEI_PROJECT,
        "project id": HUAWEI_PROJECT_ID,
    },
    claims=_claims,
    respond=_respond,
    operation=lambda request: "auth/tokens",
    results=_results,
)
