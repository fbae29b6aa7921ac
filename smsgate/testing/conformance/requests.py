"""Checks of the requests of an adapter: pure, true to its facts, and right byte by byte."""
# Whether a vendor's author keeps to the annotations is what is checked.
# pyright: reportUnnecessaryIsInstance=false

import copy
import json
import time
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, Final
from unittest import mock
from urllib.parse import urlsplit

from smsgate.provider.protocol import HasAddress, SmsProvider
from smsgate.testing.conformance.adapter import NONCE, NOW, Adapter, Vector, batch_of, limit_of
from smsgate.testing.conformance.reading import read, refusal_of
from smsgate.testing.conformance.request_text import masked, parts_of, text_of
from smsgate.testing.contracts import expect

__all__ = ["check_facts", "check_purity", "check_vector"]

_WORLD: Final = (
    "time.time", "time.time_ns", "time.monotonic", "random.random", "random.randint", "random.getrandbits",
    "os.urandom", "secrets.token_hex", "secrets.token_bytes", "uuid.uuid4", "socket.socket", "socket.getaddrinfo",
    "time.sleep",
)  # fmt: skip


def check_purity(adapter: Adapter) -> None:
    """The same arguments give the same request, whatever the time, and nothing that was given is changed."""
    batch = adapter.batch()
    before, used = copy.deepcopy(batch), adapter.make()
    with _without_world():
        first = used.build_request(batch, now=NOW, nonce=NONCE)
        again = used.build_request(batch, now=NOW, nonce=NONCE)
        other = adapter.make().build_request(batch, now=NOW, nonce=NONCE)
    expect(
        parts_of(first) == parts_of(again) == parts_of(other),
        "build_request: two calls with the same batch, now and nonce gave different requests. It must be a function of "
        "its arguments: take the time from now, and whatever must be new in each request from nonce",
    )
    expect(batch == before, "build_request: it changed the batch that it was given. Build new values in place of that")
    shown = text_of(first)
    seen = [form for form in _forms_of_today() if form in shown]
    expect(
        not seen,
        f"build_request: with now={NOW:.0f}, which is in 2001, the request has today's time ({', '.join(seen)}). "
        "Take the time from now, not from a clock",
    )
    response = adapter.respond(batch, [])
    verdicts = [list(read(adapter, batch, response, "no row", provider=used)) for _ in range(2)]
    expect(verdicts[0] == verdicts[1], "parse_response: the same response was read differently the second time")
    expect(batch == before, "parse_response: it changed the batch that it was given")


def check_facts(adapter: Adapter) -> None:
    """`name`, `batch_limit`, `batch_key`, `refuse`, `address` and the `repr` are what the protocol says."""
    provider, job = adapter.make(), adapter.job(adapter.numbers[0])
    expect(
        isinstance(provider, SmsProvider),
        "make: what it gives lacks members of SmsProvider (smsgate.provider.protocol)",
    )
    expect(isinstance(provider.name, str) and provider.name, "name: must be a text that is not empty")
    limit_of(provider)
    shown = [secret for secret in adapter.secrets if secret in repr(provider)]
    expect(not shown, "repr: it shows a secret. Keep secrets in smsgate.Secret, and write a __repr__ without them")
    key = provider.batch_key(job)
    try:
        hash(key)
    except TypeError:
        expect(False, f"batch_key: gave a {type(key).__name__}, which cannot be hashed: give a tuple of texts")
    expect(key == adapter.make().batch_key(job), "batch_key: two providers alike gave different keys for the same job")
    many = [f"{index:06}" for index in range(100)]
    for odd in (
        job,
        adapter.job("+15550100"),
        adapter.job("+4915112345678", ("",)),
        adapter.job(adapter.numbers[0], ()),
        adapter.job(adapter.numbers[0], many),
        adapter.job(adapter.numbers[0], ["long" * 1000]),
        adapter.job(adapter.numbers[0], template_id="no template"),
    ):
        refusal_of(adapter, provider, odd)
    refused = refusal_of(adapter, provider, job)
    hint = "give the Adapter template_id, params and numbers that it takes"
    expect(refused is None, f"refuse: it refuses the message of these checks ({refused}): {hint}")
    if isinstance(provider, HasAddress):
        url = urlsplit(provider.build_request(batch_of([job]), now=NOW, nonce=NONCE).url)
        origin = f"{url.scheme}://{url.netloc}"
        expect(provider.address == origin, f"address: {provider.address} is not where requests go, {origin}")


def check_vector(adapter: Adapter, vector: Vector) -> None:
    """The request is the given one: method, URL, headers and body."""
    made = adapter.make().build_request(vector.batch, now=vector.now, nonce=vector.nonce)
    pairs: Sequence[tuple[str, bytes, bytes]] = (
        ("the method", made.method.encode(), vector.request.method.encode()),
        ("the URL", made.url.encode(), vector.request.url.encode()),
        *(
            (f"the header {name}", made.headers.get(name, "").encode(), value.encode())
            for name, value in vector.request.headers.pairs
        ),
        ("the body", made.body, vector.request.body),
    )
    for what, found, wanted in pairs:
        at = next((index for index, (a, b) in enumerate(zip(found, wanted, strict=False)) if a != b), None)
        at = min(len(found), len(wanted)) if at is None else at
        expect(
            found == wanted or _json(found) == _json(wanted) is not None,
            f"build_request: {what} is not that of the vector, from byte {at}: {masked(adapter, found[at : at + 40])} "
            f"in place of {masked(adapter, wanted[at : at + 40])}. Compare what is signed, in which order and encoding",
        )


def _json(text: bytes) -> object:
    """The value that *text* is as JSON; None if it is none. In which order its keys stand, a signature of it says."""
    try:
        value: object = json.loads(text) if text[:1] in (b"{", b"[") else None
    except ValueError:
        return None
    return value


def _forms_of_today() -> list[str]:
    now = time.time()
    today = datetime.fromtimestamp(now, UTC)
    return [str(int(now) // 100), today.strftime("%Y%m%d"), today.strftime("%Y-%m-%d")]


@contextmanager
def _without_world() -> Generator[None]:
    """Nothing here may look at a clock, at chance or at the network."""

    def raising(name: str) -> Any:
        def used(*_: object, **__: object) -> Any:
            raise AssertionError(
                f"build_request: it calls {name}. It must be a function of its arguments: now is the time, nonce is new"
            )

        return used

    patches = [mock.patch(name, raising(name)) for name in _WORLD]
    for patch in patches:
        patch.start()
    try:
        yield
    finally:
        for patch in reversed(patches):
            patch.stop()
