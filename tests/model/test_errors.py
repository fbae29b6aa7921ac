"""The exception tree: who is at fault, was it sent, and nothing in a pickle but the text."""

import copy
import pickle

import pytest

import smsgate
from smsgate import (
    CallbackError,
    ClosedError,
    ConfigurationError,
    InvalidNumberError,
    Message,
    MessageError,
    NotSentError,
    Outcome,
    OutcomeUnknownError,
    RejectedError,
    Result,
    SendError,
    SmsgateError,
    WrongLoopError,
)
from smsgate.model import errors as errors_module

TREE = {
    ConfigurationError: (SmsgateError, ValueError),
    WrongLoopError: (ConfigurationError, RuntimeError),
    ClosedError: (ConfigurationError, RuntimeError),
    MessageError: (SmsgateError, ValueError),
    InvalidNumberError: (MessageError,),
    SendError: (SmsgateError,),
    NotSentError: (SendError,),
    RejectedError: (SendError,),
    OutcomeUnknownError: (SendError,),
    CallbackError: (SmsgateError, ValueError),
}
RESULT = Result(Message("+8613800138000", "login", {"code": "4821"}), Outcome.REJECTED)
ALL = [getattr(smsgate, name) for name in smsgate.__all__ if name.endswith("Error")]


def test_tree() -> None:
    """The tree is the one that the module draws."""
    for error, bases in TREE.items():
        assert error.__bases__ == bases
    for error in ALL:
        assert issubclass(error, SmsgateError)
        assert error.__name__ in str(errors_module.__doc__)
        assert getattr(smsgate, error.__name__) is error


@pytest.mark.parametrize("error", [MessageError, InvalidNumberError, *SendError.__subclasses__(), SendError])
def test_result_stays_here(error: type[MessageError | SendError]) -> None:
    """An error keeps its result in memory and drops it from pickles and copies, which have the text alone."""
    raised = error("login to +86*******8000: REJECTED", result=RESULT)
    assert raised.result is RESULT
    for again in (pickle.loads(pickle.dumps(raised)), copy.copy(raised), copy.deepcopy(raised)):
        assert type(again) is error
        assert str(again) == "login to +86*******8000: REJECTED"
        assert again.result is None
    assert b"4821" not in pickle.dumps(raised)
    assert b"13800138000" not in pickle.dumps(raised)


@pytest.mark.parametrize("error", ALL)
def test_pickles(error: type[SmsgateError]) -> None:
    """Every error goes through a process pool with its type and text."""
    again = pickle.loads(pickle.dumps(error("what is wrong")))
    assert type(again) is error
    assert str(again) == "what is wrong"


def test_callback_error_keeps_what_was_valid() -> None:
    """A callback error says where, and hands over what was valid beside the fault."""
    error = CallbackError("no digits", where="[3].mobile")
    assert (error.where, error.reports, error.replies) == ("[3].mobile", (), ())
    assert CallbackError("x").where == "body"
