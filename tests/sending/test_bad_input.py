"""Bad input: one clear error that names the field, nothing sent, and no value in the text."""

import pickle
from datetime import datetime
from typing import Any

import pytest
from fake_vendors import CANARY, LOGIN, FakeVendor, Wire, alpha, beta, gamma
from own_frames import own_frames

from smsgate import Gateway, InvalidNumberError, Message, MessageError, Outcome, Reason, Result, Template

pytestmark = pytest.mark.anyio

FINE = {"code": CANARY, "minutes": "5"}
WHOLE = 482148214821
"""A code that is no text, and as `CANARY` is found by no chance."""
FULL = "+8613800138000"


def message(**fields: Any) -> Message:
    return Message(**({"to": FULL, "template": "login", "params": FINE} | fields))


PARAMS = {
    "empty": ({"code": "", "minutes": "5"}, "params['code']: is empty"),
    "blank": ({"code": " \u3000", "minutes": "5"}, "params['code']: is empty"),
    "blank ASCII": ({"code": "   ", "minutes": "5"}, "params['code']: is empty"),
    "missing": ({"code": CANARY}, "params: lacks minutes; template 'login' takes code, minutes"),
    "none at all": ({}, "params: lacks code, minutes; template 'login' takes code, minutes"),
    "unknown": (FINE | {"name": "Li"}, "params: has unknown name; template 'login' takes code, minutes"),
    "misspelt": (
        {"cod": CANARY, "minutes": "5"},
        "params: lacks code and has unknown cod; template 'login' takes code, minutes",
    ),
    "number": ({"code": WHOLE, "minutes": "5"}, "params['code']: must be text, not int"),
    "None": ({"code": CANARY, "minutes": None}, "params['minutes']: must be text, not NoneType"),
    "list": ([CANARY, "5"], "params: must be a mapping of names to values, not list"),
    "pairs of letters": (["42", "51"], "params: must be a mapping of names to values, not list"),
    "text": (CANARY, "params: must be a mapping of names to values, not str"),
    "no mapping": (None, "params: must be a mapping of names to values, not NoneType"),
    "odd names": ({5: CANARY} | FINE, "params: has unknown 5; template 'login' takes code, minutes"),
}
UNSAFE = {
    "CR": "\r",
    "LF": "\n",
    "NUL": "\0",
    "ESC": "\x1b",
    "TAB": "\t",
    "DEL": "\x7f",
    "C1": "\x9b",
    "line separator": "\u2028",
    "right-to-left override": "\u202e",
    "isolate": "\u2066",
    "zero-width space": "\u200b",
    "word joiner": "\u2060",
    "byte order mark": "\ufeff",
    "half a surrogate pair": "\ud83d",
}
OTHERS = {
    "unknown kind": (
        {"kind": "codes"},
        'kind: \'codes\' is none; it is one of "code", "notification", "marketing" (did you mean \'code\'?)',
    ),
    "kind of another type": (
        {"kind": 3},
        'kind: must be one of "code", "notification", "marketing", not int',
    ),
    "time as text": ({"expires_at": "2026-11-25"}, "expires_at: must be a datetime, not str"),
    "time without a zone": ({"expires_at": datetime(2026, 11, 25)}, "expires_at: must have a time zone"),  # noqa: DTZ001
    "unknown template": (
        {"template": "logn"},
        "template: 'logn' is not a template of this gateway (did you mean 'login'?)",
    ),
    "far-off template": ({"template": "x"}, "template: 'x' is not a template of this gateway (it has login, news)"),
    "template with a number": (
        {"template": "to 13800138000\n"},
        "template: 'to *******8000�' is not a template of this gateway (it has login, news)",
    ),
    "template object": ({"template": LOGIN}, "template: must be the name of a template, not Template"),
    "template list": ({"template": ["login"]}, "template: must be the name of a template, not list"),
    "empty key": ({"key": ""}, "key: must be text, and not empty"),
    "number as key": ({"key": 7}, "key: must be text, and not empty"),
    "long key": ({"key": "k" * 81}, "key: at most 80 bytes of printable characters"),
    "wide key": ({"key": "中" * 27}, "key: at most 80 bytes of printable characters"),
    "key of two lines": ({"key": "a\nb"}, "key: at most 80 bytes of printable characters"),
    "key of half a character": ({"key": "\ud800"}, "key: at most 80 bytes of printable characters"),
    "on_unknown": ({"on_unknown": "retry"}, 'on_unknown: must be "stop" or "failover"'),
    "no provider for it": (
        {"template": "news", "params": {}},
        "no provider can take it: "
        + "; ".join(f"{name}: template 'news' has no id for it (ids has gamma)" for name in ("alpha", "beta")),
    ),
}
NUMBERS = {
    "empty": ("", "to: the number is empty"),
    "blank": (" - ", "to: the number is empty"),
    "None": (None, "to: a phone number is text, not NoneType"),
    "int": (8613800138000, "to: a phone number is text, not int"),
    "country code twice": ("+86+8613800138000", "to: not E.164: one '+', a country code, 7 to 15 digits"),
    "full-width digits": ("+８６１３８", "to: has U+FF18 (FULLWIDTH DIGIT EIGHT): use the digits 0-9 only"),
    "Arabic digits": ("+٨٦١٣٨٠٠١٣٨٠٠٠", "to: has U+0668 (ARABIC-INDIC DIGIT EIGHT): use the digits 0-9 only"),
    "forty digits": ("+" + "1" * 40, "to: not E.164: one '+', a country code, 7 to 15 digits"),
    "no region": ("13800138000", "to: no country code: write +86…, or give the gateway default_region"),
    "letters": (
        "+86 138 CALL ME",
        "to: has U+0043 (LATIN CAPITAL LETTER C): a number has digits only, after one leading '+'",
    ),
    "emergency": ("+86110", "to: not a mobile number of mainland China: +86 and 11 digits that begin with 13 to 19"),
    "short code": (
        "+8610086001",
        "to: not a mobile number of mainland China: +86 and 11 digits that begin with 13 to 19",
    ),
    "two numbers": (
        "+8613800138000,+8613800138001",
        "to: has U+002C (COMMA): a number has digits only, after one leading '+'",
    ),
}  # fmt: skip


