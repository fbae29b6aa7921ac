"""The records that callbacks are read into, and the states behind them."""

from datetime import UTC, datetime

import pytest

from smsgate.model.phone import PhoneNumber
from smsgate.model.reason import RULES, Reason
from smsgate.model.report import Reply, Segment, Source, StatusReport
from smsgate.model.states import DeliveryState
from smsgate.provider import BASE_STATES, STATES, Callback, Codebook, Meaning, state_of
from smsgate.wire import HttpResponse

NUMBER = "+8613800138000"


def report(**fields: object) -> StatusReport:
    made: dict[str, object] = {
        "provider": "tencent-v5",
        "message_id": "8:abc",
        "to": PhoneNumber(NUMBER),
        "state": DeliveryState.UNDELIVERED,
        "reason": Reason.UNREACHABLE,
        "code": "UNDELIV",
        "meaning": "phone off",
        "description": f"user {NUMBER} is off",
        "segment": Segment(1, 2),
        "source": Source.SMSC,
        "reference": f"order-{NUMBER}",
        "reported_at": datetime(2026, 1, 1, tzinfo=UTC),
        "raw": {"mobile": NUMBER},
    }
    return StatusReport(**{**made, **fields})  # type: ignore[arg-type]


def test_a_report_shows_no_number() -> None:
    """A report's repr masks the number wherever a vendor may have put it, and leaves the raw item out."""
    shown = repr(report(code=NUMBER))
    assert "13800138000" not in shown
    assert "raw" not in shown
    assert "order-" in shown


def test_a_reply_shows_neither_text_nor_number() -> None:
    """A reply's repr has no text and no number in full."""
    reply = Reply("huawei", "106903121282019", PhoneNumber(NUMBER), "my secret", extend=NUMBER, raw={"from": NUMBER})
    shown = repr(reply)
    assert "my secret" not in shown
    assert "13800138000" not in shown
    assert "106903121282019" not in shown
    assert (reply.text, str(reply.sender)) == ("my secret", NUMBER)


def test_unknown_fields_show_as_none() -> None:
    """What a vendor leaves out is None, also in the repr."""
    bare = StatusReport("huawei", "id", None, DeliveryState.PENDING)
    assert "reference=None" in repr(bare)
    assert (bare.to, bare.segment, bare.source, bare.reported_at, dict(bare.raw)) == (None, None, None, None, {})


def test_reports_are_values() -> None:
    """Two reports that say the same are equal, whatever else the raw item has, and a set holds them once."""
    assert report() == report(raw={})
    assert report() != report(code="MK:0001")
    assert len({report(), report(raw={}), report(code="MK:0001")}) == 2
    reply = Reply("huawei", None, PhoneNumber(NUMBER), "yes", raw={"a": 1})
    assert len({reply, Reply("huawei", None, PhoneNumber(NUMBER), "yes")}) == 1


@pytest.mark.parametrize("state", DeliveryState)
def test_all_states_but_pending_are_final(state: DeliveryState) -> None:
    """Only a pending message can still change."""
    assert state.final is (state is not DeliveryState.PENDING)
    assert report(state=state).final is state.final


@pytest.mark.parametrize("reason", Reason)
def test_only_three_reasons_suppress_a_number(reason: Reason) -> None:
    """Numbers that do not exist, are blocklisted or have opted out get no more messages; all others may."""
    suppress = reason in (Reason.INVALID_NUMBER, Reason.BLOCKLISTED, Reason.UNSUBSCRIBED)
    assert RULES[reason].suppress is suppress
    assert report(reason=reason).suppress is suppress


def test_a_delivered_report_suppresses_nothing() -> None:
    """Without a reason there is nothing to suppress."""
    assert not report(state=DeliveryState.DELIVERED, reason=None).suppress


def test_every_reason_has_a_final_state() -> None:
    """A failed delivery is in a final state, whatever its reason."""
    assert set(STATES) == set(Reason)
    assert not {DeliveryState.PENDING, DeliveryState.DELIVERED} & set(STATES.values())


