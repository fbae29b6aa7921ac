"""The check of `sig` in v5, spelled out for people. `verify.check_sig` decides; this says why."""

import hashlib
from collections.abc import Sequence
from urllib.parse import parse_qs

from smsgate.sandbox.signature_steps import HIDDEN, SignatureStep, clock_step, form_step, key_step, signature_step
from smsgate.sandbox.state.state import SandboxState
from smsgate.sandbox.tencent.credentials import TENCENT_APP_KEY, TENCENT_SDK_APP_ID
from smsgate.sandbox.tencent.v5.sends import subject_of
from smsgate.sandbox.tencent.v5.verify import MAX_SKEW, MAX_TIME, read_body
from smsgate.wire import HttpRequest

__all__ = ["explain"]


def explain(state: SandboxState, request: HttpRequest, now: float) -> Sequence[SignatureStep]:
    """The steps for *request*, which came at *now* (Unix seconds)."""
    query, body = parse_qs(request.query), read_body(request)
    app_id, random = (query.get(name, [""])[0] for name in ("sdkappid", "random"))
    time, sig = body.get("time"), body.get("sig")
    is_time = isinstance(time, int) and not isinstance(time, bool) and 0 <= time < MAX_TIME
    subject = subject_of(request.path.rpartition("/")[2], body)
    plain = f"random={random}&time={time}{subject}"
    expected = hashlib.sha256(f"appkey={TENCENT_APP_KEY}&{plain}".encode()).hexdigest()
    return (
        key_step("sdkappid", app_id, [TENCENT_SDK_APP_ID]),
        form_step("random, in the query", is_right=bool(random), expected="a number", got=random),
        SignatureStep(title="Signed text", text=f"appkey={HIDDEN}&{plain}"),
        signature_step([expected], sig if isinstance(sig, str) else ""),
        clock_step("Clock", float(time) if isinstance(time, int) and is_time else None, now, MAX_SKEW),
    )
