"""The check of a request's signature, spelled out: what was signed, what was expected, where the two part."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, Final

import attrs

__all__ = ["HIDDEN", "SignatureStep", "clock_step", "form_step", "key_step", "signature_step"]

HIDDEN: Final = "•••"
"""In place of a secret."""


@attrs.frozen(kw_only=True)
class SignatureStep:
    """One step of a check. What has nothing to compare has a `text` alone."""

    title: str
    is_right: bool | None = None
    """None: nothing is compared."""
    text: str = ""
    """What the step works with, for people: the text that is signed, without its secret."""
    expected: str = ""
    got: str = ""

    def as_json(self) -> dict[str, Any]:
        """The step as the inbox shows it."""
        return {
            "title": self.title,
            "right": self.is_right,
            "text": self.text,
            "expected": self.expected,
            "got": self.got,
        }


def form_step(title: str, *, is_right: bool, expected: str, got: str) -> SignatureStep:
    """Whether something has the form that it must have. What is right is not compared further."""
    return SignatureStep(title=title, is_right=is_right, text=got if is_right else "", **_pair(is_right, expected, got))


def key_step(title: str, got: str, known: Iterable[str]) -> SignatureStep:
    """Whether the account has the key that the request names."""
    keys = tuple(known)
    return form_step(title, is_right=got in keys, expected=" or ".join(keys), got=got)


def clock_step(title: str, stated: float | None, now: float, most: float) -> SignatureStep:
    """Whether the request's time is at most *most* seconds off."""
    if stated is None:
        return SignatureStep(title=title, is_right=False, expected=f"a time within {most:.0f} s", got="cannot be read")
    skew = stated - now
    words = f"{abs(skew):.0f} s {'ahead' if skew > 0 else 'behind'}" if round(skew) else "the same second"
    got = f"{_moment(stated)}, {words}"
    return form_step(title, is_right=abs(skew) <= most, expected=f"{_moment(now)}, at most {most:.0f} s off", got=got)


def signature_step(expected: Iterable[str], got: str) -> SignatureStep:
    """Whether the signature is one of those that are *expected*, the usual one first."""
    forms = tuple(expected)
    is_right = got in forms
    return SignatureStep(title="Signature", is_right=is_right, expected=got if is_right else forms[0], got=got)


def _pair(is_right: bool, expected: str, got: str) -> dict[str, str]:
    return {} if is_right else {"expected": expected, "got": got or "(nothing)"}


def _moment(seconds: float) -> str:
    try:
        return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    except (ValueError, OverflowError, OSError):
        return f"{seconds:.0f}"
