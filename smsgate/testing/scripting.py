"""A script in the words of the simulated vendors: which faults are set, and which reports are planned."""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

import attrs

from smsgate.model.errors import ConfigurationError
from smsgate.model.masking import safe_text
from smsgate.model.phone import PhoneNumber
from smsgate.model.reason import Reason
from smsgate.model.states import DeliveryState
from smsgate.model.suggestion import did_you_mean
from smsgate.model.template import Template
from smsgate.provider.base_states import BASE_STATES
from smsgate.provider.codes import Codebook, MatchKind
from smsgate.provider.meanings import Meaning, state_of
from smsgate.provider.vendor import Vendor
from smsgate.sandbox import Sandbox
from smsgate.sandbox.core import SENDERS
from smsgate.sandbox.simulator import Simulator
from smsgate.sandbox.state.answer import Drop
from smsgate.sandbox.state.faults import Fault, Scope
from smsgate.sandbox.state.report_plans import PlannedReport, ReportPlan
from smsgate.testing.script import Report, Response, Rule
from smsgate.vendors import vendors
from smsgate.wire import HttpResponse

__all__ = ["Scripter"]

_HALF: HttpResponse = HttpResponse(200, {"Content-Type": "application/json", "Content-Length": "2"}, b'{"')
_NOTHING: HttpResponse = HttpResponse(500, {"Content-Length": "0"})


@attrs.frozen
class Scripter:
    """Sets scripts in *sandbox*, for *templates* by their names."""

    sandbox: Sandbox
    templates: Sequence[Template]
    resolve: Callable[[PhoneNumber], PhoneNumber]

    def set(self, rules: Iterable[Rule], now: float) -> None:
        """Let *rules* hold from *now* on (Unix seconds), before all that was set. The first that fits decides.

        Raises `ConfigurationError` for what no vendor can do, and then sets none of them.
        """
        faults, plans = list[Fault](), list[ReportPlan]()
        for rule in rules:
            simulators = _simulators(rule)
            if rule.refuse is not None or rule.response is not None:
                faults += self._faults(rule, simulators, now)
            if rule.reports is not None:
                plans += self._plans(rule, simulators, now)
        self.sandbox.faults.add(*faults, first=True)
        self.sandbox.plan_reports(*plans)

    def _faults(self, rule: Rule, simulators: Sequence[Simulator], now: float) -> list[Fault]:
        if rule.response is not None:
            return [self._fault(rule, each, now, **_EFFECTS[rule.response]) for each in simulators]
        found = [(each, _send_code(each, rule.refuse)) for each in simulators]
        able = {each.vendor.name: each.name for each, code in reversed(found) if code}
        unable = [each.vendor.name for each in simulators if each.vendor.name not in able]
        if unable:
            hint = f" (but {', '.join(able.values())} does: give the rule that provider)" if able else ""
            raise ConfigurationError(f"script: {unable[0]} refuses no message with {_shown(rule.refuse)}{hint}")
        return [self._fault(rule, each, now, code=code, scope=each.refusals[code]) for each, code in found if code]

    def _fault(self, rule: Rule, simulator: Simulator, now: float, **effect: object) -> Fault:
        to = None if rule.to is None else str(self.resolve(rule.to))
        return Fault(
            interfaces=frozenset({simulator.name}),
            to=to,
            templates=self._ids(rule, simulator),
            since=now + rule.since,
            until=now + rule.until,
            left=math.inf if rule.times is None else rule.times,
            rule=rule,
            **effect,  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
        )

    def _plans(self, rule: Rule, simulators: Sequence[Simulator], now: float) -> list[ReportPlan]:
        by_vendor = {each.vendor.name: each for each in reversed(simulators)}
        return [
            ReportPlan(
                vendor=name,
                to=None if rule.to is None else str(self.resolve(rule.to)),
                templates=self._ids(rule, simulator),
                since=now + rule.since,
                until=now + rule.until,
                left=math.inf if rule.times is None else rule.times,
                rule=rule,
                reports=tuple([_planned(simulator, each) for each in rule.reports or ()]),
            )
            for name, simulator in by_vendor.items()
        ]

    def _ids(self, rule: Rule, simulator: Simulator) -> frozenset[str] | None:
        """The ids that the template of *rule* has at a vendor."""
        if rule.template is None:
            return None
        known = {template.name: template for template in self.templates}
        if rule.template not in known:
            raise _unknown("template", rule.template, known)
        bindings = known[rule.template].ids
        names = [each.name for each in SENDERS if each.vendor is simulator.vendor]
        return frozenset(each.id for name in names if name in bindings for each in bindings[name].variants())


