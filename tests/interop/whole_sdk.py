"""Make an environment with the whole of Tencent's SDK, and run the tests that need it.

Only `tencentcloud-sdk-python` has the models of DescribeSendRecordList. It is 170 MB large and overwrites the files of
`tencentcloud-sdk-python-sms`, which the other tests use, so it has an environment of its own, in the directory that is
given or in a temporary one. Where it cannot be installed, that is printed and nothing fails.
"""

import os
import subprocess
import sys
import tempfile
import venv
from pathlib import Path
from typing import Final

REQUIREMENT: Final = "tencentcloud-sdk-python>=3.1.195"
TESTS: Final = Path(__file__).with_name("test_interop_whole_sdk.py")
VARIABLE: Final = "SMSGATE_WHOLE_SDK"
"""Where the tests look for the interpreter that has the SDK."""


def main(directory: Path) -> int:
    """The exit status: that of the tests, or 0 if the SDK cannot be installed."""
    venv.create(directory, with_pip=True)
    python = directory / ("Scripts" if os.name == "nt" else "bin") / "python"
    # The 1,800 modules are not compiled: two of them are used. pip's cache keeps the download.
    install = [str(python), "-m", "pip", "install", "--quiet", "--no-compile", REQUIREMENT]
    installed = subprocess.run(install, capture_output=True, text=True, check=False)
    if installed.returncode:
        problem = installed.stderr.strip()[-500:]
        sys.stdout.write(f"skipped: {REQUIREMENT} cannot be installed here: {problem}\n")
        return 0
    tests = [sys.executable, "-m", "pytest", "-q", str(TESTS)]
    return subprocess.run(tests, env={**os.environ, VARIABLE: str(python)}, check=False).returncode


if __name__ == "__main__":
    if len(sys.argv) > 1:
        sys.exit(main(Path(sys.argv[1])))
    with tempfile.TemporaryDirectory() as scratch:
        sys.exit(main(Path(scratch)))
