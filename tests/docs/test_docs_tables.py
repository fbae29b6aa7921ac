"""Tables and trees in the documentation are those of the code."""

import re
from pathlib import Path
from typing import Final

from smsgate import errors
from smsgate.cli.explain import NEXT_WORDS
from smsgate.provider import outcome_of
from smsgate.reason import RULES, Fault

DOCS: Final = Path(__file__).parents[2] / "docs"
FAULT: Final = {
    Fault.CALLER: "you",
    Fault.RECIPIENT: "recipient",
    Fault.ACCOUNT: "your account",
    Fault.CARRIER: "carrier",
    Fault.VENDOR: "vendor",
    Fault.NOBODY: "nobody",
}


def reason_table() -> str:
    rows = [
        f"| `{reason}` | {rule.meaning} | {FAULT[rule.fault]} | {'yes' if rule.permanent else 'no'} "
        f"| `{outcome_of(reason)}` | {NEXT_WORDS[rule.next]} |"
        for reason, rule in RULES.items()
    ]
    head = ["| reason | meaning | whose move | lasting | outcome | what a send does |", "|---|---|---|---|---|---|"]
    return "\n".join([*head, *rows])


def test_the_table_of_reasons_is_the_codes() -> None:
    """failover.md has every row of `RULES`; on a change, put what the failure shows between the marks."""
    page = (DOCS / "failover.md").read_text("utf-8")
    found = re.search(r"<!-- reasons -->\n(.*?)\n<!-- /reasons -->", page, re.DOTALL)
    assert found is not None
    assert found[1] == reason_table()


def test_the_tree_of_errors_is_the_codes() -> None:
    """errors.md draws the tree that errors.py draws, and the tree has every error at its place."""
    assert errors.__doc__ is not None
    drawn = "\n".join(line[4:] for line in errors.__doc__.splitlines() if line.startswith("    "))
    assert f"```text\n{drawn}\n```" in (DOCS / "errors.md").read_text("utf-8")
    depths = {found[2]: len(found[1]) for found in re.finditer(r"^([│├└─ ]*)(\w+)", drawn, re.MULTILINE)}
    assert sorted(depths) == errors.__all__
    for name, depth in depths.items():
        assert depth == 4 * (len([kind for kind in getattr(errors, name).__mro__ if kind.__name__ in depths]) - 1), name


def test_links_lead_somewhere() -> None:
    """Every relative link in the README and the documentation has a page, and its anchor a heading."""
    for page in [DOCS.parent / "README.md", *DOCS.rglob("*.md")]:
        for target in re.findall(r"\]\((?!https?:)([^)]+)\)", page.read_text("utf-8")):
            path, _, anchor = target.partition("#")
            other = page.parent / path if path else page
            assert other.exists(), f"{page.name}: {target}"
            if anchor:
                headings = re.findall(r"^#+ (.*)$", other.read_text("utf-8"), re.MULTILINE)
                anchors = [re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings]
                assert anchor in anchors, f"{page.name}: {target}"
