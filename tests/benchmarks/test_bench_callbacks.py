"""The benchmark of callbacks works."""

import sys
from pathlib import Path
from subprocess import run


def test_the_benchmark_runs() -> None:
    """A short run prints both rows; what it measures is read by people, not asserted."""
    script = Path(__file__).with_name("bench_callbacks.py")
    done = run([sys.executable, script, "--smoke"], capture_output=True, text=True, encoding="utf-8", check=True)
    assert "Tencent, each report of 100" in done.stdout
    assert "Huawei, each form" in done.stdout
