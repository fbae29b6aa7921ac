"""What a vendor adapter must hold, as checks that its author's tests run: see `checks`.

    HERON = Adapter(make=lambda: Heron("the-key"), secrets=["the-key"], respond=…, refuse=…)

    @pytest.mark.parametrize("check", checks(HERON), ids=str)
    def test_conformance(check):
        check()

Each check raises `AssertionError` with what is wrong and what to do. They need no network and nothing but the library.
"""

from collections.abc import Callable
from functools import partial

import attrs

from smsgate.testing.conformance import batches, callbacks, envelopes, requests, responses, signatures, state
from smsgate.testing.conformance.adapter import Adapter, SampleReport, SampleRow, Vector, batch_of

__all__ = ["Adapter", "Check", "SampleReport", "SampleRow", "Vector", "batch_of", "checks"]

__tracebackhide__ = True
"""pytest leaves this module out of its tracebacks, and shows the line of the test and the text of the error."""


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
        "state": state.check_state,
        "facts": requests.check_facts,
        "fields": batches.check_fields,
        "batches": batches.check_batches,
        "nonce": signatures.check_nonce,
        "time": signatures.check_now,
    }
    if adapter.verify is not None:
        found["signature"] = signatures.check_signature
    if adapter.rows:
        found |= {"numbers": responses.check_numbers, "disagreeing rows": responses.check_disagreeing}
    else:
        found |= {"whole requests": responses.check_whole_requests}
    found |= {
        "known codes": responses.check_refusals,
        "unlisted codes": responses.check_unlisted,
        "no envelope": envelopes.check_no_envelope,
        "error statuses": envelopes.check_error_statuses,
        "masked errors": responses.check_masked,
        "fuzzed responses": partial(envelopes.fuzz_responses, seed=seed),
        "fuzzed headers": envelopes.fuzz_headers,
    }
    if adapter.parse_callback is not None and adapter.push is not None and adapter.states:
        found |= {
            "callback round trip": callbacks.check_round_trip,
            "unlisted report codes": callbacks.check_unlisted_report,
            "bad items": callbacks.check_bad_item,
            "no push": callbacks.check_no_push,
            "fuzzed pushes": partial(callbacks.fuzz_pushes, seed=seed),
        }
    for index, vector in enumerate(adapter.vectors):
        found[f"vector {index}"] = partial(requests.check_vector, vector=vector)
    return [Check(name, run, adapter) for name, run in found.items()]
