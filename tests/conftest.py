"""What every test may use."""

import os
from collections.abc import Iterator

import pytest
from browsing import Browsing, browsing, missing
from hypothesis import settings
from networks import NETWORKS, deselect_impossible, use_network

pytest_plugins = ["pytester", "database_fixtures"]

# What commands print is compared with what they print to a file, at the width that they choose themselves.
for _name in ("FORCE_COLOR", "NO_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE", "COLUMNS", "LINES"):
    os.environ.pop(_name, None)

# A deadline for each example would make a busy machine a failing test; the first example may also load tables.
settings.register_profile("smsgate", deadline=None)
settings.load_profile("smsgate")


@pytest.fixture(params=["asyncio", "trio"])
def anyio_backend(request: pytest.FixtureRequest) -> str:
    """Async tests run on both event loops."""
    return str(request.param)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browsing]:
    """A real browser, one for all tests; where there is none they are skipped, and say why."""
    if lacking := missing():
        pytest.skip(lacking)
    with browsing() as running:
        yield running


@pytest.fixture(params=NETWORKS)
def network(request: pytest.FixtureRequest) -> Iterator[str]:
    """The test runs over each HTTP library that a gateway may have connections of its own over."""
    use_network(request.param)
    yield request.param
    use_network("httpx")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Where a library does not run on an event loop, there is nothing to test."""
    deselect_impossible(config, items)
