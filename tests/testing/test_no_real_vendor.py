"""No test reaches a real vendor: the guard of the pytest plugin, and `block_vendors` for other runners."""

import socket
import sys
import unittest

import pytest

import smsgate.transport.exchange  # by its import the guard of this very run is armed
from smsgate.testing import RealVendorError, block_vendors

PLUGIN = "smsgate.pytest_plugin"
HOSTS = ("yun.tim.qq.com", "sms.tencentcloudapi.com", "smsapi.cn-north-4.myhuaweicloud.com")
HEAD = """
import pytest
from smsgate import Gateway, Message, Template
from smsgate.tencent import TencentV5

HELLO = Template("hello", ids={"tencent-v5": "19"})

def provider(**options):
    return TencentV5("1400006666", "key", sign="Acme", **options)

async def send(provider=None, **options):
    async with Gateway([provider or globals()["provider"]()], templates=[HELLO], **options) as gateway:
        return await gateway.send(Message("+8613788888888", "hello"))
"""
SENDS = {
    "httpx": "await send()",
    "httpx2": "from smsgate.transport import Httpx2Transport; await send(transport=Httpx2Transport())",
    "aiohttp": "from smsgate.transport import AiohttpTransport; await send(transport=AiohttpTransport())",
    "a client": "import httpx; await send(client=httpx.AsyncClient())",
    "a client with a proxy": "import httpx; await send(client=httpx.AsyncClient(proxy='http://127.0.0.1:1'))",
    "a client of httpx2": "import httpx2; await send(client=httpx2.AsyncClient())",
    "a transport": "import httpx; await send(transport=httpx.AsyncHTTPTransport())",
    "warming up": "await Gateway([provider()], templates=[HELLO]).warm()",
    "another vendor": "await send(provider(base_url='https://api.heron-sms.com'))",
    "an address": "await send(provider(base_url='https://9.9.9.9'))",
    "management": (
        "from smsgate.management import ManagementClient\n"
        "    async with ManagementClient(timeouts=None) as client:\n"
        "        with pytest.raises(Exception): await client.run(provider().management().pull_reports())"
    ),
    "httpx without smsgate": (
        "import httpx\n"
        "    with pytest.raises(ConnectionError):\n"
        "        async with httpx.AsyncClient() as client: await client.get('https://yun.tim.qq.com/v5')"
    ),
    "a vendor's SDK": (
        "import urllib.request\n"
        "    with pytest.raises(OSError): urllib.request.urlopen('https://sms.tencentcloudapi.com')"
    ),
}


def run(pytester: pytest.Pytester, *lines: str, head: str = HEAD) -> pytest.RunResult:
    pytester.makepyfile("\n".join([head, *lines]))
    pytester.makeini("[pytest]\nasyncio_mode = auto\nasyncio_default_fixture_loop_scope = function\n")
    return pytester.runpytest_subprocess("-p", "no:cacheprovider", "-p", "no:xdist", "-p", "no:hypothesispytest")


def test_each_way_to_a_vendor_fails_its_test(pytester: pytest.Pytester) -> None:
    """Whatever HTTP library, client or SDK a test goes through, it fails, though the code under test sees no error."""
    tests = [f"async def test_{index}():\n    {code}" for index, code in enumerate(SENDS.values())]
    result = run(pytester, *tests)
    result.assert_outcomes(failed=len(SENDS))
    told = [line for line in result.outlines if line.startswith("this test would have reached a real vendor, at ")]
    assert len(told) == len(SENDS)
    result.stdout.fnmatch_lines(["*Use sms_outbox or sms_sandbox*", "*marker sms_real_vendor*"])


@pytest.mark.parametrize("way", ["httpx", "aiohttp", "a client with a proxy"])
def test_a_late_import_is_guarded(pytester: pytest.Pytester, way: str) -> None:
    """A suite that imports smsgate within a test, and its HTTP library with the first send, is guarded as well."""
    body = "\n".join(f"    {line}" for line in HEAD.replace('globals()["provider"]()', "provider()").splitlines())
    body = body.replace("def send(provider=None,", "def send(vendor=None,").replace(
        "[provider or provider()]", "[provider()]"
    )
    result = run(pytester, "async def test_it():", body, f"    {SENDS[way]}", head="")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*would have reached a real vendor, at yun.tim.qq.com*"])


