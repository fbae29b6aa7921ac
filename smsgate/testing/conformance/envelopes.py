"""Checks of what an adapter makes of responses that are not its vendor's, or nearly are."""

from collections.abc import Iterator
from functools import partial
from itertools import islice
from random import Random
from typing import Final

from smsgate.model.reason import Outcome
from smsgate.provider.protocol import Verdict
from smsgate.provider.responses import verdict_without_envelope
from smsgate.testing.conformance.adapter import Adapter, SampleRow
from smsgate.testing.conformance.reading import read
from smsgate.testing.conformance.responses import accepted_rows
from smsgate.testing.contracts import expect
from smsgate.testing.mutations import mutations
from smsgate.wire import HttpResponse

__all__ = ["bodies", "check_error_statuses", "check_no_envelope", "fuzz_headers", "fuzz_responses"]

_PAGE: Final = b"<html><head><title>502 Bad Gateway</title></head></html>"
_EACH: Final = 300
"""Mutations of each body."""
_OPEN: Final = [
    status for status in range(300, 600) if verdict_without_envelope(HttpResponse(status)).outcome is Outcome.UNKNOWN
]
"""The statuses that prove nothing."""
_HEADERS: Final = ("retry-after", "date", "content-type", "x-request-id")
_VALUES: Final = ("", "soon", "-1", "1.5", "nan", "9" * 30, "Thu, 01 Jan 2026 00:00:30 GMT", "\u4f60\u597d", "\x00")


def bodies(samples: list[bytes], seed: int) -> Iterator[bytes]:
    """*samples*, each with many changes of its bytes or of its JSON values."""
    random = Random(seed)  # noqa: S311  # the same bodies in every run, no secret
    for sample in samples:
        yield from islice(mutations(sample, random), _EACH)


def check_no_envelope(adapter: Adapter) -> None:
    """What is not the vendor's response, or a part of it, says of no message that it was accepted or refused."""
    batch = adapter.batch()
    whole = _accepted(adapter)
    half = HttpResponse(whole.status, whole.headers, whole.body[: len(whole.body) // 2])
    cases = {
        "half a response": half,
        "a response without a body": HttpResponse(200, {}, b""),
        "JSON of another kind": HttpResponse(200, {}, b"[1]"),
        "a proxy's page with status 200": HttpResponse(200, {}, _PAGE),
        "half a response with status 403": HttpResponse(403, whole.headers, half.body),
    }
    for status in _OPEN:
        cases[f"a proxy's page with status {status}"] = HttpResponse(status, {}, _PAGE)
        cases[f"status {status} without a body"] = HttpResponse(status, {}, b"")
        cases[f"half a response with status {status}"] = HttpResponse(status, whole.headers, half.body)
    for what, response in cases.items():
        read(adapter, batch, response, what, judge=partial(_check_open, what=what))


def check_error_statuses(adapter: Adapter) -> None:
    """A response that accepts the messages refuses none, whatever HTTP status it has; a refusal can be read too."""
    whole, batch = _accepted(adapter), adapter.batch()
    for status in (500, 503):
        for code in adapter.request_refusals:
            like = adapter.refuse(batch, code, "no")
            read(adapter, batch, HttpResponse(status, like.headers, like.body), f"the code {code} with status {status}")
        what = f"a response that accepts all with status {status}"
        response = HttpResponse(status, whole.headers, whole.body)
        read(adapter, batch, response, what, judge=partial(_check_not_refused, what=what))


def fuzz_responses(adapter: Adapter, *, seed: int) -> None:
    """Whatever comes back, there is one verdict a job, and none breaks its own promises."""
    batch = adapter.batch()
    for body in bodies([response.body for response in _responses(adapter)], seed):
        for status in (200, 403, 500):
            read(adapter, batch, HttpResponse(status, {}, body), f"HTTP {status} with the body {body[:200]!r}")


def fuzz_headers(adapter: Adapter) -> None:
    """Whatever headers a response has, or lacks, there is one verdict a job."""
    batch = adapter.batch()
    odd = [{name: value} for name in _HEADERS for value in _VALUES]
    for response in (*_responses(adapter), HttpResponse(200, {}, _PAGE)):
        given = [{**response.headers, **each} for each in odd]
        lacking = [{key: value for key, value in response.headers.items() if key != name} for name in response.headers]
        for headers in ({}, *given, *lacking):
            for status in (response.status, 403, 429, 503):
                what = f"HTTP {status} with the headers {headers}"
                read(adapter, batch, HttpResponse(status, headers, response.body), what)


def _accepted(adapter: Adapter) -> HttpResponse:
    batch = adapter.batch()
    return adapter.respond(batch, accepted_rows(adapter, batch))


def _responses(adapter: Adapter) -> list[HttpResponse]:
    batch = adapter.batch()
    refused = [SampleRow(str(job.to), code=adapter.unlisted, text="no") for job in batch.jobs]
    code = next(iter(adapter.request_refusals), adapter.unlisted)
    return [_accepted(adapter), adapter.respond(batch, refused), adapter.refuse(batch, code, "no")]


def _check_open(verdict: Verdict, *, what: str) -> None:
    expect(
        verdict.outcome is Outcome.UNKNOWN,
        f"parse_response: {what} is {verdict.outcome}. The vendor may have the message, so it is UNKNOWN: "
        "smsgate.provider.verdict_without_envelope says what an HTTP status proves, and what not",
    )


def _check_not_refused(verdict: Verdict, *, what: str) -> None:
    expect(
        verdict.outcome is not Outcome.REJECTED,
        f"parse_response: {what} is REJECTED. The vendor has the message: its own code decides, at any HTTP status",
    )
