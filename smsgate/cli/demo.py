"""`smsgate demo`: the main job over real HTTP, with what the vendors accepted beside what the caller was told."""

import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack
from typing import Final

import anyio
import anyio.to_thread
import attrs
import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeElapsedColumn
from rich.table import Table

from smsgate.cli.console import make_console
from smsgate.cli.demo_reports import Book
from smsgate.cli.demo_setup import COPIES, SCENES, Scene, Stage, Told, set_stage
from smsgate.model.message import Message, Result
from smsgate.model.reason import Outcome
from smsgate.model.report import DeliveryState
from smsgate.sandbox import AcceptedMessage, Scenario
from smsgate.testing import LOGIN_CODE

__all__ = ["command", "personal_messages"]

CAMPAIGN_SIZE: Final = 1000
_OUT_OF_REACH: Final = (Scenario.PHONE_OFF, Scenario.NO_SUCH_NUMBER)
"""Whom the campaign's last messages go to."""


@attrs.frozen
class _Row:
    """One part of the demo, for the table at the end."""

    title: str
    told: Told
    is_right: bool
    results: list[Result]
    finals: Counter[DeliveryState]
    """How many of them must end in which state."""


@click.command("demo")
@click.pass_context
def command(context: click.Context) -> None:
    """Send through simulated vendors over real HTTP, and compare what they accepted with what the caller was told."""
    context.exit(0 if anyio.run(_demo, make_console()) else 1)


async def _demo(console: Console) -> bool:
    async with AsyncExitStack() as stack:
        stage = await set_stage(stack)
        console.print(
            f"[bold]smsgate demo[/]: real HTTP to simulated vendors; nothing leaves this machine.\n"
            f"Tencent listens on {stage.tencent.url}\nHuawei listens on  {stage.huawei.url}\n"
            f"They report to     {stage.door.url}\n"
        )
        rows = [await _play(console, stage, position, scene) for position, scene in enumerate(SCENES, 1)]
        rows.append(await _campaign(console, stage, len(rows) + 1))
        are_in = await _reports(console, stage, rows, len(rows) + 1)
    return _sum_up(console, stage.book, rows, are_in)


