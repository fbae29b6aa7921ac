"""Percent-encoding is that of the standard library, for all texts."""

from urllib.parse import quote, unquote

from hypothesis import given
from hypothesis import strategies as st

from smsgate.provider.percent import percent_decoded, percent_encoded

TEXTS = st.text() | st.text("abcXYZ019-._~+ %&=/:,é中")


@given(TEXTS)
def test_encoded(text: str) -> None:
    """All but what RFC 3986 calls unreserved is encoded, and what is no proper Unicode as it is asked for."""
    assert percent_encoded(text, errors="replace") == quote(text, safe="", errors="replace")
    assert percent_decoded(percent_encoded(text, errors="replace")) == text.encode(errors="replace").decode()


@given(TEXTS | st.text("%0aFf2zé").map("%".join))
def test_decoded(text: str) -> None:
    """What is encoded is decoded, and what only looks so is left."""
    assert percent_decoded(text) == unquote(text)
