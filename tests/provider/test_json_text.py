"""JSON is read and written alike, whoever does it."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsgate.provider import json_text
from smsgate.provider.reading import read_object

TEXTS = st.text(max_size=6) | st.sampled_from(['a "quoted" \\ / text', "\x00\n", "短信", "\u2028", "NaN"])
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)
WRITERS = st.sampled_from(
    [
        lambda value: json_text.write_json(value),
        lambda value: json.dumps(value).encode(),
        lambda value: json.dumps(value, indent=1, ensure_ascii=False).encode(),
    ]
)


def by_json(monkeypatch: pytest.MonkeyPatch, body: bytes) -> Any:
    """What the standard library reads."""
    with monkeypatch.context() as patched:
        patched.setattr(json_text, "_fast", lambda: None)
        return read_object(body)


def same(first: object, second: object) -> bool:
    return repr(first) == repr(second)  # 1, 1.0 and True are equal, and are not the same


@given(st.dictionaries(TEXTS, VALUES, max_size=4), WRITERS)
def test_a_value_is_read_as_it_was_written(value: dict[str, Any], write: Any) -> None:
    """Whatever is written, in whatever form, is read as the standard library reads it."""
    body = write(value)
    with pytest.MonkeyPatch.context() as monkeypatch:
        assert same(read_object(body), by_json(monkeypatch, body))
    assert same(read_object(body), json.loads(body))


@given(VALUES)
def test_a_value_is_written_as_the_standard_library_writes_it(value: Any) -> None:
    """In UTF-8 and without spaces; floats aside, which no request of ours has."""
    written = json_text.write_json(value)
    assert same(json.loads(written), value)
    if "e" not in repr(value) and "." not in repr(value):
        assert len(written) <= len(json.dumps(value, separators=(",", ":")).encode())


@pytest.mark.parametrize(
    "body",
    [
        b'{"result":0,"result":1016}',
        b'{"a":{"result":0,"result":0}}',
        b'{"a":[{"result":0,"b":1,"result":1}]}',
        b'{"sid":18446744073709551617}',
        b'{"sid":123456789012345678901234567890}',
        b'{"fee":1.0}',
        b'{"fee":1e2}',
        b'{"fee":NaN}',
        b'{"fee":1e999}',
        b'{"a":"\\ud800"}',
        b'{"a":"\\u4e2d"}',
        b'{"a":"\xff"}',
        '{"a":"短信"}'.encode("gb18030"),
        b'\xef\xbb\xbf{"a":1}',
        b'{"a" : 1}',
        b'{"a":1}x',
        b'{"a":' + b"[" * 100_000,
        b"[1]",
        b"",
    ],
)
def test_what_cannot_be_believed_is_the_same(body: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """Names that come twice, long numbers, other encodings, broken text: the standard library decides."""
    assert same(read_object(body), by_json(monkeypatch, body))


@pytest.mark.parametrize("value", [{"a": object()}, {"a": "\ud800"}])
def test_what_is_no_json_is_an_error(value: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both refuse what cannot be written, with one of the errors that are documented."""
    for patched in (False, True):
        if patched:
            monkeypatch.setattr(json_text, "_fast", lambda: None)
        with pytest.raises((ValueError, TypeError)):
            json_text.write_json(value)


def test_the_engine_is_named() -> None:
    """Benchmarks say who reads and writes."""
    assert json_text.engine() in ("json", "msgspec")
