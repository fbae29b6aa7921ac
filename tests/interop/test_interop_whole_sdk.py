"""The whole of Tencent's SDK asks the sandbox, over a real port, for send records; what our `find_sends` reads agrees.

`python tests/interop/whole_sdk.py` installs the SDK into an environment of its own, and runs this.
"""

import json
import os
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from smsgate import Gateway, Message, Outcome, Reason, Template
from smsgate.management import ManagementClient
from smsgate.model.states import DeliveryState
from smsgate.provider import Call, RequestContext
from smsgate.sandbox import Drop, Scenario
from smsgate.sandbox.server import SandboxServer
from smsgate.sandbox.tencent import TENCENT_APP_KEY, TENCENT_SDK_APP_ID, TENCENT_SECRET_ID, TENCENT_SECRET_KEY
from smsgate.tencent import SendRecord, TencentCloud, TencentCloudManagement, TencentV5

PYTHON = os.environ.get("SMSGATE_WHOLE_SDK", "")
pytestmark = pytest.mark.skipif(
    not PYTHON, reason="tencentcloud-sdk-python is in no environment: run `python tests/interop/whole_sdk.py`"
)
NUMBER, ABROAD = "+8613788888888", "+6581234567"
NUMBERS = (NUMBER, ABROAD, Scenario.PHONE_OFF.number, Scenario.BLOCKLISTED.number, "+8613788888887")
LOGIN = Template("login", params=("code", "minutes"), ids={"tencent": "19", "tencent-v5": "19"})
LOGIN_ABROAD = Template("login-abroad", params=LOGIN.params, ids={"tencent": "1110", "tencent-v5": "1110"})


@pytest.fixture
def server() -> Iterator[SandboxServer]:
    """A running sandbox."""
    with SandboxServer() as running:
        yield running


