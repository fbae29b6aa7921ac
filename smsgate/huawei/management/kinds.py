"""Huawei's types of templates and signatures, and ours."""

from collections.abc import Mapping
from typing import Final

from smsgate.admin import TemplateKind

__all__ = ["kind_of", "kind_problem", "type_of"]

_TYPES: Final[Mapping[TemplateKind, str]] = {
    TemplateKind.VERIFICATION: "VERIFY_CODE_TYPE",
    TemplateKind.NOTIFICATION: "NOTIFY_TYPE",
    TemplateKind.MARKETING: "PROMOTION_TYPE",
}
_KINDS: Final[Mapping[str, TemplateKind]] = {name: kind for kind, name in _TYPES.items()}


def kind_problem(kind: object) -> str | None:
    """What is wrong with the kind of a template or signature that is to be made."""
    return None if kind in _TYPES else f"kind: Huawei has {', '.join(_TYPES)}"


def type_of(kind: TemplateKind) -> str:
    """Huawei's name of a kind that has no problem."""
    return _TYPES[kind]


def kind_of(name: str | None) -> TemplateKind:
    """The kind that Huawei calls *name*."""
    return _KINDS.get((name or "").upper(), TemplateKind.UNKNOWN)
