"""Options and arguments that cannot be right are refused alike at every vendor, before anything is sent."""

from collections.abc import Callable
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsgate import Binding, ConfigurationError, ConfigurationWarning, Gateway, Job, Message, PhoneNumber, Template
from smsgate.huawei import HuaweiManagement, HuaweiSms
from smsgate.provider import (
    BaseUrl,
    SmsProvider,
    choice_problem,
    region_problem,
    rendered_text_problem,
    signature_problem,
    template_text_problem,
    text_problem,
)
from smsgate.tencent import TencentCloud, TencentCloudManagement, TencentV5, TencentV5Management

WRONG = [
    *"【Acme】 [Acme] 【Acme Acme】 A【c】me ［Acme］ 〔Acme〕 (Acme) （Acme） 《Acme》 “Acme” {Acme}".split(),
    *[" Acme", "Acme ", "\u3000Acme", "", "  ", "Ac\nme", "Ac\u200bme"],
    *["\ufeffAcme", "Ac\u00a0me", "Acme\ufe0f", "Ac\u3164me", 7],
]


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
    for signature in ("Acme", "华为云短信测试", "A [b] c", "Acme (China)", "腾讯（深圳）", None):
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


@pytest.mark.parametrize("make", [v5, cloud, huawei])
def test_a_long_signature_is_a_warning(make: Callable[[str | None], SmsProvider]) -> None:
    """More than 12 characters is a warning at the caller's line, since the guide's own example has 13."""
    with pytest.warns(ConfigurationWarning, match=r"^sign(ature)?: has 13 characters") as caught:
        make("Tencent Cloud")
    assert caught[0].filename == __file__
    with pytest.warns(ConfigurationWarning, match=r"ids\['p'\]\.signature: has 13 characters"):
        Gateway([named("p")], templates=[Template("t", ids={"p": Binding("1", signature="Tencent Cloud")})])


@pytest.mark.parametrize("make", [v5, cloud, huawei])
@pytest.mark.parametrize("id", ["19 ", " 19", "1 9", "１９", "19\u200b", "", "x" * 65, 19])
def test_template_ids(make: Callable[[str | None], SmsProvider], id: str) -> None:
    """An id is printable ASCII without spaces, at every vendor."""
    number = PhoneNumber("+8613800138000")
    assert (make("Acme").refuse(Job(Message(number, "t"), number, id, ())) or "").startswith("template id: ")


def named(name: str) -> SmsProvider:
    return TencentV5("1400006666", "app-key", name=name)


CLEAR_TEXT: list[Callable[[], object]] = [
    lambda: TencentV5("1400006666", "k", base_url="http://yun.tim.qq.com"),
    lambda: TencentV5Management("1400006666", "k", base_url="http://YUN.tim.qq.com:80"),
    lambda: TencentCloud("A", "k", sdk_app_id="1400006666", base_url="http://sms.tencentcloudapi.com"),
    lambda: TencentCloudManagement(
        "A", "k", sdk_app_id="1400006666", base_url="http://sms.ap-beijing.tencentcloudapi.com"
    ),
    lambda: HuaweiSms("k", "s", sender="isms1", base_url="http://smsapi.cn-north-4.myhuaweicloud.com:443"),
    lambda: HuaweiManagement(
        project_id="p", base_url="http://msgsms.cn-north-4.myhuaweicloud.com", access_key="A", secret_key="s"
    ),
]


@pytest.mark.parametrize("make", CLEAR_TEXT)
def test_clear_text_to_a_real_host_is_a_warning(make: Callable[[], object]) -> None:
    """http:// to the vendor's own host is a warning, for sends and for management calls."""
    with pytest.warns(ConfigurationWarning, match=r"^base_url: http:// to .* shows keys"):
        make()


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:8025", "https://yun.tim.qq.com", "http://myqq.com", "http://qq.com.test"]
)
def test_other_hosts_are_no_warning(url: str) -> None:
    """A sandbox, a test's host and https:// are fine."""
    assert BaseUrl.wrap(url).require().check_own_host("qq.com").url("/") == f"{url}/"


@pytest.mark.parametrize(
    ("region", "sound"),
    [
        *[
            (name, True)
            for name in ("ap-guangzhou", "ap-shanghai-fsi", "na-siliconvalley", "eu-frankfurt", "ap-beijing-1")
        ],
        *[
            (name, False)
            for name in ("", "guangzhou", "ap_beijing", "AP-BEIJING", " ap-beijing", "ap-", "ap-beijing\n", 7, None)
        ],
    ],
)
def test_regions(region: object, sound: bool) -> None:
    """A region is judged by its form, so that a new one needs no new release."""
    assert (region_problem("region", region) is None) is sound


