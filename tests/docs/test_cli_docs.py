"""docs/cli.md covers every command and option, and its examples do what it says."""

import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import click
import pytest
from click.testing import CliRunner
from docs_examples import DOCS, KEYS

from smsgate.cli.app import cli
from smsgate.sandbox.server import SandboxServer

PAGE: Final = (DOCS / "cli.md").read_text("utf-8")
SANDBOX_PAGES: Final = "".join(page.read_text("utf-8") for page in DOCS.glob("sandbox*.md"))
TYPED: Final = [
    line.removeprefix("smsgate ")
    for block in re.findall(r"^```sh\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    for line in block.splitlines()
]
SHOWN: Final = [
    (typed, printed)
    for block in re.findall(r"^```console\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    for typed, printed in re.findall(r"^\$ smsgate (.*)\n((?:[^$].*\n)*)", block, re.MULTILINE)
]


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[CliRunner]:
    """A directory with the settings file of the page, whose vendors are the sandbox."""
    (settings,) = re.findall(r"^```toml\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    monkeypatch.chdir(tmp_path)
    (people,) = re.findall(r"^```csv\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    Path("people.csv").write_text(people, "utf-8")
    Path("licence.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    for variable, key in KEYS.items():
        monkeypatch.setenv(variable, key)
    with SandboxServer() as server:
        here = re.sub(r'^(base_url|iam_url) = "https:.*"$', rf'\1 = "{server.url}"', settings, flags=re.MULTILINE)
        here = re.sub(r"^sdk_app_id = .*$", rf'\g<0>\nbase_url = "{server.url}"', here, flags=re.MULTILINE)
        Path("smsgate.toml").write_text(here, "utf-8")
        yield CliRunner()


def leaves(command: click.Command, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Every command that does something, with the words that it is called by."""
    if not isinstance(command, click.Group):
        yield path, command
        return
    context = click.Context(command)
    for name in command.list_commands(context):
        found = command.get_command(context, name)
        assert found is not None
        yield from leaves(found, (*path, name))


COMMANDS: Final = dict(leaves(cli))


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_every_command_and_option_is_on_the_page(path: tuple[str, ...]) -> None:
    """The options of the sandbox are on its own pages."""
    assert f"smsgate {' '.join(path)}" in PAGE
    pages = SANDBOX_PAGES if path == ("sandbox",) else PAGE
    for param in COMMANDS[path].params:
        if isinstance(param, click.Option):
            assert any(re.search(rf"{option}\b", pages) for option in param.opts), param.opts


def parsed(line: str) -> None:
    words = shlex.split(line)
    path = next(path for path in COMMANDS if tuple(words[: len(path)]) == path)
    COMMANDS[path].make_context(path[-1], words[len(path) :])


@pytest.mark.parametrize("line", TYPED)
def test_every_line_can_be_typed(line: str, shell: CliRunner) -> None:
    """Each command of the page takes the options and arguments that it shows."""
    parsed(line)


@pytest.mark.parametrize(("typed", "printed"), SHOWN)
def test_what_is_printed_is_printed(typed: str, printed: str, shell: CliRunner) -> None:
    """A console block is what the shell shows."""
    assert shell.invoke(cli, shlex.split(typed)).output == printed


def shape(value: Any) -> Any:
    """The keys of *value*, and the types of what is in it."""
    if isinstance(value, dict):
        return {key: shape(each) for key, each in value.items()}
    if isinstance(value, list):
        return [shape(each) for each in value]
    return type(value)


def test_the_json_of_a_send(shell: CliRunner) -> None:
    """The object on the page has the keys of a real one, and its values are of the same types."""
    (typed,) = [line for line in TYPED if line.startswith("send ") and line.endswith("--json")]
    (shown,) = re.findall(r"^<!-- example: send --json -->\n```json\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    result = shell.invoke(cli, shlex.split(typed))
    assert result.exit_code == 0, result.output
    assert shape(json.loads(shown)) == shape(json.loads(result.stdout))
