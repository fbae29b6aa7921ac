"""What smsgate costs beside its peers: the vendors' SDKs, HTTP libraries that post ready bytes, a floor by hand.

python tests/benchmarks                      everything, ten to fifteen minutes
python tests/benchmarks --only bulk tail     some of it
python tests/benchmarks --page               everything, and docs/performance.md and its picture are written again
python tests/benchmarks --smoke              shows only that it works; its figures mean nothing

Needs the extra "test"; nginx is the server if it is installed. Each group has a process of its own. A figure
is CPU time of that process, unless it says otherwise, and less is better.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from bench_groups import GROUPS, measure
from bench_measure import Comparison, Scale
from bench_report import as_data, environment, write_page
from bench_stub import stub


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, and write what is asked for."""
    parser = argparse.ArgumentParser(
        prog="tests/benchmarks", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--only", nargs="+", choices=GROUPS, default=list(GROUPS), metavar="GROUP", help=", ".join(GROUPS)
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there")
    parser.add_argument("--page", action="store_true", help="write docs/performance.md and its picture again")
    parser.add_argument("--smoke", action="store_true", help="one short round")
    options = parser.parse_args(arguments)
    if options.page and (options.smoke or set(options.only) != set(GROUPS)):
        parser.error("--page needs all figures: leave out --smoke and --only")
    scale = Scale(1, 10, 2_000) if options.smoke else Scale(8, 300, 1_000_000)
    found: list[Comparison] = []
    with stub() as server:
        about = environment(server.program)
        sys.stdout.write("".join(f"{name}: {value}\n" for name, value in about.items()) + "\n")
        sys.stdout.flush()
        for name in options.only:
            found += measure(name, server, scale)
    if options.json:
        options.json.write_text(json.dumps(as_data(found, about), indent=1, ensure_ascii=False), "utf-8")
    if options.page:
        write_page(found, about)
    return 0


if __name__ == "__main__":
    sys.exit(main())
