"""Every fault of the matrix, on both event loops."""

import logging

import pytest

from .driver import Fault, run
from .matrix import MATRIX

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("network")]


@pytest.mark.parametrize("fault", MATRIX, ids=lambda fault: f"{fault.row}-{fault.name}".replace(" ", "-"))
async def test_fault(fault: Fault, caplog: pytest.LogCaptureFixture) -> None:
    """A message is charged once at most, its outcome told once and truly, nothing leaks, and the pool works on."""
    caplog.set_level(logging.DEBUG)
    await run(fault, caplog.records)
