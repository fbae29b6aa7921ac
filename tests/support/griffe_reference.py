"""What the API reference cannot read from the source alone: an extension of griffe, which the site's settings name.

- How a class is made. attrs writes `__init__`, so the parameters are those of the imported class.
- A name that several modules list is described once, at its first place; the others link there.
- A public name in backquotes in a docstring is a link to its entry, and a paragraph on several parameters is a list.
"""

import ast
import enum
import importlib
import inspect
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

import attrs
import griffe

sys.path.insert(0, str(Path(__file__).parent))  # griffe loads this file by its path alone

from public_modules import PUBLIC_MODULES, SPOKEN
from public_signatures import annotation_text, default_text

__all__ = ["ReferenceExtension"]

_KINDS: Final = {
    inspect.Parameter.POSITIONAL_ONLY: griffe.ParameterKind.positional_only,
    inspect.Parameter.POSITIONAL_OR_KEYWORD: griffe.ParameterKind.positional_or_keyword,
    inspect.Parameter.VAR_POSITIONAL: griffe.ParameterKind.var_positional,
    inspect.Parameter.KEYWORD_ONLY: griffe.ParameterKind.keyword_only,
    inspect.Parameter.VAR_KEYWORD: griffe.ParameterKind.var_keyword,
}
_CODE: Final = re.compile(r"(?<![`\[])`([A-Za-z_][\w.]*)(\(\))?`(?![`\]])")

_PARAMETER: Final = re.compile(r"(?<=[.)])\s+(?=\*\w+\*[^.:*]*(?:\*\w+\*[^.:*]*)?:)")


class ReferenceExtension(griffe.Extension):
    """Completes the tree of the package once it is loaded."""

    def on_package(self, *, pkg: griffe.Module, **others: Any) -> None:
        """Goes through the public modules in their order, so that the first place of a name is its home."""
        homes: dict[str, str] = {}
        for path in PUBLIC_MODULES:
            module = pkg[path.partition(".")[2]] if "." in path else pkg
            _describe_once(module, homes)
        names = _short_names(homes.values())
        described = {path: _described(pkg.modules_collection[path]) for path in homes.values()}
        classes = {path: each for path, each in described.items() if isinstance(each, griffe.Class)}
        hidden = {path: _hidden_members(kind, set(homes)) for path, kind in classes.items()}
        for path, kind in classes.items():
            module, _, name = path.rpartition(".")
            made = getattr(importlib.import_module(module), name)
            _add_init(kind, made)
            _add_meanings(kind, made)
            _take_over(kind, hidden[path], set(homes))
        for kind in _classes_in(pkg):
            if kind.path not in homes:  # one that public signatures name: how it is made is not public
                kind.members.pop("__init__", None)
                described[kind.path] = kind
        for path, each in described.items():
            _tidy(each)
            _rewrite(each, path, names)


def _describe_once(module: griffe.Module, homes: dict[str, str]) -> None:
    """Takes the names that have a home already out of *module*, and says in its docstring where they are."""
    elsewhere: list[str] = []
    for name in sorted(str(each) for each in module.exports or ()):
        member = module.members[name]
        if member.is_module:  # a function named as the module that it is in
            member = member.members[name]
            del module.members[name]
            module.set_member(name, griffe.Alias(name, _described(member)))
        home = homes.setdefault(_described(member).path, f"{module.path}.{name}")
        if home != f"{module.path}.{name}":
            elsewhere.append(f"[`{name}`][{home}]")
            del module.members[name]
    if elsewhere and module.docstring:
        module.docstring.value += f"\n\nAlso here, and described elsewhere: {', '.join(elsewhere)}."


def _described(member: griffe.Object | griffe.Alias) -> griffe.Object:
    return member.final_target if isinstance(member, griffe.Alias) else member


def _classes_in(module: griffe.Module) -> Iterator[griffe.Class]:
    for member in module.members.values():
        if isinstance(member, griffe.Module):
            yield from _classes_in(member)
        elif isinstance(member, griffe.Class):
            yield member


def _short_names(paths: Iterable[str]) -> dict[str, str]:
    """The path of each name by the name alone, where only one module has it."""
    found: dict[str, str] = {}
    for path in paths:
        name = path.rpartition(".")[2]
        found[name] = "" if name in found else path
    return {name: path for name, path in found.items() if path}