PLACEHOLDERS: list[tuple[Literal["{1}", "${1}"], str, str | None]] = [
    ("{1}", "Your code is {1}, for {2} minutes.", None),
    ("{1}", "No parameter", None),
    ("{1}", "{2} then {1} then {2}", None),
    ("{1}", "{1} and {3}", "numbers its placeholders with a gap: {2} is missing"),
    ("{1}", "{2}", "numbers its placeholders with a gap: {1} is missing"),
    ("{1}", "{0}", "'{0}' is no placeholder of this vendor: write {1}, {2}, …"),
    ("{1}", "{code}", "'{code}' is no placeholder"),
    ("{1}", "${1}", "'${1}' is no placeholder"),
    ("{1}", "｛1｝", "'｛1｝' is no placeholder"),
    ("{1}", "{ 1 }", "'{ 1 }' is no placeholder"),
    ("{1}", "{1", "'{' is no placeholder"),
    ("{1}", "1}", "'}' is no placeholder"),
    ("{1}", "x" * 21, "at most 20 characters, not 21"),
    ("${1}", "Code ${1}, ${2}.", None),
    ("${1}", "Code ${NUM_6}, ${TXT_20}, ${DATE}", None),
    ("${1}", "Code {1}.", "'{1}' is no placeholder of this vendor: write ${1}, ${2}, …"),
    ("${1}", "Code ${}.", "'${}' is no placeholder"),
    ("${1}", "Code ${code}.", "'${code}' is no placeholder"),
    ("${1}", "${1} ${3}", "numbers its placeholders with a gap: ${2} is missing"),
    ("${1}", "${A} ${B} ${C} ${D}", "at most 3 placeholders, not 4"),
]


@pytest.mark.parametrize(("placeholder", "text", "problem"), PLACEHOLDERS)
def test_template_texts(placeholder: Literal["{1}", "${1}"], text: str, problem: str | None) -> None:
    """The placeholders of a text for review are the vendor's own, numbered without a gap, and it is not too long."""
    longest = 20 if text.startswith("x") else 450
    found = template_text_problem("text", text, placeholder=placeholder, longest=longest, most=3)
    assert found == problem or (found is not None and problem is not None and problem in found)


@given(st.lists(st.integers(1, 12), max_size=8), st.text(alphabet="ab 汉", max_size=20))
def test_any_sound_numbering(numbers: list[int], words: str) -> None:
    """In any order and however often: what counts is that no number is left out."""
    text = words.join(f"{{{number}}}" for number in numbers)
    complete = set(numbers) == set(range(1, len(set(numbers)) + 1))
    assert (template_text_problem("text", text, placeholder="{1}", longest=450) is None) is complete


@pytest.mark.parametrize("make", [v5, cloud])
def test_too_long_once_rendered(make: Callable[[str | None], SmsProvider]) -> None:
    """Tencent takes 450 characters for the mainland, the signature included: known where the template has a text."""
    for length, to, refused in (
        (444, "+8613800138000", False),
        (445, "+8613800138000", True),
        (999, "+6581234567", False),
    ):
        number = PhoneNumber(to)
        job = Job(Message(number, "t"), number, "19", ("x",), text="x" * length)
        assert (make("Acme").refuse(job) == "text: at most 450 characters with its signature, not 451") is refused
    assert rendered_text_problem(None, "Acme", longest=1) is None


@pytest.mark.parametrize("ids", [{"p": 19}, {"p": None}, {"p": " 19"}, {"p": "19\u200b"}, {7: "19"}, "19", ["p"]])
def test_ids_that_are_none(ids: object) -> None:
    """An id that is a number, or has a blank around it, is refused when the template is made."""
    with pytest.raises(ConfigurationError, match=r"^Template: ids"):
        Template("t", ids=ids)  # type: ignore[arg-type]  # the mistake


@pytest.mark.parametrize("id", [19, None, "19 "])
def test_a_bindings_id(id: str) -> None:
    """The same is said of a binding's."""
    with pytest.raises(ConfigurationError, match=r"^Binding: id: "):
        Binding(id)


@pytest.mark.parametrize("text", ["Code {1}", "Code ${1}", "Code ${NUM_6}", "Code ｛code｝", 7])
def test_a_text_that_was_copied_from_a_console(text: str) -> None:
    """A template's text has the names of its parameters, and not the vendor's placeholders."""
    with pytest.raises(ConfigurationError, match=r"^Template 't': text (has .* write \{code\}|must be text)"):
        Template("t", params=("code",), text=text)


def test_a_template_that_no_provider_can_send() -> None:
    """It is found when the gateway is made, and not at the first send."""
    template = Template("t", ids={"tencent-v4": "19"})
    problem = r"^Template 't': no provider can send it: ids has tencent-v4, and the providers are tencent-v5, other$"
    with pytest.raises(ConfigurationError, match=problem):
        Gateway([named("tencent-v5"), named("other")], templates=[template])
    with pytest.raises(ConfigurationError, match="ids has none"):
        Gateway([named("p")], templates=[Template("t")])


def test_a_misspelt_provider_is_a_warning() -> None:
    """A name that is nearly a provider's that has no id is a warning; that of another gateway's provider is none."""
    with pytest.warns(ConfigurationWarning, match=r"ids\['hauwei'\] is for no provider .* did you mean 'huawei'\?"):
        Gateway([named("tencent"), named("huawei")], templates=[Template("t", ids={"tencent": "1", "hauwei": "2"})])
    both = Template("t", ids={"tencent": "1", "tencent-v5": "2", "huawei": "3"})
    Gateway([named("tencent"), named("other")], templates=[both])


def test_clear_text_to_the_identity_service_is_a_warning() -> None:
    """The address that a password goes to is no exception."""
    with pytest.warns(ConfigurationWarning, match=r"^iam_url: http:// to iam\."):
        HuaweiManagement(
            project_id="p",
            base_url="https://msgsms.cn-north-4.myhuaweicloud.com",
            user="u",
            password="w",
            domain="d",
            project="cn-north-4",
            iam_url="http://iam.cn-north-4.myhuaweicloud.com",
        )