def cases() -> list[Any]:
    given = [
        *[("params " + name, {"params": params}, text) for name, (params, text) in PARAMS.items()],
        *[(name, fields, text) for name, (fields, text) in OTHERS.items()],
        *[("number " + name, {"to": to}, text) for name, (to, text) in NUMBERS.items()],
    ]
    for name, char in UNSAFE.items():
        text = f"params['code']: has the character U+{ord(char):04X}, which a text message cannot carry safely"
        given.append((name, {"params": {"code": f"48{char}21", "minutes": "5"}}, text))
    return [pytest.param(fields, text, id=name) for name, fields, text in given]


@pytest.mark.parametrize(("fields", "text"), cases())
async def test_refused_before_the_first_byte(fields: dict[str, Any], text: str) -> None:
    """A message that cannot be sent is refused with the field's name; its outcome is recorded; nothing is sent."""
    wire, recorded = Wire(), list[Result]()
    news = Template("news", ids={"gamma": "g-2"})
    async with Gateway(
        [alpha(batch_limit=9), beta(), gamma()], templates=[LOGIN, news], transport=wire, on_result=recorded.append
    ) as gateway:
        bad = message(**fields)
        with pytest.raises(MessageError) as caught:
            await gateway.send(bad, providers=["alpha", "beta"])
        many = [result async for result in gateway.send_many([bad], providers=["alpha", "beta"])]
    assert str(caught.value) == f"{text}. Nothing was sent to {bad.to.masked}."
    assert isinstance(caught.value, InvalidNumberError) is text.startswith("to:")
    assert caught.value.result == Result(bad, Outcome.REJECTED, reason=many[0].reason, description=text)
    assert many == recorded[1:] == [caught.value.result]
    assert many[0].reason in (Reason.INVALID_NUMBER, Reason.TEMPLATE_REJECTED, Reason.INVALID_REQUEST)
    assert wire.calls == []
    assert_no_value(caught.value)


def assert_no_value(error: MessageError) -> None:
    """Neither the text, nor the frames of smsgate with their locals, nor the pickle have the code or the number."""
    ours = own_frames(error)
    assert ours
    told = [str(error), repr(error), repr(error.result), str(pickle.dumps(error)), *ours]
    for text in told:
        assert CANARY not in text
        assert str(WHOLE) not in text
        assert "13800138000" not in text


@pytest.mark.parametrize("value", ["😀", "👨‍👩‍👧", "👍🏽", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "中文", "नमस्ते", "می‌خواهم", "5 €", "e\u0301"])
async def test_texts_of_all_kinds(value: str) -> None:
    """Emoji, joined ones too, and the scripts of the world are fine."""
    async with Gateway([alpha()], templates=[LOGIN], transport=Wire()) as gateway:
        assert (await gateway.send(message(params={"code": value, "minutes": "5"}))).accepted


async def test_the_provider_has_a_say() -> None:
    """What each provider has against a message is told, for each; one that takes it is enough."""
    wire = Wire()

    def no_sender(job: object) -> str:
        return "sender: is not set"

    refusing, other = FakeVendor("alpha", takes=no_sender), FakeVendor("beta", takes=no_sender)
    async with Gateway([refusing, other], templates=[LOGIN], transport=wire) as gateway:
        with pytest.raises(MessageError) as caught:
            await gateway.send(message())
    assert str(caught.value) == (
        "no provider can take it: alpha: sender: is not set; beta: sender: is not set. "
        "Nothing was sent to +86*******8000."
    )
    async with Gateway([refusing, beta()], templates=[LOGIN], transport=wire) as gateway:
        assert (await gateway.send(message())).provider == "beta"
    assert wire.asked == ["beta"]


@pytest.mark.parametrize("wrong", [None, FULL, {"to": FULL}, [message()]])
async def test_not_a_message(wrong: Any) -> None:
    """Something else than a `Message` is refused by its type alone."""
    async with Gateway([alpha()], templates=[LOGIN], transport=Wire()) as gateway:
        with pytest.raises(MessageError, match=r"^message: must be a Message, not [A-Za-z]+. Nothing was sent.$"):
            await gateway.send(wrong)


async def test_gateway_without_templates() -> None:
    """A gateway that knows no template says so."""
    async with Gateway([alpha()], transport=Wire()) as gateway:
        with pytest.raises(MessageError, match=r"'login' is not a template of this gateway \(it has none\)"):
            await gateway.send(message())
