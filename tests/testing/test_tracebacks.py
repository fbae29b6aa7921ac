"""What pytest shows of a test that fails: its own lines and what is wrong, and nothing of smsgate's source."""

from pathlib import Path

import pytest

import smsgate.testing

LOADED = [getattr(smsgate.testing, name) for name in smsgate.testing.__all__]
"""Suites that run in this process share its modules: one that a suite loaded would be dropped at its end."""
SOURCE = str(Path(smsgate.__file__).parent)
HEAD = """
import asyncio
import pytest
from smsgate import Message, Outcome, Reason
from smsgate.testing import Response, Rule

NUMBER = "+8613788888888"
CODE = Message(NUMBER, "login-code", {"code": "4821", "minutes": "5"})
"""
ASSERTIONS = """
def test_nothing_sent(sms_outbox):
    sms_outbox.assert_sent(NUMBER)

def test_a_mistyped_number(sms_outbox):
    sms_outbox.assert_sent("139000")

def test_no_message(sms_outbox):
    sms_outbox.last_to(NUMBER)

def test_no_code(sms_sandbox):
    sms_sandbox.code_for(NUMBER)

@pytest.mark.asyncio
async def test_no_wait(sms_outbox):
    await sms_outbox.wait_for(NUMBER, timeout=0)

def test_sent_twice(sms_sandbox):
    for _ in range(2):
        asyncio.run(sms_sandbox.send(CODE))
    sms_sandbox.assert_not_sent_twice()

def test_not_reported(sms_sandbox):
    asyncio.run(sms_sandbox.send(CODE))
    sms_sandbox.assert_all_accounted_for(reported=True)

async def refusing(scope, receive, send):
    await send({"type": "http.response.start", "status": 404, "headers": []})
    await send({"type": "http.response.body", "body": b""})

@pytest.mark.asyncio
async def test_push_not_taken(sms_sandbox):
    await sms_sandbox.send(CODE)
    await sms_sandbox.push_callbacks(refusing)

@pytest.mark.asyncio
async def test_push_not_taken_in_time(sms_sandbox, sms_clock):
    sms_sandbox.push_to(refusing)
    await sms_sandbox.send(CODE)
    await sms_clock.advance(60 * 60)
"""
SETTINGS = """
@pytest.mark.sms_script(Rule(refuse="1015"))
def test_a_rule_of_no_vendor(sms_sandbox): ...

@pytest.mark.sms_script(to=NUMBER)
def test_no_rule(sms_sandbox): ...

@pytest.mark.sms_script(Rule(refuse=Reason.BLOCKLISTED))
def test_no_vendors(sms_outbox): ...

class TestOptions:
    @pytest.fixture
    def sms_options(self):
        return {"polcy": 1}

    def test_outbox(self, sms_outbox): ...

    def test_sandbox(self, sms_sandbox): ...

class TestFixture:
    @pytest.fixture
    def broken(self):
        raise RuntimeError("theirs")

    def test_it(self, broken): ...
"""
CONFORMANCE = """
from smsgate import HttpResponse
from smsgate.testing.conformance import Adapter, checks

def answer(*args):
    return HttpResponse(200, {}, b"")

def test_facts():
    adapter = Adapter(make=object, secrets=[], respond=answer, refuse=answer)
    (facts,) = (check for check in checks(adapter) if str(check) == "facts")
    facts()
"""


def output(pytester: pytest.Pytester, *tests: str, **outcomes: int) -> list[str]:
    pytester.makepyfile("\n".join([HEAD, *tests]))
    pytester.makeini("[pytest]\nasyncio_default_fixture_loop_scope = function\nfilterwarnings = error\n")
    result = pytester.runpytest_inprocess("-p", "no:cacheprovider")
    result.assert_outcomes(**outcomes)
    return result.outlines


def test_a_failed_assertion_shows_the_test(pytester: pytest.Pytester) -> None:
    """The line of the test that failed and the text, and no frame of the method that it called."""
    lines = output(pytester, ASSERTIONS, failed=9)
    assert [line for line in lines if SOURCE in line] == []
    assert not any(word in "".join(lines) for word in ("def assert_", "def wait_for", "raise AssertionError"))
    said = [line for line in lines if line.startswith("E  ")]
    assert sum("AssertionError: " in line for line in said) == 8, said
    assert sum("InvalidNumberError: " in line for line in said) == 1, said


def test_a_wrong_setting_shows_what_is_wrong(pytester: pytest.Pytester) -> None:
    """A rule, an option or a fixture of the suite that is wrong: no frame of the plugin."""
    lines = output(pytester, SETTINGS, errors=6)
    assert [line for line in lines if SOURCE in line] == []
    assert not any("_naming_fixtures" in line or "yield from" in line for line in lines)
    assert sum(line.startswith(("marker sms_script: ", "marker or fixture sms_script: ")) for line in lines) == 3
    assert sum(line.startswith("fixture sms_options: polcy: not an option") for line in lines) == 2
    assert [line for line in lines if line.startswith("E  ")] == ["E       RuntimeError: theirs"]


def test_a_broken_adapter_shows_which_rule(pytester: pytest.Pytester) -> None:
    """A check of `smsgate.testing.conformance` that fails, too."""
    lines = output(pytester, CONFORMANCE, failed=1)
    assert [line for line in lines if SOURCE in line] == []
    said = [line for line in lines if line.startswith("E  ")]
    assert sum("AssertionError: facts: " in line for line in said) == 1, said
