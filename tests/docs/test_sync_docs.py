"""The code of docs/from-sync-code.md, run as it is printed: threads, forks, Django, Flask, Celery, scripts, tests."""

import io
import os
import subprocess
import sys
import textwrap
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import redirect_stdout
from pathlib import Path
from types import ModuleType
from typing import Any, Final

import pytest
from docs_examples import DOCS, example, load
from networks import simulate_network

from smsgate import Message, Outcome, WrongLoopError
from smsgate.sandbox import Sandbox, SandboxTransport, Scenario
from smsgate.sandbox.server import SandboxServer
from smsgate.sandbox.tencent import TENCENT_APP_KEY

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
    module = load(PAGE, "myapp/sms.py", "myapp.sms", monkeypatch)
    yield module
    module.close_sms()


def test_many_threads_share_one_gateway(sms: ModuleType, sandbox: Sandbox) -> None:
    """Every call of every thread has its result, on one event loop."""
    with ThreadPoolExecutor(20) as threads:
        results = list(threads.map(lambda index: sms.sms().send(login(f"+86137{index:08}")), range(200)))
    assert Counter(result.outcome for result in results) == {Outcome.ACCEPTED: 200}
    assert len({message.to for message in sandbox.messages}) == len(sandbox.messages) == 200
    assert sms.sms() is sms.sms()


def test_many_messages(sms: ModuleType) -> None:
    """`send_many` returns a result for each message."""
    results = sms.sms().send_many(login(f"+86137{index:08}") for index in range(25))
    assert len(results) == 25


def test_errors_reach_the_caller(sms: ModuleType) -> None:
    """What `send` raises is raised in the calling thread, and the gateway goes on."""
    with pytest.raises(ValueError, match="nope"):
        sms.sms().send(Message(NUMBER, "nope"))
    assert sms.sms().send(login()).accepted


def test_a_loop_for_each_call_fails_as_the_page_says(sms: ModuleType) -> None:
    """`async_to_sync` works once; the error names the page."""
    from asgiref.sync import async_to_sync  # type: ignore[import-untyped, unused-ignore]

    send = async_to_sync(sms.make_gateway().send)
    assert send(login()).accepted
    with pytest.raises(WrongLoopError, match=f"docs/{PAGE}"):
        send(login())
    assert (DOCS / PAGE).exists()


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
    assert sms._opened == {}


def test_a_script(sms: ModuleType) -> None:
    """It sends and prints the outcome."""
    printed = io.StringIO()
    with redirect_stdout(printed):
        exec(compile(example(PAGE, "script.py"), PAGE, "exec"), {"__name__": "__main__"})
    assert printed.getvalue() == "ACCEPTED\n"


def test_the_example_of_a_test_passes(sms: ModuleType, pytester: pytest.Pytester) -> None:
    """`SyncSms` takes the fixture."""
    pytester.makepyfile(test_views=example(PAGE, "test_views.py"))
    pytester.makeini("[pytest]\nasyncio_default_fixture_loop_scope = function\nfilterwarnings = error\n")
    pytester.runpytest_inprocess("-p", "no:cacheprovider").assert_outcomes(passed=1)


PROGRAM: Final = """
import os, sys
from myapp.sms import sms
from smsgate import Message

message = Message("+8613788888888", "login-code", {"code": "4821", "minutes": "5"})

def show(value):
    os.write(1, f"{value}\\n".encode())  # in one piece: two processes write to one pipe

show(sms().send(message).outcome)
child = os.fork()
show(sms().send(message).outcome)
if child:
    _, status = os.waitpid(child, 0)
    show(os.waitstatus_to_exitcode(status))
sys.exit(0)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_a_process_that_forks(tmp_path: Path) -> None:
    """A child of a process that has sent opens a gateway of its own, and both end by themselves."""
    with SandboxServer() as server:
        code = example(PAGE, "myapp/sms.py").replace('sign="Acme"', f'sign="Acme", base_url="{server.url}"')
        package = tmp_path / "myapp"
        package.mkdir()
        (package / "sms.py").write_text(code, "utf-8")
        (tmp_path / "program.py").write_text(textwrap.dedent(PROGRAM), "utf-8")
        environment = {**os.environ, "TENCENT_APP_KEY": TENCENT_APP_KEY, "PYTHONWARNINGS": "ignore"}  # of fork()
        command = [sys.executable, str(tmp_path / "program.py")]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120, env=environment)
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout.split() == ["ACCEPTED"] * 3 + ["0"]
        assert len(server.sandbox.messages) == 3
