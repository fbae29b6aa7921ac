"""A file as `multipart/form-data` (RFC 7578)."""

import hashlib
import re
from typing import Final

__all__ = ["file_name_problem", "one_file"]

_NAME: Final = re.compile(r"""[^\s#'"$%&*/\\|<>{}\[\];]{1,255}""")
"""Message & SMS API Reference, online edition of 2024, error codes MSGSMS.0132 and MSGSMS.0133."""
_TYPES: Final = ((b"\x89PNG", "image/png"), (b"\xff\xd8\xff", "image/jpeg"), (b"%PDF", "application/pdf"))


def one_file(field: str, name: str, content: bytes) -> tuple[str, bytes]:
    """The content type and the body of a form with one file. Pure: the boundary is made of the content's own hash."""
    boundary = f"smsgate-{hashlib.sha256(content).hexdigest()}"
    kind = next((kind for start, kind in _TYPES if content.startswith(start)), "application/octet-stream")
    head = f'Content-Disposition: form-data; name="{field}"; filename="{name}"\r\nContent-Type: {kind}\r\n\r\n'
    body = b"".join((f"--{boundary}\r\n{head}".encode(), content, f"\r\n--{boundary}--\r\n".encode()))
    return f"multipart/form-data; boundary={boundary}", body


def file_name_problem(field: str, name: object) -> str | None:
    """What is wrong with the name of a file."""
    if isinstance(name, str) and name.isprintable() and _NAME.fullmatch(name):
        return None
    return f"{field}: must be the name of a file, without spaces and any of # ' \" $ % & * / \\ | < > {{ }} [ ] ;"
