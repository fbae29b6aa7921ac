"""The base URL of a vendor is checked when a provider is made, and never shown if it is wrong."""

import re
from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsgate import ConfigurationError
from smsgate.huawei import HuaweiManagement, HuaweiSms
from smsgate.provider import BaseUrl
from smsgate.tencent import TencentCloud, TencentV5


@pytest.mark.parametrize(
    ("text", "host", "url"),
    [
        ("https://yun.tim.qq.com", "yun.tim.qq.com", "https://yun.tim.qq.com/v1/send?a=1"),
        ("https://yun.tim.qq.com/", "yun.tim.qq.com", "https://yun.tim.qq.com/v1/send?a=1"),
        ("HTTPS://Sms.Example:443", "Sms.Example:443", "https://Sms.Example:443/v1/send?a=1"),
        ("http://127.0.0.1:8025", "127.0.0.1:8025", "http://127.0.0.1:8025/v1/send?a=1"),
        ("http://[::1]:8025", "[::1]:8025", "http://[::1]:8025/v1/send?a=1"),
        ("https://proxy.example/huawei/", "proxy.example", "https://proxy.example/huawei/v1/send?a=1"),
        ("https://a_b.example".replace("_", "-"), "a-b.example", "https://a-b.example/v1/send?a=1"),
    ],
)
def test_good(text: str, host: str, url: str) -> None:
    """Scheme, host, port and path; the host is kept as it was written, since it is what is signed."""
    found = BaseUrl.wrap(text).require()
    assert found.host == host
    assert found.url("/v1/send", "a=1") == url
    assert found.url("/v1/send") == url.removesuffix("?a=1")
    assert BaseUrl.wrap(found) == found


BAD = {
    "nothing": "",
    "no scheme": "yun.tim.qq.com",
    "another scheme": "ftp://yun.tim.qq.com",
    "a script": "javascript:alert(1)",
    "no host": "https://",
    "only a port": "https://:443",
    "userinfo": "https://user:canary@yun.tim.qq.com",
    "user only": "https://canary@yun.tim.qq.com",
    "empty userinfo": "https://@yun.tim.qq.com",
    "a second host": "https://yun.tim.qq.com@evil.example",
    "backslash": "https://yun.tim.qq.com\\@evil.example",
    "dots up": "https://yun.tim.qq.com/..",
    "dots up inside": "https://yun.tim.qq.com/a/../b",
    "one dot": "https://yun.tim.qq.com/./a",
    "encoded dots": "https://yun.tim.qq.com/%2e%2e/a",
    "two slashes": "https://yun.tim.qq.com//evil.example",
    "two slashes at the end": "https://yun.tim.qq.com//",
    "no scheme, two slashes": "//evil.example",
    "three slashes": "https:///yun.tim.qq.com",
    "query": "https://yun.tim.qq.com?key=canary",
    "empty query": "https://yun.tim.qq.com/?",
    "fragment": "https://yun.tim.qq.com#x",
    "empty fragment": "https://yun.tim.qq.com#",
    "NUL": "https://yun.tim.qq.com\0",
    "line break": "https://yun.tim.qq.com\r\nX-Evil: 1",
    "trailing line break": "https://yun.tim.qq.com\n",
    "tab": "https://yun.\ttim.qq.com",
    "space": "https://yun.tim.qq.com /x",
    "leading space": " https://yun.tim.qq.com",
    "full-width": "https://ｙun.tim.qq.com",
    "ideographic stop": "https://yun。tim.qq.com",
    "port 0": "https://yun.tim.qq.com:0",
    "port above 65535": "https://yun.tim.qq.com:65536",
    "port of letters": "https://yun.tim.qq.com:https",
    "two ports": "https://yun.tim.qq.com:443:443",
    "empty port": "https://yun.tim.qq.com:",
    "hyphen first": "https://-yun.tim.qq.com",
    "dot last": "https://yun.tim.qq.com.-",
    "underscore": "https://yun_tim.qq.com",
    "comma": "https://yun.tim.qq.com,evil.example",
    "open bracket": "https://[::1",
    "no address in brackets": "https://[evil.example]",
    "a space in the path": "https://yun.tim.qq.com/a b",
    "a semicolon in the path": "https://yun.tim.qq.com/a;b",
}


@pytest.mark.parametrize("text", BAD.values(), ids=BAD.keys())
def test_bad(text: str) -> None:
    """What could send a request elsewhere, or carries a password, is refused by the field's name, without the text."""
    with pytest.raises(ConfigurationError) as caught:
        BaseUrl.wrap(text).require("base_url")
    assert str(caught.value).startswith("base_url: ")
    assert str(caught.value).endswith("Expected https://host or https://host:port.")
    assert "canary" not in str(caught.value)
    assert "evil" not in str(caught.value)


