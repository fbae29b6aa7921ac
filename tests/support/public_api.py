"""The snapshot of the public API, tests/public_api.txt: every public name with its signature, a line each.

Run `python tests/support/public_api.py` to write it again; a test fails while it is stale.

A class has a line with its bases, one with what it is made from, and one for each attribute and method. Members that
it inherits from a base outside the public API are listed as its own, those of a public base with that base alone.
"""

import ast
import enum
import functools
import importlib
import inspect
import pkgutil
import re
import textwrap
import tomllib
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import click
from public_modules import PLUGIN, PUBLIC_MODULES, SPOKEN
from public_signatures import annotation_text, default_text, parameters_text, signature_text

import smsgate
from smsgate.cli.app import cli

ROOT: Final = Path(__file__).parents[2]
SNAPSHOT: Final = ROOT / "tests" / "public_api.txt"


def lines() -> list[str]:
    """The snapshot, a line for each name."""
    homes = _homes()
    found: list[str] = []
    for module in PUBLIC_MODULES:
        for name in sorted(importlib.import_module(module).__all__):
            found += _name_lines(f"{module}.{name}", getattr(importlib.import_module(module), name), homes)
    return [*found, *_unlisted(found, homes), *_fixtures(), *_entry_points(), *_options(cli, "smsgate")]


def _unlisted(found: list[str], homes: dict[int, str]) -> list[str]:
    """The classes that public signatures name though no public module lists them, such as `Results`.

    How such a class is made is not public.
    """
    listed = {home.rpartition(".")[2] for home in homes.values()}
    classes: dict[str, type] = {}
    for each in pkgutil.walk_packages(smsgate.__path__, "smsgate."):
        if each.name.split(".")[1] not in ("cli", "pytest_plugin", "sandbox", "testing"):
            kinds = [kind for kind in vars(importlib.import_module(each.name)).values() if isinstance(kind, type)]
            classes |= {kind.__name__: kind for kind in kinds if _is_ours(kind) and kind.__name__ not in listed}
    seen: dict[str, list[str]] = {}
    text = "\n".join(found)
    while new := [name for name in sorted(classes) if name not in seen and re.search(rf"[^.\w']{name}\b(?!')", text)]:
        for name in new:
            seen[name] = [line for line in _class_lines(name, classes[name], homes) if not line.startswith(f"{name}(")]
        text = "\n".join(line for name in new for line in seen[name])
    return [line for name in sorted(seen) for line in seen[name]]


def _homes() -> dict[int, str]:
    """The first public name of each class and function, by its identity."""
    homes: dict[int, str] = {}
    for module in PUBLIC_MODULES:
        for name in importlib.import_module(module).__all__:
            value = getattr(importlib.import_module(module), name)
            if isinstance(value, type | types.FunctionType):
                homes.setdefault(id(value), f"{module}.{name}")
    return homes


def _name_lines(name: str, value: Any, homes: dict[int, str]) -> Iterator[str]:
    home = homes.get(id(value), name)
    if home != name:
        yield f"{name} = {home}"
    elif isinstance(value, type):
        yield from _class_lines(name, value, homes)
    elif isinstance(value, types.FunctionType):
        yield f"{name}{signature_text(value)}"
    else:
        kind = annotation_text(type(value))
        text = default_text(value)
        yield f"{name}: {kind}{'' if text == '...' else f' = {text}'}"


def _class_lines(name: str, kind: type, homes: dict[int, str]) -> Iterator[str]:
    yield f"class {name}({', '.join(_bases(kind, homes))})"
    mine = [kind, *(base for base in kind.__mro__[1:] if _is_ours(base) and id(base) not in homes)]
    if any("__init__" in vars(base) for base in mine) and not _is_protocol(kind):
        yield f"{name}{parameters_text(inspect.signature(kind))}"
    members: dict[str, str] = {}
    for owner in mine:
        for member, text in _members(owner):
            members.setdefault(member, text)
    yield from (f"{name}.{member}{text}" for member, text in sorted(members.items()))


