"""What is kept of the content of a message beside its key, so that another content with the same key is told apart."""

import hashlib
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

from smsgate.ledger.privacy import Privacy
from smsgate.ledger.stored import StoredRequest
from smsgate.model.message import Message
from smsgate.model.secret import Secret

__all__ = ["content_of", "stored_difference"]

_SIZE: Final = 8
"""Bytes of each digest: they tell a mistake of the caller's, and are not asked to withstand an attack."""


def content_of(message: Message, secret: Secret | None) -> bytes:
    """Digests of what is not written otherwise: the names of its parameters, and with *secret* the number and values.

    Without a secret nothing is kept of values: the digest of a code is as good as the code.
    """
    params = message.params
    names = _names_digest(tuple(params))
    if secret is None:
        return names
    key = _key_of(secret)
    values = _digest((part for name in sorted(params) for part in (name, params[name])), key)
    return names + key[:4] + _digest((str(message.to),), key) + values


def stored_difference(
    message: Message, content: bytes, privacy: Privacy, request: StoredRequest, position: int, stored: bytes
) -> str | None:
    """The attribute in which *message*, with *content*, differs from the one at *position* of *request*, if in one.

    *stored* are the digests of that one. Those with a secret are compared if both have them with the same one.
    """
    keyed, own = stored[_SIZE:], content[_SIZE:]
    same_secret = len(keyed) == len(own) > 0 and keyed[:4] == own[:4]
    if _is_other_number(message, privacy, request.messages.text(position, "to"), same_secret):
        return "to"
    if same_secret and keyed[4:12] != own[4:12]:
        return "to"
    if request.messages.text(position, "template") != message.template:
        return "template"
    if stored[:_SIZE] != content[:_SIZE] or (same_secret and keyed[12:] != own[12:]):
        return "params"
    return "extend" if request.messages.text(position, "extend") != message.extend else None


def _is_other_number(message: Message, privacy: Privacy, written: str, same_secret: bool) -> bool:
    """Whether the number of *message* is not the one that was *written*, as far as that can be said."""
    number = privacy.write_numbers([message.to])[0]
    if written == number:
        return False
    form = _form(written)
    return form == _form(number) and (form != "hashed" or same_secret)


def _form(written: str) -> str:
    return "hashed" if ":" in written else "masked" if "*" in written else "full"


@lru_cache(maxsize=256)
def _names_digest(names: tuple[str, ...]) -> bytes:
    return _digest(sorted(names), b"")


@lru_cache(maxsize=16)
def _key_of(secret: Secret) -> bytes:
    return hashlib.blake2b(secret.reveal().encode(), digest_size=32, person=b"smsgate-content").digest()


def _digest(parts: Iterable[str], key: bytes) -> bytes:
    text = "\0".join(parts)
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=_SIZE, key=key).digest()
