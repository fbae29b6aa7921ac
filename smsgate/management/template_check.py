"""A template beside the vendor's copy of it: parameters, their order, the text, its kind and its countries. Pure."""

import re
from collections.abc import Iterator
from typing import Final

from smsgate.management.findings import Finding, Level
from smsgate.model.kind import MessageKind
from smsgate.model.template import Binding, Template
from smsgate.provider.records import ReviewState, TemplateKind, TemplateRecord

__all__ = ["compare_template", "review_of"]

_VENDORS: Final = re.compile(r"\$?[{｛]([^{}｛｝]*)[}｝]")
"""A placeholder in a vendor's text: {1}, ${1}, ${NUM_6}."""
_OURS: Final = re.compile(r"\x00(\d*)\x00")
_SIGNATURE: Final = re.compile(r"^\s*【[^】]*】")


def review_of(record: TemplateRecord, subject: str) -> Finding:
    """How far the vendor's review of a template has come."""
    if record.state is ReviewState.APPROVED:
        return Finding(Level.OK, subject, "review", "approved")
    level = Level.WARNING if record.state is ReviewState.UNKNOWN else Level.ERROR
    why = f": {record.review}" if record.review else ""
    wait = "wait for the vendor's review" if record.state is ReviewState.PENDING else "change it, or ask the vendor"
    return Finding(level, subject, "review", f"the vendor's state of it is {record.state}{why}", wait)


def compare_template(
    template: Template, binding: Binding, record: TemplateRecord, subject: str, *, abroad: bool
) -> Iterator[Finding]:
    """What differs between *template*, as *binding* sends it, and the vendor's *record* of it.

    *abroad*: the binding is for numbers outside mainland China alone. Yields nothing if all is well.
    """
    if record.text is not None:
        yield from _compare_texts(template, binding, record.text, subject)
    if _differs_in_kind(template.kind, record.kind):
        text = f"its kind is {template.kind}, and {record.kind} at the vendor"
        yield Finding(Level.WARNING, subject, "kind", text, "use a template that is approved for this kind")
    if record.international is not None and record.international is not abroad:
        where = "other countries" if record.international else "mainland China"
        remedy = "give the id for other countries as abroad=, with home=False if there is no other"
        yield Finding(Level.WARNING, subject, "countries", f"the vendor lists it for {where}", remedy)


def _compare_texts(template: Template, binding: Binding, text: str, subject: str) -> Iterator[Finding]:
    names = template.params if binding.params is None else binding.params
    theirs = _vendors_order(text)
    expected = max(theirs, default=-1) + 1
    if len(names) != expected:
        problem = f"{_count(len(names))} ({', '.join(names) or 'none'}), and the vendor's text takes {expected}"
        yield Finding(Level.ERROR, subject, "parameters", problem, "correct params of the template or of the id")
        return
    marks = {name: f"\x00{names.index(name) if name in names else ''}\x00" for name in template.params}
    ours = template.render(marks)
    if ours is None:
        return
    order = [int(mark) if mark else -1 for mark in _OURS.findall(ours)]
    if order != theirs:
        shown = ", ".join(names[index] for index in theirs)
        problem = f"in the vendor's text the values stand in the order {shown}, which is not that of yours"
        yield Finding(Level.ERROR, subject, "order", problem, "give the id params in the vendor's order")
    elif _plain(_OURS.split(ours)[::2]) != _plain(_VENDORS.split(text)[::2]):
        lengths = f"yours has {len(_OURS.sub('', ours))} characters beside the values, the vendor's "
        lengths += str(len(_VENDORS.sub("", text)))
        remedy = "copy the vendor's text: previews and counts of segments go by yours"
        yield Finding(Level.WARNING, subject, "text", f"it is not the vendor's: {lengths}", remedy)


def _vendors_order(text: str) -> list[int]:
    """Which value stands at each placeholder: the one with its number, or the next where they have no numbers."""
    found = _VENDORS.findall(text)
    return [int(each) - 1 if each.isdecimal() else place for place, each in enumerate(found)]


def _count(number: int) -> str:
    return f"{number} parameter{'' if number == 1 else 's'}"


def _plain(parts: list[str]) -> list[str]:
    """The text around the values. A signature in front of it is not part of it, nor is how many spaces there are."""
    first = _SIGNATURE.sub("", parts[0])
    return [" ".join(part.split()) for part in (first, *parts[1:])]


def _differs_in_kind(ours: MessageKind | None, theirs: TemplateKind) -> bool:
    """Only marketing is told apart everywhere: vendors have notifications and codes under one name."""
    if ours is None or theirs in (TemplateKind.UNKNOWN, TemplateKind.VOICE):
        return False
    return (ours == "marketing") is not (theirs is TemplateKind.MARKETING)
