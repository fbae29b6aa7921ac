"""`-p NAME=VALUE`: parameters of a template on the command line."""

from collections.abc import Callable
from typing import Any, TypeVar

import click

from smsgate.model.errors import ConfigurationError

__all__ = ["params_option", "to_params"]

F = TypeVar("F", bound=Callable[..., Any])


def params_option(command: F) -> F:
    """`--param NAME=VALUE`, as often as you like."""
    return click.option(
        "-p", "--param", "params", multiple=True, metavar="NAME=VALUE", help="A parameter of the template."
    )(command)


def to_params(params: tuple[str, ...]) -> dict[str, str]:
    """The values by name. Raises `ConfigurationError` for what is not NAME=VALUE, and for a name that comes twice."""
    pairs = [param.partition("=") for param in params]
    wrong = [number for number, (_, separator, _) in enumerate(pairs, 1) if not separator]
    if wrong:
        raise ConfigurationError(f"--param: number {wrong[0]} is not NAME=VALUE")
    names = [name for name, _, _ in pairs]
    twice = [number for number, name in enumerate(names, 1) if name in names[: number - 1]]
    if twice:
        raise ConfigurationError(f"--param: number {twice[0]} has the name of one before it")
    return {name: value for name, _, value in pairs}
