"""A URL that is not parsed says of itself what the library's parser says of it."""

import pickle
from typing import Any

import httpx
import httpx2
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from smsgate.transport.httpx_request import _kit

BY_EITHER = pytest.mark.parametrize("module", [httpx, httpx2])
PUBLIC = sorted(
    name
    for name in dir(httpx.URL)
    if not name.startswith("_") and isinstance(getattr(httpx.URL, name), property) and name not in ("params", "raw")
)
characters = st.characters(min_codepoint=1, max_codepoint=0x2FF)
piece = st.text(st.sampled_from("aZ09-._~!$&'()*+,;=:@/?%<>[]{}|\\^`\"# ") | characters, max_size=12)
host = st.from_regex(r"[a-zA-Z0-9.-]{1,20}", fullmatch=True) | st.sampled_from(["127.0.0.1", "[::1]", "xn--fsq.test"])
port = st.sampled_from(["", ":80", ":443", ":8080", ":0", ":08", ":65535", ":65536", ":"])
urls = st.builds(
    lambda scheme, user, host, port, path, query: f"{scheme}://{user}{host}{port}{path}{query}",
    st.sampled_from(["http", "https", "HTTP", "ftp"]),
    st.sampled_from(["", "", "user:password@"]),
    host,
    port,
    st.just("") | st.builds(lambda parts: "/" + "/".join(parts), st.lists(piece, max_size=3)),
    st.just("") | piece.map(lambda text: "?" + text),
)


@BY_EITHER
@given(text=urls)
@example(text="https://yun.tim.qq.com/v5/tlssmssvr/sendsms?sdkappid=1400000000&random=7226249334")
@example(text="https://sms.test:8443/a/./b/../c%2Fd%zz?x=%41&y=a b")
@example(text="http://h.test/\\")
@example(text="http://h.test?")
@example(text="http://h.test/..")
def test_what_is_not_parsed_is_as_if_it_were(module: Any, text: str) -> None:
    """Whatever the URL, each of its parts is the same, and so are its text and its copies."""
    try:
        parsed = module.URL(text)
        assume(parsed.scheme in ("http", "https") and parsed.host)
    except module.InvalidURL:
        assume(False)
    ours = _kit(module).parse(text)
    for name in ("raw_scheme", "raw_host", "port", "raw_path", "netloc", *PUBLIC):
        assert getattr(ours, name) == getattr(parsed, name), name
    assert (str(ours), repr(ours), hash(ours)) == (str(parsed), repr(parsed), hash(parsed))
    assert ours == parsed
    assert module.URL(_kit(module).parse(text)) == parsed


@BY_EITHER
def test_what_vendors_are_sent_to_is_not_parsed(module: Any) -> None:
    """The URLs of a send are plain: an attribute that it does not have is an error as elsewhere."""
    kit = _kit(module)
    for text in (
        "https://yun.tim.qq.com/v5/tlssmssvr/sendsms?sdkappid=1400000000&random=7226249334",
        "https://sms.tencentcloudapi.com/",
        "https://smsapi.cn-north-4.myhuaweicloud.com:443".removesuffix(":443") + "/sms/batchSendSms/v1",
        "http://127.0.0.1:8090",
    ):
        url = kit.parse(text)
        assert type(url) is kit.url
        assert "_uri_reference" not in vars(url)
        assert url.raw_path.startswith(b"/")
        with pytest.raises(AttributeError):
            _ = url.no_such_attribute
        assert pickle.loads(pickle.dumps(module.URL(url))) == module.URL(text)
