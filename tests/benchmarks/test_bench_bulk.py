"""The benchmark of bulk sends works."""

import sys
from pathlib import Path
from subprocess import run


def test_the_benchmark_runs() -> None:
    """A short run prints every row; what it measures is read by people, not asserted."""
    script = Path(__file__).with_name("bench_bulk.py")
    done = run([sys.executable, script, "--smoke"], capture_output=True, text=True, encoding="utf-8", check=True)
    assert done.stdout.count("of the floor") == 7
    assert "p99 of a call" in done.stdout
    assert "JSON by" in done.stdout
