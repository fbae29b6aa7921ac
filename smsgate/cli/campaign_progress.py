"""How far a campaign is: a bar with rate and time left on a terminal, a line from time to time elsewhere."""

import time
from collections.abc import Callable
from types import TracebackType
from typing import Final, Self

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

__all__ = ["Bar"]

_LINE_EVERY: Final = 10.0
_REFRESH_EVERY: Final = 0.2


class Bar:
    """Counts up to *total*, on standard error."""

    def __init__(self, total: int, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.total: int = total
        self.done: int = 0
        self._clock = clock
        self._began = self._shown = clock()
        console = Console(stderr=True)
        self._progress = Progress(
            BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[rate]}"), TimeRemainingColumn(), console=console
        )
        self._task: TaskID | None = None
        if console.is_terminal:
            self._task = self._progress.add_task("", total=total, rate="")

    def __enter__(self) -> Self:
        if self._task is not None:
            self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._task is not None:
            self._progress.update(self._task, completed=self.done)
            self._progress.stop()

    def advance(self) -> None:
        """One more is done."""
        self.done += 1
        now = self._clock()
        every = _LINE_EVERY if self._task is None else _REFRESH_EVERY
        if now - self._shown < every:
            return
        self._shown = now
        rate = self.done / (now - self._began)
        if self._task is not None:
            self._progress.update(self._task, completed=self.done, rate=f"{rate:,.0f}/s")
            return
        left = (self.total - self.done) / rate
        click.echo(f"{self.done} of {self.total}, {rate:,.0f} a second, {left:,.0f} s left", err=True)
