"""`import smsgate` is light: a process that sends loads what sending needs, when it is needed."""

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

HEAVY = set(
    "cattrs certifi click h11 httpcore httpx phonenumbers pytest rich starlette trio uvicorn".split(),
)
LATER = set(
    "anyio asyncio difflib email hashlib hmac msgspec ssl urllib zoneinfo "
    "smsgate.management smsgate.model.report smsgate.observers.events "
    "smsgate.provider.callback smsgate.provider.records smsgate.sending.bulk smsgate.sending.parts "
    "smsgate.sending.preview smsgate.tencent.callbacks smsgate.tencent.cloud smsgate.tencent.status_codes "
    "smsgate.tencent.v5.management smsgate.transport.exchange".split(),
)
"""What a gateway with one vendor loads when it is asked for: it begins with half of what it may come to need."""
TEST_SIDE = {"smsgate.sandbox", "smsgate.cli", "smsgate.testing", "smsgate.pytest_plugin"}

GATEWAY = """
from smsgate import Gateway, Template
from smsgate.tencent import TencentV5
Gateway([TencentV5("1400006666", "key")], templates=[Template("login", ids={"tencent-v5": "19"})])
"""
GATEWAYS = {
    "tencent-v5": GATEWAY,
    "tencent": """
from smsgate import Gateway
from smsgate.tencent import TencentCloud
Gateway([TencentCloud("id", "key", sdk_app_id="1400006666", sign="Acme")])
""",
    "huawei": """
from smsgate import Gateway
from smsgate.huawei import HuaweiSms
Gateway([HuaweiSms("key", "secret", sender="isms1", base_url="https://huawei.example", signature="Acme")])
""",
}


def imported(program: str) -> set[str]:
    """Every module that a fresh interpreter imports to run *program*."""
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-c", program], check=True, capture_output=True, text=True
    )
    rows = [line.rpartition("|")[2].strip() for line in done.stderr.splitlines() if line.startswith("import time:")]
    assert "smsgate" in rows, "there are no rows to judge by"
    return set(rows)


@pytest.mark.parametrize(
    ("program", "allowed"),
    [
        ("import smsgate", set()),
        ("import smsgate, smsgate.tencent, smsgate.huawei, smsgate.webhooks", set()),
        (GATEWAY, set()),
    ],
    ids=["core", "vendors", "gateway"],
)
def test_imports_no_more_than_it_needs(program: str, allowed: set[str]) -> None:
    """No HTTP client before the first send, no metadata of phone numbers, no other event loop, no extra, no sandbox."""
    modules = imported(program)
    roots = {name.partition(".")[0] for name in modules}
    assert roots & HEAVY <= allowed
    assert not {name for name in modules if ".".join(name.split(".")[:2]) in TEST_SIDE}


@pytest.mark.parametrize("vendor", GATEWAYS)
def test_a_gateway_with_one_vendor_loads_what_it_needs_at_once(vendor: str) -> None:
    """Management, callbacks, report codes, the other interface, the network and its event loop come with first use."""
    own = {"smsgate.tencent.cloud"} if vendor == "tencent" else set[str]()
    modules = imported(GATEWAYS[vendor])
    assert not {name for name in modules for late in LATER - own if name == late or name.startswith(f"{late}.")}


def test_core_dependencies() -> None:
    """The core has at most five dependencies, and no extra is among them."""
    pyproject = tomllib.loads((Path(__file__).parent.parent / "pyproject.toml").read_text(encoding="utf-8"))
    names = [line.split(">")[0].split("[")[0] for line in pyproject["project"]["dependencies"]]
    assert len(names) <= 5
    assert set(names) == {"anyio", "attrs", "cattrs", "httpx", "phonenumberslite"}
