"""What a sandbox begins with: messages, replies, faults and the state of accounts, from a TOML file.

[[messages]]                 # accepted messages, whose reports come as usual
vendor = "tencent-v5"
to = "+8613788888888"
template_id = "19"           # or text = "…"
params = ["4821", "5"]

[[replies]]                  # each table is the body of the call of that name, as in POST /sandbox/replies
from = "+8613788888888"
text = "TD"

[[faults]]
vendor = "huawei"
drop = "after"

[[accounts]]
vendor = "tencent"
balance = 100
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, cast

import attrs

from smsgate.model.errors import ConfigurationError
from smsgate.sandbox.control import Controls, control
from smsgate.sandbox.control.bodies import check_fields, check_number, read_text
from smsgate.sandbox.control.vendors import read_interface
from smsgate.sandbox.events import follow
from smsgate.sandbox.simulator import Simulator
from smsgate.sandbox.state.message import AcceptedMessage
from smsgate.sandbox.state.scenarios import Scenario
from smsgate.sandbox.state.state import SandboxState
from smsgate.sandbox.structure import read_toml, unknown_field
from smsgate.wire import HttpRequest

__all__ = ["Seed"]

_MESSAGES: Final = "messages"
_PATHS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "accounts": "/sandbox/account",
        "faults": "/sandbox/faults",
        "replies": "/sandbox/replies",
        "reports": "/sandbox/reports",
        "reviews": "/sandbox/review",
    }
)
"""The tables of a file, in the order in which they count, with the call that each of them is."""
_FIELDS: Final = ("vendor", "to", "template_id", "params", "text", "signature")


@attrs.frozen
class Seed:
    """Calls that are made when a sandbox starts, and after each reset."""

    source: str
    """The file, for people."""
    tables: Mapping[str, list[dict[str, Any]]] = attrs.field(repr=False)

    @classmethod
    def load(cls, path: str | Path) -> "Seed":
        """Read a TOML file. Raises `ConfigurationError` naming what is wrong in it."""
        value = read_toml(path)
        known = (_MESSAGES, *_PATHS)
        for name, rows in value.items():
            if name not in known:
                raise ConfigurationError(f"{path}: {unknown_field(name, known, 'table')}")
            if not isinstance(rows, list) or not all(isinstance(row, dict) for row in cast("list[object]", rows)):
                raise ConfigurationError(f"{path}: {name}: must be an array of tables, [[{name}]]")
        return cls(str(path), value)

    def plant(self, controls: Controls, now: float) -> None:
        """Let it all happen at *now* (Unix seconds). Raises `ConfigurationError`, naming the table at fault."""
        for position, row in enumerate(self.tables.get(_MESSAGES, ()), 1):
            try:
                _add_message(controls.state, row, now)
            except ValueError as error:
                raise self._problem(_MESSAGES, position, str(error)) from None
        for name, position, row in self._calls():
            request = HttpRequest("POST", f"http://sandbox{_PATHS[name]}", body=_json(row))
            done = control(controls, request, now)
            response = done.answer.response if done else None
            if response is not None and response.status >= 400:
                raise self._problem(name, position, json.loads(response.body)["error"])
            if done is not None:
                done.then()

    def _calls(self) -> Iterator[tuple[str, int, dict[str, Any]]]:
        for name in _PATHS:
            yield from ((name, position, row) for position, row in enumerate(self.tables.get(name, ()), 1))

    def _problem(self, name: str, position: int, text: str) -> ConfigurationError:
        return ConfigurationError(f"{self.source}: {name}, number {position}: {text}")


def _json(row: Mapping[str, Any]) -> bytes:
    return json.dumps(row, default=str).encode()


def _add_message(state: SandboxState, row: Mapping[str, Any], now: float) -> None:
    check_fields(row, _FIELDS)
    simulator = read_interface(row)
    if not simulator.codes:
        raise ValueError(f"vendor: {simulator.name} sends no messages")
    vendor = simulator.vendor.name
    template_id = read_text(row, "template_id", "") or None
    params = _params(row.get("params", []))
    template = state.template(vendor, template_id) if template_id else None
    if template is None and "text" not in row:
        raise ValueError(f"template_id: {vendor} has approved no template {template_id}; give that, or a text")
    signature = read_text(row, "signature", state.default_signature(vendor))
    text = f"【{signature}】{template.render(params)}" if template and "text" not in row else read_text(row, "text")
    to = check_number(read_text(row, "to"), "to")
    message = AcceptedMessage(
        vendor=vendor,
        api="seed",
        to=to,
        template_id=template_id,
        params=params,
        text=text,
        message_id=state.new_id(),
        time=state.moment(now),
        signature=signature,
        scenario=state.scenario(vendor, to),
        report=_report(state, simulator, to),
    )
    state.accept(message)
    follow(state, message, now)


def _report(state: SandboxState, simulator: Simulator, to: str) -> str:
    codes = simulator.codes
    scenario = state.scenario(simulator.vendor.name, to) or Scenario.DELIVERED
    return codes[scenario].report or codes[Scenario.DELIVERED].report


def _params(value: object) -> tuple[str, ...]:
    items = cast("list[object]", value) if isinstance(value, list) else [None]
    if not all(isinstance(item, str) for item in items):
        raise ValueError("params: an array of texts")
    return tuple(cast("list[str]", items))
