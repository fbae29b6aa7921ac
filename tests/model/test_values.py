"""Values are values: every frozen class can be a key, whatever it holds."""

import importlib
from collections.abc import Iterator, Mapping
from typing import Any, get_origin

import attrs
import pytest

from smsgate import Attempt, Message, Outcome, Reason, Result
from smsgate.model.report import Reply, StatusReport
from smsgate.model.states import DeliveryState
from smsgate.provider import Callback
from smsgate.wire import Headers, HttpRequest, HttpResponse

PUBLIC = ["", ".management", ".provider", ".webhooks", ".wire", ".transport", ".tencent", ".huawei"]
UNHASHABLE = (dict, list, set, Mapping)


def frozen_classes() -> Iterator[type[Any]]:
    """Every public frozen class that is compared by its values."""
    modules = [importlib.import_module(f"smsgate{name}") for name in PUBLIC]
    named = {(module.__name__, name): getattr(module, name) for module in modules for name in module.__all__}
    for found in {id(each): each for each in named.values()}.values():
        if isinstance(found, type) and attrs.has(found) and found.__eq__ is not object.__eq__:
            yield found


@pytest.mark.parametrize("kind", sorted(frozen_classes(), key=str), ids=lambda kind: kind.__qualname__)
def test_a_frozen_value_has_a_hash(kind: type[Any]) -> None:
    """No field that counts for the hash is of a type without one: a dictionary, a list or a set."""
    if getattr(kind, "__hash__", None) is None:
        return  # not frozen: it says itself that it is no key
    fields = attrs.fields(attrs.resolve_types(kind))
    hashed = [field for field in fields if (field.eq if field.hash is None else field.hash)]
    assert [field.name for field in hashed if (get_origin(field.type) or field.type) in UNHASHABLE] == []


def test_requests_and_callbacks_can_be_keys() -> None:
    """Equal requests, answers and callbacks have equal hashes."""
    report = StatusReport("huawei", "1", None, DeliveryState.DELIVERED, raw={"a": []})
    for make in (
        lambda: Headers({"Host": "x"}),
        lambda: HttpRequest("POST", "https://x/", {"Host": "x"}, b"body"),
        lambda: HttpResponse(200, [("Date", "now")], b"body"),
        lambda: Callback((report,), (), HttpResponse(200)),
    ):
        assert make() == make()
        assert len({make(), make()}) == 1


@pytest.mark.parametrize("reason", [None, *Reason])
def test_a_result_says_what_to_do_as_a_report_does(reason: Reason | None) -> None:
    """Result and report answer the same questions, from the one table."""
    result = Result(Message("+8613800138000", "login"), Outcome.REJECTED, reason=reason, remedy="write to support")
    report = StatusReport("huawei", "1", None, DeliveryState.REJECTED, reason, remedy="write to support")
    for found in (result, report):
        assert found.remedy == "write to support"
        assert found.suppress == (reason is not None and reason.rule.suppress)
        assert found.permanent == (reason is not None and reason.rule.permanent)
        assert found.fault == (None if reason is None else reason.rule.fault)


def test_no_try_has_a_remedy_unless_the_vendor_said_a_code() -> None:
    """The remedy belongs to a code: what has none has no remedy."""
    message = Message("+8613800138000", "login")
    assert (Result(message, Outcome.ACCEPTED).remedy, Result(message, Outcome.ACCEPTED).fault) == ("", None)
    assert Reply.__hash__ is not None
    assert Attempt.__hash__ is not None
