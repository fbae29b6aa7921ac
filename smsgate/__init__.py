"""One async SMS gateway over many vendors. Each name is imported when it is first used."""

import importlib
import typing

if typing.TYPE_CHECKING:
    from smsgate.certainty import Certainty
    from smsgate.delivery import Delivery
    from smsgate.errors import (
        CallbackError,
        ClosedError,
        ConfigurationError,
        InvalidCallError,
        InvalidNumberError,
        MessageError,
        NotSentError,
        OutcomeUnknownError,
        RejectedError,
        SendError,
        SmsgateError,
        VendorError,
        WrongLoopError,
    )
    from smsgate.exchange import Timeouts
    from smsgate.failover import Policy
    from smsgate.gateway import Gateway
    from smsgate.message import Attempt, Binding, Message, Outcome, Result, Template
    from smsgate.phone import PhoneNumber
    from smsgate.provider import Batch, Job, SmsProvider, Verdict
    from smsgate.reason import Reason
    from smsgate.report import Callback, DeliveryState, Reply, Segment, Source, StatusReport
    from smsgate.secret import Secret
    from smsgate.tags import Tag
    from smsgate.wire import Headers, HttpRequest, HttpResponse

__all__ = [
    "Attempt",
    "Batch",
    "Binding",
    "Callback",
    "CallbackError",
    "Certainty",
    "ClosedError",
    "ConfigurationError",
    "Delivery",
    "DeliveryState",
    "Gateway",
    "Headers",
    "HttpRequest",
    "HttpResponse",
    "InvalidCallError",
    "InvalidNumberError",
    "Job",
    "Message",
    "MessageError",
    "NotSentError",
    "Outcome",
    "OutcomeUnknownError",
    "PhoneNumber",
    "Policy",
    "Reason",
    "RejectedError",
    "Reply",
    "Result",
    "Secret",
    "Segment",
    "SendError",
    "SmsProvider",
    "SmsgateError",
    "Source",
    "StatusReport",
    "Tag",
    "Template",
    "Timeouts",
    "VendorError",
    "Verdict",
    "WrongLoopError",
]

__version__ = "0.1.0"

_HOMES: typing.Final = {
    "Attempt": "smsgate.message",
    "Batch": "smsgate.provider",
    "Binding": "smsgate.message",
    "Callback": "smsgate.report",
    "CallbackError": "smsgate.errors",
    "Certainty": "smsgate.certainty",
    "ClosedError": "smsgate.errors",
    "ConfigurationError": "smsgate.errors",
    "Delivery": "smsgate.delivery",
    "DeliveryState": "smsgate.report",
    "Gateway": "smsgate.gateway",
    "Headers": "smsgate.wire",
    "HttpRequest": "smsgate.wire",
    "HttpResponse": "smsgate.wire",
    "InvalidCallError": "smsgate.errors",
    "InvalidNumberError": "smsgate.errors",
    "Job": "smsgate.provider",
    "Message": "smsgate.message",
    "MessageError": "smsgate.errors",
    "NotSentError": "smsgate.errors",
    "Outcome": "smsgate.message",
    "OutcomeUnknownError": "smsgate.errors",
    "PhoneNumber": "smsgate.phone",
    "Policy": "smsgate.failover",
    "Reason": "smsgate.reason",
    "RejectedError": "smsgate.errors",
    "Reply": "smsgate.report",
    "Result": "smsgate.message",
    "Secret": "smsgate.secret",
    "Segment": "smsgate.report",
    "SendError": "smsgate.errors",
    "SmsProvider": "smsgate.provider",
    "SmsgateError": "smsgate.errors",
    "Source": "smsgate.report",
    "StatusReport": "smsgate.report",
    "Tag": "smsgate.tags",
    "Template": "smsgate.message",
    "Timeouts": "smsgate.exchange",
    "VendorError": "smsgate.errors",
    "Verdict": "smsgate.provider",
    "WrongLoopError": "smsgate.errors",
}
"""Where each public name lives. pytest loads the fixtures of this package at every start, so that it must be light."""


if not typing.TYPE_CHECKING:  # a type checker shall go on to find misspelt names

    def __getattr__(name: str) -> object:
        if name not in _HOMES:
            raise AttributeError(f"module 'smsgate' has no attribute {name!r}")
        value: object = getattr(importlib.import_module(_HOMES[name]), name)
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
