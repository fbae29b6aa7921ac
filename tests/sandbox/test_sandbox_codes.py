"""Every documented code of a send can be provoked over a real port, and the page of docs says how."""

from collections.abc import Iterator

import pytest
from provocations import BY_FAULT_ONLY, NUMBER, PAGE, PROVOKED, Port, Provocation, cloud, huawei, new_server, page, v5

from smsgate.huawei.send_codes import SEND_CODES as HUAWEI_CODES
from smsgate.provider.codes import Codebook
from smsgate.sandbox.core import SENDERS
from smsgate.tencent.cloud.codes import CLOUD_CODES
from smsgate.tencent.v5.codes import SEND_CODES as V5_CODES

CASES = [(name, code, found) for name, table in PROVOKED.items() for code, found in table.items()]
FAULTS = [(simulator.name, code) for simulator in SENDERS for code in simulator.refusals]
SENDS = {"tencent-v5": v5, "tencent": cloud, "huawei": huawei}


@pytest.fixture(scope="module")
def port() -> Iterator[Port]:
    """A running server."""
    with new_server() as server:
        yield Port(server)


@pytest.fixture(autouse=True)
def _as_at_the_start(port: Port) -> None:
    port.call("/sandbox/reset", {})


@pytest.mark.parametrize(("interface", "code", "provocation"), CASES, ids=[f"{name} {code}" for name, code, _ in CASES])
def test_code_is_provoked_over_the_port(port: Port, interface: str, code: str, provocation: Provocation) -> None:
    """The request that the page names gets the code, and is kept among those that were refused."""
    assert code in provocation.run(port)
    record = port.server.sandbox.refused[-1]
    assert record.vendor == interface
    assert not record.struck


@pytest.mark.parametrize(("interface", "code"), FAULTS, ids=[f"{name} {code}" for name, code in FAULTS])
def test_every_code_comes_by_a_fault(port: Port, interface: str, code: str) -> None:
    """Also what no request can provoke, once; the next request is accepted."""
    port.call("/sandbox/faults", {"vendor": interface, "answer": code, "to": NUMBER})
    assert code in port.send(SENDS[interface]())
    assert port.server.sandbox.refused[-1].struck
    assert code not in port.send(SENDS[interface]())
    assert len(port.server.sandbox.messages) == 1


def test_no_code_is_left_out() -> None:
    """Each code of each interface is provoked, or has a reason why not, and not both."""
    for simulator in SENDERS:
        provoked, others = set(PROVOKED[simulator.name]), set(BY_FAULT_ONLY[simulator.name])
        assert provoked | others == set(simulator.refusals)
        assert not provoked & others


@pytest.mark.parametrize(
    ("interface", "book", "not_of_a_send"),
    [
        ("tencent-v5", V5_CODES, {"0", "1018"}),
        ("huawei", HUAWEI_CODES, {"000000"}),
    ],
)
def test_the_adapters_know_no_further_code(interface: str, book: Codebook, not_of_a_send: set[str]) -> None:
    """What the adapter's table has for sends, the sandbox can answer; 1018 is of voice calls."""
    known = next(simulator.refusals for simulator in SENDERS if simulator.name == interface)
    listed = {code for code in book if not code.startswith(("API", "IAM"))}
    assert listed - set(known) - not_of_a_send == set()


def test_the_adapters_know_every_code() -> None:
    """And the other way round: nothing that the sandbox answers is unlisted there."""
    for simulator, book in zip(SENDERS, (V5_CODES, CLOUD_CODES, HUAWEI_CODES), strict=True):
        assert [code for code in simulator.refusals if code not in book] == []


def test_page_is_made_from_the_code() -> None:
    """If stale: python tests/support/provocations.py"""
    assert PAGE.read_text("utf-8") == page()
