"""Options and arguments that cannot be right are refused alike at every vendor, before anything is sent."""

from collections.abc import Callable

import pytest

from smsgate import ConfigurationError, Job, Message, PhoneNumber
from smsgate.huawei import HuaweiSms
from smsgate.provider import SmsProvider, choice_problem, signature_problem, text_problem
from smsgate.tencent import TencentCloud, TencentV5

WRONG = ["【Acme】", "[Acme]", "【Acme", "Acme】", "A【c】me", " Acme", "Acme ", "", "  ", "Ac\nme", 7]


def v5(sign: str | None) -> SmsProvider:
    return TencentV5("1400006666", "app-key", sign=sign)


def cloud(sign: str | None) -> SmsProvider:
    return TencentCloud("AKID", "key", sdk_app_id="1400006666", sign=sign)


def huawei(signature: str | None) -> SmsProvider:
    return HuaweiSms("key", "secret", sender="isms1", base_url="https://h", signature=signature)


@pytest.mark.parametrize("make", [v5, cloud, huawei])
@pytest.mark.parametrize("signature", WRONG, ids=repr)
def test_signatures(make: Callable[[str | None], SmsProvider], signature: str) -> None:
    """A signature is written without brackets and blanks, as an option and as a binding's override."""
    with pytest.raises(ConfigurationError, match=r"^sign(ature)?: "):
        make(signature)
    number = PhoneNumber("+8613800138000")
    job = Job(Message(number, "t"), number, "19", (), signature=signature)
    assert (make("Acme").refuse(job) or "").startswith("signature: ")


@pytest.mark.parametrize("make", [v5, cloud, huawei])
def test_sound_signatures(make: Callable[[str | None], SmsProvider]) -> None:
    """Any other text is taken, and none at all."""
    for signature in ("Acme", "华为云短信测试", "A [b] c", None):
        make(signature)


def test_what_is_wrong_is_said() -> None:
    """Field first, and never the value."""
    assert signature_problem("sign", "【Acme】") == (
        "sign: write the approved name without 【】: the vendor adds the brackets"
    )
    assert text_problem("name", "x" * 5, longest=4) == "name: at most 4 characters, not 5"
    assert text_problem("text", "a\nb", lines=True) is None
    assert text_problem("name", None, optional=True) is None
    assert choice_problem("auth", "secret", ("aksk", "wsse")) == "auth: must be one of 'aksk', 'wsse'"
    assert choice_problem("auth", ["aksk"], ("aksk",)) == "auth: must be one of 'aksk'"
    assert choice_problem("region", None, ("cn",), optional=True) is None
