"""The `smsgate` command."""

import logging
import sys

from smsgate.cli.extras import how_to_install

__all__ = ["main"]


def main() -> None:
    """Run the command line. Without the packages that it needs, exit with one line about how to get them."""
    reconfigure = getattr(sys.stdout, "reconfigure", None)
    if reconfigure is not None:
        reconfigure(errors="replace")  # a terminal that lacks a character shows "?" in its place
    # Each command prints what it has to say. Without a handler, Python would print the log's warnings as well.
    logging.getLogger("smsgate").addHandler(logging.NullHandler())
    try:
        from smsgate.cli.app import cli

        cli()
    except ModuleNotFoundError as error:
        needs = how_to_install(error)
        if needs is None:
            raise
        sys.exit(f"smsgate: the command line {needs}")
