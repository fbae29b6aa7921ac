"""Signatures and annotations as text that is the same on every Python version."""

import collections.abc
import enum
import inspect
import types
import typing
from typing import Any

import attrs

__all__ = ["annotation_text", "default_text", "parameters_text", "signature_text"]


def annotation_text(annotation: object) -> str:
    """*annotation* as its source has it, without the modules of its names."""
    if isinstance(annotation, str):
        return annotation
    if annotation is None or annotation is types.NoneType:
        return "None"
    if annotation is Ellipsis:
        return "..."
    if isinstance(annotation, list):
        return f"[{', '.join(map(annotation_text, annotation))}]"
    if isinstance(annotation, typing.ForwardRef):
        return annotation.__forward_arg__
    origin, inner = typing.get_origin(annotation), typing.get_args(annotation)
    if origin in (typing.Union, types.UnionType):
        return " | ".join(map(annotation_text, inner))
    if origin is typing.Literal:
        return f"Literal[{', '.join(map(repr, inner))}]"
    if origin is not None and inner:
        return f"{annotation_text(origin)}[{', '.join(map(annotation_text, inner))}]"
    if origin is collections.abc.Callable:
        return "Callable"
    return str(getattr(annotation, "__name__", None) or getattr(annotation, "_name", None) or annotation)


def default_text(value: object) -> str:
    """*value* where its `repr` is the same everywhere, else an ellipsis."""
    if isinstance(value, enum.Enum):
        return str(value) if isinstance(value, int) else f"{type(value).__name__}.{value.name}"
    if value is None or isinstance(value, bool | int | float | str | bytes):
        return repr(value)
    if isinstance(value, tuple) and not value:
        return "()"
    return "..."


def parameters_text(signature: inspect.Signature) -> str:
    """The parameters of *signature* in brackets, without `self` and `cls`."""
    parts: list[str] = []
    last = None
    for name, parameter in signature.parameters.items():
        if name in ("self", "cls") and not parts:
            continue
        if parameter.kind is parameter.KEYWORD_ONLY and last not in (parameter.KEYWORD_ONLY, parameter.VAR_POSITIONAL):
            parts.append("*")
        if last is parameter.POSITIONAL_ONLY and parameter.kind is not last:
            parts.append("/")
        parts.append(_parameter_text(parameter))
        last = parameter.kind
    return f"({', '.join(parts)}{', /' if last is inspect.Parameter.POSITIONAL_ONLY else ''})"


def _parameter_text(parameter: inspect.Parameter) -> str:
    kind = parameter.kind
    stars = "*" if kind is parameter.VAR_POSITIONAL else "**" if kind is parameter.VAR_KEYWORD else ""
    typed = "" if parameter.annotation is parameter.empty else f": {annotation_text(parameter.annotation)}"
    if parameter.default is parameter.empty:
        return f"{stars}{parameter.name}{typed}"
    default = "..." if parameter.default is attrs.NOTHING else default_text(parameter.default)
    return f"{parameter.name}{typed} = {default}"


def signature_text(function: Any) -> str:
    """Parameters and what is returned, after `async` for a coroutine function."""
    signature = inspect.signature(function)
    returned = "" if signature.return_annotation is signature.empty else signature.return_annotation
    arrow = "" if isinstance(returned, str) and not returned else f" -> {annotation_text(returned)}"
    return f"{parameters_text(signature)}{arrow}{' [async]' if inspect.iscoroutinefunction(function) else ''}"
