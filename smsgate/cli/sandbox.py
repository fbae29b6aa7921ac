"""`smsgate sandbox`: the simulated vendors on a port of this machine."""

import signal
import threading
import time
from contextlib import nullcontext, suppress
from pathlib import Path
from types import FrameType
from typing import Any

import attrs
import click
from rich.console import Console
from rich.table import Table

from smsgate.cli.console import make_console
from smsgate.cli.sandbox_demo import demo_config, running_demo
from smsgate.model.masking import safe_text
from smsgate.sandbox.config import SandboxConfig
from smsgate.sandbox.core import SENDERS, SIMULATORS, VENDORS
from smsgate.sandbox.sandbox import Sandbox
from smsgate.sandbox.seed import Seed
from smsgate.sandbox.server import SandboxServer
from smsgate.sandbox.state.records import RequestRecord
from smsgate.sandbox.state.scenarios import Scenario

__all__ = ["command"]


def _callback_options(function: Any) -> Any:
    """`--VENDOR-callback` for each vendor, the setting of the same name."""
    for vendor in reversed(VENDORS):
        words = f"Where {vendor.name.title()} pushes {vendor.callback_help}."
        function = click.option(f"--{vendor.name}-callback", metavar="URL", help=words)(function)
    return function


def _read_ports(_: click.Context, option: click.Parameter, values: tuple[str, ...]) -> dict[str, int]:
    """NAME=PORT, as often as it is given."""
    ports: dict[str, int] = {}
    for value in values:
        name, equals, port = value.partition("=")
        if not equals or not port.isascii() or not port.isdigit() or int(port) > 65535:
            raise click.BadParameter(f"{value!r} is not NAME=PORT, as in {SENDERS[0].name}=8026")
        ports[name] = int(port)
    return ports


@click.command("sandbox")
@click.option(
    "--port-for",
    metavar="NAME=PORT",
    multiple=True,
    callback=_read_ports,
    help="A further port for one interface alone, so that it can be down: its name is what a provider is called.",
)
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", default=8025, show_default=True, type=click.IntRange(0, 65535), help="0 for a free port.")
@click.option("--lenient", is_flag=True, help="Accept any template, parameters and signature.")
@click.option(
    "--config",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A TOML file with more templates and signatures, callbacks, and the state of accounts.",
)
@click.option(
    "--seed",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A TOML file with messages, replies and faults to begin with.",
)
@click.option("--demo", is_flag=True, help="Fill the inbox with messages of every kind.")
@click.option(
    "--db",
    type=click.Path(dir_okay=False, path_type=Path),
    help="An SQLite file that keeps the messages over restarts.",
)
@click.option(
    "--keep",
    type=click.IntRange(1, 1_000_000),
    default=10_000,
    show_default=True,
    help="How many messages are kept; the oldest are dropped.",
)
@click.option(
    "--allow-host",
    metavar="NAME",
    multiple=True,
    help="A further name by which the page and the sandbox's own calls may be reached.",
)
@click.option("--report-delay", type=float, help="Seconds from a message to its delivery report.  [default: 1]")
@_callback_options
@click.option("--sign-pushes", is_flag=True, help="Vendors that can sign what they push do.")
@click.option("--callback-ca", metavar="FILE", help="Certificates (PEM) by which https callbacks are trusted.")
@click.option("--allow-remote-callbacks", is_flag=True, help="Push to other machines, too.")
def command(
    port_for: dict[str, int],
    host: str,
    port: int,
    lenient: bool,
    config: Path | None,
    seed: Path | None,
    demo: bool,
    db: Path | None,
    keep: int,
    allow_host: tuple[str, ...],
    report_delay: float | None,
    sign_pushes: bool,
    callback_ca: str | None,
    allow_remote_callbacks: bool,
    **callbacks: str | None,
) -> None:
    """Simulated vendors to develop against: real signatures, the vendors' own codes, an inbox page."""
    known = SandboxConfig.load(config) if config else SandboxConfig()
    given: dict[str, Any] = {
        "report_delay": report_delay,
        **callbacks,
        "sign": sign_pushes or None,
        "ca_file": callback_ca,
        "allow_remote": allow_remote_callbacks or None,
    }
    pushes = attrs.evolve(known.pushes, **{name: value for name, value in given.items() if value is not None})
    known = demo_config(known) if demo else known
    sandbox = Sandbox(known, lenient=lenient, pushes=pushes, keep=keep, db=db)
    if seed is not None:
        sandbox.plant(Seed.load(seed), now=time.time())
    server = SandboxServer(sandbox, host=host, port=port, port_for=port_for, allow_hosts=allow_host)
    try:
        _serve(server, lenient=lenient, demo=demo)
    finally:
        sandbox.close()


