"""The whole management side against the simulated Huawei, which shares no code with the adapter."""

from typing import Any

import pytest
from huawei_account import APP_ID, PROJECT_ID

from smsgate import Gateway, Message, Outcome, Reason, Template, VendorError
from smsgate.huawei import HuaweiManagement, HuaweiSms, HuaweiTemplate
from smsgate.management import ManagementClient
from smsgate.provider.records import ReviewState, TemplateKind
from smsgate.sandbox import Sandbox, SandboxTransport

pytestmark = pytest.mark.anyio

USER: dict[str, Any] = {
    "user": "sandbox",
    "password": "sandbox-password",
    "domain": "sandbox",
    "project": "eu-west-101",
    "iam_url": "https://iam.example",
}
KEY: dict[str, Any] = {"access_key": "sandbox-huawei-ak", "secret_key": "sandbox-huawei-sk"}


def account(**options: Any) -> HuaweiManagement:
    return HuaweiManagement(
        project_id=PROJECT_ID, base_url="https://msgsms.example", **({"app_id": APP_ID, "region": "intl"} | options)
    )


@pytest.fixture
def sandbox() -> Sandbox:
    return Sandbox()


@pytest.fixture
def client(sandbox: Sandbox) -> ManagementClient:
    return ManagementClient(transport=SandboxTransport(sandbox, delay_scale=0))


@pytest.mark.parametrize("who", [USER, KEY], ids=["token", "signature"])
async def test_applications(client: ManagementClient, who: dict[str, Any]) -> None:
    """Applications are made, found, changed and counted, by token and by signature alike."""
    huawei = account(**who)
    made = await client.run(huawei.add_app(app_name="auto_test789", show_secret=True))
    assert made.id is not None
    assert made.app_secret is not None
    await client.run(huawei.modify_app(made.id, app_name="测试 app~1"))
    found = await client.run(huawei.get_app(made.id))
    assert (found.app_name, found.region, found.app_key) == ("测试 app~1", "intl", made.app_key)
    listed = [app.id async for app in client.each(huawei.list_apps, limit=1)]
    assert sorted(listed, key=str) == sorted([APP_ID, made.id])
    by_name = await client.run(huawei.list_apps(app_name="测试 app~1", region="intl", sort_dir="asc"))
    assert [app.id for app in by_name.items] == [made.id]
    assert (await client.run(huawei.count_apps())).used == 2


async def test_countries(client: ManagementClient) -> None:
    """Countries are found by name."""
    (country,) = await client.run(account(**KEY).list_countries(country_name_en="Afghanistan"))
    assert (country.country_name_en, type(country.country_id)) == ("Afghanistan", int)


async def test_life_of_a_template(client: ManagementClient, sandbox: Sandbox) -> None:
    """A template is applied for, approved, sent, and deleted; then sends that name it are refused."""
    huawei = account(**USER)
    asked = huawei.add_template(name="login", text="Your code is ${NUM_6}.", kind=TemplateKind.VERIFICATION)
    made = await client.run(asked)
    assert made.state is ReviewState.PENDING
    variables = await client.run(huawei.list_template_variables(made.id))
    assert [(each.variable_index, each.variable_length) for each in variables] == [(1, 6)]
    sandbox.review("huawei", "template", made.id, "approved")
    approved = await client.run(huawei.get_template(made.id))
    assert (approved.state, approved.text, approved.kind) == (ReviewState.APPROVED, made.text, made.kind)
    assert isinstance(approved.extra, HuaweiTemplate)
    assert approved.send_id is not None
    assert (await send(sandbox, approved.send_id)).outcome is Outcome.ACCEPTED
    await client.run(huawei.delete_template(made.id))
    assert (await send(sandbox, approved.send_id)).outcome is Outcome.REJECTED
    with pytest.raises(VendorError) as caught:
        await client.run(huawei.get_template(made.id))
    assert (caught.value.outcome, caught.value.reason) == (Outcome.REJECTED, Reason.INVALID_REQUEST)


