"""Who is calling: a project's token, or a signature with the user's access key.

Sources: Huawei Cloud Message & SMS API Reference, 3.1.1.2 (X-Auth-Token, a project's and not the account's) and Table
3-3 (X-Project-Id goes with AK/SK); Huawei Cloud API Gateway, error APIGW.0301.
"""

from collections.abc import Sequence
from typing import Final

from smsgate.sandbox.huawei.account import account_of
from smsgate.sandbox.huawei.credentials import HUAWEI_MANAGEMENT_AK, HUAWEI_MANAGEMENT_SK, HUAWEI_PROJECT_ID
from smsgate.sandbox.huawei.management.refusal import GatewayRefusal
from smsgate.sandbox.huawei.signing import SignatureFlaw, explain_signature, find_flaw
from smsgate.sandbox.signature_steps import SignatureStep
from smsgate.sandbox.state.state import SandboxState
from smsgate.wire import HttpRequest

__all__ = ["authenticate", "explain"]

_FLAWS: Final = {
    SignatureFlaw.MALFORMED: "the form of Authorization is wrong",
    SignatureFlaw.NO_DATE: "X-Sdk-Date is missing",
    SignatureFlaw.BAD_DATE: "the form of X-Sdk-Date is wrong",
    SignatureFlaw.UNKNOWN_KEY: "ak not exist",
    SignatureFlaw.BAD_SIGNATURE: "verify aksk signature fail",
    SignatureFlaw.CLOCK: "signature expired",
}


def authenticate(state: SandboxState, request: HttpRequest, project_id: str, now: float) -> None:
    """Refuse a caller who is not the account's user, or has come to the wrong project."""
    if "x-auth-token" in request.headers:
        _check_token(state, request.headers["x-auth-token"], now)
    elif "authorization" in request.headers:
        _check_signature(request, now)
    else:
        raise _unauthorised("x-auth-token not found")
    if project_id != HUAWEI_PROJECT_ID:
        raise GatewayRefusal(403, "APIGW.0302", "The IAM user is forbidden in the currently selected project")


def explain(state: SandboxState, request: HttpRequest, now: float) -> Sequence[SignatureStep]:
    """The steps of the check of a signature at *now* (Unix seconds); a token has none."""
    if "x-auth-token" in request.headers:
        return ()
    return explain_signature(request, {HUAWEI_MANAGEMENT_AK: HUAWEI_MANAGEMENT_SK}, now)


def _check_token(state: SandboxState, value: str, now: float) -> None:
    token = account_of(state).tokens.get(value)
    if token is None:
        raise _unauthorised("decrypt token fail")
    if token.expires <= now:
        raise _unauthorised("token expires")
    if token.project_id is None:
        raise _unauthorised("the token is not that of a project")


def _check_signature(request: HttpRequest, now: float) -> None:
    flaw = find_flaw(request, {HUAWEI_MANAGEMENT_AK: HUAWEI_MANAGEMENT_SK}, now)
    if flaw is not None:
        raise _unauthorised(_FLAWS[flaw])
    if request.headers.get("x-project-id") != HUAWEI_PROJECT_ID:
        raise _unauthorised("X-Project-Id is not that of the user's project")


def _unauthorised(text: str) -> GatewayRefusal:
    return GatewayRefusal(401, "APIGW.0301", f"Incorrect IAM authentication information: {text}")
