"""What goes in and what comes out: messages, templates, results."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from traceback import TracebackException
from typing import Any

import attrs
import pytest

from smsgate import (
    Attempt,
    Binding,
    ConfigurationError,
    Message,
    NotSentError,
    Outcome,
    OutcomeUnknownError,
    PhoneNumber,
    Reason,
    RejectedError,
    Result,
    SendError,
    Template,
)

NOW = datetime(2026, 1, 1, tzinfo=UTC)
MESSAGE = Message("+8613800138000", "login", {"code": "4821", "minutes": "5"}, key="order-7")


def test_message_shows_no_value() -> None:
    """The `repr` of a message has neither its parameters nor the full number."""
    assert repr(MESSAGE) == (
        "Message(to=PhoneNumber('+86*******8000'), template='login', key='order-7', extend=None, on_unknown=None, "
        "kind=None, expires_at=None)"
    )
    assert str(MESSAGE.to) == "+8613800138000"


def test_numbers_in_the_wrong_place_are_masked() -> None:
    """A number that was given as template or key does not show in full in any `repr` or summary."""
    swapped = Message("login", "+8613800138000", key="8613800138000")
    told = Result(swapped, Outcome.REJECTED, reference="sgu.8613800138000")
    assert "13800138000" not in repr(told) + told.summary()
    assert Result(Message("login", None), Outcome.REJECTED).summary() == "None to ***in: REJECTED"  # type: ignore[arg-type]


def test_message_takes_positions_and_keywords() -> None:
    """Number, template and parameters by position; the rest by keyword only."""
    assert (
        Message(to="+8613800138000", template="login", params={"minutes": "5", "code": "4821"}, key="order-7")
        == MESSAGE
    )
    assert Message(PhoneNumber("+8613800138000"), "login").params == {}
    with pytest.raises(TypeError):
        Message("+8613800138000", "login", {}, "order-7")  # type: ignore[call-arg]


def test_message_is_a_value() -> None:
    """A message keeps a copy of its parameters, cannot be changed, and can be a member of a set."""
    params = {"code": "1"}
    message = Message("+8613800138000", "login", params)
    params["code"] = "2"
    assert message.params == {"code": "1"}
    assert len({message, Message("+8613800138000", "login", {"code": "1"})}) == 1
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        message.template = "other"  # type: ignore[misc]


@pytest.mark.parametrize(
    "fields",
    [
        {"to": None},
        {"to": 8613800138000},
        {"to": ""},
        {"template": None},
        {"params": None},
        {"params": ["4821", "55"]},
        {"params": "4821"},
        {"on_unknown": "perhaps"},
    ],
)
def test_message_never_raises(fields: dict[str, Any]) -> None:
    """Making a message checks nothing: no traceback of ours has its values, and one bad message fails alone, later."""
    message = Message(**({"to": "+8613800138000", "template": "login"} | fields))
    assert "4821" not in repr(message)


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"name": ""}, "Template: name must be text that is not empty"),
        ({"name": None}, "Template: name must be text that is not empty"),
        ({"params": "code"}, "params: must be a list of names, not one text; write ('code',)"),
        ({"params": ("code", "code")}, "Template 'login': params repeats a name: code, code"),
        ({"params": ("code", "")}, "Template 'login': params has a name that is empty or not text"),
        ({"params": ("code", 5)}, "Template 'login': params has a name that is empty or not text"),
        ({"ids": {"huawei": ""}}, "Template 'login': ids['huawei'] is empty"),
        ({"ids": {"huawei": Binding("")}}, "Template 'login': ids['huawei'] is empty"),
        (
            {"ids": {"huawei": Binding("x", params=("minutes",))}},
            "Template 'login': ids['huawei'].params uses 'minutes', which params does not list",
        ),
        ({"text": "Hi {name}"}, "Template 'login': text uses 'name', which params does not list"),
    ],
)
def test_template_is_checked_when_made(options: dict[str, Any], text: str) -> None:
    """A template that cannot work says so at once, naming the field."""
    with pytest.raises(ConfigurationError) as caught:
        Template(**({"name": "login", "params": ("code",)} | options))
    assert str(caught.value) == text


def test_binding_params_is_a_list() -> None:
    """One text in place of a binding's list of names is refused: it would be read letter by letter."""
    with pytest.raises(ConfigurationError, match="must be a list of names, not one text"):
        Binding("19", params="code")
    assert Binding("19", params=["a", "b"]).params == ("a", "b")
    assert Binding("19").params is None


