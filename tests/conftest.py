"""What every test may use."""

import pytest
from hypothesis import settings

pytest_plugins = ["pytester"]

# A deadline for each example would make a busy machine a failing test; the first example may also load tables.
settings.register_profile("smsgate", deadline=None)
settings.load_profile("smsgate")


@pytest.fixture(params=["asyncio", "trio"])
def anyio_backend(request: pytest.FixtureRequest) -> str:
    """Async tests run on both event loops."""
    return str(request.param)
