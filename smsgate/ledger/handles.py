"""The digests by which messages are found: 16 bytes each, of what is written of them."""

import hashlib
from functools import lru_cache
from typing import Final

__all__ = ["ALL_OF_REQUEST", "of_campaign", "of_event", "of_key", "of_message_id", "of_number", "of_reference"]

ALL_OF_REQUEST: Final = -1
"""In place of a position: the handle is of all messages of the request, which their numbers tell apart."""


@lru_cache(maxsize=8192)  # it is asked for when it is claimed and when it leaves
def of_key(key: str) -> bytes:
    """That of `Message.key`."""
    return _digest(f"key\0{key}")


def of_campaign(name: str) -> bytes:
    """That of a campaign."""
    return _digest(f"campaign\0{name}")


def of_number(written: str) -> bytes:
    """That of a number, as it is written."""
    return _digest(f"number\0{written}")


def of_reference(reference: str) -> bytes:
    """That of a tag."""
    return _digest(f"reference\0{reference}")


def of_message_id(provider: str, message_id: str) -> bytes:
    """That of a vendor's id."""
    return _digest(f"message\0{provider}\0{message_id}")


def of_event(written: str) -> bytes:
    """That of a report or reply, as it is written."""
    return _digest(f"event\0{written}")


def _digest(text: str) -> bytes:
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()
