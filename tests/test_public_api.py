"""The public API is what docs/public-api.md and tests/public_api.txt say."""

import inspect
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal, Optional, Union

import public_api
import pytest
from public_modules import PUBLIC_MODULES
from public_signatures import annotation_text, signature_text

PAGE = Path(__file__).parents[1] / "docs" / "public-api.md"


def test_the_snapshot_is_the_code() -> None:
    """A change of a public name or signature is seen in review. If meant: python tests/support/public_api.py"""
    assert public_api.text().splitlines() == public_api.SNAPSHOT.read_text("utf-8").splitlines()


def test_the_page_lists_the_public_modules() -> None:
    """docs/public-api.md has a row for each public module, and for no other."""
    assert re.findall(r"^\| `(smsgate[\w.]*)` \|", PAGE.read_text("utf-8"), re.MULTILINE) == list(PUBLIC_MODULES)


def test_the_snapshot_has_every_kind_of_name() -> None:
    """Classes with their bases, what makes them, inherited members, enum values, functions, constants, commands."""
    lines = set(public_api.SNAPSHOT.read_text("utf-8").splitlines())
    assert {
        "class smsgate.NotSentError(smsgate.SendError)",
        "smsgate.Outcome.NOT_SENT = 'NOT_SENT'",
        "smsgate.wire.HttpRequest = smsgate.HttpRequest",
        "smsgate.HttpRequest.path: str [property]",
        "smsgate.tags.MAX_TAG: int = 128",
        "smsgate.tencent.TencentV5.name: str",
        "class Results(AsyncIterator)",
        "command smsgate send --to (required)",
        "entry point console_scripts: smsgate = smsgate.cli:main",
    } <= lines
    assert [line for line in lines if " at 0x" in line or "<" in line] == []


@pytest.mark.parametrize(
    ("annotation", "text"),
    [
        (Optional[int], "int | None"),  # noqa: UP045  # both spellings are the same type, and read the same
        (Union[int, "str"], "int | str"),
        (int | None, "int | None"),
        (dict[str, tuple[int, ...]], "dict[str, tuple[int, ...]]"),
        (Callable[[int], str | None], "Callable[[int], str | None]"),
        (Literal["a", 1], "Literal['a', 1]"),
        ("Gateway | None", "Gateway | None"),
        (Any, "Any"),
        (type(None), "None"),
    ],
)
def test_annotations_read_the_same_on_every_python(annotation: object, text: str) -> None:
    """The text of an annotation does not depend on how it was spelt, nor on the interpreter's `repr` of it."""
    assert annotation_text(annotation) == text


def test_signatures_show_how_arguments_are_passed() -> None:
    """Positional-only, keyword-only and collecting parameters are told apart; only plain defaults are shown."""

    def plain(a: int, /, b: str = "x", *, c: object = inspect) -> None: ...
    async def starred(*args: int, d: bool = True, **rest: str) -> list[int]:
        return []

    assert signature_text(plain) == "(a: int, /, b: str = 'x', *, c: object = ...) -> None"
    assert signature_text(starred) == "(*args: int, d: bool = True, **rest: str) -> list[int] [async]"
