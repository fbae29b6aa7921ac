"""What can be copied from the inbox: a request as a curl command, a message as a line of a test, a program."""

import json
import shlex
from collections.abc import Iterator
from typing import Final

from smsgate.sandbox.inbox.masking import hide_secrets
from smsgate.sandbox.simulator import Simulator
from smsgate.sandbox.state.entry import Entry, EntryState
from smsgate.wire import HttpRequest

__all__ = ["as_curl", "as_program", "as_pytest"]

_OF_CURL: Final = frozenset({"content-length", "connection", "accept-encoding", "transfer-encoding"})
"""Headers that curl writes by itself."""
_PROGRAM: Final = """\
import anyio

from smsgate import Gateway, Message, Template
{imports}

SANDBOX = "{url}"
provider = {provider}
login = Template("login", params=("code", "minutes"), ids={{"{name}": "{template_id}"}})


async def main() -> None:
    async with Gateway([provider], templates=[login]) as gateway:
        print(await gateway.send(Message("+8613788888888", "login", {{"code": "4821", "minutes": "5"}})))


anyio.run(main)
"""


def as_curl(request: HttpRequest, base_url: str) -> str:
    """A curl command that makes *request* again, of the sandbox at *base_url*. Secrets are hidden."""
    target = f"{request.path}?{request.query}" if request.query else request.path
    return " \\\n  ".join(
        [f"curl -X {request.method} {shlex.quote(hide_secrets(base_url + target))}", *_parts(request)]
    )


def _parts(request: HttpRequest) -> Iterator[str]:
    for name, value in request.headers.pairs:
        if name.lower() not in _OF_CURL:
            yield f"-H {shlex.quote(hide_secrets(f'{name}: {value}'))}"
    if request.body:
        yield f"--data-binary {_quoted(request.body)}"


def _quoted(body: bytes) -> str:
    """For a shell; bytes that are no text in the form that bash and zsh read."""
    try:
        return shlex.quote(hide_secrets(body.decode()))
    except UnicodeDecodeError:
        return "$'" + "".join(f"\\x{byte:02x}" for byte in body) + "'"


def as_pytest(entry: Entry) -> str:
    """A line for a test with the fixture `sms_sandbox`, or about the `result` of a send; empty for a reply."""
    if entry.kind is EntryState.REPLY:
        return ""
    if entry.message is not None:
        return f"assert sms_sandbox.last_to({_text(entry.number)}).text == {_text(entry.text)}"
    return f"assert result.code == {_text(entry.code)}" if entry.code else "assert not result.accepted"


def as_program(simulator: Simulator, base_url: str) -> str:
    """A program that sends a login code through the interface; empty if it sends nothing."""
    example = simulator.example
    if example is None:
        return ""
    return _PROGRAM.format(
        imports=example.imports,
        url=base_url,
        provider=example.provider,
        name=simulator.name,
        template_id=example.template_id,
    )


def _text(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)