def _bases(kind: type, homes: dict[int, str]) -> list[str]:
    """The public bases and those from elsewhere; a base of ours that is not public gives its own."""
    found: list[str] = []
    for base in kind.__bases__:
        if _is_ours(base) and id(base) not in homes:
            found += _bases(base, homes)
        elif base is not object:
            found.append(homes.get(id(base), base.__name__))
    return list(dict.fromkeys(found))


def _is_ours(kind: type) -> bool:
    return kind.__module__.partition(".")[0] == "smsgate"


def _is_protocol(kind: type) -> bool:
    return bool(getattr(kind, "_is_protocol", False))


def _members(owner: type) -> Iterator[tuple[str, str]]:
    annotations = inspect.get_annotations(owner)
    for name, annotation in annotations.items():
        if not name.startswith("_"):
            yield name, f": {annotation_text(annotation)}"
    for name, value in vars(owner).items():
        if name in SPOKEN or not (name.startswith("_") or name in annotations):
            yield from ((name, text) for text in [_member(value)] if text)
    if "__init__" in vars(owner):
        yield from _set_by_init(vars(owner)["__init__"])


def _member(value: Any) -> str:
    if isinstance(value, property | functools.cached_property):
        getter: Any = value.fget if isinstance(value, property) else value.func
        return f": {annotation_text(inspect.signature(getter).return_annotation)} [property]"
    if isinstance(value, classmethod | staticmethod):
        return f"{signature_text(value.__func__)} [{type(value).__name__}]"
    if isinstance(value, types.FunctionType):
        return signature_text(value)
    if isinstance(value, enum.Enum):
        return f" = {value.value!r}"
    if isinstance(value, types.MemberDescriptorType | type):
        return ""
    return f": {annotation_text(type(value))}"


def _set_by_init(function: Any) -> Iterator[tuple[str, str]]:
    """The public attributes that a hand-written `__init__` sets, with their annotation or the argument's."""
    if not Path(function.__code__.co_filename).exists():  # attrs has written it: its fields are annotated
        return
    parameters = inspect.signature(function).parameters
    for node in ast.walk(ast.parse(textwrap.dedent(inspect.getsource(function)))):
        targets = (
            node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
        )
        for target in targets:
            if not isinstance(target, ast.Attribute) or ast.unparse(target.value) != "self" or target.attr[0] == "_":
                continue
            if isinstance(node, ast.AnnAssign):
                yield target.attr, f": {ast.unparse(node.annotation)}"
            else:
                given = node.value.id if isinstance(node, ast.Assign) and isinstance(node.value, ast.Name) else ""
                typed = parameters[given].annotation if given in parameters else "..."
                yield target.attr, f": {annotation_text(typed)}"


def _fixtures() -> Iterator[str]:
    plugin = importlib.import_module(PLUGIN)
    for name in plugin.__all__:
        yield f"fixture {name}{signature_text(inspect.unwrap(getattr(plugin, name)))}"


def _entry_points() -> Iterator[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    groups = {"console_scripts": project["scripts"], **project["entry-points"]}
    for group, points in sorted(groups.items()):
        yield from (f"entry point {group}: {name} = {target}" for name, target in sorted(points.items()))


def _options(command: click.Command, path: str) -> Iterator[str]:
    """The arguments and options of a command and of those below it."""
    for parameter in sorted(command.params, key=lambda each: str(each.name)):
        names = " ".join([*parameter.opts, *parameter.secondary_opts])
        needed = " (required)" if parameter.required else ""
        yield f"command {path} {names}{needed}"
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            below = command.get_command(context, name)
            assert below is not None
            yield f"command {path} {name}"
            yield from _options(below, f"{path} {name}")


def text() -> str:
    """The file's content."""
    return "# Written by: python tests/support/public_api.py\n" + "".join(f"{line}\n" for line in lines())


if __name__ == "__main__":
    SNAPSHOT.write_text(text(), encoding="utf-8")
