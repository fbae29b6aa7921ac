"""Templates as a vendor keeps them: the placeholders, rendering, and matching a text against a template.

Two ways to write them are in use: numbered, `{1}`, `{2}` …, from 1 on; or with type and length, `${NUM_6}` (up to six
digits) and `${TXT_6}` (up to six characters), filled from left to right.
"""

import re
from collections.abc import Sequence
from typing import Final, Literal

import attrs

__all__ = ["SandboxTemplate", "Slot"]

_PLACEHOLDER: Final = re.compile(r"\$\{(NUM|TXT)_([0-9]{1,4})\}|\{([0-9]{1,3})\}")


@attrs.frozen
class Slot:
    """One placeholder."""

    index: int
    """Which parameter fills it, from 0."""
    digits_only: bool = False
    limit: int | None = None
    """The most characters, or None if the placeholder does not say."""

    def takes(self, value: str) -> bool:
        """Whether *value* fits its type and length. An empty value never does."""
        if not value or (self.limit is not None and len(value) > self.limit):
            return False
        return not self.digits_only or (value.isascii() and value.isdigit())


@attrs.frozen
class SandboxTemplate:
    """A text that the sandbox's vendor has approved."""

    vendor: str
    """The vendor's name, as in the registry: "tencent" …"""
    id: str
    text: str
    kind: Literal["notice", "verification", "marketing", "voice"] = "notice"
    """Some vendors let only digits into the parameters of a verification template. A voice template is for calls."""
    general: bool = False
    """It belongs to no signature, so each message must name one, where the vendor has such templates."""
    signature: str = ""
    """The signature that it belongs to, where the vendor binds them; empty for the account's first."""
    international: bool | None = None
    """Whether it is for other countries than mainland China; None: it is for all."""

    @property
    def slots(self) -> list[Slot]:
        """The placeholders, in the order of the text."""
        found: list[Slot] = []
        for match in _PLACEHOLDER.finditer(self.text):
            kind, limit, index = match.groups()
            if index is not None:
                found.append(Slot(int(index) - 1))
            else:
                found.append(Slot(len(found), digits_only=kind == "NUM", limit=int(limit)))
        return found

    @property
    def param_count(self) -> int:
        """How many parameters it takes."""
        return max((slot.index + 1 for slot in self.slots), default=0)

    def render(self, params: Sequence[str]) -> str:
        """The text with *params* put in; a placeholder without a parameter stays."""
        slots = iter(self.slots)

        def fill(match: re.Match[str]) -> str:
            index = next(slots).index
            return params[index] if 0 <= index < len(params) else match[0]

        return _PLACEHOLDER.sub(fill, self.text)

    def match(self, text: str) -> tuple[str, ...] | None:
        """The parameters with which this template becomes *text*, or None if it cannot."""
        slots = self.slots
        literal = _PLACEHOLDER.split(self.text)[::4]
        pattern = "(.+?)".join(re.escape(part) for part in literal)
        found = re.fullmatch(pattern, text, re.DOTALL)
        if found is None:
            return None
        values = {slot.index: value for slot, value in zip(slots, found.groups(), strict=True)}
        return tuple(values.get(index, "") for index in range(self.param_count))
