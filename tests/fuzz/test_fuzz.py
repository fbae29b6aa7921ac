"""Every field of everything that is read from a vendor satisfies its own docstring, whatever the vendor sent."""

from collections.abc import Iterator
from random import Random

import pytest
from fuzz_targets import TARGETS, corpus

from smsgate.testing.mutations import mutations

CASES = [pytest.param(name, body, id=f"{name}-{index}") for name in TARGETS for index, body in enumerate(corpus(name))]
MUTATIONS = 100
"""Of each piece of the corpus; `run.py` makes millions."""


def test_there_is_a_corpus() -> None:
    """Each target has samples to start from."""
    assert all(len(corpus(name)) >= 3 for name in TARGETS)


@pytest.mark.parametrize(("name", "body"), CASES)
def test_the_corpus(name: str, body: bytes) -> None:
    """The vendors' samples, and whatever broke a promise once, are read to values that keep it."""
    TARGETS[name](body)


@pytest.mark.parametrize(("name", "body"), CASES)
def test_mutations_of_the_corpus(name: str, body: bytes) -> None:
    """So are samples with other bytes and other values in them."""
    bodies: Iterator[bytes] = mutations(body, Random(body))
    for _ in range(MUTATIONS):
        TARGETS[name](next(bodies))
