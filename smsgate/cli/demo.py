"""`smsgate demo`: the main job over real HTTP, with what the vendors accepted beside what the caller was told."""

import time
from collections.abc import Callable, Iterator
from typing import Final

import anyio
import anyio.to_thread
import attrs
import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeElapsedColumn
from rich.table import Table

from smsgate.cli.console import make_console
from smsgate.gateway import Gateway
from smsgate.huawei import HuaweiSms
from smsgate.message import Message, Outcome, Result
from smsgate.sandbox import Drop, Scenario
from smsgate.sandbox.accounts import (
    HUAWEI_APP_KEY,
    HUAWEI_APP_SECRET,
    HUAWEI_SENDER,
    TENCENT_APP_KEY,
    TENCENT_SDK_APP_ID,
)
from smsgate.sandbox.server import SandboxServer
from smsgate.tencent import TencentV5
from smsgate.testing import LOGIN_CODE

__all__ = ["command", "personal_messages"]

CAMPAIGN_SIZE: Final = 1000
_NUMBER: Final = "+8613788888888"


@attrs.frozen
class _Told:
    """What the caller was told, and how many messages each vendor accepted meanwhile."""

    outcome: Outcome
    tried: tuple[str, ...]
    tencent: int
    huawei: int
    same_id: bool = True
    """The id that the caller was told, if any, is the one under which the vendor keeps the message."""


@attrs.frozen
class _Scene:
    title: str
    text: str
    expected: _Told
    number: str = _NUMBER
    set_up: Callable[["_Stage"], object] = lambda _: None
    tear_down: Callable[["_Stage"], object] = lambda _: None


@attrs.frozen
class _Stage:
    """A server for each vendor, and the gateway between them and the caller."""

    tencent: SandboxServer
    huawei: SandboxServer
    gateway: Gateway

    def accepted(self) -> tuple[int, int]:
        return len(self.tencent.sandbox.messages), len(self.huawei.sandbox.messages)

    def message_ids(self) -> set[str]:
        return {each.message_id for server in (self.tencent, self.huawei) for each in server.sandbox.messages}


_SCENES: Final = (
    _Scene(
        "One login code",
        "Both vendors are well. Tencent comes first and takes it.",
        _Told(Outcome.ACCEPTED, ("tencent-v5",), tencent=1, huawei=0),
    ),
    _Scene(
        "Tencent refuses connections",
        "Nothing can have left, so Huawei is asked at once and takes it.",
        _Told(Outcome.ACCEPTED, ("tencent-v5", "huawei"), tencent=0, huawei=1),
        set_up=lambda stage: stage.tencent.stop(),
        tear_down=lambda stage: stage.tencent.start(),
    ),
    _Scene(
        "Tencent hangs up after processing",
        "It took the message, but no answer came. The caller cannot know, so the\n"
        "   outcome is UNKNOWN and Huawei is not asked: that could be a second text.",
        _Told(Outcome.UNKNOWN, ("tencent-v5",), tencent=1, huawei=0),
        set_up=lambda stage: stage.tencent.sandbox.faults.drop("tencent", Drop.AFTER),
    ),
    _Scene(
        "Tencent refuses the number",
        "It is on a blocklist. Another vendor must not get around that: no failover.",
        _Told(Outcome.REJECTED, ("tencent-v5",), tencent=0, huawei=0),
        number=Scenario.BLOCKLISTED.number,
    ),
)


@click.command("demo")
@click.pass_context
def command(context: click.Context) -> None:
    """The main job against simulated vendors, in seconds.

    Sends over real HTTP, and compares what the vendors accepted with what the caller was told. Exits with 1 if anything
    is not as promised.
    """
    context.exit(0 if anyio.run(_demo, make_console()) else 1)


async def _demo(console: Console) -> bool:
    async with SandboxServer() as tencent, SandboxServer() as huawei, _gateway(tencent, huawei) as gateway:
        stage = _Stage(tencent, huawei, gateway)
        console.print(
            f"[bold]smsgate demo[/]: real HTTP to simulated vendors; nothing leaves this machine.\n"
            f"Tencent listens on {tencent.url}\nHuawei listens on  {huawei.url}\n"
        )
        rows: list[tuple[str, _Told, bool]] = []
        for position, scene in enumerate(_SCENES, 1):
            told = await _play(console, stage, position, scene)
            rows.append((scene.title, told, told == scene.expected))
        rows.append(await _campaign(console, stage, len(rows) + 1))
    return _sum_up(console, rows)


def _gateway(tencent: SandboxServer, huawei: SandboxServer) -> Gateway:
    return Gateway(
        [
            TencentV5(TENCENT_SDK_APP_ID, TENCENT_APP_KEY, sign="Acme", base_url=tencent.url),
            HuaweiSms(HUAWEI_APP_KEY, HUAWEI_APP_SECRET, sender=HUAWEI_SENDER, base_url=huawei.url, signature="Acme"),
        ],
        templates=[LOGIN_CODE],
    )


