"""The page itself: one file, its parts joined when it is served, and nothing that reads a message as HTML."""

import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

import smsgate.sandbox.inbox.page as page_module
from smsgate.sandbox.inbox.page import page_of
from smsgate.sandbox.server import SandboxServer

PARTS = Path(page_module.__file__).parent / "static"
MODULES = sorted(PARTS.glob("*.js"))


@pytest.fixture(scope="module")
def server() -> Iterator[SandboxServer]:
    """A running server."""
    with SandboxServer() as running:
        yield running


@pytest.mark.parametrize("path", ["/", "/m/8:1"])
def test_page_is_one_small_file(server: SandboxServer, path: str) -> None:
    """The page has less than 120 kB, and its policy lets nothing in but what carries the nonce of this answer."""
    first, second = (httpx.get(server.url + path, trust_env=False, verify=False) for _ in range(2))
    assert len(first.content) < 120_000
    policy = first.headers["content-security-policy"]
    (nonce,) = set(re.findall(r"nonce-([\w-]+)", policy))
    expected = "default-src 'none'; connect-src 'self'; img-src data:; "
    assert policy.startswith(f"{expected}script-src 'nonce-{nonce}'; style-src 'nonce-{nonce}'")
    assert first.text.count(f'nonce="{nonce}"') == 2
    assert nonce not in second.text
    assert first.headers["x-content-type-options"] == "nosniff"


def test_nothing_comes_from_elsewhere() -> None:
    """No part of the page has an address of another host, but the name of SVG."""
    found = set(
        re.findall(r"(?:https?:)?//[\w.]+\.[\w.]+[^\"'\s]*", re.sub(r"^\s*//.*$", "", page_of("x"), flags=re.M))
    )
    assert found == {"http://www.w3.org/2000/svg"}
    assert not re.search(r"@import|url\(|<link[^>]+stylesheet|<script[^>]+src=", page_of("x"))


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.name)
def test_text_never_becomes_html(module: Path) -> None:
    """No module has a way to turn text into HTML or code."""
    ways = (
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|new Function|DOMParser|srcdoc|createContextual"
    )
    assert not re.findall(ways, module.read_text("utf-8"))


def test_modules_join_into_one_scope() -> None:
    """Every module is in the page, imports only from those before it, what they export, and no name is there twice."""
    names: list[str] = []
    exported: dict[str, set[str]] = {}
    assert {path.name for path in MODULES} == set(page_module._MODULES)
    for name in page_module._MODULES:
        source = (PARTS / name).read_text("utf-8")
        for imported, file in re.findall(r"^import \{([^}]+)\} from \"\./([\w.]+)\";$", source, re.M):
            assert {each.strip() for each in imported.split(",")} <= exported[file], (name, file)
        top = re.findall(r"^(export )?(?:async )?(?:function|const|let|class) (\w+|\$)", source, re.M)
        exported[name] = {each for is_exported, each in top if is_exported}
        names += [each for _, each in top]
        assert len(source.splitlines()) < 300
    assert len(names) == len(set(names))
    script = page_of("x").partition('<script type="module"')[2]
    assert not re.search(r"^(import|export)\b", script, re.M)
