"""Checks of what makes a request new each time, and of its signature."""

from collections.abc import Iterator
from typing import Final

import attrs

from smsgate.provider.protocol import SmsProvider
from smsgate.testing.conformance.adapter import NONCE, NOW, Adapter
from smsgate.testing.conformance.reading import refusal_of
from smsgate.testing.conformance.request_text import build, parts_of
from smsgate.testing.contracts import expect
from smsgate.wire import HttpRequest

__all__ = ["check_nonce", "check_now", "check_signature"]

_WHY: Final = "refuse takes the job"
_FEWEST_DIGITS: Final = 5
"""Of a nonce: a million of them."""
_LATER: Final = {"a minute": 60.0, "an hour": 3600.0, "30 days": 30 * 86400.0}
_ODD: Final = "\u5f20\u4e09 a&b=c+d%7E~*'\"/?"
_PLACES: Final = 16


def check_nonce(adapter: Adapter) -> None:
    """Two requests with two nonces are two requests, if the vendor's have a nonce."""
    provider, jobs = adapter.make(), [adapter.job(adapter.numbers[0])]
    first = parts_of(build(provider, jobs, _WHY))

    def differs(nonce: str) -> bool:
        return parts_of(build(provider, jobs, _WHY, nonce=nonce)) != first

    others = [f"{NONCE[:index]}{'1' if digit != '1' else '2'}{NONCE[index + 1 :]}" for index, digit in enumerate(NONCE)]
    if adapter.uses_nonce is False or (adapter.uses_nonce is None and not differs("fedcba98" * 4)):
        return
    count = sum(map(differs, others))
    expect(
        count >= _FEWEST_DIGITS,
        f"build_request: {count} of the 32 digits of nonce make a difference to the request, and at least "
        f"{_FEWEST_DIGITS} must. The vendor takes the second of two requests with one nonce for a copy: make its nonce "
        "of all of nonce. If its requests have none: Adapter(uses_nonce=False)",
    )


def check_now(adapter: Adapter) -> None:
    """Two requests of different times are two requests, if the vendor's have a time."""
    provider, jobs = adapter.make(), [adapter.job(adapter.numbers[0])]
    first = parts_of(build(provider, jobs, _WHY))
    same = [what for what, more in _LATER.items() if parts_of(build(provider, jobs, _WHY, now=NOW + more)) == first]
    if adapter.uses_now is False or (adapter.uses_now is None and len(same) == len(_LATER)):
        return
    expect(
        not same,
        f"build_request: the request of {', '.join(same)} later is the same. The vendor refuses one with an old time: "
        "take it from now. If its requests have none: Adapter(uses_now=False)",
    )


def check_signature(adapter: Adapter) -> None:
    """The signature is right, as `verify` finds it."""
    provider = adapter.make()
    first = build(provider, [adapter.job(adapter.numbers[0])], _WHY)
    for request in _requests(adapter, provider):
        expect(
            _is_right(adapter, request),
            "build_request: verify finds the signature wrong. Sign what is sent, byte by byte, and what the vendor "
            "signs: its order, its encoding, its key",
        )
    expect(
        not all(_is_right(adapter, request) for request in _tampered(first)),
        "verify: it takes each request whose body, headers or query were changed. It must compute the signature anew, "
        "and compare",
    )


def _requests(adapter: Adapter, provider: SmsProvider) -> Iterator[HttpRequest]:
    yield build(provider, adapter.batch().jobs, _WHY)
    yield build(provider, adapter.batch(1).jobs, _WHY)
    odd = adapter.job(adapter.numbers[0], [_ODD for _ in adapter.params])
    if refusal_of(adapter, provider, odd) is None:
        yield build(provider, [odd], _WHY)


def _tampered(request: HttpRequest) -> Iterator[HttpRequest]:
    """*request* with another byte of its body, another value of a header, another query."""
    body = request.body
    for at in range(0, len(body), len(body) // _PLACES + 1):
        yield attrs.evolve(request, body=body[:at] + bytes([body[at] ^ 1]) + body[at + 1 :])
    for index, (name, value) in enumerate(request.headers.pairs):
        for at in range(0, len(value), len(value) // _PLACES + 1):
            fields = [*request.headers.pairs]
            fields[index] = (name, f"{value[:at]}{'1' if value[at] != '1' else '2'}{value[at + 1 :]}")
            yield attrs.evolve(request, headers=fields)
    yield attrs.evolve(request, url=f"{request.url}{'&' if '?' in request.url else '?'}tampered=1")


def _is_right(adapter: Adapter, request: HttpRequest) -> bool:
    assert adapter.verify is not None  # noqa: S101  # asked before
    try:
        return bool(adapter.verify(request))
    except Exception as error:
        raise AssertionError(f"verify: raised {type(error).__name__}. It says True or False of any request") from error
