"""What the commands that talk to vendors share: their options, the settings file, and how errors are shown."""

import re
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, TypeVar

import anyio
import click

from smsgate.config.settings import Settings, load
from smsgate.management.client import ManagementClient
from smsgate.model.errors import ConfigurationError, InvalidCallError
from smsgate.model.suggestion import did_you_mean

__all__ = [
    "Interrupted",
    "account_options",
    "as_json_option",
    "config_option",
    "in_shell_words",
    "managed",
    "run_calls",
    "settings_from",
    "with_options",
]

_WORDS: Final = (
    ("give the gateway default_region", "add --region"),
    ("is not a template of this gateway", "is not a template of the settings file"),
    ("this Gateway does not have", "the settings file has no account to send with that is named"),
)
"""What a gateway's errors say, and what the one who typed the command knows of it."""

T = TypeVar("T")
F = TypeVar("F", bound=Callable[..., Any])


class Interrupted(click.ClickException):
    """Ctrl+C came while the vendor's response was not known: exit status 3, since 1 would say that nothing was done."""

    exit_code = 3


class _SettingsFile(click.Path):
    """A settings file, which must exist."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if not Path(value).exists():
            self.fail(f"no file {value}: write one with `smsgate init`, or name yours with --config", param, ctx)
        return super().convert(value, param, ctx)


def config_option(command: F) -> F:
    """`--config FILE`."""
    return click.option(
        "--config",
        "config",
        type=_SettingsFile(dir_okay=False, path_type=Path),
        default="smsgate.toml",
        show_default=True,
        help="The TOML file with your accounts.",
    )(command)


def as_json_option(command: F) -> F:
    """`--json`."""
    return click.option("--json", "as_json", is_flag=True, help="Print JSON.")(command)


def account_options(command: F) -> F:
    """`--config`, `--account` and `--json`."""
    account = click.option("--account", "account", help="The account's name in the file; needed if there are several.")
    return config_option(account(as_json_option(command)))


def settings_from(config: Path) -> Settings:
    """The settings, with secrets from this process's environment."""
    return load(config)


def managed(config: Path, account: str | None, kind: type[T], what: str) -> T:
    """The management object of the chosen account, which must be able to do *what*."""
    settings = settings_from(config)
    known = ", ".join(settings.accounts)
    if account is not None and account not in settings.accounts:
        near = did_you_mean(account, settings.accounts)
        raise ConfigurationError(f"--account: {config} has no account {account!r}{near}; it has {known}")
    if account is not None:
        chosen = settings.accounts[account].management()
        if isinstance(chosen, kind):
            return chosen
        able = ", ".join(_able(settings, kind))
        instead = f"; choose one of {able}" if able else ", nor has another account"
        raise ConfigurationError(f"--account: {account!r} of {config} has no {what}{instead}")
    found = {each.name: made for each in settings.accounts.values() if isinstance(made := each.management(), kind)}
    if not found:
        raise ConfigurationError(f"{config}: none of its accounts has {what}: {known}")
    if len(found) > 1:
        raise ConfigurationError(f"{config}: which account? Add --account with one of {', '.join(found)}")
    return next(iter(found.values()))


def _able(settings: Settings, kind: type[object]) -> Iterator[str]:
    """The names of the accounts that are a *kind*, as far as they can be made: others are not what was asked for."""
    for account in settings.accounts.values():
        with suppress(ConfigurationError):
            if isinstance(account.management(), kind):
                yield account.name


def in_shell_words(text: str) -> str:
    """The *text* of an error of a gateway, with what its user knows in place of what Python has."""
    for of_the_gateway, of_the_command in _WORDS:
        text = text.replace(of_the_gateway, of_the_command)
    return text


def with_options(text: str) -> str:
    """`in_shell_words` with this command's option in place of the argument that the *text* is about."""
    text = in_shell_words(text)
    argument = re.match(r"(\w+)(?=[:\[])", text)
    for param in click.get_current_context().command.params:
        if argument and param.name == argument[1] and isinstance(param, click.Option):
            return max(param.opts, key=len) + text[argument.end() :]
    return text


def run_calls(work: Callable[[ManagementClient], Awaitable[T]]) -> T:
    """Run *work*, which awaits calls. Raises `Interrupted` on Ctrl+C: a request may have left by then."""

    async def main() -> T:
        async with ManagementClient() as client:
            try:
                return await work(client)
            except InvalidCallError as error:
                raise InvalidCallError(with_options(str(error))) from None

    try:
        return anyio.run(main)
    except KeyboardInterrupt:
        raise Interrupted("interrupted: what was asked of the vendor may have been done") from None
