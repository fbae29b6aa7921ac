"""`smsgate schema`: the JSON schema of the settings file, for editors."""

import json

import click

from smsgate.config.schemas import schema

__all__ = ["command"]


@click.command("schema")
def command() -> None:
    """Print the JSON schema of the settings file, with the accounts of every vendor package installed."""
    click.echo(json.dumps(schema(), ensure_ascii=False, indent=2))
