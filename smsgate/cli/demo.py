"""`smsgate demo`: the main job over real HTTP, with what the vendors received beside what the caller was told."""

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

__all__ = ["command"]

CAMPAIGN_SIZE: Final = 1000
_NUMBER: Final = "+8613788888888"


@attrs.frozen
class _Told:
    """What the caller was told, and what each vendor received meanwhile."""

    outcome: Outcome
    tried: tuple[str, ...]
    tencent: int
    huawei: int


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

    def received(self) -> tuple[int, int]:
        return len(self.tencent.sandbox.messages), len(self.huawei.sandbox.messages)


_SCENES: Final = (
    _Scene(
        "One login code",
        "Both vendors are well. Tencent comes first and takes it.",
        _Told(Outcome.ACCEPTED, ("tencent-v5",), tencent=1, huawei=0),
    ),
    _Scene(
        "Tencent refuses connections",
        "Nothing can have left this machine, so Huawei is asked at once and takes it.",
        _Told(Outcome.ACCEPTED, ("tencent-v5", "huawei"), tencent=0, huawei=1),
        set_up=lambda stage: stage.tencent.stop(),
        tear_down=lambda stage: stage.tencent.start(),
    ),
    _Scene(
        "Tencent drops the connection after it has processed the request",
        "The caller cannot know that, so the outcome is UNKNOWN and Huawei is not asked.",
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
    """Send through simulated vendors over real HTTP, and compare what they received with what the caller was told."""
    context.exit(0 if anyio.run(_demo, make_console()) else 1)


async def _demo(console: Console) -> bool:
    async with SandboxServer() as tencent, SandboxServer() as huawei, _gateway(tencent, huawei) as gateway:
        stage = _Stage(tencent, huawei, gateway)
        console.print(f"[bold]smsgate demo[/]: simulated Tencent on {tencent.url}, Huawei on {huawei.url}\n")
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
            HuaweiSms(
                HUAWEI_APP_KEY, HUAWEI_APP_SECRET, sender=HUAWEI_SENDER, base_url=huawei.url, signature="Acme"
            ),
        ],
        templates=[LOGIN_CODE],
    )


async def _play(console: Console, stage: _Stage, position: int, scene: _Scene) -> _Told:
    console.print(f"[bold]{position}. {scene.title}[/]\n   {scene.text}")
    before = stage.received()
    await anyio.to_thread.run_sync(scene.set_up, stage)
    result = await stage.gateway.send(Message(scene.number, LOGIN_CODE.name, {"code": "4821", "minutes": "5"}))
    await anyio.to_thread.run_sync(scene.tear_down, stage)
    tencent, huawei = (now - then for now, then in zip(stage.received(), before, strict=True))
    told = _Told(result.outcome, tuple(attempt.provider for attempt in result.attempts), tencent, huawei)
    console.print(f"     caller told        {_words(result)}")
    for name, server, count in (("Tencent", stage.tencent, tencent), ("Huawei", stage.huawei, huawei)):
        shown = f"{count}: {server.sandbox.messages[-1].text}" if count else "nothing"
        console.print(f"     {name + ' received':<18} {shown}", markup=False)
    _verdict(console, told == scene.expected)
    return told


def _words(result: Result) -> str:
    tries = ", ".join(f"{each.provider} {each.outcome} ({each.reason or each.message_id})" for each in result.attempts)
    return f"{result.outcome}; tried {tries}"


def _verdict(console: Console, is_right: bool) -> None:
    console.print("     [green]as promised[/]\n" if is_right else "     [bold red]NOT as promised[/]\n")


async def _campaign(console: Console, stage: _Stage, position: int) -> tuple[str, _Told, bool]:
    title = f"{CAMPAIGN_SIZE:,} personalised messages"
    console.print(f"[bold]{position}. {title}[/]\n   Everyone gets a code of their own, and the caller a result for each.")
    stage.tencent.sandbox.clear()
    stage.huawei.sandbox.clear()
    began, results = time.perf_counter(), list[Result]()
    with _progress(console) as progress:
        task = progress.add_task("     sending", total=CAMPAIGN_SIZE)
        async for result in stage.gateway.send_many(_personal_messages()):
            results.append(result)
            progress.advance(task)
    seconds = time.perf_counter() - began
    accepted = sum(result.accepted for result in results)
    tencent, huawei = stage.received()
    told = _Told(Outcome.ACCEPTED, ("tencent-v5",), tencent, huawei)
    console.print(f"     caller told        {len(results):,} results, {accepted:,} ACCEPTED, in {seconds:.1f} s")
    console.print(f"     Tencent received   {tencent:,}, Huawei {huawei:,}; each number its own code, once")
    is_right = _each_got_its_own(stage, results)
    _verdict(console, is_right)
    return title, told, is_right


def _personal_messages() -> Iterator[Message]:
    for index in range(CAMPAIGN_SIZE):
        yield Message(f"+86137{index:08}", LOGIN_CODE.name, {"code": f"{index:06}", "minutes": "5"})


def _each_got_its_own(stage: _Stage, results: list[Result]) -> bool:
    """Whether every message was accepted once, by the vendor and under the id that its result names."""
    told = sorted((str(result.message.to), result.message.params["code"], result.message_id) for result in results)
    received = sorted((each.to, each.params[0], each.message_id) for each in stage.tencent.sandbox.messages)
    return len(told) == CAMPAIGN_SIZE and told == received and not stage.huawei.sandbox.messages


def _progress(console: Console) -> Progress:
    columns = ("{task.description}", BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    return Progress(*columns, console=console, disable=not console.is_terminal, transient=True)


def _sum_up(console: Console, rows: list[tuple[str, _Told, bool]]) -> bool:
    table = Table("", "What happened", "Caller told", "Tencent", "Huawei", "", box=None, pad_edge=False)
    for position, (title, told, is_right) in enumerate(rows, 1):
        verdict = "[green]ok[/]" if is_right else "[bold red]WRONG[/]"
        table.add_row(str(position), title, told.outcome, f"{told.tencent:,}", f"{told.huawei:,}", verdict)
    console.print(table)
    wrong = sum(not is_right for _, _, is_right in rows)
    console.print(f"\n[bold red]{wrong} of {len(rows)} not as promised.[/]" if wrong else "\nAll as promised.")
    return not wrong
