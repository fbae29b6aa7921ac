"""README.md as a package index shows it: with absolute links, for relative ones lead nowhere there.

The release runs `python tests/support/pypi_readme.py URL TAG` before it builds, with the repository's own address. The
pages are those of the tag, so that a release's description stays right when later ones move them.
"""

import re
import sys
from pathlib import Path

README = Path(__file__).parents[2] / "README.md"


def absolute(text: str, repository: str, tag: str) -> str:
    """*text* with each relative link below *repository* (its URL) at *tag*; pictures as they are, pages as shown."""

    def link(match: re.Match[str]) -> str:
        kind = "raw" if match[1] else "blob"
        return f"{match[1]}[{match[2]}]({repository}/{kind}/{tag}/{match[3]})"

    return re.sub(r"(!?)\[([^\]]*)\]\((?![a-z]+:|#)([^)]+)\)", link, text)


if __name__ == "__main__":
    README.write_text(absolute(README.read_text("utf-8"), sys.argv[1], sys.argv[2]), "utf-8")
