"""What each simulated vendor says about itself is complete, and what it keeps is its own."""

import attrs
import pytest
from sandbox_callers import HuaweiCaller, TencentCaller

from smsgate.sandbox import PushSettings, Sandbox, SandboxConfig
from smsgate.sandbox.core import SIMULATORS, VENDORS
from smsgate.sandbox.huawei.account import account_of as huawei_account
from smsgate.sandbox.state.state import SimulatedVendor
from smsgate.sandbox.tencent.account import account_of as tencent_account

NOW = 1_700_000_000.0


@pytest.mark.parametrize("vendor", VENDORS, ids=lambda vendor: str(vendor.name))
def test_a_vendor_has_all_that_the_sandbox_asks_it_for(vendor: SimulatedVendor) -> None:
    """Approved templates and signatures, a setting for its callback, push formats under its own name."""
    known = SandboxConfig()
    assert [template for template in known.templates if template.vendor == vendor.name] == list(vendor.templates)
    assert [signature for name, signature in known.signatures if name == vendor.name] == list(vendor.signatures)
    assert f"{vendor.name}_callback" in {field.name for field in attrs.fields(PushSettings)}
    assert {format.vendor for format in vendor.push_formats} == {vendor.name}
    assert all(simulator.name.startswith(vendor.name) for simulator in SIMULATORS if simulator.vendor is vendor)


def test_push_formats_have_names_of_their_own() -> None:
    """`Push.kind` says which format it is, whoever pushes."""
    names = [format.name for vendor in VENDORS for format in vendor.push_formats]
    assert len(set(names)) == len(names) == 7


def test_placeholders_are_those_of_the_vendor() -> None:
    """A template that is written with a vendor's own placeholders takes as many parameters as it has."""
    config = SandboxConfig.parse(
        {
            vendor.name: {"templates": [{"id": "77", "text": f"{vendor.placeholder(1)} at {vendor.placeholder(2)}"}]}
            for vendor in VENDORS
        }
    )
    added = config.templates[-len(VENDORS) :]
    assert [template.param_count for template in added] == [2] * len(VENDORS)
    assert {template.render(["3", "noon"]) for template in added if template.id == "77"} == {"3 at noon"}


def test_callbacks_are_those_that_are_set() -> None:
    """A vendor without a callback is left out, and an unset one is not an empty text."""
    assert PushSettings().callbacks == {}
    url = "http://127.0.0.1:1/"
    assert PushSettings(huawei_callback=url).callbacks == {"huawei": url}
    assert PushSettings(tencent_callback=url, huawei_callback=url).callbacks == {"tencent": url, "huawei": url}


def test_two_sandboxes_share_nothing() -> None:
    """What a vendor keeps, it keeps for each sandbox anew."""
    first, second = Sandbox(), Sandbox()
    TencentCaller(first).sendsms()
    huawei_account(first._state).applications.clear()
    assert len(tencent_account(first._state).submitted) == 1
    assert not tencent_account(second._state).submitted
    assert len(huawei_account(second._state).applications) == 1


def test_clearing_forgets_what_came_of_messages_and_no_more() -> None:
    """`clear()` empties the queues and counts of every vendor; applications, files and tokens stay."""
    tencent = TencentCaller()
    tencent.sendsms()
    HuaweiCaller(tencent.sandbox).form()
    state = tencent.sandbox._state
    huawei_account(state).tokens.issue(None, NOW, lifetime=60.0)
    tencent.sandbox.clear()
    own = tencent_account(state)
    assert (list(own.submitted), own.reports.take(9), own.replies.take(9)) == ([], [], [])
    assert len(huawei_account(state).applications) == 1


def test_expiring_tokens_reaches_every_vendor() -> None:
    """Whichever vendor issued a token, it is withdrawn, and new ones live as long as the sandbox says."""
    sandbox = Sandbox()
    account = huawei_account(sandbox._state)
    token = account.tokens.issue(None, NOW, lifetime=sandbox.token_lifetime)
    assert token.expires - token.issued == 24 * 3600
    assert account.tokens.get(token.value) is token
    sandbox.expire_tokens()
    assert account.tokens.get(token.value) is None
