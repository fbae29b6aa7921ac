"""Which addresses may send: a list of an account, of single ones and networks, for every vendor by one function."""

from collections.abc import Mapping
from ipaddress import ip_address, ip_network
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sandbox_callers import NOW, HuaweiCaller, TencentCaller

from smsgate import ConfigurationError, Gateway, Message, Reason, Template
from smsgate.huawei import HuaweiSms
from smsgate.sandbox import Sandbox, SandboxConfig, SandboxTransport
from smsgate.sandbox.huawei import HUAWEI_APP_KEY, HUAWEI_APP_SECRET, HUAWEI_SENDER, HUAWEI_TEMPLATE
from smsgate.sandbox.server import SandboxServer
from smsgate.sandbox.state.addresses import is_listed
from smsgate.sandbox.tencent import (
    TENCENT_APP_KEY,
    TENCENT_SDK_APP_ID,
    TENCENT_SECRET_ID,
    TENCENT_SECRET_KEY,
    TENCENT_TEMPLATE,
)
from smsgate.tencent import TencentCloud, TencentV5

PROVIDERS: Mapping[str, Any] = {
    "tencent-v5": TencentV5(TENCENT_SDK_APP_ID, TENCENT_APP_KEY, sign="Acme"),
    "tencent": TencentCloud(TENCENT_SECRET_ID, TENCENT_SECRET_KEY, sdk_app_id=TENCENT_SDK_APP_ID, sign="Acme"),
    "huawei": HuaweiSms(HUAWEI_APP_KEY, HUAWEI_APP_SECRET, sender=HUAWEI_SENDER, base_url="https://sms.test"),
}
CODES = {"tencent-v5": "1009", "tencent": "UnauthorizedOperation.RequestIpNotInWhitelist", "huawei": "E000620"}
IDS = {"tencent-v5": TENCENT_TEMPLATE, "tencent": TENCENT_TEMPLATE, "huawei": HUAWEI_TEMPLATE}


@pytest.mark.anyio
@pytest.mark.parametrize("name", PROVIDERS)
async def test_address_of_the_simulated_network(name: str) -> None:
    """In process the address is a setting, which counts from the next request on; Python sets the list as HTTP does."""
    transport = SandboxTransport(client_address="198.51.100.1", clock=lambda: NOW)
    template = Template("login", params=("code", "minutes"), ids=IDS)
    vendor = "huawei" if name == "huawei" else "tencent"
    transport.sandbox.change_account(vendor, allowed_ips=["203.0.113.0/24", "2001:db8::1"])
    gateway = Gateway([PROVIDERS[name]], templates=[template], transport=transport, clock=lambda: NOW)
    async with gateway:
        results = []
        for address in ("198.51.100.1", "203.0.113.9", "2001:db8::1", "2001:db8::2", "::ffff:203.0.113.9"):
            transport.client_address = address
            results.append(await gateway.send(Message("+8613788888888", "login", {"code": "4821", "minutes": "5"})))
    code = CODES[name]
    assert [result.code if result.reason else None for result in results] == [code, None, None, code, None]
    assert results[0].reason in (Reason.AUTH_FAILED, Reason.PERMISSION_DENIED)


@pytest.mark.parametrize(
    ("allowed", "result"),
    [
        ([], 0),
        (["127.0.0.1"], 0),
        (["10.0.0.0/8", "127.0.0.0/8"], 0),
        (["127.0.0.2"], 1009),
        (["10.0.0.0/8"], 1009),
        (["::1"], 1009),
    ],
)
def test_peer_of_the_port(allowed: list[str], result: int) -> None:
    """Behind a port it is the address that the connection comes from, whatever a header says."""
    config = SandboxConfig.parse({"tencent": {"account": {"allowed_ips": allowed}}})
    with (
        SandboxServer(Sandbox(config), clock=lambda: NOW) as server,
        httpx.Client(trust_env=False, verify=False) as client,
    ):
        body = {"tel": {"mobile": "13788888888", "nationcode": "86"}, "tpl_id": 19, "params": ["4821", "5"]}
        plain = TencentCaller().request("sendsms", body, "&mobile=13788888888")
        target = plain.url.partition("8025")[2]
        answer = client.post(f"{server.url}{target}", content=plain.body, headers={"X-Forwarded-For": "127.0.0.2"})
    assert answer.json()["result"] == result


def test_each_account_has_its_own_list() -> None:
    """Tencent's list is nothing to Huawei."""
    tencent = TencentCaller()
    tencent.sandbox.change_account("tencent", allowed_ips=["203.0.113.7"])
    assert tencent.sendsms()["result"] == 1009
    assert HuaweiCaller(tencent.sandbox).form()[0] == 200


@given(st.ip_addresses(), st.ip_addresses(), st.integers(0, 32))
def test_listed_is_in_a_network(address: Any, base: Any, bits: int) -> None:
    """As the standard library reads both; a single address is a network of one, and kinds do not mix."""
    network = ip_network(f"{base}/{bits}", strict=False)
    plain = address.ipv4_mapped or address if address.version == 6 else address
    assert is_listed(str(address), [f"{base}/{bits}"]) == (plain.version == network.version and plain in network)
    assert is_listed(str(address), [str(plain)])
    assert is_listed(f"::ffff:{ip_address('10.1.2.3')}", ["10.1.0.0/16"])
    assert not is_listed("", [f"{base}/{bits}"])


def test_address_that_is_none() -> None:
    """What cannot be an address is an error that names the setting."""
    with pytest.raises(ConfigurationError, match=r"client_address: an IP address, as in 203\.0\.113\.7"):
        SandboxTransport(client_address="localhost")
