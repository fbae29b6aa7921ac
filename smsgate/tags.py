"""The tag that goes to the vendor with a message and comes back in its reports, so that they can be matched.

The key is what you give (`Message.key`). The tag is what is made of it and sent: it has the key and, with a secret, a
proof that it was made with that secret. The reference is the tag as a request carried it (`Attempt.reference`) and as a
report echoes it (`StatusReport.reference`). The proof shows that a report is about a message of this sender. It does
not prove what the report says of it.

    sgu ∙ <key>              a message's key; no secret was set
    sgn <proof> ∙ <key>      a message's key, proven together with its number
    sgk <proof> ∙ <key>      a message's key, proven for any number
    sgq ∙ <id>               the id of a request for several messages; no secret was set
    sgr <proof> ∙ <id>       the id of a request for several messages, proven

`∙` is `.` before a key written as it is, and `_` before one in URL-safe base64. The proof is the first 84 bits of an
HMAC-SHA256, in 14 characters. All characters are letters, digits, `.`, `-` and `_`.

A tag takes 18 characters and the key (4 without a secret). Huawei takes at most 128 bytes, without spaces and braces
(Huawei Message & SMS API Reference, 3.2.1, `extend`, and code E000503); some printed editions say 28, so keep keys at
10 characters where you can. Tencent echoes `ext` in reports only once its support has enabled that for the application.

What to put in: a request for one message takes `message.key`, or a fresh id of 10 characters if there is none, bound to
the number. A request for several takes a fresh id bound to no number: its reports are matched by `message_id`, or by
`correlation_id`, which is the tag and the number. Where a vendor has a field for each number of a request
(`ReferencesJobs`), each message has its own tag there too.
"""

import hmac
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from typing import Final

from smsgate.model.correlation import REQUEST_TAGS, correlation_id
from smsgate.model.digests import hmac_sha256
from smsgate.model.errors import MessageError
from smsgate.model.phone import PhoneNumber
from smsgate.model.report import Tag
from smsgate.model.secret import Secret

__all__ = ["MAX_TAG", "Tag", "correlation_id", "make_tag", "read_tag"]

MAX_TAG: Final = 128
"""The longest tag, in characters."""
_PROOF: Final = 14
_PLAIN: Final = re.compile(r"[A-Za-z0-9._-]+", re.ASCII)
_TAG: Final = re.compile(
    r"sg(?:(?P<open>[uq])|(?P<kind>[knr])(?P<proof>[A-Za-z0-9_-]{14}))(?P<form>[._])(?P<key>[A-Za-z0-9._-]+)", re.ASCII
)


def make_tag(key: str, *, to: PhoneNumber | None = None, secret: Secret | None = None, of_request: bool = False) -> str:
    """The tag for *key*, at most `MAX_TAG` characters.

    *to*: the number (E.164) that the proof is bound to; None for a tag that is proven for any number.
    *secret*: without one the tag proves nothing. *of_request*: the key is the id of a request for several messages.
    Raises `MessageError` for a key that is empty, too long or not proper Unicode.
    """
    form = _encode(key)
    if form is None:
        raise MessageError("key: is empty, or has a lone surrogate that no encoding takes")
    if secret is None:
        tag = f"sg{'q' if of_request else 'u'}{form}"
    else:
        kind = "r" if of_request else "k" if to is None else "n"
        tag = f"sg{kind}{_proof(kind, key, to, secret)}{form}"
    if len(tag) > MAX_TAG:
        raise MessageError(f"key: is too long: its tag has {len(tag)} characters, the vendors take {MAX_TAG}")
    return tag


def read_tag(text: str | None, *, to: PhoneNumber | None = None, secrets: Sequence[Secret] = ()) -> Tag | None:
    """What the echoed *text* says, or None if it is not one of our tags. Never raises.

    *to*: the number of the report. *secrets*: all that may have been used, the current one and those before it.
    """
    found = _TAG.fullmatch(text) if text and len(text) <= MAX_TAG else None
    key = _decode(found["form"], found["key"]) if found else None
    if found is None or key is None:
        return None
    kind, proof = found["kind"], found["proof"]
    of_request = text is not None and text.startswith(REQUEST_TAGS)
    if kind is None or (kind == "n" and to is None):
        return Tag(key, proven=False, of_request=of_request)
    matches = [hmac.compare_digest(proof, _proof(kind, key, to, secret)) for secret in secrets]
    return Tag(key, proven=any(matches), of_request=of_request)


def _encode(key: str) -> str | None:
    if _PLAIN.fullmatch(key):
        return f".{key}"
    try:
        return "_" + urlsafe_b64encode(key.encode()).decode().rstrip("=") if key else None
    except UnicodeEncodeError:
        return None


def _decode(form: str, text: str) -> str | None:
    if form == ".":
        return text
    try:
        key = urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode()
    except ValueError:
        return None
    return key if _encode(key) == f"_{text}" else None


def _proof(kind: str, key: str, to: PhoneNumber | None, secret: Secret) -> str:
    number = str(to) if kind == "n" else ""
    text = f"smsgate tag\0{kind}\0{number}\0{key}"
    digest = hmac_sha256(secret.reveal().encode(), text.encode())
    return urlsafe_b64encode(digest).decode()[:_PROOF]
