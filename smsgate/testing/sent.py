"""What was sent, as assertions look at it: the messages that were accepted, and how near each is to a wanted one."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, Generic, TypeVar

import attrs

from smsgate.model.masking import safe_text
from smsgate.model.message import Message
from smsgate.model.phone import PhoneNumber
from smsgate.model.result import Result

__all__ = ["Received", "Wanted", "describe", "listed", "nearest", "results_to"]

M = TypeVar("M")

_SHOWN: Final = 10
_NEAREST: Final = 3
_CLOSE: Final = 2
"""Digits in which a number may differ from another one that it was perhaps meant to be."""


@attrs.frozen(kw_only=True)
class Received(Generic[M]):
    """A message that was accepted."""

    id: str
    to: PhoneNumber
    """In E.164."""
    message: M
    code: str | None = attrs.field(repr=False)
    """The verification code in it."""
    template: str
    """Your name for it, or the vendor's id of one that the gateway does not know."""
    params: Mapping[str, str] = attrs.field(repr=False)
    text: str | None = attrs.field(repr=False)
    by: str
    """Who accepted it."""
    reference: str | None = attrs.field(default=None, repr=False)
    """The tag that it was sent with."""

    @property
    def what(self) -> str:
        """What it is, without a value."""
        names = f" with {', '.join(map(safe_text, self.params))}" if self.params else ""
        return f"{safe_text(self.template)!r} to {self.to.masked}{names}"

    @property
    def line(self) -> str:
        """It in one line, without a value."""
        return f"{self.what}, accepted by {self.by}"

    @property
    def content(self) -> tuple[object, ...]:
        """What is equal in two messages that tell a person the same."""
        return str(self.to), self.template, tuple(sorted(self.params.items()))


@attrs.frozen(kw_only=True)
class Wanted:
    """What an assertion looks for."""

    to: PhoneNumber
    template: str | None = None
    params: Mapping[str, str] | None = attrs.field(default=None, repr=False)
    text: str | None = attrs.field(default=None, repr=False)

    def differences(self, found: Received[Any]) -> list[str]:
        """In what *found* is another one: names and masked numbers, no values."""
        differing: list[str] = []
        if found.to != self.to:
            differing.append(_number_difference(found.to, self.to) or "it is to another number")
        if self.template is not None and found.template != self.template:
            differing.append(f"its template is {safe_text(found.template)!r}")
        for name, value in (self.params or {}).items():
            if name not in found.params:
                differing.append(f"it has no parameter {safe_text(name)!r}")
            elif found.params[name] != value:
                differing.append(f"its parameter {safe_text(name)!r} has another value")
        if self.text is not None and self.text not in (found.text or ""):
            differing.append("its text has no such part" if found.text else "its template has no text to look into")
        return differing

    @property
    def line(self) -> str:
        """It in one line, without a value."""
        parts = [f"template {safe_text(self.template)!r}"] if self.template is not None else []
        parts += [f"the given {', '.join(map(safe_text, self.params))}"] if self.params else []
        parts += ["the given text"] if self.text is not None else []
        return f"to {self.to.masked}{f' with {_joined(parts)}' if parts else ''}"


def nearest(wanted: Wanted, received: Sequence[Received[Any]]) -> list[str]:
    """Lines about those of *received* that are nearly what is *wanted*, the nearest first."""
    scored = [(wanted.differences(each), each) for each in received]
    scored.sort(key=lambda pair: (len(pair[0]), pair[1].to != wanted.to))
    close = [
        (differing, each)
        for differing, each in scored
        if each.to == wanted.to or len(differing) == 1 or _number_difference(each.to, wanted.to)
    ]
    lines = [f"  {each.line}: {_joined(differing)}" for differing, each in close[:_NEAREST]]
    return ["nearest to it:", *lines] if lines else []


def listed(received: Sequence[Received[Any]]) -> list[str]:
    """Lines about everything that was accepted."""
    if not received:
        return ["nothing was accepted at all"]
    lines = [f"  {each.line}" for each in received[-_SHOWN:]]
    left_out = f", the newest {_SHOWN} of them" if len(received) > _SHOWN else ""
    return [f"accepted were {len(received)}{left_out}:", *lines]


def results_to(number: PhoneNumber | None, results: Iterable[Result]) -> list[str]:
    """Lines about the messages to *number*, or to anybody, that no vendor is known to have accepted."""
    failed = [each for each in results if not each.accepted and number in (None, each.message.to)]
    lines = [f"  {each.summary()}" for each in failed[-_SHOWN:]]
    return ["not accepted:", *lines] if lines else []


def describe(message: Message) -> str:
    """A message that was given to a gateway, in one line, without a value."""
    return f"{safe_text(str(message.template))!r} to {message.to.masked}"


def _number_difference(found: PhoneNumber, wanted: PhoneNumber) -> str | None:
    """How one number is nearly another one; None if it is not."""
    if found.national == wanted.national:
        return "its number has another country code"
    one, other = str(found), str(wanted)
    count = sum(a != b for a, b in zip(one, other, strict=False))
    if len(one) != len(other) or count > _CLOSE:
        return None
    return f"its number differs in {count} digit{'s' if count > 1 else ''}"


def _joined(parts: Sequence[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
