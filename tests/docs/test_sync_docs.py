"""The code of docs/from-sync-code.md, run as it is printed: threads, forks, Django, Flask, Celery, scripts, tests."""

import io
import sys
from collections.abc import Iterator
from contextlib import redirect_stdout
from datetime import timedelta
from pathlib import Path
from types import ModuleType
from typing import Any, Final

import pytest
from docs_examples import example, load, load_application
from networks import simulate_network

from smsgate import ClosedError, DeliveryState, Message
from smsgate.sandbox import Sandbox, SandboxTransport, Scenario
from smsgate.sandbox.tencent import TENCENT_APP_KEY
from smsgate.sync import Gateway, run
from smsgate.tencent import TencentV5

PAGE: Final = "from-sync-code.md"
NUMBER: Final = "+8613788888888"
TOKEN: Final = "token-0123456789abcdef0123456789abcdef"
REPORT: Final = {
    "user_receive_time": "2026-11-26 10:00:00",
    "nationcode": "86",
    "mobile": NUMBER[3:],
    "report_status": "SUCCESS",
    "errmsg": "DELIVRD",
    "description": "delivered",
}


def login(key: str | None = None) -> Message:
    return Message(NUMBER, "login-code", {"code": "4821", "minutes": "5"}, key=key)


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
    for mistyped in ({"to": "139000"}, {}):
        assert pattern.callback(RequestFactory().post("/code", mistyped)).status_code == 400
    for number in (NUMBER, Scenario.BLOCKLISTED.number, NUMBER):
        response = pattern.callback(RequestFactory().post("/code", {"to": number}))
        accepted = number == NUMBER
        assert response.content == (b'{"outcome": "ACCEPTED"}' if accepted else b'{"outcome": "REJECTED"}')


def test_a_flask_view(sms: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same with Flask."""
    client = load(PAGE, "myapp/views.py", "myapp.views", monkeypatch).app.test_client()
    assert client.post("/code", data={"to": "139000"}).status_code == 400
    for _ in range(2):
        assert client.post("/code", data={"to": NUMBER}).json == {"outcome": "ACCEPTED"}


def test_reports_in_flask(sms: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A report is in the ledger when the vendor has its answer; with another token it is not read."""
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/sms.db")
    monkeypatch.setenv("TENCENT_CALLBACK_TOKEN", TOKEN)
    page = load(PAGE, "myapp/reports.py", "myapp.reports", monkeypatch)
    questions = load(PAGE, "unsettled", "myapp.unsettled", monkeypatch)
    run(page.ledger.create)
    with Gateway([sms.tencent], templates=[sms.login], ledger=page.ledger) as gateway:
        sent = gateway.send(login(key="order-7"))
    client, body = page.app.test_client(), [{**REPORT, "sid": sent.message_id}]
    assert client.post("/sms/tencent/another-token", json=body).status_code == 404
    assert run(page.ledger.delivery, "order-7").state is DeliveryState.PENDING
    assert run(questions.unsettled_keys, page.ledger, timedelta()) == ["order-7"]
    assert questions.keys_without_report(page.ledger) == []  # it is too young
    answer = client.post(f"/sms/tencent/{TOKEN}", json=body)
    assert (answer.status_code, answer.json["result"]) == (200, 0)
    assert run(page.ledger.delivery, "order-7").state is DeliveryState.DELIVERED
    assert run(questions.unsettled_keys, page.ledger, timedelta()) == []
    run(page.ledger.aclose)


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


def test_the_example_of_a_test_passes(sandbox: Sandbox, pytester: pytest.Pytester) -> None:
    """It tests the view that the page shows, which then has the fixture's gateway and not its own."""
    package = pytester.mkpydir("myapp")
    for name in ("sms.py", "views.py"):
        (package / name).write_text(example(PAGE, f"myapp/{name}"), "utf-8")
    pytester.makepyfile(test_views=example(PAGE, "test_views.py"))
    pytester.makeini("[pytest]\nasyncio_default_fixture_loop_scope = function\nfilterwarnings = error\n")
    pytester.syspathinsert()
    pytester.runpytest_inprocess("-p", "no:cacheprovider").assert_outcomes(passed=2)
    assert not sandbox.messages
