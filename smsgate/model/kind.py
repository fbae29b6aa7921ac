"""What a message is for."""

from typing import Final, Literal, get_args

from smsgate.model.masking import safe_text
from smsgate.model.suggestion import did_you_mean

__all__ = ["MESSAGE_KINDS", "MessageKind", "kind_problem"]

MessageKind = Literal["code", "notification", "marketing"]
"""What a message is for: a code that somebody waits for, a notification, or marketing."""

MESSAGE_KINDS: Final[tuple[str, ...]] = get_args(MessageKind)


def kind_problem(kind: object) -> str | None:
    """What is wrong with *kind*, or None. None itself is no kind, and right."""
    if kind is None or (isinstance(kind, str) and kind in MESSAGE_KINDS):
        return None
    listed = ", ".join(f'"{each}"' for each in MESSAGE_KINDS)
    if not isinstance(kind, str):
        return f"kind: must be one of {listed}, not {type(kind).__name__}"
    shown = safe_text(kind)
    return f"kind: {shown!r} is none; it is one of {listed}{did_you_mean(shown, MESSAGE_KINDS)}"