async def _play(console: Console, stage: _Stage, position: int, scene: _Scene) -> _Told:
    console.print(f"[bold]{position}. {scene.title}[/]\n   {scene.text}")
    before = stage.accepted()
    await anyio.to_thread.run_sync(scene.set_up, stage)
    result = await stage.gateway.send(Message(scene.number, LOGIN_CODE.name, {"code": "4821", "minutes": "5"}))
    await anyio.to_thread.run_sync(scene.tear_down, stage)
    tencent, huawei = (now - then for now, then in zip(stage.accepted(), before, strict=True))
    told = _Told(
        result.outcome,
        tuple(attempt.provider for attempt in result.attempts),
        tencent,
        huawei,
        result.message_id is None or result.message_id in stage.message_ids(),
    )
    console.print(f"     caller told        {_words(result)}")
    for name, server, count in (("Tencent", stage.tencent, tencent), ("Huawei", stage.huawei, huawei)):
        shown = f"{count}: {server.sandbox.messages[-1].text}" if count else "nothing"
        console.print(f"     {name + ' accepted':<18} {shown}", markup=False)
    _verdict(console, told == scene.expected)
    return told


def _words(result: Result) -> str:
    tries = [f"{each.provider} {each.outcome}" + f" ({each.reason})" * bool(each.reason) for each in result.attempts]
    return f"{result.outcome}: {', '.join(tries)}"


def _verdict(console: Console, is_right: bool) -> None:
    console.print("     [green]as promised[/]\n" if is_right else "     [bold red]NOT as promised[/]\n")


async def _campaign(console: Console, stage: _Stage, position: int) -> tuple[str, _Told, bool]:
    title = f"{CAMPAIGN_SIZE:,} personalised messages"
    console.print(
        f"[bold]{position}. {title}[/]\n   Everyone gets a code of their own, once; the caller a result for each."
    )
    stage.tencent.sandbox.clear()
    stage.huawei.sandbox.clear()
    began, results = time.perf_counter(), list[Result]()
    with _progress(console) as progress:
        task = progress.add_task("     sending", total=CAMPAIGN_SIZE)
        async for result in stage.gateway.send_many(personal_messages()):
            results.append(result)
            progress.advance(task)
    seconds = time.perf_counter() - began
    accepted = sum(result.accepted for result in results)
    tencent, huawei = stage.accepted()
    outcome = next((result.outcome for result in results if not result.accepted), Outcome.ACCEPTED)
    told = _Told(outcome, ("tencent-v5",), tencent, huawei)
    console.print(f"     caller told        {len(results):,} results, {accepted:,} ACCEPTED, in {seconds:.1f} s")
    console.print(f"     Tencent accepted   {tencent:,}\n     Huawei accepted    {huawei:,}")
    is_right = _each_got_its_own(stage, results)
    _verdict(console, is_right)
    return title, told, is_right


def personal_messages() -> Iterator[Message]:
    """A message for each of `CAMPAIGN_SIZE` numbers, each with its own code."""
    for index in range(CAMPAIGN_SIZE):
        yield Message(f"+86137{index:08}", LOGIN_CODE.name, {"code": f"{index:06}", "minutes": "5"})


def _each_got_its_own(stage: _Stage, results: list[Result]) -> bool:
    """Whether every message was accepted once, by the vendor and under the id that its result names."""
    told = {str(each.message.to): (each.message.params["code"], each.message_id) for each in results if each.accepted}
    kept = {each.to: (each.params[0], each.message_id) for each in stage.tencent.sandbox.messages}
    return told == kept and len(told) == len(results) == sum(stage.accepted()) == CAMPAIGN_SIZE


def _progress(console: Console) -> Progress:
    columns = ("{task.description}", BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    return Progress(*columns, console=console, disable=not console.is_terminal, transient=True)


def _sum_up(console: Console, rows: list[tuple[str, _Told, bool]]) -> bool:
    table = Table("", "What happened", "Caller told", box=None, pad_edge=False)
    for name in ("Tencent", "Huawei", ""):
        table.add_column(name, justify="right")
    for position, (title, told, is_right) in enumerate(rows, 1):
        verdict = "[green]ok[/]" if is_right else "[bold red]WRONG[/]"
        table.add_row(str(position), title, told.outcome, f"{told.tencent:,}", f"{told.huawei:,}", verdict)
    console.print(table)
    wrong = sum(not is_right for _, _, is_right in rows)
    console.print(f"\n[bold red]{wrong} of {len(rows)} not as promised.[/]" if wrong else "\nAll as promised.")
    return not wrong
