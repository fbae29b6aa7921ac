"""The errors, and what each says about the message.

    SmsgateError
    ├── ConfigurationError      yours: a gateway, provider or template is set up wrongly; nothing was sent
    │   ├── WrongLoopError      yours: the gateway belongs to another event loop; nothing was sent
    │   └── ClosedError         yours: the gateway has been closed; nothing was sent
    ├── MessageError            yours: no provider can take this message; nothing was sent
    │   ├── InvalidNumberError  yours: the number cannot be one; nothing was sent
    │   └── KeyConflictError    yours: its key belongs to a message with other content; nothing was sent
    ├── KeyInProgressError      another send with this key has no result yet: ask again, with the same key
    ├── SendError               from `Result.raise_for_outcome()`, with the result
    │   ├── NotSentError        it never left: sending again is safe
    │   ├── RejectedError       see `reason`: the vendor refused it, it was not sent
    │   └── OutcomeUnknownError it may have been sent: wait for the report before sending again
    ├── InvalidCallError        yours: the arguments of a management call cannot be right; nothing was sent
    ├── VendorError             a management call that the vendor refused, or that got no response: see `outcome`
    ├── KeepError               yours: the response to a pull could not be stored; the error has its bytes
    ├── DataError               yours: what was stored is not what `smsgate.data` writes
    ├── LedgerError             the ledger's database did not write or did not answer; see the call for what follows
    └── CallbackError           the vendor's, or a forger's: a callback that cannot be read

No text and no pickle of these carries a secret, a message parameter or a full phone number. So what holds numbers (a
result, the reports beside a fault) stays in memory: a copy has it, a pickle has not. All else goes into both.
"""

import copy
from typing import Any, ClassVar, Self

from smsgate.model.reason import Outcome, Reason

__all__ = [
    "ClosedError",
    "ConfigurationError",
    "DataError",
    "InvalidCallError",
    "InvalidNumberError",
    "KeyConflictError",
    "KeyInProgressError",
    "LedgerError",
    "MessageError",
    "SmsgateError",
    "VendorError",
    "WrongLoopError",
]


class SmsgateError(Exception):
    """The base of all errors that smsgate raises."""

    _pickled: ClassVar[tuple[str, ...]] = ()
    """The attributes that go into a pickle beside the text: those that never hold a number, a parameter or a secret."""

    def __reduce__(self) -> tuple[type["SmsgateError"], tuple[object, ...], dict[str, object]]:
        return type(self), (str(self),), {name: getattr(self, name) for name in self._pickled}

    def __copy__(self) -> Self:
        return self._like(dict(self.__dict__))

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        return self._like(copy.deepcopy(self.__dict__, memo))

    def _like(self, attributes: dict[str, Any]) -> Self:
        # Exception's own copy goes through __reduce__, which leaves out what a pickle must not hold.
        made = type(self)(str(self))
        made.__dict__.update(attributes)
        return made


class ConfigurationError(SmsgateError, ValueError):
    """A gateway, provider, template or option is set up wrongly. Nothing was sent."""


class WrongLoopError(ConfigurationError, RuntimeError):
    """The gateway is in use on another event loop. Nothing was sent."""


class ClosedError(ConfigurationError, RuntimeError):
    """The gateway has been closed. Nothing was sent."""


class InvalidCallError(SmsgateError, ValueError):
    """The arguments of a management call cannot be right: the text names the one. Nothing was sent."""


class DataError(SmsgateError, ValueError):
    """Data that cannot be read as a value, or a value that cannot be written as data: the text says which."""


class LedgerError(SmsgateError):
    """The database of a `SqlLedger` did not do what it should: it cannot be reached, is full, or has no such table.

    Or the store of a `SharedRates` did not.

    What was to be written was not, or, if the database did not answer in time, may have been.
    """


class VendorError(SmsgateError):
    """A management call that came to nothing: the vendor refused it, or gave no answer that can be read."""

    _pickled = ("outcome", "reason", "code", "request_id")

    def __init__(
        self,
        text: str,
        *,
        outcome: Outcome | None = None,
        reason: Reason | None = None,
        code: str | None = None,
        request_id: str | None = None,
    ) -> None:
        super().__init__(text)
        self.outcome = outcome
        """`REJECTED`: nothing was done. `NOT_SENT`: it never left. `UNKNOWN`: it may have been done."""
        self.reason = reason
        self.code = code
        """The vendor's code as it came."""
        self.request_id = request_id
        """The vendor's id of the call, for its support desk."""


class MessageError(SmsgateError, ValueError):
    """No provider can take this message as it is. Nothing was sent; the text has every provider's reason."""

    def __init__(self, text: str, *, result: Any | None = None) -> None:
        super().__init__(text)
        self.result: Any | None = result
        """The recorded `Result` (`REJECTED`, no attempts) when a gateway refused it, else None.

        Not typed as one: a `Result` has a message, a message has a number, and a number raises this error.
        """


class InvalidNumberError(MessageError):
    """The number is not one a message could go to. Nothing was sent."""


class KeyConflictError(MessageError):
    """The key of the message belongs to an earlier one with other content. Nothing was sent."""

    _pickled = ("field",)

    def __init__(self, text: str, *, result: Any | None = None, field: str = "") -> None:
        super().__init__(text, result=result)
        self.field = field
        """The attribute of `Message` in which they differ."""


class KeyInProgressError(SmsgateError):
    """Another send with the same key had no result in time. That one may have sent it: ask again with the same key."""