def by_sdk(server: SandboxServer, *calls: tuple[str, dict[str, Any]]) -> list[Any]:
    """What the SDK reads."""
    order = {"endpoint": server.url.removeprefix("http://"), "calls": calls}
    script = Path(__file__).with_name("whole_sdk_calls.py")
    done = subprocess.run(
        [PYTHON, str(script)], input=json.dumps(order), capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stderr
    found: list[Any] = json.loads(done.stdout)
    return found


def as_sdk(call: Call[Any]) -> tuple[str, dict[str, Any]]:
    """The same call for the SDK, with the parameters that ours has."""
    body = call.build(RequestContext(now=datetime.now(UTC).timestamp(), nonce="0" * 32)).body
    return call.name, json.loads(body)


def account_of(server: SandboxServer) -> TencentCloudManagement:
    """The account at *server*."""
    return TencentCloudManagement(
        TENCENT_SECRET_ID, TENCENT_SECRET_KEY, sdk_app_id=TENCENT_SDK_APP_ID, base_url=server.url
    )


async def send_all(server: SandboxServer) -> None:
    """One message to each number through each interface; those to the last number never come."""
    cloud = TencentCloud(
        TENCENT_SECRET_ID, TENCENT_SECRET_KEY, sdk_app_id=TENCENT_SDK_APP_ID, sign="Acme", base_url=server.url
    )
    v5 = TencentV5(TENCENT_SDK_APP_ID, TENCENT_APP_KEY, sign="Acme", base_url=server.url)
    async with Gateway([cloud, v5], templates=[LOGIN, LOGIN_ABROAD]) as gateway:
        for provider in ("tencent", "tencent-v5"):
            for number in NUMBERS:
                if number == NUMBERS[-1]:
                    server.sandbox.faults.drop(provider, Drop.BEFORE)
                name = "login-abroad" if number == ABROAD else "login"
                await gateway.send(Message(number, name, {"code": "4821", "minutes": "5"}), providers=[provider])


@pytest.mark.anyio
async def test_records_are_read_alike(server: SandboxServer) -> None:
    """For delivered, failed, refused and lost sends: what the SDK reads is in our record, each field as it is meant."""
    account, began = account_of(server), datetime.now(UTC) - timedelta(seconds=2)
    await send_all(server)
    server.sandbox.report(
        to=ABROAD, code="UNDELIV", now=datetime.now(UTC).timestamp(), sub_error="1001", sub_error_description="absent"
    )
    calls = [account.find_sends(number, begin=began) for number in NUMBERS]
    theirs = by_sdk(server, *map(as_sdk, calls))
    async with ManagementClient() as client:
        pages = [await client.run(call) for call in calls]
    for page, answer in zip(pages, theirs, strict=True):
        assert page.total == answer["TotalCount"]
        assert len(page.items) == len(answer["SendRecordSet"])
        for record, row in zip(page.items, answer["SendRecordSet"], strict=True):
            check(record, row)
    states = [[(each.outcome, each.reason, each.report and each.report.state) for each in page.items] for page in pages]
    delivered = (Outcome.ACCEPTED, None, DeliveryState.DELIVERED)
    failed = (Outcome.ACCEPTED, None, DeliveryState.UNDELIVERED)
    refused = (Outcome.REJECTED, Reason.BLOCKLISTED, None)
    assert states == [[delivered] * 2, [failed, delivered], [failed] * 2, [refused] * 2, []]


def check(record: SendRecord, row: dict[str, Any]) -> None:
    """Our *record* has what the SDK's *row* has. The SDK knows no field that the sandbox leaves out."""
    assert {name: value for name, value in record.raw.items() if not name.startswith("SubError")} == row
    assert None not in row.values()
    assert (record.message_id or "", str(record.to)) == (row["SerialNo"], row["PhoneNumber"])
    assert (record.country, record.text) == (row["IsoCode"], row["Content"])
    assert record.sent_at == datetime.fromtimestamp(row["SendTime"], UTC)
    assert (record.outcome is Outcome.ACCEPTED) is (row["SendStatus"] != 1)
    assert record.code == (row["RequestCode"] if row["SendStatus"] == 1 else None)
    assert (record.report.code if record.report else "") == row["StatusCode"]
    reported = record.report.reported_at if record.report else None
    assert (reported.timestamp() if reported else 0) == row["UserReceiveTime"]


@pytest.mark.anyio
async def test_pages_and_bounds(server: SandboxServer) -> None:
    """Limit and Offset walk from the newest to the oldest; what the SDK documents as out of range is refused."""
    account, began = account_of(server), datetime.now(UTC) - timedelta(seconds=2)
    await send_all(server)
    pages = [account.find_sends(NUMBER, begin=began, limit=1, offset=offset) for offset in range(3)]
    name, params = as_sdk(account.find_sends(NUMBER, begin=began))
    changes: list[dict[str, Any]] = [
        {"Limit": 51},
        {"Limit": 0},
        {"Offset": 1001},
        {"BeginTime": params["BeginTime"] - 73 * 3600},
        {"EndTime": params["BeginTime"] + 3600},
    ]
    first, second, third, *refused = by_sdk(
        server, *map(as_sdk, pages), *((name, params | change) for change in changes)
    )
    sent = [message.message_id for message in server.sandbox.messages if message.to == NUMBER]
    assert [page["SendRecordSet"][0]["SerialNo"] for page in (first, second)] == sent[::-1]
    assert (third["SendRecordSet"], {page["TotalCount"] for page in (first, second, third)}) == ([], {2})
    assert [answer["error"].partition(".")[0] for answer in refused] == ["InvalidParameterValue"] * 5


@pytest.mark.anyio
async def test_conversion_and_numbers(server: SandboxServer) -> None:
    """A conversion is taken, and numbers are what the SDK's own example says, also where it has a national 0."""
    account = account_of(server)
    conversion = account.report_conversion("2019:1", at=datetime.now(UTC))
    numbers = account.describe_numbers([NUMBER, ABROAD])
    written = {"PhoneNumberSet": ["+86018501234444", "+8612"]}
    taken, known, odd = by_sdk(server, as_sdk(conversion), as_sdk(numbers), (numbers.name, written))
    async with ManagementClient() as client:
        await client.run(conversion)
        ours = await client.run(numbers)
    assert taken["ReportConversionStatus"]["Code"] == "ok"
    rows = known["PhoneNumberInfoSet"]
    assert [info.raw for info in ours] == rows
    assert [(str(info.number), info.country) for info in ours] == [(row["PhoneNumber"], row["IsoCode"]) for row in rows]
    put_right, unreadable = odd["PhoneNumberInfoSet"]
    assert (put_right["NationCode"], put_right["PhoneNumber"]) == ("86", "+8618501234444")
    assert (unreadable["Code"], unreadable["PhoneNumber"]) == ("FailedOperation.PhoneNumberParseFail", "+8612")
