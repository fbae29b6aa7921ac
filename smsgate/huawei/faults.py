"""The errors of what stands in front of Huawei's services, in the shapes that they come in. Pure, and never raises.

The API gateway's `{"error_code", "error_msg", "request_id"}`, to which the management service adds `error_detail`
(Message & SMS API Reference, 3.1.1.3), and the identity service's `{"error": {"code", "message", "title"}}`.
"""

from collections.abc import Mapping
from typing import Any, Final, cast

import attrs

from smsgate.codes import UNLISTED, Codebook, Meaning
from smsgate.reason import Reason

__all__ = ["LONGEST_CODE", "LONGEST_ID", "Fault", "plain_word", "read_fault"]

LONGEST_CODE: Final = 64
LONGEST_ID: Final = 128
# API Gateway FAQ, "Incorrect app authentication information": X-Sdk-Date is more than 15 minutes off.
_LATE: Final = Meaning(Reason.CLOCK_SKEW, "the signature has expired: the clocks differ", "set this machine's clock")


@attrs.frozen
class Fault:
    """One error, as it came."""

    code: str | None
    words: str | None = attrs.field(repr=False)
    request_id: str | None

    def meaning(self, codes: Codebook) -> Meaning:
        """What *codes* say of it; `UNLISTED` if nothing."""
        found = codes[self.code] if self.code else UNLISTED
        if found.reason is Reason.AUTH_FAILED and self.words and "signature expired" in self.words.lower():
            return _LATE
        return found


def read_fault(data: Mapping[str, Any]) -> Fault:
    """The error in *data*; its code is None if there is none."""
    inner = data.get("error")
    error = cast("Mapping[str, Any]", inner) if isinstance(inner, dict) else data
    words, detail = error.get("error_msg", error.get("message")), error.get("error_detail")
    told = (words.rstrip(".") if isinstance(words, str) and detail else words, detail)
    return Fault(
        plain_word(error.get("error_code", error.get("code")), LONGEST_CODE),
        ": ".join(part for part in told if isinstance(part, str) and part) or None,
        plain_word(data.get("request_id"), LONGEST_ID),
    )


def plain_word(value: object, longest: int) -> str | None:
    """*value* if it can be a code, an id or a number: printable, not empty, not longer than *longest*."""
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**18:
        value = str(value)
    fits = isinstance(value, str) and 0 < len(value) <= longest and value.isprintable()
    return cast("str", value) if fits else None
