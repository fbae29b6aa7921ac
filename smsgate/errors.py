"""The errors, and what each says about the message.

    SmsgateError
    ├── ConfigurationError      yours: a gateway, provider or template is set up wrongly; nothing was sent
    │   ├── WrongLoopError      yours: the gateway belongs to another event loop; nothing was sent
    │   └── ClosedError         yours: the gateway has been closed; nothing was sent
    ├── MessageError            yours: no provider can take this message; nothing was sent
    │   └── InvalidNumberError  yours: the number cannot be one; nothing was sent
    ├── SendError               from `Result.raise_for_outcome()`, with the result
    │   ├── NotSentError        nobody's: it never left, sending again is safe
    │   ├── RejectedError       see `reason`: the vendor refused it, it was not sent
    │   └── OutcomeUnknownError it may have been sent: wait for the report before sending again
    └── CallbackError           the vendor's, or a stranger's: a callback that cannot be read

No text, attribute or pickle of these carries a secret, a message parameter or a full phone number. An error keeps the
result it belongs to in memory; a pickled one keeps the text only.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from smsgate.message import Result
    from smsgate.report import Reply, StatusReport

__all__ = [
    "CallbackError",
    "ClosedError",
    "ConfigurationError",
    "InvalidNumberError",
    "MessageError",
    "NotSentError",
    "OutcomeUnknownError",
    "RejectedError",
    "SendError",
    "SmsgateError",
    "WrongLoopError",
]


class SmsgateError(Exception):
    """The base of all errors that smsgate raises. Its text is the whole pickle."""

    def __reduce__(self) -> tuple[type["SmsgateError"], tuple[object, ...]]:
        return type(self), (str(self),)


class ConfigurationError(SmsgateError, ValueError):
    """A gateway, provider, template or option is set up wrongly. Nothing was sent."""


class WrongLoopError(ConfigurationError, RuntimeError):
    """The gateway is in use on another event loop. Nothing was sent."""


class ClosedError(ConfigurationError, RuntimeError):
    """The gateway has been closed. Nothing was sent."""


class MessageError(SmsgateError, ValueError):
    """No provider can take this message as it is. Nothing was sent; the text has every provider's reason."""

    def __init__(self, text: str, *, result: "Result | None" = None) -> None:
        super().__init__(text)
        self.result = result
        """The recorded outcome (`REJECTED`, no attempts) when a gateway refused it."""


class InvalidNumberError(MessageError):
    """The number is not one a message could go to. Nothing was sent."""


class SendError(SmsgateError):
    """A send that was not accepted. `result` tells the whole story."""

    def __init__(self, text: str, *, result: "Result | None" = None) -> None:
        super().__init__(text)
        self.result = result


class NotSentError(SendError):
    """The request never left this machine: sending again is safe."""


class RejectedError(SendError):
    """A vendor refused the message: it was not sent. `result.reason` says why."""


class OutcomeUnknownError(SendError):
    """The message may have been sent: sending it again may charge and deliver it twice."""


class CallbackError(SmsgateError, ValueError):
    """A callback that cannot be read, in part or in whole.

    `reports` and `replies` hold what was valid beside the fault, so that one bad item loses nothing.
    """

    def __init__(
        self,
        text: str,
        *,
        where: str = "body",
        reports: tuple["StatusReport", ...] = (),
        replies: tuple["Reply", ...] = (),
    ) -> None:
        super().__init__(text)
        self.where = where
        """The part at fault: "body", "[3].mobile", "Authorization" …"""
        self.reports = reports
        self.replies = replies
