"""What ends a whole program while a task of ours runs, such as Ctrl+C, is raised there and reported nowhere else."""

import asyncio
import gc
import logging

import pytest

from smsgate.transport.tasks import BackgroundTasks


@pytest.mark.parametrize("kind", [KeyboardInterrupt, SystemExit])
@pytest.mark.parametrize("waits", [True, False])
def test_an_interrupt_is_raised_and_not_reported(
    kind: type[BaseException], waits: bool, caplog: pytest.LogCaptureFixture
) -> None:
    """Python raises KeyboardInterrupt wherever it is: in a request, say, which nobody asks for what ended it."""

    async def work() -> None:
        if waits:
            await asyncio.sleep(0)
        raise kind

    async def main() -> None:
        tasks = BackgroundTasks()
        tasks.bind()
        tasks.start(work)
        await asyncio.sleep(60)

    with caplog.at_level(logging.DEBUG, "smsgate"), pytest.raises(kind):
        asyncio.run(main())
    gc.collect()
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING] == []
