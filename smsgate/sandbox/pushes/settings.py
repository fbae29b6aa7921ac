"""Where, when and how the simulated vendors push."""

import re
from typing import Final

import attrs

from smsgate.model.errors import ConfigurationError

__all__ = ["PushSettings"]

_URL: Final = re.compile(r"https?://[^\s/?#][^\s#]*", re.ASCII | re.IGNORECASE)
_MOST_COPIES: Final = 1000
_LONGEST: Final = 10**9


@attrs.frozen(kw_only=True)
class PushSettings:
    """How the simulated vendors push reports and replies. Raises `ConfigurationError`, naming the field at fault."""

    report_delay: float = 1.0
    """Seconds from accepting a message to its report."""
    tencent_callback: str | None = attrs.field(default=None, repr=False)
    """The URL that is set in Tencent's console, for reports and replies. None: they wait to be pulled."""
    huawei_callback: str | None = attrs.field(default=None, repr=False)
    """The URL that is set in Huawei's console: for replies, and for reports on messages without `statusCallback`."""
    sign: bool = False
    """Huawei signs its pushes, with the fixed push keys of `smsgate.sandbox.accounts`."""
    copies: int = 1
    """How often each report and reply comes."""
    shuffle: bool = False
    """They overtake each other: each takes up to twice the delay, and those that are due together come in any order."""
    late_by: float = 0.0
    """Seconds by which reports are dated later than they come: 262800 dates them 73 hours after."""
    retry_after: float = 1.0
    """Seconds until Tencent tries again."""
    allow_remote: bool = False
    """A server may push to addresses that are not this machine's own."""

    def __attrs_post_init__(self) -> None:
        for name in ("report_delay", "late_by", "retry_after"):
            if not 0 <= getattr(self, name) <= _LONGEST:
                raise ConfigurationError(f"{name}: must be seconds, 0 or more, and at most {_LONGEST}")
        if not 1 <= self.copies <= _MOST_COPIES:
            raise ConfigurationError(f"copies: must be 1 to {_MOST_COPIES}")
        for name in ("tencent_callback", "huawei_callback"):
            url = getattr(self, name)
            if url is not None and not _URL.fullmatch(url):
                raise ConfigurationError(f"{name}: must be a URL, http://… or https://…")
