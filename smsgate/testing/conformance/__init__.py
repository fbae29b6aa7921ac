"""What a vendor adapter must hold, as checks that its author's tests run: see `checks`.

    HERON = Adapter(make=lambda: Heron("the-key"), secrets=["the-key"], respond=…, refuse=…)

    @pytest.mark.parametrize("check", checks(HERON), ids=str)
    def test_conformance(check):
        check()

Each check raises `AssertionError` with what is wrong and what to do. They need no network and nothing but the library.
"""

from collections.abc import Callable, Iterator
from functools import partial
from itertools import islice
from random import Random
from typing import Final

import attrs

from smsgate.testing.conformance import callbacks, requests, responses
from smsgate.testing.conformance.adapter import Adapter, SampleReport, SampleRow, Vector, batch_of
from smsgate.testing.mutations import mutations
from smsgate.wire import HttpRequest, HttpResponse

__all__ = ["Adapter", "Check", "SampleReport", "SampleRow", "Vector", "batch_of", "checks"]

__tracebackhide__ = True
"""pytest leaves this module out of its tracebacks, and shows the line of the test and the text of the error."""

_EACH: Final = 300
"""Mutations of each body."""


@attrs.frozen
class Check:
    """One rule, to be called. Its text is its name."""

    name: str
    run: Callable[[Adapter], None] = attrs.field(repr=False)
    adapter: Adapter = attrs.field(repr=False)

    def __str__(self) -> str:
        return self.name

    def __call__(self) -> None:
        """Raise `AssertionError` if the adapter breaks the rule."""
        try:
            self.run(self.adapter)
        except AssertionError as error:
            raise AssertionError(f"{self.name}: {error}") from error.__cause__


def checks(adapter: Adapter, *, seed: int = 0) -> list[Check]:
    """The checks that *adapter* says enough for. *seed*: of the fuzzed bodies, which are the same in every run."""
    found: dict[str, Callable[[Adapter], None]] = {
        "purity": requests.check_purity,
        "facts": requests.check_facts,
        "batches": requests.check_batches,
        "numbers": responses.check_numbers,
        "disagreeing rows": responses.check_disagreeing,
        "known codes": responses.check_refusals,
        "unlisted codes": responses.check_unlisted,
        "no envelope": responses.check_no_envelope,
        "masked errors": responses.check_masked,
        "fuzzed responses": partial(_fuzz_responses, seed=seed),
    }
    if adapter.parse_callback is not None and adapter.push is not None and adapter.states:
        found |= {
            "callback round trip": callbacks.check_round_trip,
            "unlisted report codes": callbacks.check_unlisted_report,
            "bad items": callbacks.check_bad_item,
            "no push": callbacks.check_no_push,
            "fuzzed pushes": partial(_fuzz_pushes, seed=seed),
        }
    for index, vector in enumerate(adapter.vectors):
        found[f"vector {index}"] = partial(requests.check_vector, vector=vector)
    return [Check(name, run, adapter) for name, run in found.items()]


def _fuzz_responses(adapter: Adapter, *, seed: int) -> None:
    """Whatever comes back, there is one verdict a job, and none breaks its own promises."""
    batch = adapter.batch()
    for body in _bodies(_responses(adapter), seed):
        for status in (200, 403, 500):
            responses.read(
                adapter, batch, HttpResponse(status, {}, body), f"HTTP {status} with the body {body[:200]!r}"
            )


def _responses(adapter: Adapter) -> list[bytes]:
    batch = adapter.batch()
    accepted = [SampleRow(str(job.to), id="id") for job in batch.jobs]
    refused = [SampleRow(str(job.to), code=adapter.unlisted) for job in batch.jobs]
    made = (adapter.respond(batch, accepted), adapter.respond(batch, refused), adapter.refuse(batch, "1", "no"))
    return [response.body for response in made]


def _fuzz_pushes(adapter: Adapter, *, seed: int) -> None:
    """Whatever is pushed, `CallbackError` is all that is raised, and no report breaks its own promises."""
    assert adapter.push is not None  # noqa: S101  # asked before this check is made
    samples = [
        SampleReport(id=f"id{index}", to=adapter.numbers[index % 4], code=code)
        for index, code in enumerate(adapter.states)
    ]
    like = adapter.push(samples)
    for body in _bodies([like.body], seed):
        request = HttpRequest(like.method, like.url, like.headers, body)
        callbacks.parse(adapter, request, f"the body {body[:200]!r}")


def _bodies(samples: list[bytes], seed: int) -> Iterator[bytes]:
    random = Random(seed)  # noqa: S311  # the same bodies in every run, no secret
    for sample in samples:
        yield from islice(mutations(sample, random), _EACH)
