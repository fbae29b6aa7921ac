"""Prints pip's constraints for the lowest release of every dependency that pyproject.toml allows."""

import re
import tomllib
from pathlib import Path

project = tomllib.loads(Path("pyproject.toml").read_text("utf-8"))["project"]
requirements = sum(project["optional-dependencies"].values(), project["dependencies"])
for requirement in requirements:
    if floor := re.fullmatch(r"([\w.-]+)(?:\[[\w,-]+\])?>=([\w.]+)(?:,.*)?", requirement):
        print(f"{floor[1]}=={floor[2]}")
    elif not re.search(r"==|^smsgate\[", requirement):
        raise SystemExit(f"pyproject.toml: {requirement} has no lower bound")
