"""When and how the simulated vendors push. Where to, each vendor adds itself."""

import re
from functools import cached_property
from typing import Final

import attrs

from smsgate.model.errors import ConfigurationError

__all__ = ["CommonPushSettings"]

_URL: Final = re.compile(r"https?://[^\s/?#][^\s#]*", re.ASCII | re.IGNORECASE)
_CALLBACK: Final = "_callback"
_MOST_COPIES: Final = 1000
_LONGEST: Final = 10**9


@attrs.frozen(kw_only=True, slots=False)
class CommonPushSettings:
    """What holds for the pushes of all vendors. A vendor's own class adds a field `<vendor>_callback` to it."""

    report_delay: float = 1.0
    """Seconds from accepting a message to its report."""
    sign: bool = False
    """Vendors that can sign their pushes do, with the fixed push keys of their accounts."""
    copies: int = 1
    """How often each report and reply comes."""
    shuffle: bool = False
    """They overtake each other: each takes up to twice the delay, and those that are due together come in any order."""
    late_by: float = 0.0
    """Seconds by which reports are dated later than they come: 262800 dates them 73 hours after."""
    retry_after: float = 1.0
    """Seconds until a vendor that pushes again does so."""
    allow_remote: bool = False
    """A server may push to addresses that are not this machine's own."""
    ca_file: str | None = None
    """A PEM file with the certificates by which a server trusts https callbacks, in place of the usual ones."""

    def __attrs_post_init__(self) -> None:
        for name in ("report_delay", "late_by", "retry_after"):
            if not 0 <= getattr(self, name) <= _LONGEST:
                raise ConfigurationError(f"{name}: must be seconds, 0 or more, and at most {_LONGEST}")
        if not 1 <= self.copies <= _MOST_COPIES:
            raise ConfigurationError(f"copies: must be 1 to {_MOST_COPIES}")
        for vendor, url in self.callbacks.items():
            if not _URL.fullmatch(url):
                raise ConfigurationError(f"{vendor}{_CALLBACK}: must be a URL, http://… or https://…")

    @cached_property
    def callbacks(self) -> dict[str, str]:
        """The URLs that are set in the vendors' consoles, by vendor; one that has none set is left out."""
        names = [field.name for field in attrs.fields(type(self)) if field.name.endswith(_CALLBACK)]
        urls: dict[str, str | None] = {name.removesuffix(_CALLBACK): getattr(self, name) for name in names}
        return {vendor: url for vendor, url in urls.items() if url is not None}
