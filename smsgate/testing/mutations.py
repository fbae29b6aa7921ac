"""Bodies that are nearly what a vendor sends: some of their JSON values or of their bytes are changed. Seeded."""

import json
from collections.abc import Iterator
from random import Random
from typing import Any, Final, cast

__all__ = ["ODD", "mutations"]

ODD: Final[tuple[Any, ...]] = (
    None, True, False, 0, -1, 1.5, 10**25, 1e308, "", " ", "0", "000000", "Ok", "FAIL", "SUCCESS", "DELIVRD", "86", "+",
    "2015-10-17", "20151017", "2015-10-17+08:00", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59-12:00", 1445040184,
    "+8613800138000", "13800138000", "13105551234", "1; DROP\r\nTABLE", "１３８００１３８０００",
    "\ud800", "\0", [], {}, [[]],
)  # fmt: skip
"""Values that a vendor might send where another one is due."""
_BYTES: Final = (
    b"\xff", b"\0", b'"', b"\\", b"{", b"}", b"[", b"]", b",", b":", b"NaN", b"1e999", b"%zz", b"&", b"=", b"+",
    b"\xef\xbb\xbf",
    b'"sid":"2",', b'"report_status":"SUCCESS",', b'"status":"DELIVRD",', b'"result":0,',
    b'"code":"000000",', b'"Code":"Ok",',
)  # fmt: skip


def mutations(body: bytes, random: Random) -> Iterator[bytes]:
    """Without end: *body* with a few of its bytes, or of its JSON values, changed."""
    try:
        value: Any = json.loads(body)
    except ValueError:
        value = None
    while True:
        changed = body
        if value is not None and random.random() < 0.6:
            text = json.dumps(_other_values(value, random), ensure_ascii=random.random() < 0.5)
            changed = text.encode("utf-8", "surrogatepass")
        if changed is body or random.random() < 0.2:
            changed = _other_bytes(changed, random)
        yield changed


def _other_values(value: Any, random: Random) -> Any:
    if random.random() < 0.12:
        return random.choice(ODD)
    if isinstance(value, dict):
        items = cast("dict[str, Any]", value).items()
        return {key: _other_values(each, random) for key, each in items if random.random() > 0.05}
    if isinstance(value, list):
        found = [_other_values(each, random) for each in cast("list[object]", value)]
        return found * random.choice((1, 1, 1, 2, 60)) if len(found) < 5 else found
    return value


def _other_bytes(body: bytes, random: Random) -> bytes:
    for _ in range(random.randrange(1, 4)):
        at, cut = random.randrange(len(body) + 1), random.choice((0, 0, 1, 2, 20))
        body = body[:at] + random.choice(_BYTES) + body[at + cut :]
    return body
