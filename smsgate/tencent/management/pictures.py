"""The pictures that go with an application for a signature."""

import base64
from pathlib import Path
from typing import Final

from smsgate.admin import Picture
from smsgate.errors import InvalidCallError

__all__ = ["picture_text"]

_MOST: Final = 2 * 1024 * 1024
_JPEG_OR_PNG: Final = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")


def picture_text(field: str, picture: Picture) -> str:
    """A picture in Base64, without a `data:` prefix. A path is read here, at once.

    Raises `InvalidCallError` if it is neither JPEG nor PNG by its first bytes, has more than 2 MiB, or cannot be read.
    """
    try:
        data = picture if isinstance(picture, bytes) else _head(Path(picture))
    except OSError as error:
        raise InvalidCallError(f"{field}: cannot be read: {error.strerror}") from None
    except (TypeError, ValueError):
        raise InvalidCallError(f"{field}: must be bytes, or the path of a file as a pathlib.Path") from None
    if len(data) > _MOST:
        raise InvalidCallError(f"{field}: must have at most 2 MiB")
    if not data.startswith(_JPEG_OR_PNG):
        raise InvalidCallError(f"{field}: must be a JPEG or PNG picture")
    return base64.b64encode(data).decode("ascii")


def _head(path: Path) -> bytes:
    """The file's bytes, as far as it takes to know that they are too many."""
    with path.open("rb") as file:
        return file.read(_MOST + 1)