@pytest.mark.parametrize("value", [None, 5, b"https://yun.tim.qq.com", ["https://yun.tim.qq.com"]])
def test_not_text(value: object) -> None:
    """Something else than text is refused."""
    with pytest.raises(ConfigurationError, match="base_url: is empty or not text"):
        BaseUrl.wrap(value).require()  # type: ignore[arg-type]  # the mistake


@given(st.text(max_size=30) | st.text(max_size=30).map(lambda tail: "https://host" + tail))
def test_never_raises_before_require(text: str) -> None:
    """Wrapping never raises, and what passes is a URL of that one host and no other."""
    found = BaseUrl.wrap(text)
    if found.problem is None:
        assert text.lower().startswith(f"{found.scheme}://{found.host}".lower())
        assert found.url("/x").count("//") == 1


PARTS = st.sampled_from(
    "https http ftp HTTP :// : / // a.b a-b host -a 1.2.3.4 [::1] [::1%25x] [a] [ ] :443 :0 :65536 :00443 "
    ":x @ ? # .. . %2e ~ _".split()
)


@given(
    st.lists(PARTS, max_size=6).map("".join)
    | st.lists(PARTS, max_size=5).map(lambda parts: "https://" + "".join(parts))
)
def test_what_is_taken_is_what_the_standard_library_reads(text: str) -> None:
    """Scheme, host and port, and path are those that `urlsplit` finds, and what that refuses is refused."""
    found = BaseUrl.wrap(text)
    if found.problem is None:
        parts = urlsplit(text)
        assert (found.scheme, found.host, found.prefix) == (parts.scheme, parts.netloc, parts.path.rstrip("/"))
        assert parts.hostname
        assert parts.port != 0
        assert [parts.username, parts.query, parts.fragment] == [None, "", ""]
    elif re.fullmatch(r"https?://[a-z](\.[a-z])*(:[1-9][0-9]{0,3})?(/[a-z]+)*/?", text):
        pytest.fail(found.problem)


@pytest.mark.parametrize(
    ("make", "field"),
    [
        (lambda: TencentV5("1400006666", "k", base_url="https://yun.tim.qq.com/v5/tlssmssvr/sendsms"), "base_url"),
        (
            lambda: TencentCloud("a", "k", sdk_app_id="1400006666", base_url="https://a.tencentcloudapi.com/x"),
            "base_url",
        ),
        (
            lambda: HuaweiSms(
                "k", "s", sender="isms1", base_url="https://smsapi.cn-north-4.myhuaweicloud.com:443/sms/batchSendSms/v1"
            ),
            "base_url",
        ),
        (
            lambda: HuaweiManagement(
                project_id="p", base_url="https://msgsms.a.myhuaweicloud.com/v2", access_key="A", secret_key="s"
            ),
            "base_url",
        ),
        (
            lambda: HuaweiManagement(
                project_id="p",
                base_url="https://msgsms.a.myhuaweicloud.com",
                user="u",
                password="p",
                domain="d",
                project="e",
                iam_url="https://iam.a.myhuaweicloud.com/v3/auth/tokens",
            ),
            "iam_url",
        ),
    ],
    ids=["v5", "cloud", "huawei", "management", "iam"],
)
def test_the_address_of_one_call_is_refused(make: Callable[[], object], field: str) -> None:
    """At a vendor's own host there is no path: those of calls are added. Documents print address and path in one."""
    with pytest.raises(ConfigurationError) as caught:
        make()
    why = "has a path, but the paths of the calls are added to it"
    assert str(caught.value) == f"{field}: {why}. Expected https://host or https://host:port."


@pytest.mark.parametrize("url", ["https://proxy.example/tencent", "http://127.0.0.1:8025/a", "https://qq.com.test/a"])
def test_another_host_may_have_a_path(url: str) -> None:
    """A proxy in front of a vendor, and a sandbox behind a path, are theirs to lay out."""
    assert BaseUrl.wrap(url).require().check_own_host("qq.com").url("/x") == f"{url}/x"
    assert BaseUrl.wrap("https://yun.tim.qq.com/").require().check_own_host("qq.com").prefix == ""


@pytest.mark.parametrize("text", ["https://user:canary@host.example", "https://host/../x", ""])
def test_providers_check_it(text: str) -> None:
    """Each provider refuses a wrong base URL when it is made."""
    with pytest.raises(ConfigurationError, match="base_url: "):
        TencentV5("1400006666", "key", base_url=text)
    with pytest.raises(ConfigurationError, match="base_url: "):
        HuaweiSms("key", "secret", sender="isms1", base_url=text)