async def send(sandbox: Sandbox, template_id: str) -> Any:
    provider = HuaweiSms(
        "sandbox-huawei-app-key", "sandbox-huawei-app-secret", sender="isms100000001", base_url="https://sms.example"
    )
    template = Template("login", params=("code",), ids={"huawei": template_id})
    transport = SandboxTransport(sandbox, delay_scale=0)
    async with Gateway([provider], templates=[template], transport=transport) as gateway:
        return await gateway.send(Message("+8613788888888", "login", {"code": "482100"}))


async def test_a_rejected_template_is_changed(client: ManagementClient, sandbox: Sandbox) -> None:
    """Only a rejected template can be changed, and then it is reviewed again."""
    huawei = account(**KEY)
    made = await client.run(huawei.add_template(name="login", text="Your code is ${NUM_6}."))
    change = huawei.modify_template(made.id, name="login", text="Your code is ${NUM_4}.")
    with pytest.raises(VendorError, match="only a rejected template can be changed"):
        await client.run(change)
    sandbox.review("huawei", "template", made.id, "rejected", "too short")
    rejected = await client.run(huawei.get_template(made.id))
    assert (rejected.state, rejected.review, rejected.send_id) == (ReviewState.REJECTED, "too short", None)
    assert (await client.run(change)).state is ReviewState.PENDING
    assert (await client.run(huawei.get_template(made.id))).text == "Your code is ${NUM_4}."
    pending = await client.run(huawei.list_templates(flow_status="Reviewing", template_type="NOTIFY_TYPE"))
    assert [record.id for record in pending.items] == [made.id]


async def test_life_of_a_signature(client: ManagementClient, sandbox: Sandbox) -> None:
    """A signature is applied for with its licence, approved, activated, used for a template, and deleted."""
    huawei = account(**USER, region="cn")
    file = await client.run(huawei.upload_file(b"\x89PNG licence", name="licence.png", file_desc="ours"))
    assert file.file_id is not None
    known = await client.run(huawei.get_file(file.file_id))
    assert (known.file_name, known.file_size, known.file_desc) == ("licence.png", 12, "ours")
    made = await client.run(huawei.add_signature(text="Acme Ltd", remark="ours", file_id=file.file_id))
    assert made.state is ReviewState.PENDING
    sandbox.review("huawei", "signature", made.id, "approved")
    approved = await client.run(huawei.get_signature(made.id))
    assert (approved.text, approved.state) == ("Acme Ltd", ReviewState.APPROVED)
    await client.run(huawei.activate_signature(made.id))
    template = await client.run(huawei.add_template(name="n", text="Hello ${TXT_6}", sign_id=made.id))
    assert template.international is False
    assert made.id in [record.id async for record in client.each(huawei.list_signatures, limit=1)]
    await client.run(huawei.delete_signature(made.id))
    with pytest.raises(VendorError, match="there is no such signature"):
        await client.run(huawei.get_signature(made.id))


@pytest.mark.parametrize(
    ("who", "reason"),
    [
        ({**USER, "password": "wrong"}, Reason.AUTH_FAILED),
        ({**USER, "project": "eu-west-102"}, Reason.AUTH_FAILED),
        ({**KEY, "secret_key": "wrong"}, Reason.AUTH_FAILED),
        ({**KEY, "access_key": "wrong"}, Reason.AUTH_FAILED),
    ],
)
async def test_wrong_credentials(client: ManagementClient, who: dict[str, Any], reason: Reason) -> None:
    """Whoever is not the account's user is refused, and told so."""
    with pytest.raises(VendorError) as caught:
        await client.run(account(**who).list_apps())
    assert (caught.value.outcome, caught.value.reason) == (Outcome.REJECTED, reason)


async def test_tokens_that_are_dropped(client: ManagementClient, sandbox: Sandbox) -> None:
    """When the vendor drops all tokens, the next call fetches a new one."""
    huawei = account(**USER)
    await client.run(huawei.count_apps())
    sandbox.expire_tokens()
    assert (await client.run(huawei.count_apps())).used == 1
