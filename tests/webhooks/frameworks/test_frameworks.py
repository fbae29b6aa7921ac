"""The examples of docs/callbacks.md, run with the real frameworks."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import ModuleType

import httpx
import pytest
from docs_examples import load

pytestmark = pytest.mark.anyio

TOKENS = {"TENCENT_CALLBACK_TOKEN": "tencent-token-0123456789", "HUAWEI_CALLBACK_TOKEN": "huawei-token-0123456789"}
TENCENT_PATH = "/sms/tencent-v5/tencent-token-0123456789"
HUAWEI_PATH = "/sms/huawei/huawei-token-0123456789"
TENCENT_PUSH = b"""[{"user_receive_time": "2026-01-01 08:00:00", "nationcode": "86", "mobile": "13800138000",
    "report_status": "SUCCESS", "errmsg": "DELIVRD", "description": "ok", "sid": "8:abc"}]"""
HUAWEI_PUSH = b"sequence=1&total=1&updateTime=2026-01-01T00%3A00%3A00Z&source=2&smsMsgId=id-1&status=MK%3A0001"
HUAWEI_REPLY = b"smsMsgId=id-2&from=%2B8613800138000&to=1069031221282019&body=TD"


@pytest.fixture
def sms(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The reader's own module: handler, routes, app."""
    for name, token in TOKENS.items():
        monkeypatch.setenv(name, token)
    return load("callbacks.md", "myapp/sms.py", "myapp.sms", monkeypatch)


@pytest.fixture
def anyio_backend(framework: str, request: pytest.FixtureRequest) -> str:
    """Django and aiohttp know asyncio only."""
    return "asyncio" if framework in ("django", "aiohttp") else str(request.getfixturevalue("loop"))


@pytest.fixture
def loop() -> str:
    """The event loop; parametrized where a framework knows both."""
    return "asyncio"


def django_app(urls: ModuleType, monkeypatch: pytest.MonkeyPatch) -> httpx.ASGITransport:
    from django.conf import settings  # type: ignore[import-untyped]
    from django.core.asgi import get_asgi_application  # type: ignore[import-untyped]
    from django.urls import clear_url_caches  # type: ignore[import-untyped]

    if not settings.configured:  # once a process: another test may have been first
        settings.configure(ALLOWED_HOSTS=["*"], USE_TZ=True)
    monkeypatch.setattr(settings, "ROOT_URLCONF", urls.__name__, raising=False)
    clear_url_caches()  # of the test before
    return httpx.ASGITransport(get_asgi_application())


@asynccontextmanager
async def aiohttp_address(app: object) -> AsyncIterator[str]:
    from aiohttp import web

    assert isinstance(app, web.Application)
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        host, port = runner.addresses[0][:2]
        yield f"http://{host}:{port}"
    finally:
        await runner.cleanup()


@asynccontextmanager
async def client(framework: str, sms: ModuleType, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[httpx.AsyncClient]:
    """A vendor, before the example of *framework*."""
    if framework == "alone":
        transport = httpx.ASGITransport(sms.callbacks)
    else:
        # Litestar would configure the logging of the whole process.
        monkeypatch.setattr("litestar.logging.config.LoggingConfig.configure", lambda _: logging.getLogger)
        module = load("callbacks.md", framework, f"myapp.{framework}_main", monkeypatch)
        if framework == "aiohttp":
            async with aiohttp_address(module.app) as address, httpx.AsyncClient(base_url=address) as vendor:
                yield vendor
            return
        transport = django_app(module, monkeypatch) if framework == "django" else httpx.ASGITransport(module.app)
    async with httpx.AsyncClient(transport=transport, base_url="https://app.example.com") as vendor:
        yield vendor


@pytest.mark.parametrize(
    ("framework", "loop"),
    [
        *[(name, loop) for name in ("fastapi", "starlette", "litestar", "alone") for loop in ("asyncio", "trio")],
        *[("django", "asyncio"), ("aiohttp", "asyncio")],
    ],
)
async def test_the_example_works(
    framework: str,
    loop: str,
    sms: ModuleType,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A report and a reply reach the handler and are acknowledged; what should not get in does not."""
    async with client(framework, sms, monkeypatch) as vendor:
        answer = await vendor.post(HUAWEI_PATH, content=HUAWEI_PUSH)
        assert (answer.status_code, answer.json()["returnCode"]) == (200, 0)
        assert answer.headers["content-type"].startswith("application/json")
        assert (await vendor.post(HUAWEI_PATH, content=HUAWEI_REPLY)).status_code == 200
        printed = capsys.readouterr().out.splitlines()
        assert printed == ["huawei id-1 UNDELIVERED " + printed[0].split()[-1], "+86*******8000 replied"]
        assert (await vendor.post(HUAWEI_PATH + "x", content=HUAWEI_PUSH)).status_code == 404
        assert (await vendor.get(HUAWEI_PATH)).status_code == 405
        assert (await vendor.post(HUAWEI_PATH, content=b"status=DELIVRD")).status_code == 400
        assert (await vendor.post(HUAWEI_PATH, content=bytes(256 * 1024 + 1))).status_code == 413
        assert capsys.readouterr().out == ""


@pytest.mark.parametrize("framework", ["fastapi", "starlette", "litestar", "alone"])
async def test_one_app_takes_all_vendors(
    framework: str, sms: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Mounted once, the app has a route for each provider, each with its own token and its own acknowledgement."""
    async with client(framework, sms, monkeypatch) as vendor:
        answer = await vendor.post(TENCENT_PATH, content=TENCENT_PUSH)
        assert (answer.status_code, answer.json()) == (200, {"result": 0, "errmsg": "OK"})
        assert capsys.readouterr().out == "tencent-v5 8:abc DELIVERED None\n"
        assert (await vendor.post("/sms/tencent-v5/huawei-token-0123456789", content=TENCENT_PUSH)).status_code == 404
    assert sms.callbacks.counters.reports == 1


@pytest.mark.parametrize("framework", ["fastapi", "starlette", "litestar", "aiohttp", "django"])
async def test_a_failing_handler_is_a_500(framework: str, sms: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    """If the reader's own code fails, the vendor is told to try again."""

    def fail(*_: object) -> None:
        raise RuntimeError("the database is down")

    monkeypatch.setitem(sms.__dict__, "print", fail)
    async with client(framework, sms, monkeypatch) as vendor:
        assert (await vendor.post(HUAWEI_PATH, content=HUAWEI_PUSH)).status_code == 500
