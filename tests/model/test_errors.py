"""The exception tree: who is at fault, was it sent, and nothing in a pickle that must stay here."""

import copy
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

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
    Reply,
    Result,
    SendError,
    SmsgateError,
    StatusReport,
    VendorError,
    WrongLoopError,
)
from smsgate.model import errors as errors_module
from smsgate.model.phone import PhoneNumber
from smsgate.model.reason import Reason
from smsgate.model.states import DeliveryState

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
    """An error and its copies keep the result in memory; a pickle drops it and has the text alone."""
    raised = error("login to +86*******8000: REJECTED", result=RESULT)
    assert raised.result is RESULT
    for again in (pickle.loads(pickle.dumps(raised)), copy.copy(raised), copy.deepcopy(raised)):
        assert type(again) is error
        assert str(again) == "login to +86*******8000: REJECTED"
    assert copy.copy(raised).result is RESULT
    assert copy.deepcopy(raised).result == RESULT
    assert pickle.loads(pickle.dumps(raised)).result is None
    assert b"4821" not in pickle.dumps(raised)
    assert b"13800138000" not in pickle.dumps(raised)


@pytest.mark.parametrize("error", ALL)
def test_pickles(error: type[SmsgateError]) -> None:
    """Every error goes through a process pool with its type and text."""
    again = pickle.loads(pickle.dumps(error("what is wrong")))
    assert type(again) is error
    assert str(again) == "what is wrong"


def test_callback_error_keeps_what_was_valid() -> None:
    """A callback error says where, and has what was valid beside the fault."""
    error = CallbackError("no digits", where="[3].mobile")
    assert (error.where, error.reports, error.replies) == ("[3].mobile", (), ())
    assert CallbackError("x").where == "body"


TEXTS = st.one_of(st.none(), st.text(max_size=20))


@given(st.text(), st.sampled_from([None, *Outcome]), st.sampled_from([None, *Reason]), TEXTS, TEXTS)
def test_a_vendor_error_says_the_same_everywhere(
    text: str, outcome: Outcome | None, reason: Reason | None, code: str | None, request_id: str | None
) -> None:
    """A copy and a pickle of a vendor's refusal keep what decides whether to call again, and its id for support."""
    error = VendorError(text, outcome=outcome, reason=reason, code=code, request_id=request_id)
    for again in (pickle.loads(pickle.dumps(error)), copy.copy(error), copy.deepcopy(error)):
        assert type(again) is VendorError
        assert (str(again), again.outcome, again.reason) == (text, outcome, reason)
        assert (again.code, again.request_id) == (code, request_id)


def test_a_callback_error_keeps_its_status_and_what_was_valid() -> None:
    """A copy has the valid events beside the fault; a pickle, which must hold no number, has status and place."""
    report = StatusReport("huawei", "id-1", PhoneNumber("+8613800138000"), DeliveryState.DELIVERED)
    reply = Reply("huawei", None, PhoneNumber("+8613800138000"), "TD")
    error = CallbackError("bad", where="[3]", status=401, reports=(report,), replies=(reply,))
    for again in (copy.copy(error), copy.deepcopy(error)):
        assert (again.where, again.status, again.reports, again.replies) == ("[3]", 401, (report,), (reply,))
    pickled = pickle.dumps(error)
    assert b"13800138000" not in pickled
    again = pickle.loads(pickled)
    assert (str(again), again.where, again.status, again.reports, again.replies) == ("bad", "[3]", 401, (), ())


def test_notes_are_copied() -> None:
    """What a caller has added to an error goes into its copies."""
    error = RejectedError("refused", result=RESULT)
    error.add_note("while sending a login code")
    assert copy.copy(error).__notes__ == ["while sending a login code"]
