"""Many sends at once by the threads of real servers, as `tests/support/sync_load.py` measures it at length."""

import sys
from pathlib import Path

import pytest
from counting_vendor import Vendor
from sync_load import SERVERS

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="memory is read from proc(5)")


@pytest.mark.parametrize("server", SERVERS)
def test_many_sends_at_once(server: str, tmp_path: Path) -> None:
    """More threads than connections send in forked processes: each call is answered, and each message is sent once."""
    with Vendor.running() as vendor:
        load = SERVERS[server](tmp_path, vendor, 2, 400)
    assert [*load.faults()] == []
