"""`python -m smsgate`: the `smsgate` command, for where its script is not on the path."""

from smsgate.cli import main

__all__ = ["main"]

if __name__ == "__main__":
    main()
