"""One async SMS gateway over many vendors."""

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
