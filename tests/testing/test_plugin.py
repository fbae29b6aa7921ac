"""The pytest plugin, run inside suites of its own."""

import sys

import pytest

import smsgate.testing

PLUGIN = "smsgate.pytest_plugin"
LOADED = [getattr(smsgate.testing, name) for name in smsgate.testing.__all__]
"""Suites that run in this process share its modules: one that a suite loaded would be dropped at its end."""
USES_BOTH = """
async def test_outbox(sms_outbox):
    result = await sms_outbox.send(Message("+8613788888888", "hello", {"name": "Ann"}))
    assert result.accepted
    assert sms_outbox.last_to("+8613788888888").params == {"name": "Ann"}

async def test_sandbox(sms_sandbox):
    result = await sms_sandbox.send(Message("+8613788888888", "login-code", {"code": "4821", "minutes": "5"}))
    assert result.message_id == sms_sandbox.last_to("+8613788888888").message_id

async def test_fresh(sms_outbox, sms_sandbox):
    assert not sms_outbox.messages
    assert not sms_sandbox.messages
"""


def suite(pytester: pytest.Pytester, *lines: str) -> None:
    head = ("import pytest", "from smsgate import Message, Outcome, Reason, Template")
    pytester.makepyfile("\n".join([*head, *lines]))


def run(pytester: pytest.Pytester, *options: str) -> pytest.RunResult:
    pytester.makeini("[pytest]\nasyncio_default_fixture_loop_scope = function\nfilterwarnings = error\n")
    return pytester.runpytest_inprocess("-p", "no:cacheprovider", *options)


def test_works_under_pytest_asyncio_strict(pytester: pytest.Pytester) -> None:
    """In strict mode, marked tests use the fixtures."""
    suite(pytester, "pytestmark = pytest.mark.asyncio", USES_BOTH)
    run(pytester, "--asyncio-mode=strict").assert_outcomes(passed=3)


def test_works_under_pytest_asyncio_auto(pytester: pytest.Pytester) -> None:
    """In auto mode, tests without a mark use the fixtures."""
    suite(pytester, USES_BOTH)
    run(pytester, "--asyncio-mode=auto").assert_outcomes(passed=3)


def test_works_under_anyio(pytester: pytest.Pytester) -> None:
    """anyio's plugin runs tests with the fixtures on asyncio and on trio."""
    suite(pytester, "pytestmark = pytest.mark.anyio", USES_BOTH)
    run(pytester).assert_outcomes(passed=6)


def test_works_under_async_generator_fixtures(pytester: pytest.Pytester) -> None:
    """A generator fixture of pytest-asyncio may enter the gateway and close it in another task."""
    suite(
        pytester,
        "import pytest_asyncio",
        "@pytest_asyncio.fixture",
        "async def gateway(sms_sandbox):",
        "    async with sms_sandbox as gateway:",
        "        yield gateway",
        "@pytest.mark.asyncio",
        "async def test_it(gateway):",
        "    assert (await gateway.send(Message('+8613900000003', 'login-code', {'code': '1', 'minutes': '5'})))"
        ".reason is Reason.BLOCKLISTED",
    )
    run(pytester).assert_outcomes(passed=1)


def test_works_without_any_event_loop(pytester: pytest.Pytester) -> None:
    """A plain test that runs its code in loops of its own uses the fixtures, and nothing is left to close."""
    suite(
        pytester,
        "import asyncio",
        "def test_it(sms_outbox):",
        "    for code in '123':",
        "        asyncio.run(sms_outbox.send(Message('+8613788888888', 'hello', {'code': code})))",
        "    assert [message.params['code'] for message in sms_outbox.messages] == ['1', '2', '3']",
    )
    run(pytester).assert_outcomes(passed=1)


def test_works_with_a_test_client_that_opens_a_loop_per_request(pytester: pytest.Pytester) -> None:
    """Starlette's TestClient runs each request in a new event loop; one outbox serves them all."""
    suite(
        pytester,
        "import warnings",
        "from starlette.applications import Starlette",
        "from starlette.responses import PlainTextResponse",
        "from starlette.routing import Route",
        "with warnings.catch_warnings(action='ignore'):  # of the HTTP client that Starlette would rather have",
        "    from starlette.testclient import TestClient",
        "def test_it(sms_outbox):",
        "    async def view(request):",
        "        result = await sms_outbox.send(Message(request.query_params['to'], 'hello'))",
        "        return PlainTextResponse(result.outcome)",
        "    client = TestClient(Starlette(routes=[Route('/send', view)]))",
        "    for number in ('+8613788888888', '+8613788888889'):",
        "        assert client.get('/send', params={'to': number}).text == 'ACCEPTED'",
        "        assert sms_outbox.last_to(number)",
    )
    run(pytester).assert_outcomes(passed=1)


def test_templates_and_options_are_yours_to_override(pytester: pytest.Pytester) -> None:
    """`sms_templates` and `sms_options` in a conftest.py set up both fixtures."""
    pytester.makeconftest(
        """
        import pytest
        from smsgate import Template

        @pytest.fixture
        def sms_templates():
            return [Template("shipped", params=["order"], ids={"tencent-v5": "77", "huawei": "a1"})]

        @pytest.fixture
        def sms_options():
            return {"default_region": "CN"}
        """
    )
    suite(
        pytester,
        "@pytest.mark.asyncio",
        "@pytest.mark.parametrize('kind', ['sms_outbox', 'sms_sandbox'])",
        "async def test_it(request, kind):",
        "    gateway = request.getfixturevalue(kind)",
        "    assert (await gateway.send(Message('13788888888', 'shipped', {'order': 'A1'}))).provider == 'tencent-v5'",
        "    assert gateway.last_to('+8613788888888')",
        "    with pytest.raises(ValueError):",
        "        await gateway.send(Message('13788888888', 'login-code', {'code': '1', 'minutes': '5'}))",
    )
    run(pytester).assert_outcomes(passed=2)