def _serve(server: SandboxServer, *, lenient: bool, demo: bool) -> None:
    """Until a signal comes."""
    stop = threading.Event()

    def on_signal(number: int, frame: FrameType | None) -> None:
        stop.set()

    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, on_signal)
    console = make_console()
    with server, running_demo(server) if demo else nullcontext():
        server.sandbox.on_request = lambda record: _show_request(console, record)  # the greeting says that it is ready
        _show_greeting(console, server, lenient=lenient)
        stop.wait()
        console.print("Stopped.")


def _show_request(console: Console, record: RequestRecord) -> None:
    with suppress(OSError):  # nobody reads the console any more; the vendors work on
        console.print(safe_text(record.line), markup=False, highlight=False, soft_wrap=True)
        console.file.flush()


def _show_greeting(console: Console, server: SandboxServer, *, lenient: bool) -> None:
    console.print(f"[bold]smsgate sandbox[/] on [bold]{server.url}[/]" + (" (lenient)" if lenient else ""))
    if not server.is_loopback:
        console.print(
            f"[bold red]WARNING: listening on {server.host}. The keys below are public, and anyone who can reach this "
            "port can send, and read every message.[/]"
        )
    console.print(
        f"\nInbox     {server.url}/\nMessages  {server.url}/sandbox/messages   (GET lists, DELETE forgets)",
        soft_wrap=True,
    )
    console.print(f"Refused   {server.url}/sandbox/refused    (what a vendor refused, and why)", soft_wrap=True)
    _show_pushes(console, server)
    console.print("[bold]Accounts[/]  (base_url of each provider: the address above)")
    for simulator in SIMULATORS:
        values = ", ".join(f"{name} [bold]{value}[/]" for name, value in simulator.accounts.items())
        own = f" [bold]{server.urls[simulator.name]}[/]," if simulator.name in server.urls else ""
        console.print(f"  {simulator.name}:{own} {values}", soft_wrap=True)
    _show_switches(console, server)
    console.print("\n[bold]Magic numbers[/]  (any other number: accepted, then delivered)")
    console.print("A vendor's two codes: in its response to the send, and in the delivery report.")
    console.print(_magic_numbers())
    for vendor in VENDORS:
        number = Scenario.OUT_OF_BALANCE.number_at(vendor.magic_digit)
        console.print(f"At {vendor.name.title()} alone, with {vendor.magic_digit} before the last two digits: {number}")
    console.print("Ctrl+C stops.")
    console.file.flush()


def _show_switches(console: Console, server: SandboxServer) -> None:
    """What each vendor's support has enabled, and what it has not."""
    for vendor in VENDORS:
        on = server.sandbox.accounts[vendor.name]
        parts = [f"{name} {'on' if on[name] else 'off'}" for name in vendor.account.switches]
        if parts:
            console.print(f"  enabled by {vendor.name.title()}'s support: {', '.join(parts)}", markup=False)


def _show_pushes(console: Console, server: SandboxServer) -> None:
    settings = server.sandbox.push_settings
    console.print(
        f"Pushes    {server.url}/sandbox/pushes     (what was reported, and how it was answered)\n", soft_wrap=True
    )
    console.print(f"[bold]Callbacks[/]  (reports come {settings.report_delay:g} s after the message)")
    for vendor in VENDORS:
        console.print(f"  {vendor.name}: {vendor.describe_callback(settings)}", markup=False, soft_wrap=True)
    console.print()


def _magic_numbers() -> Table:
    """With the codes of one interface of each vendor: the names of API 3.0 would leave no room."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column("Number", no_wrap=True)
    table.add_column("What happens")
    shown = list({simulator.vendor: simulator for simulator in reversed(SENDERS)}.values())[::-1]
    for simulator in shown:
        table.add_column(simulator.name, no_wrap=True)
    for scenario in Scenario:
        codes = [simulator.codes[scenario] for simulator in shown]
        shown_codes = [f"{each.send or '-'}, {each.report or '-'}" for each in codes]
        table.add_row(scenario.number, scenario.meaning, *shown_codes)
    return table
