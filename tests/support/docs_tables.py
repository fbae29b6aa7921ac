"""The tables of docs/delivery-reports.md, docs/reasons.md and docs/vendor-down.md, made from the code.

Run `python tests/support/docs_tables.py` to write them again; a test fails while they are stale.
"""

import ast
import inspect
import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path

from smsgate.cli.code_tables import NEXT_WORDS
from smsgate.model.reason import RULES, Next, outcome_of
from smsgate.model.result import Attempt
from smsgate.model.states import DeliveryState
from smsgate.provider import BASE_STATES, STATES, state_of
from smsgate.routing.evidence import failed
from smsgate.sending.failover import takes_of_budget

PAGE = Path(__file__).parents[2] / "docs" / "delivery-reports.md"
PAGES = (PAGE, PAGE.with_name("reasons.md"), PAGE.with_name("vendor-down.md"))


def states() -> str:
    """One row for each state, with what its docstring says."""
    rows = ((f"`{state}`", _yes(state.final), text) for state, text in _member_docs(DeliveryState))
    return _table(("state", "final", "meaning"), rows)


def reasons() -> str:
    """One row for each reason: its rule, the outcome of a send that meets it, and the state of a report that has it."""
    rows = (
        (
            f"`{reason}`",
            rule.meaning,
            rule.fault.lower(),
            _yes(rule.permanent),
            _yes(rule.suppress),
            f"`{outcome_of(reason)}`",
            NEXT_WORDS[rule.next],
            f"`{STATES[reason]}`",
        )
        for reason, rule in RULES.items()
    )
    head = ("reason", "meaning", "fault", "permanent", "suppress", "outcome", "next step", "state of a report")
    return _table(head, rows)


def base_states() -> str:
    """One row for each state that SMPP, CMPP and SMGP share."""
    rows = (
        (f"`{code}`", f"`{state_of(meaning)}`", f"`{meaning.reason}`" if meaning.reason else "", meaning.text)
        for code, meaning in BASE_STATES.items()
    )
    return _table(("code", "state", "reason", "meaning"), rows)


def what_counts() -> str:
    """One row for all reasons that count alike for a provider's health, and are followed by the same."""
    counts = {True: "a failure", False: "a success", None: "nothing"}
    rows: dict[tuple[str, str, str], list[str]] = {}
    for reason, rule in RULES.items():
        attempt = Attempt("", outcome_of(reason), reason, started_at=datetime.now(UTC))
        repeats = rule.next is not Next.STOP and takes_of_budget(attempt)
        row = (counts[failed([attempt])], NEXT_WORDS[rule.next], _yes(repeats))
        rows.setdefault(row, []).append(f"`{reason}`")
    listed = sorted(rows.items(), key=lambda row: (list(counts.values()).index(row[0][0]), row[0][1]))
    head = ("counts for health as", "next step", "takes of the retry budget", "reasons")
    return _table(head, ((*row, ", ".join(reasons)) for row, reasons in listed))


TABLES: dict[str, Callable[[], str]] = {
    "states": states,
    "reasons": reasons,
    "what counts": what_counts,
    "base states": base_states,
}


def fill(page: str) -> str:
    """*page* with every generated part made new."""
    return re.sub(
        r"(<!-- generated: (?P<name>[a-z ]+) -->\n).*?(<!-- end -->)",
        lambda found: f"{found[1]}{TABLES[found['name']]()}{found[3]}",
        page,
        flags=re.DOTALL,
    )


def _member_docs(enum: type[DeliveryState]) -> Iterable[tuple[DeliveryState, str]]:
    (tree,) = ast.parse(inspect.getsource(enum)).body
    assert isinstance(tree, ast.ClassDef)
    for member, text in zip(tree.body, tree.body[1:], strict=False):
        if isinstance(member, ast.Assign) and isinstance(text, ast.Expr) and isinstance(text.value, ast.Constant):
            (target,) = member.targets
            assert isinstance(target, ast.Name)
            yield enum[target.id], str(text.value.value)


def _yes(value: bool) -> str:
    return "yes" if value else ""


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, ("---",) * len(head), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


if __name__ == "__main__":
    for path in PAGES:
        path.write_text(fill(path.read_text(encoding="utf-8")), encoding="utf-8")
