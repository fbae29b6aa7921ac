"""What waits in a queue is sealed: numbers and parameters are encrypted with the caller's key."""

import json
from collections.abc import Iterable
from enum import Enum
from typing import TYPE_CHECKING, Any, Final, Self

from smsgate.model.errors import ConfigurationError, DataError

if TYPE_CHECKING:
    from cryptography.fernet import MultiFernet

__all__ = ["UNENCRYPTED", "Sealing", "Unencrypted"]


class Unencrypted(Enum):
    """The type of `UNENCRYPTED`."""

    UNENCRYPTED = "UNENCRYPTED"


UNENCRYPTED: Final = Unencrypted.UNENCRYPTED
"""In place of a key: numbers and parameters wait as they are. Who may read the queue reads them, and an engine that
logs the arguments of its jobs has them in its log."""

_WANTED: Final = (
    "encrypt: must be a Fernet key (cryptography.fernet.Fernet.generate_key() makes one), several of them, or "
    "smsgate.tasks.UNENCRYPTED"
)


class Sealing:
    """Seals and opens with the keys of *encrypt*: a Fernet key, several, a `MultiFernet`, or `UNENCRYPTED`.

    The first key seals, all of them open. Making one never raises, so that no traceback's frame has a key: `require`
    says what is wrong.
    """

    def __init__(self, encrypt: "str | bytes | Iterable[str | bytes] | MultiFernet | Unencrypted") -> None:
        self._fernet: MultiFernet | None = None
        self._problem: str | None = None
        if encrypt is not UNENCRYPTED:
            try:
                self._fernet = _fernet_of(encrypt)
            except ModuleNotFoundError:
                self._problem = 'encrypt: needs: pip install "smsgate[tasks]"'
            except Exception:  # whatever it was: its text may have a part of a key
                self._problem = _WANTED

    def require(self) -> Self:
        """It, or a `ConfigurationError` that says what is wrong with *encrypt*."""
        if self._problem:
            raise ConfigurationError(self._problem)
        return self

    def seal(self, content: Any) -> Any:
        """*content*, which is plain JSON types, as what may be written into a queue: a token, or as it is."""
        if self._fernet is None:
            return content
        return self._fernet.encrypt(json.dumps(content, separators=(",", ":")).encode()).decode()

    def open(self, sealed: Any) -> Any:
        """What was sealed. Raises `DataError` if it was with none of these keys."""
        if not isinstance(sealed, str):
            return sealed
        if self._fernet is None:
            raise DataError("job: it is encrypted, and encrypt= has no key: give the one that it was enqueued with")
        from cryptography.fernet import InvalidToken

        try:
            return json.loads(self._fernet.decrypt(sealed))
        except InvalidToken:
            pass
        raise DataError("job: it was encrypted with a key that encrypt= does not have: add that one after the first")


def _fernet_of(encrypt: object) -> "MultiFernet":
    from cryptography.fernet import Fernet, MultiFernet

    if isinstance(encrypt, MultiFernet):
        return encrypt
    keys: Any = [encrypt] if isinstance(encrypt, str | bytes) else encrypt
    return MultiFernet([Fernet(key) for key in keys])
