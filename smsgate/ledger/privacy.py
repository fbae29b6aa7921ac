"""What is written of values."""

from collections.abc import Sequence
from typing import Any, Self, get_args

import attrs

from smsgate.data import DataValue, Numbers, hash_number, to_data
from smsgate.ledger.handles import of_number
from smsgate.model.errors import ConfigurationError
from smsgate.model.lazy import number_texts
from smsgate.model.message import Message
from smsgate.model.phone import PhoneNumber
from smsgate.model.secret import Secret

__all__ = ["Privacy"]


@attrs.frozen
class Privacy:
    """How numbers and parameters are written."""

    numbers: Numbers
    params: bool
    secret: Secret | None

    @classmethod
    def checked(cls, numbers: Numbers, params: bool, secret: Secret | None) -> Self:
        """It, as a user has asked for it. Raises `ConfigurationError`."""
        if numbers not in get_args(Numbers):
            raise ConfigurationError('numbers: must be "full", "masked" or "hashed"')
        if numbers == "hashed" and secret is None:
            raise ConfigurationError('secret: is needed for numbers="hashed"')
        if secret is not None:
            secret.require("secret")
        return cls(numbers, params, secret)

    def write(self, value: DataValue) -> dict[str, Any]:
        """*value* in JSON types."""
        return to_data(value, numbers=self.numbers, params=self.params, secret=self.secret)

    def write_numbers(self, numbers: Sequence[PhoneNumber]) -> list[str]:
        """How `write` writes *numbers*."""
        if self.numbers == "full":
            return [str(number) for number in numbers]
        if self.numbers == "masked" or self.secret is None:
            return [number.masked for number in numbers]
        secret = self.secret
        return [hash_number(number, secret) for number in numbers]

    def write_numbers_of(self, messages: Sequence[Message]) -> list[str]:
        """How `write` writes the numbers of *messages*."""
        if self.numbers == "full":  # without a `PhoneNumber` for each
            return number_texts(messages)
        return self.write_numbers([message.to for message in messages])

    @property
    def finds_numbers(self) -> bool:
        """Whether a message is found by its number: masked, many are written alike."""
        return self.numbers != "masked"

    def find_number(self, number: PhoneNumber, method: str) -> bytes:
        """The handle of *number*. Raises `ConfigurationError` where none is found by it."""
        if not self.finds_numbers:
            raise ConfigurationError(f'{method}: needs a ledger with numbers="full" or numbers="hashed"')
        return of_number(self.write_numbers([number])[0])
