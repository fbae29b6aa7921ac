"""docs/moving.md: the vendors' SDKs and smsgate, each as the page prints it, against one sandbox."""

import pytest
from docs_examples import run_page, set_keys
from networks import simulate_network

from smsgate.sandbox import SandboxTransport
from smsgate.sandbox.server import SandboxServer

TENCENT, HUAWEI = 'SmsClient(credential, "ap-guangzhou")', '"https://smsapi.cn-north-4.myhuaweicloud.com").build()'


@pytest.mark.anyio
async def test_theirs_and_ours_print_what_the_page_says(monkeypatch: pytest.MonkeyPatch) -> None:
    """The SDK prints what the page says, and our code beside it has the same vendor accept the same message."""
    set_keys(monkeypatch)
    with SandboxServer() as server:
        simulate_network(monkeypatch, SandboxTransport(server.sandbox, delay_scale=0))
        host = server.url.removeprefix("http://")
        profile = f'ClientProfile(httpProfile=HttpProfile(protocol="http", endpoint="{host}"))'
        imports = (
            "from tencentcloud.common.profile.client_profile import ClientProfile; "
            "from tencentcloud.common.profile.http_profile import HttpProfile; "
        )

        def to_the_sandbox(code: str) -> str:
            assert "tencentcloud." not in code or TENCENT in code
            assert "huaweicloudsdk" not in code or HUAWEI in code
            code = code.replace(f"client = {TENCENT}", f"{imports}client = {TENCENT[:-1]}, {profile})")
            return code.replace(HUAWEI, f'"{server.url}").build()')

        await run_page("moving.md", to_the_sandbox)
        sent = [(message.vendor, message.to, message.params) for message in server.sandbox.messages]
    same = ("+8613788888888", ("4821", "5"))
    assert sent == [(vendor, *same) for vendor in ("tencent", "tencent", "tencent", "huawei", "huawei", "tencent")]