@pytest.mark.parametrize(
    ("meaning", "state"),
    [
        (Meaning(None, "", state=DeliveryState.DELIVERED), "DELIVERED"),
        (Meaning(None, ""), "PENDING"),
        (Meaning(Reason.UNREACHABLE, ""), "UNDELIVERED"),
        (Meaning(Reason.UNKNOWN, ""), "UNDELIVERED"),
        (Meaning(Reason.CONTENT_BLOCKED, ""), "REJECTED"),
        (Meaning(Reason.EXPIRED, ""), "EXPIRED"),
        (Meaning(Reason.DELETED, ""), "DELETED"),
        (Meaning(Reason.IN_REVIEW, "", state=DeliveryState.PENDING), "PENDING"),
    ],
)
def test_the_state_of_a_code(meaning: Meaning, state: str) -> None:
    """A code's own state wins, else its reason decides; neither means that it is still on its way."""
    assert state_of(meaning) is DeliveryState(state)


@pytest.mark.parametrize(
    ("code", "state", "reason"),
    [
        ("DELIVRD", "DELIVERED", None),
        ("ENROUTE", "PENDING", None),
        ("ACCEPTD", "PENDING", None),
        ("SCHEDULED", "PENDING", None),
        ("UNKNOWN", "UNDELIVERED", "UNKNOWN"),
        ("EXPIRED", "EXPIRED", "EXPIRED"),
        ("DELETED", "DELETED", "DELETED"),
        ("UNDELIV", "UNDELIVERED", "UNREACHABLE"),
        ("UNDELIV_601", "UNDELIVERED", "UNREACHABLE"),
        ("REJECTD_006", "REJECTED", "REFUSED"),
        ("SKIPPED", "REJECTED", "INTERCEPTED"),
        ("NOROUTE", "UNDELIVERED", "CARRIER_FAULT"),
        ("UNDELIVRD", "UNDELIVERED", "UNREACHABLE"),
        ("UNDELIVERED", "UNDELIVERED", "UNREACHABLE"),
        ("UNDELIVERD:601", "UNDELIVERED", "UNREACHABLE"),
        ("REJECT", "REJECTED", "REFUSED"),
        ("EXPIRE", "EXPIRED", "EXPIRED"),
        ("SUBMITTED", "UNDELIVERED", "UNKNOWN"),
    ],
)
def test_base_states(code: str, state: str, reason: str | None) -> None:
    """SMPP and CMPP states are known to every vendor's codebook, also with an error number; nothing is guessed."""
    meaning = Codebook({}, base=BASE_STATES)[code]
    assert (state_of(meaning), meaning.reason) == (state, reason)


def test_a_callback_holds_what_came_and_what_to_answer() -> None:
    """A callback is reports, replies and the vendor's acknowledgement."""
    callback = Callback((report(),), (), HttpResponse(200))
    assert (len(callback.reports), callback.replies, callback.answer.status) == (1, (), 200)


@pytest.mark.parametrize("word", ["T", "TD", "退订", "退訂", "stop", "UNSUBSCRIBE"])
@pytest.mark.parametrize("spelling", ["{}", " {}\n", "{}.", "{}。", "{}．", "{} !", "{}｡"])
def test_opt_out_in_the_usual_spellings(word: str, spelling: str) -> None:
    """A reply that is one of the words opts out: in any case and width, with blanks and a final stop."""
    wide = "".join(chr(ord(char) + 0xFEE0) if char.isascii() else char for char in word)
    for text in (word, word.lower(), word.title(), wide, wide.lower()):
        assert Reply("tencent", None, PhoneNumber("+8613800138000"), spelling.format(text)).opt_out


@pytest.mark.parametrize("text", ["", ".", "TDS", "TD?", "not T", "don't stop", "退订吗", "T1", "退", "N", "1"])
def test_other_replies_do_not_opt_out(text: str) -> None:
    """A word within other text is no opt-out: what it means, the application knows."""
    assert not Reply("tencent", None, PhoneNumber("+8613800138000"), text).opt_out
