"""One async SMS gateway over several vendors. Each name is imported when it is first used."""

import typing

if typing.TYPE_CHECKING:
    from smsgate.guard.quiet_hours import QuietHours
    from smsgate.management.gaps import KeepError
    from smsgate.model.delivery import Delivery, MessageStatus
    from smsgate.model.errors import (
        ClosedError,
        ConfigurationError,
        DataError,
        InvalidCallError,
        InvalidNumberError,
        KeyConflictError,
        KeyInProgressError,
        LedgerError,
        MessageError,
        SmsgateError,
        VendorError,
        WrongLoopError,
    )
    from smsgate.model.message import Message
    from smsgate.model.phone import PhoneNumber, resolve_number
    from smsgate.model.reason import Outcome, Reason
    from smsgate.model.report import Reply, Segment, Source, StatusReport, Tag
    from smsgate.model.result import (
        Attempt,
        NotSentError,
        OutcomeUnknownError,
        RejectedError,
        Result,
        SendError,
    )
    from smsgate.model.secret import Secret
    from smsgate.model.states import Certainty, DeliveryState
    from smsgate.model.template import Binding, Template
    from smsgate.model.warning import ConfigurationWarning
    from smsgate.provider.callback import Callback, CallbackError
    from smsgate.provider.protocol import Batch, Job, SmsProvider, Verdict
    from smsgate.routing.health import Health, HealthState
    from smsgate.routing.routes import Route
    from smsgate.sending.failover import Policy
    from smsgate.sending.gateway import Gateway
    from smsgate.sending.ledger import Claim, ClaimsKeys, Ledger, SendRequest
    from smsgate.sending.preview import Preview, PreviewedProvider
    from smsgate.sending.rates import SharedRates
    from smsgate.sending.router import ProviderHealth
    from smsgate.transport.timeouts import Timeouts
    from smsgate.wire import Headers, HttpRequest, HttpResponse

__all__ = [
    "Attempt",
    "Batch",
    "Binding",
    "Callback",
    "CallbackError",
    "Certainty",
    "Claim",
    "ClaimsKeys",
    "ClosedError",
    "ConfigurationError",
    "ConfigurationWarning",
    "DataError",
    "Delivery",
    "DeliveryState",
    "Gateway",
    "Headers",
    "Health",
    "HealthState",
    "HttpRequest",
    "HttpResponse",
    "InvalidCallError",
    "InvalidNumberError",
    "Job",
    "KeepError",
    "KeyConflictError",
    "KeyInProgressError",
    "Ledger",
    "LedgerError",
    "Message",
    "MessageError",
    "MessageStatus",
    "NotSentError",
    "Outcome",
    "OutcomeUnknownError",
    "PhoneNumber",
    "Policy",
    "Preview",
    "PreviewedProvider",
    "ProviderHealth",
    "QuietHours",
    "Reason",
    "RejectedError",
    "Reply",
    "Result",
    "Route",
    "Secret",
    "Segment",
    "SendError",
    "SendRequest",
    "SharedRates",
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
    "resolve_number",
]

__version__ = "0.1.0"

_HOMES: typing.Final = {
    "Attempt": "smsgate.model.result",
    "Batch": "smsgate.provider.protocol",
    "Binding": "smsgate.model.template",
    "Callback": "smsgate.provider.callback",
    "CallbackError": "smsgate.provider.callback",
    "Certainty": "smsgate.model.states",
    "Claim": "smsgate.sending.ledger",
    "ClaimsKeys": "smsgate.sending.ledger",
    "ClosedError": "smsgate.model.errors",
    "ConfigurationError": "smsgate.model.errors",
    "DataError": "smsgate.model.errors",
    "ConfigurationWarning": "smsgate.model.warning",
    "Delivery": "smsgate.model.delivery",
    "DeliveryState": "smsgate.model.states",
    "Gateway": "smsgate.sending.gateway",
    "Headers": "smsgate.wire",
    "Health": "smsgate.routing.health",
    "HealthState": "smsgate.routing.health",
    "HttpRequest": "smsgate.wire",
    "HttpResponse": "smsgate.wire",
    "InvalidCallError": "smsgate.model.errors",
    "InvalidNumberError": "smsgate.model.errors",
    "KeepError": "smsgate.management.gaps",
    "KeyConflictError": "smsgate.model.errors",
    "KeyInProgressError": "smsgate.model.errors",
    "Job": "smsgate.provider.protocol",
    "Ledger": "smsgate.sending.ledger",
    "LedgerError": "smsgate.model.errors",
    "Message": "smsgate.model.message",
    "MessageError": "smsgate.model.errors",
    "MessageStatus": "smsgate.model.delivery",
    "NotSentError": "smsgate.model.result",
    "Outcome": "smsgate.model.reason",
    "OutcomeUnknownError": "smsgate.model.result",
    "PhoneNumber": "smsgate.model.phone",
    "Policy": "smsgate.sending.failover",
    "Preview": "smsgate.sending.preview",
    "PreviewedProvider": "smsgate.sending.preview",
    "ProviderHealth": "smsgate.sending.router",
    "QuietHours": "smsgate.guard.quiet_hours",
    "Reason": "smsgate.model.reason",
    "RejectedError": "smsgate.model.result",
    "Reply": "smsgate.model.report",
    "Result": "smsgate.model.result",
    "Route": "smsgate.routing.routes",
    "Secret": "smsgate.model.secret",
    "Segment": "smsgate.model.report",
    "SendError": "smsgate.model.result",
    "SendRequest": "smsgate.sending.ledger",
    "SharedRates": "smsgate.sending.rates",
    "SmsProvider": "smsgate.provider.protocol",
    "SmsgateError": "smsgate.model.errors",
    "Source": "smsgate.model.report",
    "StatusReport": "smsgate.model.report",
    "Tag": "smsgate.model.report",
    "Template": "smsgate.model.template",
    "Timeouts": "smsgate.transport.timeouts",
    "VendorError": "smsgate.model.errors",
    "Verdict": "smsgate.provider.protocol",
    "WrongLoopError": "smsgate.model.errors",
    "resolve_number": "smsgate.model.phone",
}
"""The module of each public name."""

if not typing.TYPE_CHECKING:  # with it, type checkers would accept any name

    def __getattr__(name: str) -> object:
        from smsgate._lazy import import_name

        return import_name(__name__, name, _HOMES)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
