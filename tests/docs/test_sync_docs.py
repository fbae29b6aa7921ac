"""The code of docs/from-sync-code.md, run as it is printed: threads, forks, Django, Flask, Celery, scripts, tests."""

import io
import sys
from collections.abc import Iterator
from contextlib import redirect_stdout
from pathlib import Path
from types import ModuleType
from typing import Any, Final

import pytest
from docs_examples import example, load, load_application
from networks import simulate_network

from smsgate import ClosedError, Message
from smsgate.sandbox import Sandbox, SandboxTransport, Scenario
from smsgate.sandbox.tencent import TENCENT_APP_KEY
from smsgate.tencent import TencentV5

PAGE: Final = "from-sync-code.md"
NUMBER: Final = "+8613788888888"


def login(number: str = NUMBER) -> Message:
    return Message(number, "login-code", {"code": "4821", "minutes": "5"})


@pytest.fixture
def sandbox(monkeypatch: pytest.MonkeyPatch) -> Sandbox:
    sandbox = Sandbox()
    simulate_network(monkeypatch, SandboxTransport(sandbox, delay_scale=0))
    monkeypatch.setenv("TENCENT_APP_KEY", TENCENT_APP_KEY)
    return sandbox


@pytest.fixture
def sms(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """The reader's own module, closed at the end as a process does."""
    module = load_application(PAGE, monkeypatch)
    gateway = module.sms  # a test may put another one in its place
    yield module
    gateway.close()


def test_a_method_without_a_blocking_form(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """`run` awaits a management call."""
    page = load(PAGE, "templates", "myapp.templates", monkeypatch)
    account = TencentV5("1400006666", TENCENT_APP_KEY, sign="Acme").management()
    assert "19" in page.template_ids(account)


def test_a_django_view(sms: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each request is answered with the outcome, not only the first."""
    from django.conf import settings  # type: ignore[import-untyped]
    from django.test import RequestFactory  # type: ignore[import-untyped]

    if not settings.configured:
        settings.configure(ALLOWED_HOSTS=["*"], USE_TZ=True)
    urls = load(PAGE, "django", "sync_urls", monkeypatch)
    (pattern,) = urls.urlpatterns
    for number in (NUMBER, Scenario.BLOCKLISTED.number, NUMBER):
        response = pattern.callback(RequestFactory().post("/code", {"to": number}))
        accepted = number == NUMBER
        assert response.content == (b'{"outcome": "ACCEPTED"}' if accepted else b'{"outcome": "REJECTED"}')


def test_a_flask_view(sms: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same with Flask."""
    client = load(PAGE, "flask", "flask_app", monkeypatch).app.test_client()
    for _ in range(2):
        assert client.post("/code", data={"to": NUMBER}).json == {"outcome": "ACCEPTED"}


def test_a_celery_task(sms: ModuleType, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """A task returns the outcome, and is retried only if nothing was sent."""
    module = load(PAGE, "celery", "celery_tasks", monkeypatch)
    assert module.send_code.apply((NUMBER, "4821")).get() == "ACCEPTED"
    assert module.send_code.apply((Scenario.DROP_AFTER.number, "4821")).get() == "UNKNOWN"
    calls: list[dict[str, Any]] = []

    def retry(**options: Any) -> Exception:
        calls.append(options)
        return RuntimeError("retried")

    monkeypatch.setattr(module.send_code, "retry", retry)
    sandbox.faults.refuse("tencent")
    with pytest.raises(RuntimeError, match="retried"):
        module.send_code.apply((NUMBER, "4821")).get()
    assert calls == [{"countdown": 30}]
    module.worker_process_shutdown.send(None)
    with pytest.raises(ClosedError):
        sms.sms.send(login())


def test_a_script(sms: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It sends to each row of a file, and prints the outcomes."""
    rows = tmp_path / "people.csv"
    rows.write_text(f"number,code\n{NUMBER},4821\n{Scenario.BLOCKLISTED.number},4822\n", "utf-8")
    monkeypatch.setattr(sys, "argv", ["campaign.py", str(rows)])
    printed = io.StringIO()
    with redirect_stdout(printed):
        exec(compile(example(PAGE, "campaign.py"), PAGE, "exec"), {"__name__": "__main__"})
    assert sorted(printed.getvalue().split()) == ["ACCEPTED", "REJECTED"]


def test_the_example_of_a_test_passes(sms: ModuleType, pytester: pytest.Pytester) -> None:
    """`Gateway.of` takes the fixture."""
    pytester.makepyfile(test_views=example(PAGE, "test_views.py"))
    pytester.makeini("[pytest]\nasyncio_default_fixture_loop_scope = function\nfilterwarnings = error\n")
    pytester.runpytest_inprocess("-p", "no:cacheprovider").assert_outcomes(passed=1)
