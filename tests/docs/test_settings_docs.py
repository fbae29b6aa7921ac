"""docs/settings.md: its file is read as it says, and the programs that use it run."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import attrs
import httpx
import pytest
from docs_examples import DOCS, load

from smsgate import Gateway, Message, Outcome
from smsgate.config import load as load_settings
from smsgate.config.sections import SECTIONS
from smsgate.sandbox.huawei import HUAWEI_APP_KEY, HUAWEI_APP_SECRET
from smsgate.sandbox.server import SandboxServer
from smsgate.sandbox.tencent import TENCENT_APP_KEY

PAGE: Final = (DOCS / "settings.md").read_text("utf-8")
KEYS: Final = {
    "TENCENT_APP_KEY": TENCENT_APP_KEY,
    "HUAWEI_APP_KEY": HUAWEI_APP_KEY,
    "HUAWEI_APP_SECRET": HUAWEI_APP_SECRET,
}
FILE: Final = re.findall(r"^```toml\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)[0]

pytestmark = pytest.mark.anyio


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SandboxServer]:
    """A directory with the page's file, whose vendors are the sandbox."""
    monkeypatch.chdir(tmp_path)
    for variable, key in KEYS.items():
        monkeypatch.setenv(variable, key)
    with SandboxServer() as server:
        here = re.sub(r'^base_url = ".*"$', f'base_url = "{server.url}"', FILE, flags=re.MULTILINE)
        here = re.sub(r"^sdk_app_id = .*$", rf'\g<0>\nbase_url = "{server.url}"', here, flags=re.MULTILINE)
        Path("smsgate.toml").write_text(here, "utf-8")
        yield server


def test_the_page_has_every_section() -> None:
    """Each section is in the file that is shown, and in the table."""
    for section in SECTIONS:
        heading = section.heading("NAME")
        assert f"`{heading}`" in PAGE
        assert section.heading("login-code") in FILE
        assert f"`{section.kind.__name__.removesuffix('Options')}`" in PAGE


def test_the_file_is_read(tmp_path: Path) -> None:
    """What is written is what a gateway gets."""
    path = tmp_path / "smsgate.toml"
    path.write_text(FILE, "utf-8")
    settings = load_settings(path, KEYS)
    assert [provider.name for provider in settings.providers] == ["tencent-v5", "huawei"]
    assert settings.options.max_connections == 50
    assert settings.policy.alternate_within == 120
    for field in ("templates", "routes", "quiet_hours"):
        assert len(getattr(settings, field)) == 1
    assert attrs.astuple(settings.timeouts)[-1] == 15


async def test_the_program_sends(server: SandboxServer) -> None:
    """The page's two lines are a gateway."""
    program = re.findall(r"^```python\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)[0]
    names: dict[str, object] = {}
    exec(program, names)
    gateway = names["gateway"]
    assert isinstance(gateway, Gateway)
    async with gateway:
        result = await gateway.send(Message("+8613788888888", "login-code", {"code": "4821", "minutes": "5"}))
    assert (result.outcome, result.provider) == (Outcome.ACCEPTED, "tencent-v5")


async def test_the_readiness_probe(server: SandboxServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """The application of docs/production.md is warm before it serves, and shows each provider's health."""
    app = load("production.md", "readiness", "readiness", monkeypatch).app
    transport = httpx.ASGITransport(app=app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://app") as client,
    ):
        response = await client.get("/ready")
    assert response.json() == {"tencent-v5": "up", "huawei": "up"}
