"""docs/tutorial.md: its programs run as they are printed, and do what its tables say."""

import json
import re
from collections.abc import Iterator
from contextlib import redirect_stdout
from functools import partial
from io import StringIO
from typing import Any, Final

import httpx
import pytest
from docs_examples import DOCS, example
from push_receiver import served, until

from smsgate.sandbox import PushSettings, Sandbox
from smsgate.sandbox.server import SandboxServer, listen

PAGE: Final = (DOCS / "tutorial.md").read_text("utf-8")
SANDBOX, HERE, CALLBACK = "http://127.0.0.1:8025", "http://127.0.0.1:8000", "/sms/tencent-v5/a-long-random-token"
PRINTED: Final = re.findall(r"^\| `(\+\d+)` \| `(\w+ \w+ \w+)` \|", PAGE, re.MULTILINE)
TRIED: Final = re.findall(r"^\| `(\d+)` \| `(\w+)` \| `([\w-]+)` \| `(\w+)` \|", PAGE, re.MULTILINE)


@pytest.fixture
def backend() -> Iterator[tuple[httpx.Client, SandboxServer]]:
    """login.py behind uvicorn, and the sandbox that pushes to it; only the ports differ from the page's."""
    listener = listen("127.0.0.1")
    here = f"http://127.0.0.1:{listener.getsockname()[1]}"
    assert f"--tencent-callback {HERE}{CALLBACK}\n" in PAGE
    pushes = PushSettings(report_delay=0, tencent_callback=here + CALLBACK)
    with SandboxServer(Sandbox(pushes=pushes)) as server:
        program: dict[str, Any] = {"__name__": "login"}
        exec(example("tutorial.md", "login.py").replace(SANDBOX, server.url).replace(HERE, here), program)
        with served(program["app"], listener, lifespan="on"), httpx.Client(base_url=here, trust_env=False) as client:
            yield client, server


@pytest.mark.parametrize(("number", "printed"), [("+8613788888888", "ACCEPTED"), *PRINTED])
def test_the_first_program_prints_what_the_page_says(number: str, printed: str) -> None:
    """send.py sends one message, and prints the outcome of each number of the table."""
    code = example("tutorial.md", "send.py").replace("+8613788888888", number)
    if printed != "ACCEPTED":
        code = code.replace("result.outcome, result.message_id", "result.outcome, result.reason, result.code")
    output = StringIO()
    with SandboxServer() as server, redirect_stdout(output):
        exec(code.replace(SANDBOX, server.url), {"__name__": "__main__"})
        assert len(server.sandbox.messages) == (printed.startswith(("ACCEPTED", "UNKNOWN")))
    assert output.getvalue().startswith(printed)


def test_a_code_logs_in_once(backend: tuple[httpx.Client, SandboxServer]) -> None:
    """A national number gets a code, its report arrives, and the code is good for one login; a wrong one for none."""
    client, server = backend
    answer = client.post("/codes", json={"number": "13788888888"}).json()
    assert answer == {"id": answer["id"], "outcome": "ACCEPTED", "provider": "tencent-v5", "reason": None}
    until(lambda: client.get(f"/codes/{answer['id']}").json() == {"status": "DELIVERED", "reason": None})
    (message,) = server.sandbox.messages
    login = {"number": "13788888888", "code": message.params[0]}
    tries = [{**login, "code": ""}, {**login, "code": "x" * 6}, {**login, "number": "13788888889", "code": ""}]
    logged_in = [client.post("/logins", json=each).json()["logged in"] for each in (*tries, login, login)]
    assert logged_in == [False, False, False, True, False]


def has_status(client: httpx.Client, id: str, status: str) -> bool:
    return bool(client.get(f"/codes/{id}").json()["status"] == status)


def test_the_numbers_of_the_table_do_what_it_says(backend: tuple[httpx.Client, SandboxServer]) -> None:
    """Outcome, provider, and the status once the reports have come. No id is HTTP 404."""
    client, server = backend
    (switch,) = re.findall(r"^curl -H '(\S+): (\S+)' -d '(.*)' http://127.0.0.1:8025(\S+)$", PAGE, re.MULTILINE)
    header, kind, body, path = switch
    httpx.post(server.url + path, content=body, headers={header: kind}, trust_env=False).raise_for_status()
    assert len(TRIED) == 4
    for number, outcome, provider, status in TRIED:
        answer = client.post("/codes", json={"number": number}).json()
        assert (answer["outcome"], answer["provider"]) == (outcome, provider)
        until(partial(has_status, client, answer["id"], status))
    assert client.get("/codes/none").status_code == 404


def test_what_a_person_mistypes_is_no_fault_of_the_backend(backend: tuple[httpx.Client, SandboxServer]) -> None:
    """What is no number, and a body that is not the one asked for, are HTTP 400; full-width digits are a wrong code."""
    client, server = backend
    number, code = {"number": "13788888888"}, {"code": "4821"}
    bodies: list[dict[str, Any]] = [
        {"json": {**code, "number": "139000"}},
        {"json": {**code, "number": 13788888888}},
        {"json": code},
        {"json": [1]},
        {"content": b"number=13788888888"},
        {"content": b"\xff"},
    ]
    for path in ("/codes", "/logins"):
        assert {client.post(path, **body).status_code for body in bodies} == {400}
    assert client.post("/logins", json={**number, "code": 4821}).status_code == 400
    assert not server.sandbox.messages
    client.post("/codes", json=number)
    for wrong in ("４８２１３３", "\ud800"):
        answer = client.post("/logins", content=json.dumps({**number, "code": wrong}))
        assert answer.json() == {"logged in": False}