def test_what_reaches_no_vendor_passes(pytester: pytest.Pytester) -> None:
    """A simulated vendor, a mock, a port or a host of one's own network and a reserved name are no real vendors."""
    pytest.importorskip("respx")
    result = run(
        pytester,
        "import httpx, respx",
        "async def test_sandbox(sms_sandbox):",
        "    await send(transport=sms_sandbox.transport)",
        "async def test_outbox(sms_outbox):",
        "    await sms_outbox.send(Message('+8613788888888', 'hello'))",
        "async def test_mock():",
        "    await send(transport=httpx.MockTransport(lambda request: httpx.Response(500)))",
        "@respx.mock",
        "async def test_respx():",
        "    respx.post(host='yun.tim.qq.com').respond(json={'result': 0, 'errmsg': 'OK', 'sid': '1'})",
        "    assert (await send()).accepted",
        "async def test_server(sms_sandbox_server):",
        "    await send(provider(base_url=sms_sandbox_server.url))",
        "@pytest.mark.parametrize('host', ['127.0.0.1:1', 'sms.invalid', 'sandbox:8026', 'localhost:1'])",
        "async def test_own(host):",
        "    await send(provider(base_url=f'http://{host}'))",
    )
    result.assert_outcomes(passed=9)


def test_a_marker_lets_a_test_reach_vendors(pytester: pytest.Pytester) -> None:
    """`sms_real_vendor` switches the guard off for a test, and for that test only."""
    result = run(
        pytester,
        "import socket",
        "def resolve():",
        "    try: socket.getaddrinfo('yun.tim.qq.com', 443, flags=socket.AI_NUMERICHOST)",
        "    except socket.gaierror: return 'asked'",
        "def test_imported(): assert Gateway",
        "@pytest.mark.sms_real_vendor",
        "def test_allowed(): assert resolve() == 'asked'",
        "def test_guarded(): resolve()",
    )
    result.assert_outcomes(passed=2, failed=1)


def test_a_failing_test_says_both(pytester: pytest.Pytester) -> None:
    """A test that fails for what came of the refused connection says that it was refused."""
    result = run(pytester, "async def test_it():", "    assert (await send()).accepted")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*assert*accepted*", "*would have reached a real vendor, at yun.tim.qq.com*"])


def test_fixtures_are_guarded(pytester: pytest.Pytester) -> None:
    """What a fixture does at its start or its end fails the test that it is for."""
    result = run(
        pytester,
        "@pytest.fixture",
        "async def early(): await send()",
        "@pytest.fixture",
        "async def late():",
        "    yield",
        "    await send()",
        "def test_early(early): pass",
        "def test_late(late): pass",
    )
    result.assert_outcomes(errors=2, passed=1)


def test_is_gone_after_the_run() -> None:
    """What the guard replaced is put back, once for each time that it was armed."""
    assert smsgate.transport.exchange.__name__ in sys.modules
    before = socket.getaddrinfo
    blocked = block_vendors()
    with block_vendors():
        blocked.__enter__()
        with pytest.raises(RealVendorError, match=r"sms\.tencentcloudapi\.com is a real vendor"):
            socket.getaddrinfo("sms.tencentcloudapi.com", 443)
        with pytest.raises(AssertionError, match=r"at sms\.tencentcloudapi\.com\. Nothing was sent"):
            blocked.__exit__(None, None, None)
    assert socket.getaddrinfo is before


def test_an_error_that_ends_the_context_is_not_the_next_ones() -> None:
    """What was refused is noted on the error that comes out, and no later context is blamed for it."""
    with pytest.raises(RealVendorError) as raised, block_vendors():
        socket.getaddrinfo("sms.tencentcloudapi.com", 443)
    (note,) = raised.value.__notes__
    assert note.startswith("this test would have reached a real vendor, at sms.tencentcloudapi.com.")
    with block_vendors():
        pass


@pytest.mark.parametrize("host", HOSTS)
def test_unittest_is_guarded_by_a_context(host: str) -> None:
    """`enterContext(block_vendors())` fails a test of unittest that would reach a vendor."""

    class Case(unittest.TestCase):
        def test_it(self) -> None:
            self.enterContext(block_vendors())
            with pytest.raises(RealVendorError):
                socket.create_connection((host, 443))

    result = unittest.TestResult()
    Case("test_it").run(result)
    ((_, text),) = result.failures
    assert f"would have reached a real vendor, at {host}" in text


def test_costs_a_suite_nothing_that_does_not_use_smsgate(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a suite without smsgate, the guard has replaced nothing and imported nothing, and finds no import to watch."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    pytester.makepyfile(
        """
        import socket, sys

        def test_it():
            import json.tool
            assert not hasattr(socket.getaddrinfo, "__wrapped__")
            assert {name for name in sys.modules if name.startswith("smsgate")} == {"smsgate", "smsgate.pytest_plugin"}
        """
    )
    pytester.run(sys.executable, "-m", "pytest", "-p", PLUGIN, "-p", "no:cacheprovider").assert_outcomes(passed=1)
