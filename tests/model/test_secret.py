"""A secret shows itself to nobody who does not ask for it by `reveal()`."""

import copy
import logging
import pickle
import traceback
from collections.abc import Callable

import pytest
from fake_vendors import LOGIN, alpha

from smsgate import ConfigurationError, Gateway, Secret
from smsgate.huawei import HuaweiSms
from smsgate.provider import BaseUrl
from smsgate.tencent import TencentV5

CANARY = "canary-5f03a35d00ee52a2"


def test_shows_a_mask() -> None:
    """`repr`, `str`, `format` and log lines show the same mask, whatever the secret is and however long."""
    for secret in (Secret(CANARY), Secret("x"), Secret(CANARY * 40)):
        assert (repr(secret), str(secret), f"{secret}") == ("Secret('********')", "********", "********")
        record = logging.LogRecord("x", logging.INFO, "x", 1, "key %s %r", (secret, secret), None)
        assert record.getMessage() == "key ******** Secret('********')"


def test_reveals_on_demand() -> None:
    """`reveal()` is the one way to the text, and wrapping a secret again changes nothing."""
    assert Secret(CANARY).reveal() == CANARY
    assert Secret.wrap(Secret.wrap(CANARY)).reveal() == CANARY
    assert Secret.wrap(CANARY).require("app_key").reveal() == CANARY


def test_compares() -> None:
    """Secrets are equal if their texts are; a secret never equals plain text."""
    assert Secret(CANARY) == Secret(CANARY)
    assert Secret(CANARY) != Secret(CANARY.upper())
    assert Secret("\ud800é") == Secret("\ud800é")
    assert Secret(CANARY) != CANARY
    assert len({Secret(CANARY), Secret(CANARY)}) == 1
    assert CANARY not in str(hash(Secret(CANARY)))


@pytest.mark.parametrize("leak", [pickle.dumps, copy.copy, copy.deepcopy])
def test_is_not_pickled(leak: Callable[[object], object]) -> None:
    """A secret does not leave its process: pickling says so and shows nothing."""
    with pytest.raises(TypeError, match="a Secret cannot be pickled") as caught:
        leak(Secret(CANARY))
    assert CANARY not in str(caught.value)


BAD = {
    "": "is empty",
    CANARY + "\n": "begins or ends with white space or a line break",
    " " + CANARY: "begins or ends with white space or a line break",
    CANARY + "\u00a0": "begins or ends with white space or a line break",
    CANARY + "é": "has a character that is not printable ASCII",
    CANARY + "\0x": "has a character that is not printable ASCII",
    CANARY + "\nx": "has a character that is not printable ASCII",
    CANARY + "\u200bx": "has a character that is not printable ASCII",
}


@pytest.mark.parametrize(("text", "problem"), BAD.items())
def test_require(text: str, problem: str) -> None:
    """A secret that cannot be right is refused with the field's name, never its text."""
    with pytest.raises(ConfigurationError) as caught:
        Secret.wrap(text).require("app_key")
    assert str(caught.value) == f"app_key: {problem}. Check how it is read from the environment or the vault."


@pytest.mark.parametrize("value", [None, 5, b"bytes-of-a-key"])
def test_not_text(value: object) -> None:
    """Something else than text is refused by its type."""
    with pytest.raises(ConfigurationError, match=f"app_key: must be text, not {type(value).__name__}"):
        Secret.wrap(value).require("app_key")  # type: ignore[arg-type]  # the mistake


def tencent(secret: str) -> object:
    return TencentV5("1400006666", secret)


def huawei_key(secret: str) -> object:
    return HuaweiSms(secret, "secret", sender="isms1", base_url="https://api.example")


def huawei_secret(secret: str) -> object:
    return HuaweiSms("key", secret, sender="isms1", base_url="https://api.example")


def tags(secret: str) -> object:
    return Gateway([alpha()], templates=[LOGIN], tag_secret=secret)


def url(secret: str) -> object:
    return TencentV5("1400006666", "fine", base_url=f"https://user:{secret}@sms.example")


def other_argument(secret: str) -> object:
    return TencentV5("no digits", secret.strip())


def swapped(secret: str) -> object:
    return TencentV5(secret, "1400006666")


def gateway_option(secret: str) -> object:
    return Gateway([], tag_secret=secret.strip())


@pytest.mark.parametrize("text", [CANARY + "\n", CANARY + "é"])
@pytest.mark.parametrize(
    "construct", [tencent, huawei_key, huawei_secret, tags, url, other_argument, swapped, gateway_option]
)
def test_no_constructor_leaks(construct: Callable[[str], object], text: str) -> None:
    """A constructor that fails has the secret in none of its frames, with locals shown, and not in the pickle."""
    with pytest.raises(ConfigurationError) as caught:
        construct(text)
    error = caught.value
    frames = traceback.TracebackException.from_exception(error, capture_locals=True, max_group_depth=9).stack
    ours = [frame for frame in frames if "/smsgate/" in frame.filename]
    assert ours
    told = [str(error), repr(error), str(pickle.dumps(error))]
    told += [f"{name}={value}" for frame in ours for name, value in (frame.locals or {}).items()]
    assert CANARY not in "\n".join(told)
    assert error.__cause__ is None
    assert error.__context__ is None


def test_no_url_leaks() -> None:
    """A refused base URL is shown by neither the error nor its frames."""
    with pytest.raises(ConfigurationError) as caught:
        BaseUrl.wrap(f"https://{CANARY}@host").require()
    shown = traceback.TracebackException.from_exception(caught.value, capture_locals=True)
    ours = [frame for frame in shown.stack if "/smsgate/" in frame.filename]
    assert CANARY not in str(caught.value) + str([frame.locals for frame in ours])
