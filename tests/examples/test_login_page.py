"""The page about the login shows the files that the tests run."""

from pathlib import Path

import pytest
from docs_examples import DOCS, example

FILES = Path(__file__).parent / "login"


NAMES = ["backend.py", "conftest.py", "test_login.py"]


@pytest.mark.parametrize("name", NAMES)
def test_the_page_shows_the_file(name: str) -> None:
    """docs/testing-a-login.md has each file as it is."""
    assert example("testing-a-login.md", name) == (FILES / name).read_text("utf-8")


def test_the_files_run_where_the_page_says(pytester: pytest.Pytester) -> None:
    """In a directory with an empty `__init__.py`; the name of the directory does not matter."""
    directory = pytester.mkpydir("anywhere")
    assert "with an empty `__init__.py`" in (DOCS / "testing-a-login.md").read_text("utf-8")
    for name in NAMES:
        (directory / name).write_text(example("testing-a-login.md", name), "utf-8")
    pytester.makeini("[pytest]\nasyncio_default_fixture_loop_scope = function\n")
    pytester.runpytest_inprocess("-p", "no:cacheprovider", "-k", "logs_in").assert_outcomes(passed=2, deselected=18)