def _add_init(kind: griffe.Class, made: type) -> None:
    """Gives *kind* the parameters of *made*, unless its source has them."""
    mine = [base for base in made.__mro__ if base.__module__.startswith("smsgate")]
    if "__init__" in kind.members or getattr(made, "_is_protocol", False):
        return
    if not any("__init__" in vars(base) for base in mine):
        return
    parameters = griffe.Parameters(griffe.Parameter("self", kind=griffe.ParameterKind.positional_or_keyword))
    for name, each in inspect.signature(made).parameters.items():
        annotation = None if each.annotation is each.empty else _expression(annotation_text(each.annotation), kind)
        default = None if each.default is each.empty else _default_text(each.default)
        parameters.add(griffe.Parameter(name, annotation=annotation, kind=_KINDS[each.kind], default=default))
    kind.set_member("__init__", griffe.Function("__init__", parameters=parameters))


def _default_text(value: object) -> str:
    return "..." if value is attrs.NOTHING else default_text(value)


def _add_meanings(kind: griffe.Class, made: type) -> None:
    """The members of an enum that have a `meaning` are described by it."""
    if issubclass(made, enum.Enum) and hasattr(made, "meaning"):
        for each in made:
            meaning = str(each.meaning)
            kind.members[each.name].docstring = griffe.Docstring(f"{meaning[0].upper()}{meaning[1:]}.")


def _hidden_members(kind: griffe.Class, public: set[str]) -> dict[str, griffe.Object]:
    """What *kind* inherits from bases of ours that are not public."""
    found = {name: _described(member) for name, member in kind.inherited_members.items()}
    return {name: each for name, each in found.items() if each.parent and each.parent.path not in public}


def _take_over(kind: griffe.Class, hidden: dict[str, griffe.Object], public: set[str]) -> None:
    """Shows *hidden* as members of *kind*, and of its bases the public ones and those from elsewhere."""
    for name, each in hidden.items():
        kind.set_member(name, griffe.Alias(name, each))
    paths = [(base, base if isinstance(base, str) else base.canonical_path) for base in kind.bases]
    kind.bases = [base for base, path in paths if path in public or not path.startswith("smsgate.")]


def _expression(text: str, scope: griffe.Class) -> str | griffe.Expr | None:
    return griffe.safe_get_expression(ast.parse(text, mode="eval").body, parent=scope, parse_strings=False)


def _tidy(described: griffe.Object) -> None:
    """Leaves out what says nothing to a reader: how attrs makes an attribute, and where Python keeps it."""
    described.labels -= {"class-attribute", "instance-attribute"}
    if isinstance(described, griffe.Attribute) and isinstance(described.value, griffe.Expr):
        described.value = None
    for name, member in list(described.members.items()):
        if name.startswith("__") and name not in (*SPOKEN, "__init__"):
            del described.members[name]
        elif isinstance(member, griffe.Object):
            _tidy(member)


def _rewrite(described: griffe.Object, path: str, names: dict[str, str]) -> None:
    """Makes lists and links in the docstrings of *described*, whose public name is *path*, and of its members."""

    def link(found: re.Match[str]) -> str:
        first, _, rest = found[1].partition(".")
        if first not in names or names[first] == path:
            return found[0]
        member = rest.partition(".")[0]
        return f"[{found[0]}][{names[first]}{'.' if member else ''}{member}]"

    if described.docstring:
        paragraphs = map(_list_of_parameters, described.docstring.value.split("\n\n"))
        described.docstring.value = _CODE.sub(link, "\n\n".join(paragraphs))
    for member in described.members.values():
        if isinstance(member, griffe.Object):
            _rewrite(member, path, names)


def _list_of_parameters(paragraph: str) -> str:
    """Three parameters or more, each in italics before a colon, are a list."""
    first, *items = _PARAMETER.split(paragraph)
    if len(items) < 2:
        return paragraph
    if first.startswith("*"):
        first, items = "", [first, *items]
    return f"{first}\n\n" + "\n".join(f"- {' '.join(item.split())}" for item in items)
