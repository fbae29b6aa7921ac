"""Reading a stranger's JSON with suspicion."""

import json
from typing import Any, Final, NoReturn, cast

__all__ = ["read_json", "read_object"]


def read_json(body: bytes) -> object:
    """The JSON value in *body*, or None if it is not JSON. Never raises.

    A byte order mark is skipped and GBK is read where UTF-8 fails: both have been seen in front of vendors' answers.
    """
    return _read(body, _DECODER)


def read_object(body: bytes) -> dict[str, Any] | None:
    """The JSON object in *body*, or None for anything else, also if a name has two values. Never raises.

    Of `{"result": 0, "result": 1016}` no half can be believed: one says that the message was sent, the other not.
    """
    value = _read(body, _STRICT)
    return cast("dict[str, Any]", value) if isinstance(value, dict) else None


def _read(body: bytes, decoder: json.JSONDecoder) -> object:
    text = _decode(body)
    if text is None:
        return None
    try:
        return decoder.decode(text)
    except (ValueError, RecursionError):
        return None


def _decode(body: bytes) -> str | None:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return body.decode(encoding)
        except UnicodeDecodeError:
            continue
    return None


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _agreeing(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs) and any(found[name] != value for name, value in pairs):
        raise ValueError("a name has two values")
    return found


_DECODER: Final = json.JSONDecoder(parse_constant=_refuse_constant)


_STRICT: Final = json.JSONDecoder(parse_constant=_refuse_constant, object_pairs_hook=_agreeing)
