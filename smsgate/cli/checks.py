"""What `smsgate doctor` and `smsgate lint` look at in the same way, and how they show what they found."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

import click

from smsgate.cli.output import show_records
from smsgate.cli.vendor_copies import Bound, Copies, Made
from smsgate.management.findings import Finding, Level
from smsgate.management.template_check import review_of
from smsgate.provider.records import ReviewState, SignatureRecord

__all__ = ["approvals", "show_findings", "unmade"]

_ORDER: Final = (Level.ERROR, Level.WARNING, Level.SKIPPED, Level.OK)


def unmade(made: Iterable[Made]) -> list[Finding]:
    """The accounts that cannot be made."""
    problems = [each.problem for each in made if each.problem is not None]
    return [Finding(Level.ERROR, "settings", "account", problem, "correct the file") for problem in problems]


def approvals(bound: Bound, copies: Copies) -> Iterator[Finding]:
    """Whether the vendor has approved a template, and the signature that it is sent with."""
    if copies.templates is not None:
        record = bound.record(copies)
        if record is None:
            known = f"the vendor has no template with the id that it is sent by, among {len(copies.templates)}"
            remedy = "correct the id in ids: `smsgate templates list` shows them as send id"
            yield Finding(Level.ERROR, bound.subject, "review", known, remedy)
        else:
            yield review_of(record, bound.subject)
    signature = bound.signature()
    if signature and copies.signatures is not None:
        yield _signature(bound, signature, [each for each in copies.signatures if each.text == signature])
    elif signature:
        text = f"the signature {signature} cannot be looked up by its text"
        yield Finding(Level.SKIPPED, bound.subject, "signature", text, "look at it in the vendor's console")


def _signature(bound: Bound, text: str, found: Sequence[SignatureRecord]) -> Finding:
    """Of several with one text, one that is approved for these countries is enough."""
    fitting = [each for each in found if each.international is None or each.international is bound.abroad]
    states = {each.state for each in fitting}
    if ReviewState.APPROVED in states:
        return Finding(Level.OK, bound.subject, "signature", f"{text}: approved")
    if not states:
        where = "other countries" if bound.abroad else "mainland China"
        problem = f"the vendor has no signature {text} for {where}"
        return Finding(Level.ERROR, bound.subject, "signature", problem, "apply for it: `smsgate signatures add`")
    problem = f"{text}: the vendor's state of it is {', '.join(sorted(states))}"
    return Finding(Level.ERROR, bound.subject, "signature", problem, "wait for the vendor's review, or change it")


def show_findings(findings: Sequence[Finding], *, as_json: bool) -> None:
    """Print them, the worst first, and end the command: exit status 1 if there is an error."""
    rows = [
        {
            "level": str(each.level),
            "subject": each.subject,
            "check": each.check,
            "finding": each.text,
            "what_to_do": each.remedy,
        }
        for each in sorted(findings, key=lambda each: _ORDER.index(each.level))
    ]
    show_records(rows, as_json=as_json, empty="Nothing was found.")
    failed = any(each.level is Level.ERROR for each in findings)
    click.get_current_context().exit(1 if failed else 0)
