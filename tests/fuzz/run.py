"""Fuzz for as long as you like.

python tests/fuzz/run.py 600                 ten minutes of all targets
python tests/fuzz/run.py 60 tencent-push     one minute of one of them
"""

import argparse
import hashlib
import random
import sys
import time
import traceback
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "support"))

from fuzz_targets import CORPUS, TARGETS, corpus

from smsgate.testing.mutations import mutations


def main() -> int:
    """Fuzz, and say what was found."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("seconds", type=float)
    parser.add_argument("targets", nargs="*", choices=[[], *TARGETS], default=[])
    parser.add_argument("--seed", type=int, default=time.time_ns())
    options = parser.parse_args()
    sys.stdout.write(f"seed {options.seed}\n")
    source, end, runs, found = random.Random(options.seed), time.monotonic() + options.seconds, 0, 0
    streams = [(name, mutations(body, source)) for name in options.targets or TARGETS for body in corpus(name)]
    while time.monotonic() < end:
        for name, bodies in streams:
            body = next(bodies)
            runs += 1
            try:
                TARGETS[name](body)
            except Exception:
                found += 1
                file = CORPUS / name / f"found-{hashlib.sha256(body).hexdigest()[:12]}"
                file.write_bytes(body)
                sys.stdout.write(f"{file}\n{traceback.format_exc()}\n")
    sys.stdout.write(f"{runs} runs, {found} found\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