def test_fixtures_say_what_they_are(pytester: pytest.Pytester) -> None:
    """`pytest --fixtures` lists the four fixtures, each with a line of help."""
    output = run(pytester, "--fixtures").stdout.str()
    for name in ("sms_outbox", "sms_sandbox", "sms_templates", "sms_options"):
        assert f"{name} -- " in output
    assert "no docstring available" not in output.partition(PLUGIN)[2].partition("---")[0]


def test_imports_nothing_before_a_fixture_is_used(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    """A suite that has smsgate installed and does not use it pays for no HTTP client and no simulator."""
    suite(
        pytester,
        "import sys",
        "def test_before():",
        f"    assert {PLUGIN!r} in sys.modules",
        "    for name in ('httpx', 'smsgate.testing', 'smsgate.sandbox', 'starlette', 'uvicorn', 'rich', 'click'):",
        "        assert name not in sys.modules, name",
        "def test_after(sms_sandbox):",
        "    assert 'smsgate.sandbox' in sys.modules",
        "    assert 'starlette' not in sys.modules",
    )
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")  # other plugins have imports of their own
    pytester.run(sys.executable, "-m", "pytest", "-p", PLUGIN, "-p", "no:cacheprovider").assert_outcomes(passed=2)


def test_costs_two_modules(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    """A suite that does not use the fixtures imports the plugin, the package that it is in, and nothing else."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    pytester.makepyfile("import sys\ndef test_it(): open('modules', 'w').write(' '.join(sys.modules))")
    modules: list[set[str]] = []
    for options in ((), ("-p", PLUGIN)):
        pytester.run(sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *options).assert_outcomes(passed=1)
        modules.append(set((pytester.path / "modules").read_text().split()))
    assert modules[1] - modules[0] == {"smsgate", PLUGIN}


@pytest.mark.parametrize(
    ("fixture", "value", "text"),
    [
        ("sms_options", "{'default_regoin': 'CN'}", "fixture sms_options: default_regoin: not an option"),
        ("sms_options", "{'default_region': 'XX'}", "fixture sms_options: default_region: 'XX' is not a region"),
        ("sms_options", "{'templates': []}", "fixture sms_options: has templates; override the fixture sms_templates"),
        ("sms_options", "{'callbacks': {}}", "fixture sms_options: has callbacks; override the fixture sms_callbacks"),
        ("sms_options", "None", "fixture sms_options: must give a dict of options, not NoneType"),
        ("sms_templates", "Template('x')", "fixture sms_templates: templates: must be a list of templates"),
        ("sms_templates", "['x']", "fixture sms_templates: templates: str is not a Template"),
        ("sms_callbacks", "{'tencent': 'https://x'}", "fixture sms_callbacks: callbacks: no simulated provider"),
        ("sms_callbacks", "{'huawei': 'x'}", "fixture sms_callbacks: callbacks['huawei']: must be a URL"),
    ],
)
def test_errors_name_the_fixture(pytester: pytest.Pytester, fixture: str, value: str, text: str) -> None:
    """A setting that cannot work is an error that begins with the fixture that gave it."""
    suite(
        pytester,
        "@pytest.fixture",
        f"def {fixture}():",
        f"    return {value}",
        "def test_it(sms_sandbox):",
        "    pass",
        "def test_outbox(sms_outbox):",
        "    pass",
    )
    result = run(pytester)
    count = 1 if fixture == "sms_callbacks" else 2
    result.assert_outcomes(errors=count, passed=2 - count)
    assert sum(line.startswith(text) for line in result.outlines) == count


def test_options_of_production_are_options_of_the_fixtures(pytester: pytest.Pytester) -> None:
    """What an application gives its gateway goes into `sms_options` as it is, the secret of its tags first."""
    suite(
        pytester,
        "from smsgate import Policy, Secret, Timeouts",
        "results = []",
        "@pytest.fixture",
        "def sms_options():",
        "    return dict(tag_secret=Secret('a secret of sixteen characters'), policy=Policy(retries=3, pause=60),",
        "        default_region='CN', on_result=results.append, timeouts=Timeouts(read=3), max_connections=5)",
        "@pytest.mark.anyio",
        "async def test_it(sms_outbox, sms_sandbox):",
        "    for gateway in (sms_outbox, sms_sandbox):",
        "        result = await gateway.send(Message('13788888888', 'login-code', {'code': '4821', 'minutes': '5'}))",
        "        assert results[-1] is result",
        "        assert result.reference.startswith('sgn')",
        "        assert gateway.code_for('13788888888') == '4821'",
    )
    run(pytester).assert_outcomes(passed=2)


def test_is_found_by_its_entry_point(pytester: pytest.Pytester) -> None:
    """Installing smsgate is all that it takes."""
    run(pytester, "--trace-config").stdout.fnmatch_lines([f"*{PLUGIN}*"])
