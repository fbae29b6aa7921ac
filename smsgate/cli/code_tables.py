"""Every table of vendors' codes, and what is told of one code: for `smsgate explain` and the pages made from them."""

from collections.abc import Iterator
from typing import Any, Final

import attrs

from smsgate.huawei.management.codes import MANAGEMENT_CODES
from smsgate.huawei.send_codes import SEND_CODES as HUAWEI_SEND_CODES
from smsgate.huawei.status_codes import STATUS_CODES as HUAWEI_STATUS_CODES
from smsgate.model.reason import Next
from smsgate.model.report import Certainty
from smsgate.provider.codes import UNLISTED, Codebook, Document, Match, MatchKind, Meaning, state_of
from smsgate.provider.protocol import Verdict
from smsgate.tencent.cloud.codes import CLOUD_CODES
from smsgate.tencent.status_codes import STATUS_CODES as TENCENT_STATUS_CODES
from smsgate.tencent.v5.codes import SEND_CODES as TENCENT_SEND_CODES

__all__ = ["NEXT_WORDS", "TABLES", "VENDORS", "CodeTable", "Explanation", "explain"]

NEXT_WORDS: Final = {
    Next.STOP: "stop",
    Next.OTHER_PROVIDER: "next vendor",
    Next.PAUSE: "same vendor after a pause, then the next",
    Next.RESYNC: "same vendor with its clock, then the next",
    Next.RATE_LIMIT_OPT_IN: "stop; next vendor with on_rate_limited",
    Next.UNKNOWN_OPT_IN: "stop; next vendor with on_unknown",
}
"""What a send does after a reason, for people."""

_ACCEPTED: Final = Meaning(None, "accepted")


@attrs.frozen
class CodeTable:
    """One vendor's codes in one place."""

    vendor: str
    place: str
    """Where the codes stand: "in a delivery report"."""
    codes: Codebook
    of_reports: bool = False
    of_sends: bool = True
    """Whether a gateway meets them, so that outcome and failover say something."""
    success: str = ""
    """The code of what was accepted, where *codes* lacks it."""

    def match(self, code: str) -> Match:
        """What *code* is found as."""
        if self.success and code.strip().upper() == self.success.upper():
            return Match(_ACCEPTED, MatchKind.EXACT, self.success)
        return self.codes.match(code)


TABLES: Final = (
    CodeTable("tencent", "in a delivery report", TENCENT_STATUS_CODES, of_reports=True),
    CodeTable("tencent", "in an answer of the v5 interface", TENCENT_SEND_CODES, success="0"),
    CodeTable("tencent", "in an answer of API 3.0", CLOUD_CODES, success="Ok"),
    CodeTable("huawei", "in a delivery report", HUAWEI_STATUS_CODES, of_reports=True),
    CodeTable("huawei", "in the answer to a send", HUAWEI_SEND_CODES),
    CodeTable("huawei", "in an answer of the management API", MANAGEMENT_CODES, of_sends=False),
)
VENDORS: Final = tuple(dict.fromkeys(table.vendor for table in TABLES))

_CERTAINTIES: Final = {
    Certainty.INFERRED: "not listed: what most listed codes of its kind mean",
    Certainty.UNOFFICIAL: "unofficial: the vendor does not explain it, others do",
}


@attrs.frozen
class Explanation:
    """What one table tells of one code."""

    code: str
    """As it was asked for."""
    table: CodeTable
    match: Match

    @property
    def meaning(self) -> Meaning:
        return self.match.meaning

    @property
    def source(self) -> Document | None:
        """The document that explains it."""
        return self.table.codes.document(self.meaning)

    def lines(self) -> Iterator[tuple[str, str]]:
        """What people are told, with the name of each line."""
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
        elif meaning.reason and self.table.of_sends:
            yield "outcome", Verdict.refused(self.code, meaning).outcome
            yield "failover", NEXT_WORDS[meaning.reason.rule.next]
        if meaning.suppress:
            yield "number", "send nothing more to it"
        elif meaning.reason and meaning.reason.rule.suppress:
            yield "number", "not proven: do not strike it off"

    def to_json(self) -> dict[str, Any]:
        """The same as values for programs."""
        meaning, source, of_reports = self.meaning, self.source, self.table.of_reports
        sends = self.table.of_sends and not of_reports and meaning.reason is not None
        return {
            "code": self.code,
            "vendor": self.table.vendor,
            "place": self.table.place,
            "match": self.match.kind.lower(),
            "listed": self.match.listed,
            "meaning": meaning.text,
            "certainty": meaning.certainty.lower(),
            "carrier": meaning.carrier,
            "reason": meaning.reason,
            "state": state_of(meaning) if of_reports else None,
            "final": state_of(meaning).final if of_reports else None,
            "outcome": Verdict.refused(self.code, meaning).outcome if sends else None,
            "next": meaning.reason.rule.next if sends and meaning.reason else None,
            "suppress": meaning.suppress,
            "remedy": meaning.remedy,
            "source": source.title if source else None,
            "edition": source.edition if source else None,
        }


def explain(code: str, tables: tuple[CodeTable, ...] = TABLES) -> list[Explanation]:
    """What each of *tables* that knows *code* tells of it."""
    found = (Explanation(code, table, table.match(code)) for table in tables)
    return [each for each in found if each.meaning is not UNLISTED]
