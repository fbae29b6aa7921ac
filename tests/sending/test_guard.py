"""What a gateway was told not to send: a result before any request, the same in bulk, and seen in a preview."""

import json
import subprocess
import sys
from datetime import UTC, datetime
from typing import Any

import attrs
import pytest
from fake_vendors import LOGIN, Wire, alpha, beta, login

from smsgate import ConfigurationError, Gateway, Outcome, QuietHours, Reason, Result

pytestmark = pytest.mark.anyio

NIGHT = datetime(2026, 11, 25, 15, 30, tzinfo=UTC).timestamp()
"""23:30 in China."""
HONG_KONG, SINGAPORE, MAINLAND = "+85251234567", "+6581234567", "+8613800138000"
OFFERS = attrs.evolve(LOGIN, name="offers", kind="marketing")


def gateway(wire: Wire, **options: Any) -> Gateway:
    return Gateway([alpha(), beta()], templates=[LOGIN, OFFERS], transport=wire, clock=lambda: NIGHT, **options)


async def test_regions() -> None:
    """A number of another country is `REJECTED`, `REGION_BLOCKED`: a recorded result, no error, no request."""
    wire, recorded = Wire(), list[Result]()
    sms = gateway(wire, allowed_regions={"CN", "SG"}, on_result=recorded.append)
    message = login(HONG_KONG)
    result = await sms.send(message)
    text = "to: a number of HK, and this gateway sends to CN, SG only (allowed_regions)"
    assert result == Result(message, Outcome.REJECTED, reason=Reason.REGION_BLOCKED, description=text)
    assert recorded == [result]
    assert not wire.calls
    for number in (MAINLAND, SINGAPORE):
        assert (await sms.send(login(number))).accepted
    preview = sms.preview(message)
    assert (preview.reason, preview.problem, preview.order) == (Reason.REGION_BLOCKED, text, ())
    many = [each async for each in sms.send_many([login(each) for each in (HONG_KONG, MAINLAND, SINGAPORE)])]
    assert {str(each.message.to): each.reason for each in many} == {
        HONG_KONG: Reason.REGION_BLOCKED,
        MAINLAND: None,
        SINGAPORE: None,
    }


async def test_types() -> None:
    """A number of a type that is refused is sent nothing, with the type in the result."""
    wire = Wire()
    sms = gateway(wire, refused_types={"premium_rate", "toll_free", "fixed_line"})
    result = await sms.send(login("+449098790000"))
    assert (result.outcome, result.reason) == (Outcome.REJECTED, Reason.REGION_BLOCKED)
    assert result.description == "to: a number of the type premium_rate, which this gateway refuses (refused_types)"
    assert "9098790000" not in result.summary()
    assert (await sms.send(login())).accepted
    assert len(wire.calls) == 1


async def test_quiet_hours() -> None:
    """At night marketing is `OUTSIDE_HOURS`; a code is sent, also with a template that is for marketing."""
    wire = Wire()
    sms = gateway(wire, quiet_hours=[QuietHours("21:00", "08:00", regions={"CN"})])
    result = await sms.send(attrs.evolve(login(), template="offers"))
    assert (result.outcome, result.reason, result.attempts) == (Outcome.REJECTED, Reason.OUTSIDE_HOURS, ())
    expected = "kind: no marketing messages from 21:00 to 08:00 (Asia/Shanghai); it was 23:30 (quiet_hours)"
    assert result.description == expected
    assert (await sms.send(login(kind="marketing"))).reason is Reason.OUTSIDE_HOURS
    assert not wire.calls
    assert (await sms.send(login())).accepted
    assert (await sms.send(attrs.evolve(login(kind="code"), template="offers"))).accepted
    assert (await sms.send(attrs.evolve(login(SINGAPORE), template="offers"))).accepted


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"allowed_regions": {"CHN"}}, "allowed_regions: 'CHN' is not a region"),
        (
            {"refused_types": {"premium"}},
            "refused_types: 'premium' is no type of number (did you mean 'premium_rate'",
        ),
        ({"quiet_hours": QuietHours("21:00", "08:00", regions={"CN"})}, "quiet_hours: must be a list of QuietHours"),
    ],
)
def test_wrong_options(options: dict[str, Any], text: str) -> None:
    """A set-up that cannot be right is said when the gateway is made."""
    with pytest.raises(ConfigurationError) as caught:
        gateway(Wire(), **options)
    assert str(caught.value).startswith(text)


async def test_malformed_is_still_an_error() -> None:
    """What is wrong with a message itself is said before what a gateway was told not to send."""
    sms = gateway(Wire(), allowed_regions={"SG"})
    with pytest.raises(ValueError, match="to: "):
        await sms.send(login("+86110"))
    with pytest.raises(ValueError, match="expires_at: must have a time zone"):
        await sms.send(login(expires_at=datetime(2026, 11, 25)), within=3)  # noqa: DTZ001


PROGRAM = """
import json, sys
from smsgate import Gateway, QuietHours, Template
from smsgate.tencent import TencentV5
hours = [QuietHours("21:00", "08:00", regions={"CN"})]
Gateway([TencentV5("1400006666", "key")], templates=[Template("login", ids={"tencent-v5": "19"})],
        allowed_regions={"CN"}, refused_types={"premium_rate"}, quiet_hours=hours)
print(json.dumps(sorted(sys.modules)))
"""


def test_china_alone_loads_no_numbering_plans() -> None:
    """A gateway for mainland China alone pays for no metadata of other countries, whatever it is told to refuse."""
    done = subprocess.run([sys.executable, "-c", PROGRAM], check=True, capture_output=True, text=True)
    assert "phonenumbers" not in json.loads(done.stdout)
