"""The marker and the fixture `sms_script`."""

import pytest

from smsgate.testing import Outbox, Rule, SandboxGateway

LOADED = Outbox, Rule, SandboxGateway
"""The suites run in this process, and what one loaded first would be dropped at its end."""


def test_marker_and_fixture(pytester: pytest.Pytester) -> None:
    """Rules of the nearest marker come first, then those of the class and the module, then the fixture's."""
    pytester.makepyfile(
        """
        import pytest
        from smsgate import Message, Reason
        from smsgate.testing import Rule

        pytestmark = [pytest.mark.anyio, pytest.mark.sms_script(Rule(refuse=Reason.PERMISSION_DENIED))]
        ANN, BOB, CAT = (f"+861378888888{digit}" for digit in "123")

        @pytest.fixture
        def sms_script():
            return [Rule(refuse=Reason.AUTH_FAILED), Rule(to=CAT, refuse=Reason.BLOCKLISTED)]

        async def reasons(sms):
            message = lambda to: Message(to, "login-code", {"code": "4821", "minutes": "5"})
            return [(await sms.send(message(to))).reason for to in (ANN, BOB, CAT)]

        @pytest.mark.sms_script(Rule(to=BOB, refuse=Reason.BLOCKLISTED))
        async def test_nearest_first(sms_sandbox):
            denied = Reason.PERMISSION_DENIED
            assert await reasons(sms_sandbox) == [denied, Reason.BLOCKLISTED, denied]

        @pytest.mark.sms_script("x")
        async def test_wrong(sms_sandbox):
            pass
        """
    )
    pytester.makeini("[pytest]\nasyncio_default_fixture_loop_scope = function\n")
    result = pytester.runpytest_inprocess("-p", "no:cacheprovider", "--strict-markers", "-k", "asyncio")
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["marker or fixture sms_script: script: str is not a Rule*"])
    assert pytester.runpytest_inprocess("--markers").stdout.str().count("@pytest.mark.sms_") == 2


def test_marker_without_effect(pytester: pytest.Pytester) -> None:
    """A marker that would change nothing is an error: on a test that uses `sms_outbox` alone, or with keywords."""
    pytester.makepyfile(
        """
        import pytest
        from smsgate import Reason
        from smsgate.testing import Rule

        pytestmark = pytest.mark.sms_script(Rule(refuse=Reason.PERMISSION_DENIED))
        blocked = pytest.mark.sms_script(Rule(refuse=Reason.BLOCKLISTED))

        @blocked
        def test_recorded(sms_outbox):
            pass

        @pytest.mark.sms_script(refuse=Reason.BLOCKLISTED)
        def test_keyword(sms_sandbox):
            pass

        def test_meant_for_the_others_here(sms_outbox):
            pass

        @blocked
        def test_both(sms_outbox, sms_sandbox):
            pass
        """
    )
    pytester.makeini("[pytest]\nasyncio_default_fixture_loop_scope = function\n")
    result = pytester.runpytest_inprocess("-p", "no:cacheprovider")
    result.assert_outcomes(passed=2, errors=2)
    result.stdout.fnmatch_lines(["marker sms_script: sms_outbox has no vendors to script*"])
    result.stdout.fnmatch_lines(["marker sms_script: takes Rules, not refuse=: write*"])


def test_fixtures_at_fault_are_named(pytester: pytest.Pytester) -> None:
    """A rule without a list, and a callback that the server may not push to, are said with the fixture to change."""
    pytester.makepyfile(
        """
        import pytest
        from smsgate import Reason
        from smsgate.testing import Rule

        class TestScript:
            @pytest.fixture
            def sms_script(self):
                return Rule(refuse=Reason.BLOCKLISTED)

            def test_it(self, sms_sandbox):
                pass

        class TestCallbacks:
            @pytest.fixture
            def sms_callbacks(self):
                return {"tencent-v5": "https://app.example.com/sms"}

            def test_it(self, sms_sandbox_server):
                pass
        """
    )
    pytester.makeini("[pytest]\nasyncio_default_fixture_loop_scope = function\n")
    result = pytester.runpytest_inprocess("-p", "no:cacheprovider")
    result.assert_outcomes(errors=2)
    result.stdout.fnmatch_lines(["marker or fixture sms_script: script: must be a list of Rules*"])
    result.stdout.fnmatch_lines(["fixture sms_callbacks: *: is not an address of this machine*"])
