"""The codes of one vendor, and how a code is looked up.

The order of a look-up: the exact code, then other spellings of it (`smsgate.provider.code_forms`), then the most
specific of several codes in one text, then a pattern or the family (`MA:0022` in `MA:xxxx`), then the base states (also
`UNDELIV_601`), then what is known unofficially, then `UNKNOWN`. Never by likeness, and never in another
vendor's table: `SC:0001` is a keyword block at one vendor and a manual review at another.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from enum import StrEnum
from typing import TYPE_CHECKING, Final, NamedTuple

from smsgate.model.states import Certainty, DeliveryState
from smsgate.provider.meanings import UNLISTED, Document, Meaning

if TYPE_CHECKING:
    from smsgate.provider.code_forms import Part

__all__ = ["CodePattern", "Codebook", "Match", "MatchKind"]


class MatchKind(StrEnum):
    """How a code was found."""

    EXACT = "EXACT"
    """As it is listed, blanks and case aside."""
    SPELLING = "SPELLING"
    """In another spelling."""
    FAMILY = "FAMILY"
    """By its family or pattern."""
    STATE = "STATE"
    """By the base state that it is, or begins with."""
    NONE = "NONE"
    """Not at all."""


class Match(NamedTuple):
    """What a code was found as."""

    meaning: Meaning
    kind: MatchKind
    listed: str = ""
    """The code, family or state in the table that the meaning is from."""


_NO_MATCH: Final = Match(UNLISTED, MatchKind.NONE)
_SPECIFIC: Final = (MatchKind.EXACT, MatchKind.SPELLING, MatchKind.FAMILY, MatchKind.STATE)


class CodePattern(NamedTuple):
    """Codes of one shape that a table explains together."""

    label: str
    """How the shape is shown: "MK:n"."""
    shape: re.Pattern[str]
    """What the whole code, in capitals, matches."""
    meaning: Meaning


class Codebook:
    """The codes of one vendor for one purpose.

    *exact*: code to meaning. *families*: the part before *separator* to the meaning of all other codes of that family.
    *patterns*: tried before families. *base*: states shared by all vendors, tried last, also with an error number.
    *aliases*: other spellings, in capitals. *unofficial*: gives the codebook that is asked for what this one lacks.
    *source*: the document of all rows that name no other. *late*: gives the codebook that this one becomes when
    something is first looked up that is not in *exact*, so that large tables are loaded when they are needed.
    """

    __slots__ = (
        "_aliases", "_base", "_exact", "_families", "_folded", "_late", "_patterns", "_separator", "_source",
        "_unofficial",
    )  # fmt: skip

    def __init__(
        self,
        exact: Mapping[str, Meaning],
        *,
        families: Mapping[str, Meaning] | None = None,
        patterns: Iterable[CodePattern] = (),
        base: Mapping[str, Meaning] | None = None,
        aliases: Mapping[str, str] | None = None,
        unofficial: "Callable[[], Codebook] | None" = None,
        late: "Callable[[], Codebook] | None" = None,
        source: Document | None = None,
        separator: str = ":",
    ) -> None:
        self._exact = dict(exact)
        self._folded = _folded(self._exact)
        self._families = {family.upper(): meaning for family, meaning in (families or {}).items()}
        self._patterns = tuple(patterns)
        self._separator = separator
        self._base = dict(base or {})
        self._aliases = dict(aliases or {})
        self._late = late
        self._source = source
        self._unofficial = unofficial

    def __getitem__(self, code: str) -> Meaning:
        """The meaning of *code*. Any text is answered: an unlisted one with `UNLISTED`."""
        return self._exact.get(code) or self.match(code).meaning

    def __contains__(self, code: str) -> bool:
        return self[code] is not UNLISTED

    def __iter__(self) -> Iterator[str]:
        """Every code, pattern and family of this vendor's own table."""
        return (code for code, _ in self.items())

    def items(self) -> Iterator[tuple[str, Meaning]]:
        """Every code, pattern and family of this vendor's own table with its meaning."""
        self._load()
        yield from self._exact.items()
        yield from ((pattern.label, pattern.meaning) for pattern in self._patterns)
        yield from ((self._family_label(family), meaning) for family, meaning in self._families.items())

    def document(self, meaning: Meaning) -> Document | None:
        """The document that explains *meaning*, which this codebook gave."""
        self._load()
        if meaning.certainty is Certainty.UNLISTED:
            return None
        return meaning.source or self._source

    def match(self, code: str) -> Match:
        """What *code* is found as. Never raises."""
        from smsgate.provider.code_forms import LONGEST_CODE, parts_of, tidy

        self._load()
        found = self._exact.get(code)
        if found is not None:
            return Match(found, MatchKind.EXACT, code)
        whole = tidy(code) if len(code) <= LONGEST_CODE else code
        if len(whole) > LONGEST_CODE:
            return _NO_MATCH
        found_as = self._spelled(whole) or self._of_parts(parts_of(code)) or self._general(whole)
        if found_as is None and self._unofficial is not None:
            return self._unofficial().match(code)
        if found_as is None:
            return _NO_MATCH
        plain = found_as.listed.upper() == "".join(code.split()).upper() and found_as.kind is not MatchKind.STATE
        return found_as._replace(kind=MatchKind.EXACT) if plain else found_as

    def _load(self) -> None:
        late = self._late
        if late is not None:
            book = late()
            for name in Codebook.__slots__:
                if name != "_late":
                    setattr(self, name, getattr(book, name))
            self._late = None  # last, for other threads

    def _spelled(self, whole: str) -> Match | None:
        """The listed code of which *whole* is a spelling."""
        from smsgate.provider.code_forms import numbered

        found = numbered(whole)
        for spelling in (whole, self._aliases.get(whole), found and str(found)):
            listed = self._folded.get(spelling) if spelling else None
            if listed is not None:
                return Match(self._exact[listed], MatchKind.SPELLING, listed)
        alias = self._aliases.get(whole)
        return self._state(alias) if alias else None

    def _general(self, whole: str) -> Match | None:
        """The pattern, family or state that *whole* belongs to."""
        from smsgate.provider.code_forms import prefix_of

        for pattern in self._patterns:
            if pattern.shape.fullmatch(whole):
                return Match(pattern.meaning, MatchKind.FAMILY, pattern.label)
        family, colon, _ = whole.partition(self._separator)
        name = family if colon else prefix_of(whole)
        if name in self._families:
            return Match(self._families[name], MatchKind.FAMILY, self._family_label(name))
        return self._state(whole)

    def _family_label(self, family: str) -> str:
        return f"{family}{self._separator}xxxx"

    def _state(self, whole: str) -> Match | None:
        from smsgate.provider.code_forms import numbered

        found = numbered(whole)
        for state in (whole, found and found.state):
            if state and state in self._base:
                return Match(self._base[state], MatchKind.STATE, state)
        return None

    def _of_parts(self, parts: "list[Part]") -> Match | None:
        """The most specific of several codes, if each of them can be read and none speaks of a delivery."""
        found: list[Match] = []
        state = next((part.code for part in parts if part.code in self._base), "")
        for part in parts:
            match = self._spelled(part.code) or self._general(part.code)
            if part.error_number and state:
                match = self._spelled(f"{state}_{part.error_number}") or match
            if match is None and not part.error_number:
                return None
            if match is not None and match.meaning.state is DeliveryState.DELIVERED:
                return None
            # A state is less than a code, also where the vendor's own table has it.
            found += [match._replace(kind=MatchKind.STATE) if part.code == state else match] if match else []
        return min(found, key=lambda match: _SPECIFIC.index(match.kind), default=None)


def _folded(exact: Mapping[str, Meaning]) -> dict[str, str]:
    return {"".join(code.split()).upper(): code for code in exact}
