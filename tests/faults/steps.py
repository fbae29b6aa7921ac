"""Interrupts a send at every point where one of its tasks pauses: the first, the second, and so on to the last."""

import asyncio
import contextlib
from collections.abc import Callable, Coroutine, Generator, Iterator
from typing import Any

import attrs
import trio

__all__ = ["Steps", "on_asyncio"]


@attrs.define
class Steps:
    """Calls *act* when tasks other than the one that made it have paused *number* times, all told."""

    number: int
    act: Callable[[], object]
    seen: int = 0

    @property
    def reached(self) -> bool:
        return self.seen >= self.number

    @contextlib.contextmanager
    def counting(self) -> Iterator[None]:
        with _asyncio_pauses(self._pause) if on_asyncio() else _trio_pauses(self._pause):
            yield

    def _pause(self) -> None:
        self.seen += 1
        if self.seen == self.number:
            self.act()


def on_asyncio() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


@contextlib.contextmanager
def _asyncio_pauses(pause: Callable[[], None]) -> Iterator[None]:
    """Tasks that are made meanwhile call *pause* wherever they give way to the loop, as that task."""
    loop = asyncio.get_running_loop()

    def factory(loop: asyncio.AbstractEventLoop, coro: Any, **options: Any) -> asyncio.Task[Any]:
        task = asyncio.Task(_watched(coro, pause), loop=loop, **options)
        task.add_done_callback(lambda _: coro.close())  # it was never entered, if the task was cancelled at once
        return task

    before = loop.get_task_factory()
    loop.set_task_factory(factory)
    try:
        yield
    finally:
        loop.set_task_factory(before)


async def _watched(coro: Coroutine[Any, Any, Any], pause: Callable[[], None]) -> Any:
    return await _Watched(coro, pause)


@attrs.frozen
class _Watched:
    coro: Coroutine[Any, Any, Any]
    pause: Callable[[], None]

    def __await__(self) -> Generator[Any, Any, Any]:
        step: Callable[[Any], Any] = self.coro.send
        value: Any = None
        while True:
            try:
                waited_for = step(value)
            except StopIteration as stop:
                return stop.value
            self.pause()
            try:
                step, value = self.coro.send, (yield waited_for)
            except BaseException as error:
                step, value = self.coro.throw, error


@contextlib.contextmanager
def _trio_pauses(pause: Callable[[], None]) -> Iterator[None]:
    instrument = _Instrument(pause, trio.lowlevel.current_task())
    trio.lowlevel.add_instrument(instrument)
    try:
        yield
    finally:
        trio.lowlevel.remove_instrument(instrument)


@attrs.frozen
class _Instrument(trio.abc.Instrument):
    pause: Callable[[], None]
    mine: trio.lowlevel.Task

    def after_task_step(self, task: trio.lowlevel.Task) -> None:
        if task is not self.mine:
            self.pause()
