"""What the account lets an authentic caller of API 3.0 do, before any action looks at the call.

Source: Tencent Cloud API 3.0, "Common Error Codes": lists of addresses of the whole account, the token of a temporary
key, and what the policy of the key allows (CAM).
"""

from smsgate.sandbox.state.addresses import is_listed
from smsgate.sandbox.state.state import SandboxState
from smsgate.sandbox.tencent.api3.codes import TEXTS
from smsgate.sandbox.tencent.api3.refusal import Refusal
from smsgate.sandbox.tencent.conditions import settings_of

__all__ = ["check_access"]


def check_access(state: SandboxState, action: str, token: str) -> None:
    """Refuse a call of *action* from an address, with a *token* or for an action that the account rules out."""
    account = settings_of(state)
    if account.session_token and token != account.session_token:
        raise _refusal("AuthFailure.TokenFailure")
    if is_listed(state.client_address, account.account_blocked_ips):
        raise _refusal("IpInBlacklist")
    if account.account_allowed_ips and not is_listed(state.client_address, account.account_allowed_ips):
        raise _refusal("IpNotInWhitelist")
    if action in account.denied_actions:
        raise _refusal("AuthFailure.UnauthorizedOperation")


def _refusal(code: str) -> Refusal:
    return Refusal(code, TEXTS[code])
