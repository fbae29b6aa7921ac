"""Tencent's request signatures: pure functions of a secret, the clock and what is sent."""

import hashlib
from collections.abc import Sequence

from smsgate.secret import Secret

__all__ = ["v5_sig"]


def v5_sig(app_key: Secret, *, random: str, time: int, mobiles: Sequence[str] = (), tel: str | None = None) -> str:
    """The `sig` field of a v5 call, as 64 lower-case hex digits.

    *random* is the text of the URL's `random`, leading zeros and all; *time* the body's `time` in Unix seconds.
    sendsms and sendmultisms2 sign *mobiles*: the numbers without country code, in the order of the body's `tel`,
    repetitions kept. sendisms signs *tel* with its literal "+". Every other call signs neither, pullstatus4mobile too.

    Tencent SMS Development Guide 2.0, Templated Single SMS and Templated Bulk SMS. For sendisms that guide prints two
    formulas, with `mobile` and with `tel`; the Chinese edition and Tencent's own SDKs sign `tel`.
    """
    recipients = ""
    if tel is not None:
        recipients = f"&tel={tel}"
    elif mobiles:
        recipients = f"&mobile={','.join(mobiles)}"
    return hashlib.sha256(f"appkey={app_key.reveal()}&random={random}&time={time}{recipients}".encode()).hexdigest()
