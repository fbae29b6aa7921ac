"""The page about the login shows the files that the tests run."""

from pathlib import Path

import pytest
from docs_examples import example

FILES = Path(__file__).parent / "login"


@pytest.mark.parametrize("name", ["backend.py", "conftest.py", "test_login.py"])
def test_the_page_shows_the_file(name: str) -> None:
    """docs/testing-a-login.md has each file as it is."""
    assert example("testing-a-login.md", name) == (FILES / name).read_text("utf-8")
