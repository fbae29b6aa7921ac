"""A value that is masked wherever it is shown.

Creating a `Secret` never raises, so that no frame of a traceback holds the raw text; `require()` checks it.
"""

from typing import Final, NoReturn, Self

from smsgate.model.digests import same
from smsgate.model.errors import ConfigurationError

__all__ = ["Secret"]

_MASK: Final = "********"


class Secret:
    """A key or password: `repr`, `str`, `format` and logs show a mask, `reveal()` gives the text, pickling fails."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    @classmethod
    def wrap(cls, value: "str | Secret") -> Self:
        """Return a plain string or another secret as a `Secret`. Never raises, whatever the content."""
        return cls(value._text if isinstance(value, Secret) else value)

    def require(self, field: str) -> Self:
        """Return the secret, or raise a `ConfigurationError` that names *field* and never shows the text."""
        problem = _problem(self._text)
        if problem:
            raise ConfigurationError(f"{field}: {problem}. Check how it is read from the environment or the vault.")
        return self

    def reveal(self) -> str:
        """The unmasked text, for signing only."""
        return self._text

    def __repr__(self) -> str:
        return f"Secret({_MASK!r})"

    def __str__(self) -> str:
        return _MASK

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        return same(_bytes(self._text), _bytes(other._text))

    def __hash__(self) -> int:
        return hash((Secret, self._text))

    def __reduce__(self) -> NoReturn:
        raise TypeError("a Secret cannot be pickled: give the other process its own credentials")


def _bytes(text: object) -> bytes:
    return str(text).encode(errors="surrogatepass")


def _problem(text: object) -> str | None:
    if not isinstance(text, str):
        return f"must be text, not {type(text).__name__}"
    if not text:
        return "is empty"
    if text != text.strip():
        return "begins or ends with white space or a line break"
    if not text.isascii() or not text.isprintable():
        return "has a character that is not printable ASCII"
    return None
