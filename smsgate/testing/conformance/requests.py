"""Checks of the requests of an adapter: pure, true to its facts, for everybody in the batch, and right byte by byte."""
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
from urllib.parse import unquote_plus, urlsplit

from smsgate.provider.protocol import HasAddress, Job, SmsProvider, WeighsJobs
from smsgate.testing.conformance.adapter import NONCE, NOW, Adapter, Vector, batch_of
from smsgate.testing.contracts import expect
from smsgate.wire import HttpRequest

__all__ = ["check_batches", "check_facts", "check_purity", "check_vector", "masked"]

_WORLD: Final = (
    "time.time", "time.time_ns", "time.monotonic", "random.random", "random.randint", "random.getrandbits",
    "os.urandom", "secrets.token_hex", "secrets.token_bytes", "uuid.uuid4", "socket.socket", "socket.getaddrinfo",
    "time.sleep",
)  # fmt: skip
_MOST: Final = 1000


def check_purity(adapter: Adapter) -> None:
    """The same arguments give the same request, whatever the time, and nothing that was given is changed."""
    batch = adapter.batch()
    before, used = copy.deepcopy(batch), adapter.make()
    with _without_world():
        first = used.build_request(batch, now=NOW, nonce=NONCE)
        again = used.build_request(batch, now=NOW, nonce=NONCE)
        other = adapter.make().build_request(batch, now=NOW, nonce=NONCE)
    expect(
        _parts(first) == _parts(again) == _parts(other),
        "build_request: two calls with the same batch, now and nonce gave different requests. It must be a function of "
        "its arguments: take the time from now, and whatever must be new in each request from nonce",
    )
    expect(batch == before, "build_request: it changed the batch that it was given. Build new values in place of that")
    shown = _read(first)
    seen = [form for form in _forms_of_today() if form in shown]
    expect(
        not seen,
        f"build_request: with now={NOW:.0f}, which is in 2001, the request has today's time ({', '.join(seen)}). "
        "Take the time from now, not from a clock",
    )
    response = adapter.respond(batch, [])
    verdicts = [used.parse_response(batch, response) for _ in range(2)]
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
    limit: object = provider.batch_limit
    expect(
        type(limit) is int and provider.batch_limit >= 1, f"batch_limit: must be a whole number from 1, not {limit!r}"
    )
    shown = [secret for secret in adapter.secrets if secret in repr(provider)]
    expect(not shown, "repr: it shows a secret. Keep secrets in smsgate.Secret, and write a __repr__ without them")
    key = provider.batch_key(job)
    try:
        hash(key)
    except TypeError:
        expect(False, f"batch_key: gave a {type(key).__name__}, which cannot be hashed: give a tuple of texts")
    expect(key == adapter.make().batch_key(job), "batch_key: two providers alike gave different keys for the same job")
    for odd in (
        job,
        adapter.job("+15550100"),
        adapter.job("+4915112345678", ("",)),
        adapter.job(adapter.numbers[0], ()),
    ):
        problem: object = provider.refuse(odd)
        expect(problem is None or isinstance(problem, str), f"refuse: must give a text or None, not {problem!r}")
    refused = provider.refuse(job)
    hint = "give the Adapter template_id, params and numbers that it takes"
    expect(refused is None, f"refuse: it refuses the message of these checks ({refused}): {hint}")
    if isinstance(provider, HasAddress):
        url = urlsplit(provider.build_request(batch_of([job]), now=NOW, nonce=NONCE).url)
        origin = f"{url.scheme}://{url.netloc}"
        expect(provider.address == origin, f"address: {provider.address} is not where requests go, {origin}")


def check_batches(adapter: Adapter) -> None:
    """Jobs with equal keys do share a request, up to `batch_limit`: it has each number and each value of theirs."""
    provider = adapter.make()
    template, other = adapter.template_id, f"{adapter.template_id}7"
    values = tuple(f"{value}9" for value in adapter.params)
    first, second = adapter.numbers[:2]
    pairs = {
        "parameters": [adapter.job(first), adapter.job(second, values)],
        "templates": [adapter.job(first), adapter.job(second, template_id=other)],
    }
    for what, jobs in pairs.items():
        key = provider.batch_key(jobs[0])
        if provider.batch_limit > 1 and key is not None and key == provider.batch_key(jobs[1]):
            wanted = (*jobs[1].params, *([other] if what == "templates" else [template]))
            _check_request(adapter, provider, jobs, wanted, f"two jobs with other {what} have equal batch_keys")
    count = min(provider.batch_limit, _MOST)
    full = [adapter.job(f"+86138001{index:05}") for index in range(count)]
    alike = [job for job in full if provider.batch_key(job) == provider.batch_key(full[0])] if count > 1 else full
    if provider.batch_key(full[0]) is None:
        alike = full[:1]
    if isinstance(provider, WeighsJobs):
        heaviest = max(1, max(provider.weight(job) for job in alike))
        alike = alike[: max(1, provider.weight_limit // heaviest)]
    _check_request(adapter, provider, alike, (), f"{len(alike)} jobs may share a request (batch_limit, batch_key)")


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


def masked(adapter: Adapter, text: bytes | str) -> str:
    """*text* without the secrets of *adapter*."""
    shown = repr(text)
    for secret in adapter.secrets:
        shown = shown.replace(secret, "****")
    return shown


def _check_request(
    adapter: Adapter, provider: SmsProvider, jobs: Sequence[Job], wanted: Sequence[str], why: str
) -> None:
    try:
        request: Any = provider.build_request(batch_of(jobs), now=NOW, nonce=NONCE)
    except Exception as error:
        raise AssertionError(f"build_request: raised {type(error).__name__}, though {why}") from error
    expect(isinstance(request, HttpRequest), f"build_request: must give an HttpRequest, not {type(request).__name__}")
    expect(isinstance(request.body, bytes), "build_request: the body must be bytes")
    shown = _read(request)
    lacking = [job.to.masked for job in jobs if job.to.national not in shown]
    expect(not lacking, f"build_request: the request lacks {len(lacking)} of {len(jobs)} numbers, though {why}")
    missing = [value for value in wanted if value not in shown]
    expect(
        not missing,
        f"build_request: {why}, but the request has the values of the first one alone. batch_key must have whatever "
        "is in a request once: the template, the parameters, the signature, the sender",
    )


def _json(text: bytes) -> object:
    """The value that *text* is as JSON; None if it is none. In which order its keys stand, a signature of it says."""
    try:
        value: object = json.loads(text) if text[:1] in (b"{", b"[") else None
    except ValueError:
        return None
    return value


def _parts(request: HttpRequest) -> tuple[object, ...]:
    return request.method, request.url, tuple(request.headers.pairs), request.body


def _read(request: HttpRequest) -> str:
    """All that a request has, as text."""
    text = f"{request.url}\n{request.headers.pairs}\n{request.body.decode('utf-8', 'replace')}"
    return f"{text}\n{unquote_plus(text)}"


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
