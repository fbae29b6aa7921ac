"""The login, from the code on the phone to its delivery report."""

import httpx
import pytest
from fastapi import FastAPI

from smsgate import DeliveryState, Reason
from smsgate.testing import Report, Response, Rule, SandboxGateway, VirtualClock

pytestmark = pytest.mark.anyio
NUMBER = "+8613788888888"


async def test_a_person_logs_in(browser: httpx.AsyncClient, sms_sandbox: SandboxGateway) -> None:
    """The code that the phone shows is good once."""
    assert (await browser.post("/codes", json={"number": NUMBER})).json() == {"status": "sent"}
    sms_sandbox.assert_sent(NUMBER, template="login-code", params={"minutes": "5"}, text="valid for 5 minutes", times=1)
    given = {"number": NUMBER, "code": sms_sandbox.code_for(NUMBER)}
    assert [(await browser.post("/login", json=given)).status_code for _ in range(2)] == [200, 401]


async def test_a_number_is_one_however_it_is_typed(browser: httpx.AsyncClient, sms_sandbox: SandboxGateway) -> None:
    """With or without +86 and spaces it has one code, which is good for all forms."""
    assert (await browser.post("/codes", json={"number": "13788888888"})).json() == {"status": "sent"}
    assert (await browser.post("/codes", json={"number": "+86 137 8888 8888"})).json() == {"status": "wait"}
    sms_sandbox.assert_sent(NUMBER, times=1)
    given = {"number": NUMBER, "code": sms_sandbox.code_for(NUMBER)}
    assert (await browser.post("/login", json=given)).json() == {"number": NUMBER}


async def test_a_mistyped_number(browser: httpx.AsyncClient) -> None:
    """It is said to be one each time, and nothing is sent."""
    for _ in range(2):
        answer = await browser.post("/codes", json={"number": "139000"})
        assert (answer.status_code, answer.json()["detail"][:3]) == (422, "to:")
    assert (await browser.get("/codes/139000")).status_code == 422
    assert (await browser.post("/login", json={"number": "139000", "code": "4821"})).status_code == 422


async def test_a_wrong_code(browser: httpx.AsyncClient) -> None:
    """Whatever the keyboard gives is compared, also the full-width digits of a Chinese one."""
    await browser.post("/codes", json={"number": NUMBER})
    for code in ("", "x", "４８２１３３"):
        assert (await browser.post("/login", json={"number": NUMBER, "code": code})).status_code == 401


async def test_an_old_code(browser: httpx.AsyncClient, sms_sandbox: SandboxGateway, sms_clock: VirtualClock) -> None:
    """After five minutes a code is good no more."""
    await browser.post("/codes", json={"number": NUMBER})
    await sms_clock.advance(300)
    given = {"number": NUMBER, "code": sms_sandbox.code_for(NUMBER)}
    assert (await browser.post("/login", json=given)).status_code == 401


@pytest.mark.sms_script(Rule(response=Response.LOST, times=1))
async def test_a_lost_response(
    browser: httpx.AsyncClient, sms_sandbox: SandboxGateway, sms_clock: VirtualClock
) -> None:
    """What may have been sent is not sent again while the person waits, and the code is good if it came."""
    for _ in range(3):
        assert (await browser.post("/codes", json={"number": NUMBER})).json() == {"status": "wait"}
        await sms_clock.advance(10)
    sms_sandbox.assert_not_sent_twice()
    sms_sandbox.assert_all_accounted_for()
    given = {"number": NUMBER, "code": sms_sandbox.code_for(NUMBER)}
    assert (await browser.post("/login", json=given)).status_code == 200


@pytest.mark.sms_script(Rule(to=NUMBER, refuse=Reason.BLOCKLISTED))
async def test_a_blocklisted_number(browser: httpx.AsyncClient) -> None:
    """A number that no vendor will ever text is said to be one, and may be corrected at once."""
    assert (await browser.post("/codes", json={"number": NUMBER})).status_code == 422
    assert (await browser.post("/codes", json={"number": "+8613788888889"})).json() == {"status": "sent"}


@pytest.mark.sms_script(Rule(provider="tencent-v5", response=Response.NO_CONNECTION))
async def test_a_vendor_that_is_down(browser: httpx.AsyncClient, sms_sandbox: SandboxGateway) -> None:
    """The other vendor has the message, once."""
    await browser.post("/codes", json={"number": NUMBER})
    assert sms_sandbox.assert_sent(NUMBER, times=1).vendor == "huawei"


@pytest.mark.sms_script(Rule(reports=[Report(Reason.UNREACHABLE, after=30)]))
async def test_a_phone_that_is_off(
    browser: httpx.AsyncClient, app: FastAPI, sms_sandbox: SandboxGateway, sms_clock: VirtualClock
) -> None:
    """The page learns from the delivery report that no code will come."""
    sms_sandbox.push_to(app)
    await browser.post("/codes", json={"number": NUMBER})
    assert (await browser.get(f"/codes/{NUMBER}")).json() == {"state": DeliveryState.PENDING}
    await sms_clock.advance(30)
    assert (await browser.get(f"/codes/{NUMBER}")).json() == {"state": DeliveryState.UNDELIVERED}
    sms_sandbox.assert_all_accounted_for(reported=True)


@pytest.mark.sms_script(Rule(times=1, reports=[Report(after=30), Report(after=90)]))
async def test_a_second_code(
    browser: httpx.AsyncClient, app: FastAPI, sms_sandbox: SandboxGateway, sms_clock: VirtualClock
) -> None:
    """What is known of the first message is not said of the second, also if a report on the first is late."""
    sms_sandbox.push_to(app)
    await browser.post("/codes", json={"number": NUMBER})
    await sms_clock.advance(60)
    assert (await browser.get(f"/codes/{NUMBER}")).json() == {"state": DeliveryState.DELIVERED}
    sms_sandbox.script(Rule(reports=[Report(after=60)]))
    await browser.post("/codes", json={"number": NUMBER})
    for wait, state in ((0, DeliveryState.PENDING), (45, DeliveryState.PENDING), (15, DeliveryState.DELIVERED)):
        await sms_clock.advance(wait)
        assert (await browser.get(f"/codes/{NUMBER}")).json() == {"state": state}
