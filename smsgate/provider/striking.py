"""What must not be shown, struck out of a text however it stands there: other case, percent-encoded, escaped. Pure.

It is for texts of refusals alone, of which one is read for many messages.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

__all__ = ["strike_out"]

_MASK: Final = "****"
_SHORT: Final = 3
_MOST_LEVELS: Final = 3
"""How often over a text may be encoded."""
_ENCODED: Final = re.compile(r'(?:%[0-9a-f]{2})+|(?:\\u[0-9a-f]{4})+|\\["\\/bfnrt]', re.ASCII | re.IGNORECASE)
_ESCAPES: Final = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
_FOLDED: Final = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {ord("+"): " ", ord("＋"): " "}
"""A plus may stand for a space. Full-width letters and digits are those that they look like."""
_FIRST_WITHOUT_SPACES: Final = "\u2e80"
"""From here on are the scripts that put nothing between words: Chinese, Japanese."""


def strike_out(text: str, words: Iterable[str]) -> str:
    """*text* with each of *words* replaced by "****", whatever its case, also where it is encoded up to three times.

    Encoded: in percent, a plus for a space, or escaped as in JSON. Words of up to three characters are struck out where
    they stand alone.
    """
    wanted = {plain for word in words if word for plain, _, _ in _levels(word)}  # one that looks encoded is decoded too
    spans: list[tuple[int, int]] = []
    for plain, starts, ends in _levels(text):
        spans += [(starts[at], ends[at + len(word) - 1]) for word in wanted for at in _places(plain, word)]
    shown, end = list[str](), 0
    for start, after in sorted(spans):
        if start >= end:
            shown += [text[end:start], _MASK]
        end = max(end, after)
    return "".join([*shown, text[end:]])


def _levels(text: str) -> Iterator[tuple[str, Sequence[int], Sequence[int]]]:
    """*text*, then decoded once, twice …: folded, with where each character begins and ends in *text*."""
    plain = _fold(text)
    starts: Sequence[int] = range(len(text))
    ends: Sequence[int] = range(1, len(text) + 1)
    yield plain, starts, ends
    for _ in range(_MOST_LEVELS):
        if _ENCODED.search(plain) is None:
            return
        plain, starts, ends = _decode(plain, starts, ends)
        yield plain, starts, ends


def _decode(plain: str, starts: Sequence[int], ends: Sequence[int]) -> tuple[str, Sequence[int], Sequence[int]]:
    chars, begins, afters, done = list[str](), list[int](), list[int](), 0
    for found in _ENCODED.finditer(plain):
        at = found.start()
        chars += plain[done:at]
        begins += starts[done:at]
        afters += ends[done:at]
        for char, length in _characters(found[0]):
            chars.append(char)
            begins.append(starts[at])
            at += length
            afters.append(ends[at - 1])
        done = at
    return _fold("".join(chars) + plain[done:]), [*begins, *starts[done:]], [*afters, *ends[done:]]


def _characters(run: str) -> Iterator[tuple[str, int]]:
    """The characters that *run* stands for, and how many of its own each takes."""
    if run[0] == "%":  # what is not UTF-8 stays apart, octet by octet
        for char in bytes.fromhex(run.replace("%", "")).decode(errors="surrogateescape"):
            yield char, 3 * len(char.encode(errors="surrogateescape"))
    elif run[1] == "u":
        for char in bytes.fromhex(run.replace("\\u", "")).decode("utf-16-be", "surrogatepass"):
            yield char, 12 if char > "\uffff" else 6
    else:
        yield _ESCAPES.get(run[1], run[1]), 2


def _fold(text: str) -> str:
    """*text* in lower case, and as long as before."""
    text = text.translate(_FOLDED)
    lower = text.lower()
    return lower if len(lower) == len(text) else "".join([char.lower()[0] for char in text])


def _places(plain: str, word: str) -> Iterator[int]:
    at = plain.find(word)
    while at >= 0:
        after = at + len(word)
        if len(word) > _SHORT or not (
            _joined(plain[max(at - 1, 0) : at], word[0]) or _joined(plain[after : after + 1], word[-1])
        ):
            yield at
        at = plain.find(word, at + 1)


def _joined(neighbour: str, edge: str) -> bool:
    """Whether *neighbour*, perhaps none, is of one word with the *edge* of what stands beside it."""
    if max(neighbour, edge) >= _FIRST_WITHOUT_SPACES:
        return False
    return neighbour.isalnum() or neighbour == "_"