async def _play(console: Console, stage: Stage, position: int, scene: Scene) -> _Row:
    console.print(f"[bold]{position}. {scene.title}[/]\n   {scene.text}")
    before = stage.accepted()
    await anyio.to_thread.run_sync(scene.set_up, stage)
    params = {"code": "4821", "minutes": "5"}
    result = await stage.gateway.send(Message(scene.number, LOGIN_CODE.name, params))
    await anyio.to_thread.run_sync(scene.tear_down, stage)
    tencent, huawei = (now - then for now, then in zip(stage.accepted(), before, strict=True))
    told = Told(
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
    finals = Counter([scene.final] if scene.final else [])
    return _Row(scene.title, told, told == scene.expected, [result], finals)


def _words(result: Result) -> str:
    tries = [f"{each.provider} {each.outcome}" + f" ({each.reason})" * bool(each.reason) for each in result.attempts]
    return f"{result.outcome}: {', '.join(tries)}"


def _verdict(console: Console, is_right: bool) -> None:
    console.print("     [green]as promised[/]\n" if is_right else "     [bold red]NOT as promised[/]\n")


async def _campaign(console: Console, stage: Stage, position: int) -> _Row:
    title = f"{CAMPAIGN_SIZE:,} personalised messages"
    console.print(
        f"[bold]{position}. {title}[/]\n   Everyone gets a code of their own, once; the caller a result for each."
    )
    before, began, results = stage.accepted(), time.perf_counter(), list[Result]()
    with _progress(console) as progress:
        task = progress.add_task("     sending", total=CAMPAIGN_SIZE)
        async for result in stage.gateway.send_many(personal_messages()):
            results.append(result)
            progress.advance(task)
    seconds = time.perf_counter() - began
    accepted = sum(result.accepted for result in results)
    tencent, huawei = (now - then for now, then in zip(stage.accepted(), before, strict=True))
    outcome = next((result.outcome for result in results if not result.accepted), Outcome.ACCEPTED)
    told = Told(outcome, ("tencent-v5",), tencent, huawei)
    console.print(f"     caller told        {len(results):,} results, {accepted:,} ACCEPTED, in {seconds:.1f} s")
    console.print(f"     Tencent accepted   {tencent:,}\n     Huawei accepted    {huawei:,}")
    is_right = huawei == 0 and _each_got_its_own(stage.tencent.sandbox.messages[before[0] :], results)
    _verdict(console, is_right)
    lost = len(_OUT_OF_REACH)
    finals = Counter({DeliveryState.DELIVERED: CAMPAIGN_SIZE - lost, DeliveryState.UNDELIVERED: lost})
    return _Row(title, told, is_right, results, finals)


def personal_messages() -> Iterator[Message]:
    """A message for each of `CAMPAIGN_SIZE` numbers, each with its own code. The last ones do not reach a phone."""
    lost = [scenario.number for scenario in _OUT_OF_REACH]
    numbers = [*(f"+86137{index:08}" for index in range(CAMPAIGN_SIZE - len(lost))), *lost]
    for index, number in enumerate(numbers):
        yield Message(number, LOGIN_CODE.name, {"code": f"{index:06}", "minutes": "5"})


def _each_got_its_own(kept: Sequence[AcceptedMessage], results: list[Result]) -> bool:
    """Whether every message was accepted once, by the vendor and under the id that its result names."""
    told = {str(each.message.to): (each.message.params["code"], each.message_id) for each in results if each.accepted}
    books = {each.to: (each.params[0], each.message_id) for each in kept}
    return told == books and len(told) == len(results) == len(kept) == CAMPAIGN_SIZE


async def _reports(console: Console, stage: Stage, rows: list[_Row], position: int) -> bool:
    console.print(
        f"[bold]{position}. The vendors report[/]\n"
        "   Delivery reports come to our URL, here twice each and in any order. A report\n"
        "   finds its message by the vendor's id; that of part 3, whose send got no\n"
        "   answer, by the tag that went with it."
    )
    book, messages = stage.book, sum(stage.accepted())
    await book.wait_for(COPIES * messages)
    results = [result for row in rows for result in row.results]
    wanted = sum(row.finals.total() for row in rows)
    known = _finals(book, results).total()
    console.print(f"     came in            {len(book.reports):,} reports on {messages:,} messages")
    console.print(f"     final states       {known:,}; missing: {wanted - known:,}")
    is_right = len(book.reports) == COPIES * messages and known == wanted and not book.strays(results)
    _verdict(console, is_right)
    return is_right


def _finals(book: Book, results: list[Result]) -> Counter[DeliveryState]:
    """How many of these messages are in which final state, as vendors have reported it."""
    return Counter(each.state for each in book.deliveries(results) if each.final and each.report)


def _progress(console: Console) -> Progress:
    columns = ("{task.description}", BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    return Progress(*columns, console=console, disable=not console.is_terminal, transient=True)


def _sum_up(console: Console, book: Book, rows: list[_Row], are_in: bool) -> bool:
    table = Table("", "What happened", "Told", box=None, pad_edge=False)
    for name in ("Tencent", "Huawei"):
        table.add_column(name, justify="right")
    table.add_column("Final state")
    table.add_column("", justify="right")
    wrong = 0 if are_in else 1
    for position, row in enumerate(rows, 1):
        finals = _finals(book, row.results)
        is_right = row.is_right and finals == row.finals
        wrong += not is_right
        verdict = "[green]ok[/]" if is_right else "[bold red]WRONG[/]"
        told, states = row.told, _states(finals, len(row.results))
        table.add_row(str(position), row.title, told.outcome, f"{told.tencent:,}", f"{told.huawei:,}", states, verdict)
    console.print(table)
    parts = len(rows) + 1
    console.print(f"\n[bold red]{wrong} of {parts} not as promised.[/]" if wrong else "\nAll as promised.")
    return not wrong


def _states(finals: Counter[DeliveryState], messages: int) -> str:
    if messages == 1:
        return next(iter(finals), "none")
    return "\n".join(f"{count:,} {state}" for state, count in finals.most_common())
