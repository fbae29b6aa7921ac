"""The benchmark of sends works."""

import sys
from pathlib import Path
from subprocess import run


def test_the_benchmark_runs() -> None:
    """A short run prints every row; what it measures is read by people, not asserted."""
    script = Path(__file__).with_name("bench_send.py")
    done = run([sys.executable, script, "--smoke"], capture_output=True, text=True, encoding="utf-8", check=True)
    assert done.stdout.count("in flight: httpx's client") == 9
    assert done.stdout.count("coalesce=0.005") == 3
    assert "send_many, 200 a request" in done.stdout
