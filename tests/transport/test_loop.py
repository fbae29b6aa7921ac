"""What binds to an event loop, and the tasks that outlive their callers there."""

import gc
import sys
import threading
from functools import partial

import anyio
import anyio.lowlevel
import pytest

from smsgate import ConfigurationError, WrongLoopError
from smsgate.transport.loop import LoopBinding
from smsgate.transport.tasks import BackgroundTasks

pytestmark = pytest.mark.anyio


async def test_binds_once() -> None:
    """The first use binds, a later one on the same loop only checks."""
    binding = LoopBinding()
    assert not binding.on_own_loop()
    assert binding.bind()
    assert not binding.bind()
    assert binding.on_own_loop()
    assert isinstance(binding.time(), float)


async def test_another_loop_is_told() -> None:
    """A second event loop gets one clear error, and changes nothing."""
    binding = LoopBinding()
    binding.bind()

    async def elsewhere() -> None:
        with pytest.raises(WrongLoopError, match="Make one Gateway per loop"):
            binding.bind()
        assert not binding.on_own_loop()

    await anyio.to_thread.run_sync(partial(anyio.run, elsewhere))
    assert binding.on_own_loop()


def test_no_loop_at_all() -> None:
    """Where no event loop runs, that is what the error says."""
    with pytest.raises(ConfigurationError, match="no event loop is running"):
        LoopBinding().bind()


async def test_calls_from_another_thread() -> None:
    """`call_soon` runs its work on the loop, whatever thread asks."""
    binding, ran = LoopBinding(), anyio.Event()
    binding.bind()
    threads: list[int] = []

    def work() -> None:
        threads.append(threading.get_ident())
        ran.set()

    await anyio.to_thread.run_sync(binding.call_soon, work)
    with anyio.fail_after(10):
        await ran.wait()
    assert threads == [threading.get_ident()]


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_calls_after_the_loops_end(backend: str) -> None:
    """A loop that has ended calls nothing, and raises nothing."""
    binding = LoopBinding()

    async def main() -> None:
        binding.bind()

    anyio.run(main, backend=backend)
    binding.call_soon(lambda: pytest.fail("called after the end"))
    gc.collect()


async def test_a_task_survives_its_caller() -> None:
    """Work that was started goes on when the one who waited for it is cancelled."""
    tasks, release, done = BackgroundTasks(), anyio.Event(), list[str]()
    tasks.bind()

    async def work() -> None:
        await release.wait()
        done.append("done")

    with anyio.move_on_after(0):
        await tasks.start(work).done.wait()
    release.set()
    await tasks.drain(10)
    assert done == ["done"]


async def test_drain_does_not_wait_for_its_own_task() -> None:
    """A task that drains waits for all others, not for itself, and what it starts is another task."""
    tasks, order = BackgroundTasks(), list[str]()
    tasks.bind()

    async def other() -> None:
        await anyio.sleep(0.01)
        order.append("other")

    async def drains() -> None:
        tasks.start(other)
        await tasks.drain(10)
        order.append("drained")

    await tasks.start(drains).done.wait()
    assert order == ["other", "drained"]


async def test_a_failing_task_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    """What a task raises ends neither the loop nor the program; the log has its type and place, not its text."""
    tasks = BackgroundTasks()
    tasks.bind()

    async def work() -> None:
        raise LookupError("+8613800138000")

    await tasks.start(work).done.wait()
    assert "LookupError" in caplog.text
    assert "13800138000" not in caplog.text


async def test_an_eager_task_begins_at_once_where_it_can(anyio_backend_name: str) -> None:
    """On asyncio from Python 3.12 on, the first step of an eager task is taken before it is returned."""
    tasks, steps = BackgroundTasks(), list[str]()
    tasks.bind()

    async def work() -> None:
        steps.append("begun")
        await anyio.lowlevel.checkpoint()
        steps.append("ended")

    task = tasks.start(work, eager=True)
    assert bool(steps) == (anyio_backend_name == "asyncio" and sys.version_info >= (3, 12))
    await tasks.drain(60)
    assert (steps, task.done.is_set()) == (["begun", "ended"], True)
    over = tasks.start(anyio.lowlevel.checkpoint_if_cancelled, eager=True)  # with no pause in it
    await over.done.wait()