_EFFECTS: Mapping[Response, Mapping[str, object]] = {
    Response.LOST: {"processed": True, "drop": Drop.AFTER},
    Response.UNREADABLE: {"processed": True, "response": _HALF},
    Response.TIMEOUT: {"processed": True, "delay": math.inf},
    Response.RESET: {"drop": Drop.BEFORE},
    Response.SERVER_ERROR: {"response": _NOTHING},
    Response.NO_CONNECTION: {"drop": Drop.CONNECT},
}


def _simulators(rule: Rule) -> list[Simulator]:
    found = [each for each in SENDERS if rule.provider in (None, each.name)]
    if not found:
        raise _unknown("simulated provider", str(rule.provider), [each.name for each in SENDERS])
    return found


def _send_code(simulator: Simulator, refuse: Reason | str | None) -> str | None:
    """The code with which an interface refuses for that reason, of one number if it has such a code; None without."""
    if not isinstance(refuse, Reason):
        return refuse if refuse in simulator.refusals else None
    books = [table.codes for table in _vendor(simulator).codebooks if not table.of_reports and table.of_sends]
    found = [code for code in simulator.refusals if _meaning(books, code).reason is refuse]
    of_numbers = [code for code in found if simulator.refusals[code] is Scope.NUMBER]
    return next(iter(of_numbers or found), None)


def _planned(simulator: Simulator, report: Report) -> PlannedReport:
    return PlannedReport(code=_report_code(simulator, report.says), after=report.after, times=report.times)


def _report_code(simulator: Simulator, says: DeliveryState | Reason | str | None) -> str | None:
    """The vendor's code of such a report: of several one that the magic numbers have, else the first of its list."""
    book = _vendor(simulator).codebooks[0].codes
    if says is None:
        return None
    if not isinstance(says, DeliveryState | Reason) and (says not in Reason.__members__ or says in book):
        return says  # also an unlisted code; but the text of a Reason is a slip, where the vendor has no such code
    usual = [codes.report for codes in simulator.codes.values() if codes.report]
    for code in (*usual, *BASE_STATES, *_exact(book)):
        meaning = book[code]
        if says is (meaning.reason if isinstance(says, Reason) else state_of(meaning)):
            return code
    raise ConfigurationError(f"script: {simulator.vendor.name} has no delivery report that says {_shown(says)}")


def _exact(book: Codebook) -> Iterator[str]:
    return (code for code in book if book.match(code).kind is MatchKind.EXACT)


def _meaning(books: Sequence[Codebook], code: str) -> Meaning:
    return next((book[code] for book in books if code in book), books[0][code])


def _vendor(simulator: Simulator) -> Vendor:
    return next(vendor for vendor in vendors() if vendor.name == simulator.vendor.name)


def _shown(what: object) -> str:
    if isinstance(what, Reason | DeliveryState):
        return f"{type(what).__name__}.{what}"
    hint = f" (write Reason.{what} for that)" if what in Reason.__members__ else ""
    return f"the code {safe_text(str(what))!r}{hint}"


def _unknown(what: str, name: str, known: Iterable[str]) -> ConfigurationError:
    names = list(known)
    listed = ", ".join(map(safe_text, names)) or "none"
    hint = did_you_mean(name, names)
    return ConfigurationError(f"script: no {what} is named {safe_text(name)!r}; there are {listed}{hint}")
