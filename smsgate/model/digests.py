"""SHA-256 and what is made of it. The standard library's is loaded with the first one, and OpenSSL with it.

That takes a tenth of the start of a gateway, which needs none before its first request.
"""

__all__ = ["hmac_sha256", "same", "sha256"]


def sha256(data: bytes) -> str:
    """The hash of *data*, as 64 lower-case hex digits."""
    import hashlib

    return hashlib.sha256(data).hexdigest()


def hmac_sha256(key: bytes, data: bytes) -> bytes:
    """The keyed hash of *data* (RFC 2104), 32 bytes."""
    import hmac

    return hmac.digest(key, data, "sha256")


def same(one: bytes, other: bytes) -> bool:
    """Whether they are equal, in a time that does not show where they differ."""
    import hmac

    return hmac.compare_digest(one, other)
