"""The v5 calls that are not sends: pulls, statistics, templates and signatures. None of them signs a number.

The text of a response stands in `errmsg` or in `msg`. Tencent's editions do not agree on which, and responses have been
seen that agree with none of them: each call here uses the key that was seen last.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

import attrs

from smsgate.sandbox.state.answer import json_response
from smsgate.sandbox.state.state import SandboxState
from smsgate.sandbox.tencent.v5 import pulls, signs, statistics, templates
from smsgate.sandbox.tencent.v5.refusal import Refusal
from smsgate.sandbox.tencent.v5.verify import V5Call, check_sig
from smsgate.wire import HttpResponse

__all__ = ["OPERATIONS", "manage"]


@attrs.frozen
class _Operation:
    run: Callable[[SandboxState, V5Call, float], dict[str, Any]]
    text_key: str
    text: str = ""
    """What stands there when all is well."""


OPERATIONS: Final[Mapping[str, _Operation]] = MappingProxyType(
    {
        "pullstatus": _Operation(pulls.pull, "errmsg", "ok"),
        "pullstatus4mobile": _Operation(pulls.pull_of_number, "errmsg", "ok"),
        "pullsendstatus": _Operation(statistics.count_sends, "msg", "OK"),
        "pullcallbackstatus": _Operation(statistics.count_deliveries, "errmsg", "OK"),
        "add_template": _Operation(templates.add, "errmsg"),
        "mod_template": _Operation(templates.modify, "errmsg"),
        "del_template": _Operation(templates.delete, "errmsg"),
        "get_template": _Operation(templates.get, "msg"),
        "add_sign": _Operation(signs.add, "msg"),
        "mod_sign": _Operation(signs.modify, "msg"),
        "del_sign": _Operation(signs.delete, "msg"),
        "get_sign": _Operation(signs.get, "msg"),
    }
)


def manage(state: SandboxState, call: V5Call, now: float) -> HttpResponse:
    """The response to a call that is not a send. Raises `Refusal` if there is no such call."""
    operation = OPERATIONS.get(call.operation)
    if operation is None:
        raise Refusal(1011)
    try:
        check_sig(call, "", now)
        payload = operation.run(state, call, now)
    except Refusal as refusal:
        return json_response({"result": refusal.code, operation.text_key: refusal.text})
    return json_response({"result": 0, operation.text_key: operation.text, **payload})
