"""Every table of vendors' codes, and the explanation of one code, for `smsgate explain` and the generated pages."""

from collections.abc import Iterable, Iterator
from typing import Any, Final

import attrs

from smsgate.model.reason import Next, Outcome
from smsgate.model.states import Certainty
from smsgate.provider.codes import Match, MatchKind
from smsgate.provider.meanings import UNLISTED, Document, Meaning, state_of
from smsgate.provider.protocol import Verdict
from smsgate.provider.vendor import CodeTable
from smsgate.vendors import vendors

__all__ = ["NEXT_WORDS", "TABLES", "VENDORS", "Explanation", "explain"]

NEXT_WORDS: Final = {
    Next.STOP: "stop",
    Next.OTHER_PROVIDER: "next vendor",
    Next.PAUSE: "same vendor after a pause, then the next",
    Next.RESYNC: "same vendor with its clock, then the next",
    Next.RATE_LIMIT_OPT_IN: "stop; next vendor with on_rate_limited",
    Next.UNKNOWN_OPT_IN: "stop; next vendor with on_unknown",
}
"""What a send does after a reason, for people."""

TABLES: Final = tuple((vendor.name, table) for vendor in vendors() for table in vendor.codebooks)
"""Every list of codes, with its vendor's name."""
VENDORS: Final = tuple(dict.fromkeys(vendor for vendor, _ in TABLES))

_CERTAINTIES: Final = {
    Certainty.INFERRED: "not listed: what most listed codes of its kind mean",
    Certainty.UNOFFICIAL: "unofficial: the vendor does not explain it, others do",
}


@attrs.frozen
class Explanation:
    """What one table tells of one code."""

    code: str
    """As it was asked for."""
    vendor: str
    table: CodeTable
    match: Match

    @property
    def meaning(self) -> Meaning:
        return self.match.meaning

    @property
    def source(self) -> Document | None:
        """The document that explains it."""
        return self.table.codes.document(self.meaning)

    @property
    def outcome(self) -> Outcome | None:
        """The outcome of an attempt whose response has it; None if no send is. What has no reason was accepted."""
        if self.table.of_reports or not self.table.of_sends:
            return None
        return Verdict.refused(self.code, self.meaning).outcome if self.meaning.reason else Outcome.ACCEPTED

    def lines(self) -> Iterator[tuple[str, str]]:
        """The lines for people, each with its name."""
        meaning = self.meaning
        yield "meaning", meaning.text
        if how := self._how():
            yield "match", how
        if meaning.certainty in _CERTAINTIES:
            yield "certainty", _CERTAINTIES[meaning.certainty]
        if meaning.carrier:
            yield "carrier", meaning.carrier
        if meaning.reason:
            yield "reason", f"{meaning.reason}: {meaning.reason.meaning}"
        yield from self._consequences()
        if meaning.remedy:
            yield "what to do", meaning.remedy
        if self.source and (meaning.reason or self.table.of_reports):
            yield "source", str(self.source)

    def _how(self) -> str:
        listed = self.match.listed
        match self.match.kind:
            case MatchKind.SPELLING:
                return f"another spelling of {listed}"
            case MatchKind.FAMILY:
                return f"not listed as it is: read by its family {listed}"
            case MatchKind.STATE if listed != self.code.strip().upper():
                return f"not listed as it is: read by its state {listed}"
            case _:
                return ""

    def _consequences(self) -> Iterator[tuple[str, str]]:
        meaning = self.meaning
        if self.table.of_reports:
            state = state_of(meaning)
            yield "state", f"{state}, {'final' if state.final else 'not final: another report should follow'}"
        elif self.outcome:
            yield "outcome", self.outcome
            if meaning.reason:
                yield "failover", NEXT_WORDS[meaning.reason.rule.next]
        if meaning.suppress:
            yield "number", "send nothing more to it"
        elif meaning.reason and meaning.reason.rule.suppress:
            yield "number", "not proven: do not strike it off"

    def to_json(self) -> dict[str, Any]:
        """The same as values for programs."""
        meaning, source, of_reports = self.meaning, self.source, self.table.of_reports
        return {
            "code": self.code,
            "vendor": self.vendor,
            "place": self.table.place,
            "match": self.match.kind.lower(),
            "listed": self.match.listed,
            "meaning": meaning.text,
            "certainty": meaning.certainty.lower(),
            "carrier": meaning.carrier,
            "reason": meaning.reason,
            "state": state_of(meaning) if of_reports else None,
            "final": state_of(meaning).final if of_reports else None,
            "outcome": self.outcome,
            "next": meaning.reason.rule.next if self.outcome and meaning.reason else None,
            "suppress": meaning.suppress,
            "remedy": meaning.remedy,
            "source": source.title if source else None,
            "edition": source.edition if source else None,
        }


def explain(code: str, tables: Iterable[tuple[str, CodeTable]] = TABLES) -> list[Explanation]:
    """What each of *tables* (vendor's name and table) that knows *code* tells of it."""
    found = (Explanation(code, vendor, table, table.match(code)) for vendor, table in tables)
    return [each for each in found if each.meaning is not UNLISTED]
