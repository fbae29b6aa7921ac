"""What a vendor says of a message that it accepted, beside its id."""

import pytest

from smsgate import Gateway, Message, SmsProvider, Template
from smsgate.huawei import HuaweiSms
from smsgate.sandbox import SandboxTransport
from smsgate.sandbox.huawei import HUAWEI_APP_KEY, HUAWEI_APP_SECRET, HUAWEI_SENDER, HUAWEI_TEMPLATE
from smsgate.sandbox.tencent import TENCENT_APP_KEY, TENCENT_SDK_APP_ID, TENCENT_SECRET_ID, TENCENT_SECRET_KEY
from smsgate.tencent import TencentCloud, TencentV5

pytestmark = pytest.mark.anyio


async def test_country_sender_and_time_of_acceptance_are_in_the_result() -> None:
    """Each vendor's response says some of them; what it leaves out is None."""
    ids = {"tencent": "19", "tencent-v5": "19", "huawei": HUAWEI_TEMPLATE}
    template = Template("login", params=("code", "minutes"), ids=ids)
    providers: list[SmsProvider] = [
        TencentCloud(TENCENT_SECRET_ID, TENCENT_SECRET_KEY, sdk_app_id=TENCENT_SDK_APP_ID, sign="Acme"),
        TencentV5(TENCENT_SDK_APP_ID, TENCENT_APP_KEY, sign="Acme"),
        HuaweiSms(
            HUAWEI_APP_KEY,
            HUAWEI_APP_SECRET,
            sender=HUAWEI_SENDER,
            base_url="https://huawei.invalid",
            signature="Acme",
        ),
    ]
    message = Message("+8613788888888", "login", {"code": "4821", "minutes": "5"})
    found, transport = {}, SandboxTransport()
    async with Gateway(providers, templates=[template], transport=transport) as gateway:
        for provider in providers:
            found[provider.name] = (await gateway.send(message, providers=[provider])).raise_for_outcome()
    assert (found["tencent"].country, found["tencent"].sender, found["tencent"].accepted_at) == ("CN", None, None)
    assert (found["tencent-v5"].country, found["tencent-v5"].sender) == (None, None)  # sendsms does not say it
    assert found["huawei"].sender == HUAWEI_SENDER
    accepted = transport.sandbox.messages[-1]
    assert found["huawei"].accepted_at == accepted.time.replace(microsecond=0)
