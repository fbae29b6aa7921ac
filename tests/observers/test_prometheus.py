"""Metrics for Prometheus, and the alert rules that go with them."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from fake_vendors import LOGIN, Wire, alpha, beta, login, number
from ledger import messages

import smsgate
from smsgate import ConfigurationError, Gateway, Policy, Reason
from smsgate.model.reason import Fault
from smsgate.observers import HealthChanged, PrometheusObserver

prometheus = pytest.importorskip("prometheus_client")

DOCS = Path(__file__).parents[2] / "docs"
RULES = DOCS / "prometheus-alerts.yml"


def exposed(registry: object) -> str:
    text: str = prometheus.generate_latest(registry).decode()
    return text


@pytest.mark.anyio
async def test_what_is_counted() -> None:
    """Tries, requests, results, failovers and refusals are counted by provider and reason, segments as charged."""
    registry = prometheus.CollectorRegistry()
    wire = Wire(alpha={number(0): Reason.BLOCKLISTED, number(1): Reason.INSUFFICIENT_BALANCE})
    observer = PrometheusObserver(registry)
    async with Gateway([alpha(batch_limit=9), beta()], templates=[LOGIN], transport=wire, observer=observer) as gateway:
        results = [each async for each in gateway.send_many([*messages(4), login("+86123")], linger=60)]
    assert len(results) == 5
    text = exposed(registry)
    for line in (
        'smsgate_attempts_total{outcome="ACCEPTED",provider="alpha",reason=""} 2.0',
        'smsgate_attempts_total{outcome="REJECTED",provider="alpha",reason="BLOCKLISTED"} 1.0',
        'smsgate_failovers_total{left="alpha",provider="beta",reason="INSUFFICIENT_BALANCE"} 1.0',
        'smsgate_results_total{kind="",outcome="ACCEPTED",provider="beta",reason=""} 1.0',
        'smsgate_results_total{kind="",outcome="REJECTED",provider="",reason="INVALID_NUMBER"} 1.0',
        'smsgate_refused_total{reason="INVALID_NUMBER"} 1.0',
        'smsgate_segments_total{provider="alpha"} 2.0',
        'smsgate_request_duration_seconds_count{provider="alpha"} 1.0',
        'smsgate_requests_in_flight{provider="alpha"} 0.0',
        'smsgate_provider_state{provider="alpha",state="up"} 1.0',
    ):
        assert line in text.splitlines(), line
    assert "1390000" not in text


@pytest.mark.anyio
async def test_possible_duplicates_are_counted() -> None:
    """A message that two providers may have sent is counted as such."""
    registry = prometheus.CollectorRegistry()
    async with Gateway(
        [alpha(), beta()],
        templates=[LOGIN],
        transport=Wire(alpha=httpx.ReadError("gone")),
        observer=PrometheusObserver(registry),
        policy=Policy(on_unknown="failover"),
    ) as gateway:
        await gateway.send(login())
    assert "smsgate_possible_duplicates_total 1.0" in exposed(registry).splitlines()


def test_a_provider_is_in_one_state() -> None:
    """Of the states of a provider one is 1, and the others are 0."""
    registry = prometheus.CollectorRegistry()
    observer = PrometheusObserver(registry)
    observer.observe(HealthChanged(provider="alpha", state="down", previous="up", why="3 of 3 failed"))
    observer.observe(HealthChanged(provider="alpha", state="probing", previous="down", why="15 s are over"))
    states = dict(re.findall(r'smsgate_provider_state{provider="alpha",state="(\w+)"} ([01])\.0', exposed(registry)))
    assert states == {"up": "0", "down": "0", "probing": "1"}


def test_one_observer_for_a_registry() -> None:
    """A second observer of one registry is refused with what to do, not with the library's words."""
    registry = prometheus.CollectorRegistry()
    PrometheusObserver(registry)
    with pytest.raises(ConfigurationError, match="make one observer for all gateways"):
        PrometheusObserver(registry)


def test_without_the_extra_the_error_says_what_to_install() -> None:
    """Without prometheus_client the error names the extra, and nothing else of smsgate needs it."""
    program = (
        "import sys; sys.modules['prometheus_client'] = None\n"
        "import smsgate; from smsgate import Gateway; from smsgate.observers import PrometheusObserver\n"
        "try: PrometheusObserver()\n"
        "except smsgate.ConfigurationError as error: print(error)\n"
    )
    root = str(Path(smsgate.__file__).parents[1])
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=root)
    assert 'pip install "smsgate[prometheus]"' in done.stdout


def test_alerts_name_every_reason_of_the_account() -> None:
    """The alert about accounts has each reason whose fault is the account's, and no other."""
    [listed] = re.findall(r'smsgate_attempts_total{reason=~"([A-Z_|]+)"}', RULES.read_text("utf-8"))
    assert set(listed.split("|")) == {reason.value for reason in Reason if reason.rule.fault is Fault.ACCOUNT}


def test_alerts_use_metrics_that_exist() -> None:
    """Each metric and label value in the rules is one that the observer has."""
    registry = prometheus.CollectorRegistry()
    PrometheusObserver(registry)
    known = {
        sample
        for family in registry.collect()
        for sample in (family.name, f"{family.name}_total", f"{family.name}_bucket")
    }
    assert set(re.findall(r"\bsmsgate_\w+", RULES.read_text("utf-8"))) <= known


@pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool (Debian's prometheus) is not installed")
@pytest.mark.parametrize(
    "arguments", [["check", "rules", str(RULES)], ["test", "rules", "alerts.yml"]], ids=["check", "test"]
)
def test_prometheus_takes_the_rules(arguments: list[str]) -> None:
    """Prometheus's own tool finds the rules right, quiet on a good day's metrics, and firing on a bad day's."""
    done = subprocess.run(
        ["promtool", *arguments], capture_output=True, text=True, check=False, cwd=Path(__file__).parent
    )
    assert done.returncode == 0, done.stdout + done.stderr
