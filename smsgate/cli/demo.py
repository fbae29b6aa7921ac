"""`smsgate demo`: the main job over real HTTP, with what the vendors accepted beside what the caller got."""

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
from smsgate.cli.demo_reports import ReportLog
from smsgate.cli.demo_setup import CASES, COPIES, DemoCase, DemoSetup, Observed, set_up
from smsgate.model.message import Message
from smsgate.model.reason import Outcome
from smsgate.model.result import Result
from smsgate.model.states import DeliveryState
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
    observed: Observed
    is_right: bool
    results: list[Result]
    finals: Counter[DeliveryState]
    """How many of them must end in which state."""


@click.command("demo")
@click.pass_context
def command(context: click.Context) -> None:
    """Send through simulated vendors over real HTTP, and compare what they accepted with what the caller got."""
    context.exit(0 if anyio.run(_demo, make_console()) else 1)


async def _demo(console: Console) -> bool:
    async with AsyncExitStack() as stack:
        setup = await set_up(stack)
        console.print(
            f"[bold]smsgate demo[/]: real HTTP to simulated vendors; nothing leaves this machine.\n"
            f"Tencent listens on {setup.tencent.url}\nHuawei listens on  {setup.huawei.url}\n"
            f"They report to     {setup.callbacks.url}\n"
        )
        rows = [await _run_case(console, setup, position, case) for position, case in enumerate(CASES, 1)]
        rows.append(await _campaign(console, setup, len(rows) + 1))
        are_in = await _reports(console, setup, rows, len(rows) + 1)
    return _sum_up(console, setup.log, rows, are_in)


async def _run_case(console: Console, setup: DemoSetup, position: int, case: DemoCase) -> _Row:
    console.print(f"[bold]{position}. {case.title}[/]\n   {case.text}")
    before = setup.accepted()
    await anyio.to_thread.run_sync(case.set_up, setup)
    params = {"code": "4821", "minutes": "5"}
    result = await setup.gateway.send(Message(case.number, LOGIN_CODE.name, params))
    await anyio.to_thread.run_sync(case.tear_down, setup)
    tencent, huawei = (now - then for now, then in zip(setup.accepted(), before, strict=True))
    observed = Observed(
        result.outcome,
        tuple(attempt.provider for attempt in result.attempts),
        tencent,
        huawei,
        result.message_id is None or result.message_id in setup.message_ids(),
    )
    console.print(f"     caller got         {_describe(result)}")
    for name, server, count in (("Tencent", setup.tencent, tencent), ("Huawei", setup.huawei, huawei)):
        shown = f"{count}: {server.sandbox.messages[-1].text}" if count else "nothing"
        console.print(f"     {name + ' accepted':<18} {shown}", markup=False)
    _verdict(console, observed == case.expected)
    finals = Counter([case.final] if case.final else [])
    return _Row(case.title, observed, observed == case.expected, [result], finals)


def _describe(result: Result) -> str:
    attempts = [f"{each.provider} {each.outcome}" + f" ({each.reason})" * bool(each.reason) for each in result.attempts]
    return f"{result.outcome}: {', '.join(attempts)}"


def _verdict(console: Console, is_right: bool) -> None:
    console.print("     [green]as promised[/]\n" if is_right else "     [bold red]NOT as promised[/]\n")


async def _campaign(console: Console, setup: DemoSetup, position: int) -> _Row:
    title = f"{CAMPAIGN_SIZE:,} personalised messages"
    console.print(
        f"[bold]{position}. {title}[/]\n   Everyone gets a code of their own, once; the caller a result for each."
    )
    before, began, results = setup.accepted(), time.perf_counter(), list[Result]()
    with _progress(console) as progress:
        task = progress.add_task("     sending", total=CAMPAIGN_SIZE)
        async for result in setup.gateway.send_many(personal_messages()):
            results.append(result)
            progress.advance(task)
    seconds = time.perf_counter() - began
    accepted = sum(result.accepted for result in results)
    tencent, huawei = (now - then for now, then in zip(setup.accepted(), before, strict=True))
    outcome = next((result.outcome for result in results if not result.accepted), Outcome.ACCEPTED)
    observed = Observed(outcome, ("tencent-v5",), tencent, huawei)
    console.print(f"     caller got         {len(results):,} results, {accepted:,} ACCEPTED, in {seconds:.1f} s")
    console.print(f"     Tencent accepted   {tencent:,}\n     Huawei accepted    {huawei:,}")
    is_right = huawei == 0 and _each_got_its_own(setup.tencent.sandbox.messages[before[0] :], results)
    _verdict(console, is_right)
    lost = len(_OUT_OF_REACH)
    finals = Counter({DeliveryState.DELIVERED: CAMPAIGN_SIZE - lost, DeliveryState.UNDELIVERED: lost})
    return _Row(title, observed, is_right, results, finals)


