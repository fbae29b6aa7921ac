"""What one vendor's codes mean, and how a code is looked up.

The order of a look-up: the exact code, then its family (`MA:0022` in `MA:xxxx`), then the SMPP and CMPP base states
(also `UNDELIV_601`), then `UNKNOWN`. Never by prefix, and never in another vendor's table: `SC:0001` is a keyword
block at one vendor and a manual review at another.
"""

from collections.abc import Iterator, Mapping
from typing import Final

import attrs

from smsgate.reason import Reason

__all__ = ["UNLISTED", "Codebook", "Meaning"]


@attrs.frozen
class Meaning:
    """One vendor code: our reason, one line of meaning, and what to do about it, in our own words."""

    reason: Reason | None
    """None only for success and for states that are not final."""
    text: str
    remedy: str = ""
    """What to do; empty where there is nothing to do."""
    state: str | None = None
    """For status reports: the `DeliveryState` where it does not follow from the reason."""
    carrier: str | None = None
    """The mobile network, where the vendor's table tells it."""


UNLISTED: Final = Meaning(Reason.UNKNOWN, "not in the vendor's list", "ask the vendor's support what the code means")


class Codebook:
    """The codes of one vendor for one purpose.

    *exact*: code to meaning. *families*: the part before *separator* to the meaning of all other codes of that family.
    *base*: states shared by all vendors, tried last, also with a `_ddd` suffix. *aliases*: other spellings, in
    capitals. Case, white space and a final full stop do not matter.
    """

    __slots__ = ("_aliases", "_base", "_exact", "_families", "_folded", "_listed", "_separator")

    def __init__(
        self,
        exact: Mapping[str, Meaning],
        *,
        families: Mapping[str, Meaning] | None = None,
        base: Mapping[str, Meaning] | None = None,
        aliases: Mapping[str, str] | None = None,
        separator: str = ":",
    ) -> None:
        self._exact = dict(exact)
        self._folded = {code.upper(): meaning for code, meaning in exact.items()}
        self._families = {family.upper(): meaning for family, meaning in (families or {}).items()}
        self._separator = separator
        self._listed = (*exact, *(f"{family}{separator}xxxx" for family in families or {}))
        self._base = dict(base or {})
        self._aliases = dict(aliases or {})

    def __getitem__(self, code: str) -> Meaning:
        """The meaning of *code*. Any text is answered: an unlisted one with `UNLISTED`."""
        return self._exact.get(code) or self._search(code)

    def __contains__(self, code: str) -> bool:
        return self[code] is not UNLISTED

    def __iter__(self) -> Iterator[str]:
        """Every code and family of this vendor's own table."""
        return iter(self._listed)

    def _search(self, code: str) -> Meaning:
        tidy = "".join(code.split()).upper().rstrip(".")
        tidy = self._aliases.get(tidy, tidy)
        found = self._folded.get(tidy)
        if found is None and self._separator in tidy:
            found = self._families.get(tidy.partition(self._separator)[0])
        if found is None:
            found = self._base.get(tidy) or self._base.get(_without_error_number(tidy))
        return found or UNLISTED


def _without_error_number(code: str) -> str:
    state, separator, number = code.rpartition("_")
    return state if separator and number.isdigit() and len(number) <= 4 else code
