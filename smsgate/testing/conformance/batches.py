"""Checks of what of its jobs a request has: each field of one job, and each number and each value of several."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

import attrs

from smsgate.model.message import Message
from smsgate.provider.protocol import Batch, Job, SmsProvider, WeighsJobs
from smsgate.testing.conformance.adapter import FIELDS, NONCE, NOW, Adapter, limit_of
from smsgate.testing.conformance.reading import refusal_of
from smsgate.testing.conformance.request_text import build, has_number, parts_of
from smsgate.testing.contracts import expect

__all__ = ["check_batches", "check_fields"]

_MOST: Final = 1000
_CALLED: Final = {
    "template_id": "templates",
    "params": "parameters",
    "signature": "signatures",
    "sender": "senders",
    "extend": "extensions",
    "expires_at": "times of expiry",
}


def check_fields(adapter: Adapter) -> None:
    """Jobs that differ in one field have different requests, unless the vendor refuses them or has no such field."""
    provider, to = adapter.make(), adapter.numbers[0]
    for field in FIELDS:
        if not adapter.needs(field):
            continue
        for pair in _changes(adapter, to, field):
            if all(refusal_of(adapter, provider, job) is None for job in pair):
                expect(
                    _matters(provider, *pair),
                    f"build_request: two jobs with other {_CALLED[field]} (Job.{field}) have the same request. Send "
                    f'it, or refuse such a job in refuse(); if the vendor has no such field: Adapter(unused=["{field}"'
                    "])",
                )
    if adapter.needs("reference"):
        job = adapter.job(to)
        made = [
            parts_of(provider.build_request(Batch((job,), reference), now=NOW, nonce=NONCE))
            for reference in ("sgu.one", "sgu.other")
        ]
        expect(
            made[0] != made[1],
            "build_request: two batches with other references have the same request. Send Batch.reference, which the "
            'vendor is to echo in its reports; if it echoes nothing: Adapter(unused=["reference"])',
        )


def check_batches(adapter: Adapter) -> None:
    """Jobs with equal keys do share a request, up to `batch_limit`: it has each number and each value of theirs."""
    provider = adapter.make()
    limit = limit_of(provider)
    first, second = adapter.numbers[:2]
    for field in FIELDS if limit > 1 else ():
        others = _changes(adapter, second, field)
        for (one, changed), (same, other) in zip(_changes(adapter, first, field), others, strict=True):
            key = provider.batch_key(one)
            if key is None or key != provider.batch_key(other):
                continue
            if all(refusal_of(adapter, provider, job) is None for job in (one, other)) and _matters(
                provider, one, changed
            ):
                _check_shared(provider, [one, other], [[one, same], [changed, other]], _CALLED[field])
    _check_full(adapter, provider, min(limit, _MOST))


def _check_shared(provider: SmsProvider, jobs: Sequence[Job], alike: Sequence[Sequence[Job]], called: str) -> None:
    """The request for *jobs* has both their values: each pair of *alike*, where one has the other's, has another."""
    why = f"two jobs with other {called} have equal batch_keys"
    shared = parts_of(build(provider, jobs, why))
    _check_all_there(provider, jobs, why)
    for pair in alike:
        expect(
            parts_of(build(provider, pair, why)) != shared,
            f"build_request: {why}, but the request has the values of the first one alone. batch_key must have "
            "whatever is in a request once: the template, the parameters, the signature, the sender",
        )


def _check_full(adapter: Adapter, provider: SmsProvider, count: int) -> None:
    full = [adapter.job(f"+86138001{index:05}") for index in range(count)]
    alike = [job for job in full if provider.batch_key(job) == provider.batch_key(full[0])] if count > 1 else full
    if provider.batch_key(full[0]) is None:
        alike = full[:1]
    if isinstance(provider, WeighsJobs):
        heaviest = max(1, max(provider.weight(job) for job in alike))
        alike = alike[: max(1, provider.weight_limit // heaviest)]
    _check_all_there(provider, alike, f"{len(alike)} jobs may share a request (batch_limit, batch_key)")


def _check_all_there(provider: SmsProvider, jobs: Sequence[Job], why: str) -> None:
    request = build(provider, jobs, why)
    lacking = [job for job in jobs if not has_number(request, job.to)]
    expect(
        not lacking,
        f"build_request: the request lacks {len(lacking)} of {len(jobs)} numbers, though {why}. A number is its "
        "national digits, or has its country calling code alone before them (str(job.to) is E.164)",
    )


def _matters(provider: SmsProvider, one: Job, other: Job) -> bool:
    why = "refuse takes the job"
    return parts_of(build(provider, [one], why)) != parts_of(build(provider, [other], why))


def _changes(adapter: Adapter, to: str, field: str) -> Iterator[tuple[Job, Job]]:
    """Pairs of jobs to one number that differ in *field* alone. Of parameters, each is another one once."""
    job = adapter.job(to)
    if field == "template_id":
        yield job, attrs.evolve(job, template_id=f"{job.template_id}7")
    elif field == "params":
        for index, value in enumerate(job.params):
            yield job, adapter.job(to, [*job.params[:index], f"{value}9", *job.params[index + 1 :]])
    elif field == "expires_at":
        times = [datetime.fromtimestamp(NOW, UTC) + timedelta(hours=hours) for hours in (1, 2)]
        first, second = [Message(to, "check", job.message.params, expires_at=time) for time in times]
        yield attrs.evolve(job, message=first), attrs.evolve(job, message=second)
    elif field == "signature":
        yield attrs.evolve(job, signature="Acme"), attrs.evolve(job, signature="Brand")
    elif field == "sender":
        yield attrs.evolve(job, sender="10690001"), attrs.evolve(job, sender="10690002")
    else:
        yield attrs.evolve(job, extend="77"), attrs.evolve(job, extend="78")
