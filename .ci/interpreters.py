"""Prints the path of one interpreter for each supported version of Python on this machine, lowest version first.

It looks for `python3.11` and later on PATH and for pyenv's. It leaves out the version that runs it, pre-releases, and
whatever cannot make a virtual environment.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

LOWEST = (3, 11)
PROBE = """
import ensurepip, sys, venv
if sys.implementation.name == "cpython" and sys.version_info.releaselevel == "final":
    print(*sys.version_info[:3], sys.executable)
"""


def candidates() -> Iterator[Path]:
    for directory in os.get_exec_path():
        for path in Path(directory).glob("python3.*"):
            if re.fullmatch(r"python3\.\d+", path.name) and shutil.which(path):
                yield path
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    yield from pyenv.glob("versions/*/bin/python3")


def described(path: Path) -> tuple[tuple[int, int, int], str] | None:
    """The version and the executable itself, for *path* may be a shim; None if it is of no use."""
    done = subprocess.run([path, "-c", PROBE], capture_output=True, text=True, check=False)
    if done.returncode or not done.stdout:
        return None
    major, minor, patch, executable = done.stdout.strip().split(maxsplit=3)
    return (int(major), int(minor), int(patch)), executable


def main() -> None:
    found: dict[tuple[int, int], tuple[tuple[int, int, int], str]] = {}
    for path in candidates():
        if (each := described(path)) and LOWEST <= each[0][:2] != sys.version_info[:2]:
            found[each[0][:2]] = max(each, found.get(each[0][:2], each))
    for _, (_, executable) in sorted(found.items()):
        print(executable)


main()