def personal_messages() -> Iterator[Message]:
    """A message for each of `CAMPAIGN_SIZE` numbers, each with its own code. The last ones do not reach a phone."""
    lost = [scenario.number for scenario in _OUT_OF_REACH]
    numbers = [*(f"+86137{index:08}" for index in range(CAMPAIGN_SIZE - len(lost))), *lost]
    for index, number in enumerate(numbers):
        yield Message(number, LOGIN_CODE.name, {"code": f"{index:06}", "minutes": "5"})


def _each_got_its_own(kept: Sequence[AcceptedMessage], results: list[Result]) -> bool:
    """Whether every message was accepted once, by the vendor and under the id that its result names."""
    results_by_number = {
        str(each.message.to): (each.message.params["code"], each.message_id) for each in results if each.accepted
    }
    kept_by_number = {each.to: (each.params[0], each.message_id) for each in kept}
    return results_by_number == kept_by_number and len(kept_by_number) == len(results) == len(kept) == CAMPAIGN_SIZE


async def _reports(console: Console, setup: DemoSetup, rows: list[_Row], position: int) -> bool:
    console.print(
        f"[bold]{position}. The vendors report[/]\n"
        "   Delivery reports come to our URL, here twice each and in any order. A report\n"
        "   is matched by the vendor's id; that of part 3, whose send got no\n"
        "   response, by the tag that went with it. Tencent returns tags (`ext`) only\n"
        "   after its support has enabled that for the account, as here."
    )
    log, messages = setup.log, sum(setup.accepted())
    await log.wait_for(COPIES * messages)
    results = [result for row in rows for result in row.results]
    wanted = sum(row.finals.total() for row in rows)
    known = _finals(log, results).total()
    console.print(f"     came in            {len(log.reports):,} reports on {messages:,} messages")
    console.print(f"     final states       {known:,}; missing: {wanted - known:,}")
    is_right = len(log.reports) == COPIES * messages and known == wanted and not log.unmatched(results)
    _verdict(console, is_right)
    return is_right


def _finals(log: ReportLog, results: list[Result]) -> Counter[DeliveryState]:
    """How many of these messages are in which final state, as vendors have reported it."""
    return Counter(each.state for each in log.deliveries(results) if each.final and each.report)


def _progress(console: Console) -> Progress:
    columns = ("{task.description}", BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    return Progress(*columns, console=console, disable=not console.is_terminal, transient=True)


def _sum_up(console: Console, log: ReportLog, rows: list[_Row], are_in: bool) -> bool:
    table = Table("", "What happened", "Observed", box=None, pad_edge=False)
    for name in ("Tencent", "Huawei"):
        table.add_column(name, justify="right")
    table.add_column("Final state")
    table.add_column("", justify="right")
    wrong = 0 if are_in else 1
    for position, row in enumerate(rows, 1):
        finals = _finals(log, row.results)
        is_right = row.is_right and finals == row.finals
        wrong += not is_right
        verdict = "[green]ok[/]" if is_right else "[bold red]WRONG[/]"
        observed, states = row.observed, _states(finals, len(row.results))
        table.add_row(
            str(position), row.title, observed.outcome, f"{observed.tencent:,}", f"{observed.huawei:,}", states, verdict
        )
    console.print(table)
    parts = len(rows) + 1
    console.print(f"\n[bold red]{wrong} of {parts} not as promised.[/]" if wrong else "\nAll as promised.")
    return not wrong


def _states(finals: Counter[DeliveryState], messages: int) -> str:
    if messages == 1:
        return next(iter(finals), "none")
    return "\n".join(f"{count:,} {state}" for state, count in finals.most_common())
