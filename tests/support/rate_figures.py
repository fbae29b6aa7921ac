"""How near four processes come to a rate that they share, one of which is killed: the figures of docs/shared-rate.md.

python tests/support/rate_figures.py [RATE …]
"""

import statistics
import sys
import tempfile
from contextlib import ExitStack

from databases import SERVERS, running
from rate_jobs import run
from shared_rates import RateStore, excess

_SECONDS = 3
_RUNS = 5


def main(*rates: str) -> None:
    """Measure, and print it."""
    sys.stdout.write("| store | rate | sent a second | most above the rate in any span |\n|---|---:|---:|---:|\n")
    with ExitStack() as stack:
        file = f"sqlite:///{stack.enter_context(tempfile.TemporaryDirectory())}/rates.db"
        for name in ("sqlite", *SERVERS, "redis"):
            url = file if name == "sqlite" else stack.enter_context(running(name)).url
            for rate in map(float, rates or ("100", "500")):
                sent, above = list[float](), list[float]()
                for each in range(_RUNS):
                    store = RateStore(url, f"run{each}of{rate:.0f}_")
                    begun, times = run(store, rate=rate, processes=4, count=round(rate * _SECONDS))
                    sent.append(len(times) / (times[-1] - begun))
                    above.append(excess([begun, *times], rate))
                sys.stdout.write(f"| {name} | {rate:.0f} | {statistics.median(sent):.0f} | {max(above):.0f} |\n")
                sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