@pytest.mark.parametrize("make", [partial(Template, "login"), partial(Binding, "19")])
def test_refused_names_can_be_shown(make: Callable[..., object]) -> None:
    """A traceback with local variables can be made of the refusal: the object that was refused has a repr."""
    with pytest.raises(ConfigurationError) as caught:
        make(params="code")
    shown = TracebackException.from_exception(caught.value, capture_locals=True)
    assert any("params='code'" in repr(frame.locals) for frame in shown.stack)


def test_template_ids_become_bindings() -> None:
    """An id alone is a binding with everything else as the provider has it."""
    template = Template("login", ids={"a": "1", "b": Binding("2", sender="1069")})
    assert template.ids == {"a": Binding("1"), "b": Binding("2", sender="1069")}
    assert hash(template) == hash(Template("login"))


@pytest.mark.parametrize(
    ("text", "params", "expected"),
    [
        (None, {}, None),
        ("Hello", {}, "Hello"),
        ("{code} is {code}", {"code": "1"}, "1 is 1"),
        ("{code}", {}, "{code}"),
        ("{code} and {0} {} {{}}", {"code": "{code}"}, "{code} and {0} {} {{}}"),
    ],
)
def test_render(text: str | None, params: dict[str, str], expected: str | None) -> None:
    """Placeholders with names are filled once; other braces are text."""
    assert Template("login", params=("code",), text=text).render(params) == expected


def result(outcome: Outcome, **fields: Any) -> Result:
    attempt = Attempt("alpha", outcome, Reason.AUTH_FAILED, started_at=NOW)
    return Result(MESSAGE, outcome, "alpha", attempts=(attempt,), **fields)


def test_accepted_result_is_given_back() -> None:
    """`raise_for_outcome()` of an accepted message is the result itself."""
    accepted = result(Outcome.ACCEPTED)
    assert accepted.raise_for_outcome() is accepted
    assert accepted.accepted


@pytest.mark.parametrize(
    ("outcome", "error"),
    [
        (Outcome.REJECTED, RejectedError),
        (Outcome.NOT_SENT, NotSentError),
        (Outcome.UNKNOWN, OutcomeUnknownError),
    ],
)
def test_other_results_raise(outcome: Outcome, error: type[SendError]) -> None:
    """Each other outcome has its own error, with the result and a line that has the number masked."""
    refused = result(outcome, reason=Reason.AUTH_FAILED, description="sig is wrong")
    assert not refused.accepted
    with pytest.raises(error) as caught:
        refused.raise_for_outcome()
    assert caught.value.result is refused
    assert str(caught.value) == (
        f"login to +86*******8000: {outcome}; AUTH_FAILED: wrong credentials or signature; sig is wrong; "
        "tried alpha (AUTH_FAILED)"
    )


def test_every_outcome_has_an_error() -> None:
    """No outcome but `ACCEPTED` passes `raise_for_outcome()`."""
    for outcome in Outcome:
        if outcome is not Outcome.ACCEPTED:
            with pytest.raises(SendError):
                Result(MESSAGE, outcome).raise_for_outcome()


def test_summary_of_a_message_without_a_try() -> None:
    """Without attempts the summary names none."""
    assert Result(MESSAGE, Outcome.NOT_SENT).summary() == "login to +86*******8000: NOT_SENT"


def test_values_equal_names() -> None:
    """Outcomes and reasons are text that equals their names, so that they can be stored."""
    assert [str(each) for each in Outcome] == list(Outcome.__members__)
    assert [str(each) for each in Reason] == list(Reason.__members__)
