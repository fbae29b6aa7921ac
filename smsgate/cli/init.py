"""`smsgate init`: a settings file to fill in, made from the vendors' kinds of account."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import click

from smsgate.config.accounts import Kind, kinds_of_account
from smsgate.config.schemas import account_value
from smsgate.model.errors import ConfigurationError
from smsgate.model.suggestion import did_you_mean

__all__ = ["command", "settings_file", "variable_of"]

_HEAD: Final = """\
#:schema ./smsgate.schema.json
# Settings of smsgate: your accounts, the texts that your vendors have approved, and what your gateway does.
# An editor that reads the line above (Even Better TOML, taplo) completes and checks the keys of this file, once
# `smsgate schema > smsgate.schema.json` has written the schema.
#
# Fill in what is empty. Take the mark of a comment from what you need, and delete the accounts that you do not have:
# the variables of every account that stays must be set.
#
# A key that ends in _env is the name of an environment variable, and one that ends in _file that of a file. Secrets are
# read from there, and never from this file.
"""
_GATEWAY: Final = """
# What a gateway does: sections gateway, policy, timeouts, routes and quiet_hours, with the arguments of these classes.
# [gateway]
# allowed_regions = ["CN"]
"""
_TEMPLATE: Final = """
# A text that your vendors have approved: the names of its parameters in order, and its id at each account that sends.
# [templates.login-code]
# params = ["code", "minutes"]
# text = "Your code is {{code}}, valid for {{minutes}} minutes."
# ids = {{ {ids} }}
"""
_EXAMPLES: Final[dict[object, str]] = {"number": "100", "integer": "100", "boolean": "true"}


@click.command("init")
@click.option(
    "--config",
    "config",
    type=click.Path(dir_okay=False, path_type=Path),
    default="smsgate.toml",
    show_default=True,
    help="The TOML file to write.",
)
@click.option("--vendor", "names", multiple=True, metavar="KIND", help="Only this kind of account.  [default: all]")
@click.option("--force", is_flag=True, help="Overwrite the file if it exists.")
def command(config: Path, names: tuple[str, ...], force: bool) -> None:
    """Write a settings file with comments, to fill in: accounts and a template."""
    kinds = kinds_of_account()
    for name in names:
        if name not in kinds:
            near = did_you_mean(name, kinds)
            wrong = f"there is no kind {name!r}{near}; there are {', '.join(kinds)}"
            raise click.BadParameter(wrong, param_hint="--vendor")
    chosen = {name: kind for name, kind in kinds.items() if not names or name in names}
    try:
        with config.open("w" if force else "x", encoding="utf-8") as file:
            file.write(settings_file(chosen))
    except FileExistsError:
        wrong = f"{config} exists: add --force to overwrite it, or name another file with --config"
        raise ConfigurationError(wrong) from None
    except OSError as error:
        raise ConfigurationError(f"--config: {config} cannot be written: {error.strerror}") from None
    click.echo(f"{config} is written. Fill it in, and set the environment variables that it names:")
    for name, kind in chosen.items():
        for field in kind.required:
            if field in kind.secrets:
                click.echo(f"  {variable_of(name, field)}")


def settings_file(kinds: dict[str, Kind]) -> str:
    """The text of a file with one account of each of *kinds*, whose optional keys are comments."""
    accounts = "".join(f"\n[accounts.{name}]\n" + "".join(_lines(name, kind)) for name, kind in kinds.items())
    ids = ", ".join(f'{name} = "…"' for name, kind in kinds.items() if kind.sends)
    return _HEAD + accounts + (_TEMPLATE.format(ids=ids) + _GATEWAY if ids else "")


def variable_of(account: str, field: str) -> str:
    """The environment variable that the file names for a secret: "TENCENT_V5_APP_KEY"."""
    return re.sub(r"\W+", "_", f"{account}_{field}").upper()


def _lines(name: str, kind: Kind) -> Iterator[str]:
    yield f'vendor = "{name}"\n'
    for field in kind.fields:
        line = (
            f'{field}_env = "{variable_of(name, field)}"'
            if field in kind.secrets
            else f"{field} = {_value(kind, field)}"
        )
        comment = f"  # {kind.help_of(field)}" if kind.help_of(field) else ""
        yield f"{'' if field in kind.required else '# '}{line}{comment}\n"


def _value(kind: Kind, field: str) -> str:
    """What stands there before it is filled in: nothing, or a value of its kind if that is no text or one of a few."""
    if field in kind.required:
        return '""'
    schema = account_value(kind, field)
    return json.dumps(schema["enum"][0]) if "enum" in schema else _EXAMPLES.get(schema.get("type"), '""')
