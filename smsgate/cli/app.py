"""The command group. A command is a module with a click command named `command`, imported when it is used."""

import importlib
from typing import Any, Final

import click

from smsgate.cli.extras import how_to_install
from smsgate.cli.groups import SuggestingGroup
from smsgate.model.errors import SmsgateError

__all__ = ["COMMANDS", "cli"]

COMMANDS: Final = {
    "campaign": "smsgate.cli.campaign",
    "demo": "smsgate.cli.demo",
    "doctor": "smsgate.cli.doctor",
    "explain": "smsgate.cli.explain",
    "init": "smsgate.cli.init",
    "lint": "smsgate.cli.lint",
    "pull": "smsgate.cli.pull",
    "sandbox": "smsgate.cli.sandbox",
    "schema": "smsgate.cli.schema",
    "send": "smsgate.cli.send",
    "signatures": "smsgate.cli.signatures",
    "stats": "smsgate.cli.stats",
    "templates": "smsgate.cli.templates",
}
"""Command to module: a new command is one more line here."""


class _Unavailable(click.Command):
    """Stands for a command whose packages are not installed: the list of commands names it, and it says what to do."""

    def __init__(self, name: str, needs: str) -> None:
        super().__init__(name, short_help=needs)
        self._needs = needs

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        raise click.ClickException(f"smsgate {self.name} {self._needs}")


class _Commands(SuggestingGroup):
    """Imports a command when it is used, and shows our own errors without a traceback."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        try:
            command: click.Command = importlib.import_module(COMMANDS[cmd_name]).command
        except SmsgateError as error:  # a vendor's package that is installed and broken
            raise click.ClickException(str(error)) from None
        except ModuleNotFoundError as error:
            needs = how_to_install(error)
            if needs is None:
                raise
            return _Unavailable(cmd_name, needs)
        return command

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except SmsgateError as error:
            raise click.ClickException(str(error)) from None


@click.group(cls=_Commands)
@click.version_option(package_name="smsgate", message="%(package)s %(version)s")
def cli() -> None:
    """Send SMS through several vendors, and test it without any."""
