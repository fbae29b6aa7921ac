"""The picture of what `smsgate demo` prints, for the README.

Run `python tests/support/demo_picture.py` to draw it again; a test fails while it shows something else.
"""

import html
import inspect
import io
import re
from pathlib import Path
from unittest.mock import patch

from click.testing import CliRunner
from rich.cells import cell_len
from rich.console import Console
from rich.progress import Progress
from rich.text import Text

from smsgate.cli import demo

PICTURE = Path(__file__).parents[2] / "docs" / "demo.svg"
WIDTH = 80
CELL = 12.2
"""The width of a character in a picture of rich's: 20 pixels high, with an aspect ratio of 0.61."""
_RICHS: str = inspect.signature(Console.export_svg).parameters["code_format"].default
# A picture loads nothing: whoever looks at it has a monospaced font.
FORMAT = re.sub(r"\s*@font-face \{\{.*?\}\}", "", _RICHS, flags=re.DOTALL).replace("Fira Code, ", "")


def output() -> Text:
    """What the demo prints now, in colour, with what differs from run to run (ports and seconds) made the same."""
    screen = io.StringIO()
    console = Console(file=screen, force_terminal=True, color_system="truecolor", width=WIDTH, highlight=False)
    hidden = Progress(console=console, disable=True)
    with patch.object(demo, "make_console", lambda: console), patch.object(demo, "_progress", lambda _: hidden):
        result = CliRunner().invoke(demo.command)
    assert result.exit_code == 0, screen.getvalue()
    ports = iter(("8025", "8026", "8000"))
    shown = re.sub(r"(?<=127\.0\.0\.1:)\d+", lambda _: next(ports), screen.getvalue())
    return Text.from_ansi(re.sub(r"in \d+\.\d s", "in 1.5 s", shown))


def lines_of(picture: str) -> list[str]:
    """The lines of text that an SVG of rich's shows."""
    lines: dict[int, str] = {}
    pieces = r'<text class="demo-r\d+" x="([\d.]+)".*? clip-path="url\(#demo-line-(\d+)\)">(.*?)</text>'
    for left, number, text in re.findall(pieces, picture):
        line = lines.get(int(number), "")
        gap = round(float(left) / CELL) - cell_len(line)  # blanks alone are not in a picture
        lines[int(number)] = line + " " * gap + html.unescape(text).replace("\N{NO-BREAK SPACE}", " ")
    return [lines.get(number, "").rstrip() for number in range(max(lines) + 1)]


def draw() -> str:
    """The picture of that output."""
    console = Console(record=True, file=io.StringIO(), width=WIDTH, force_terminal=True, color_system="truecolor")
    console.print(output(), end="")
    return console.export_svg(title="smsgate demo", code_format=FORMAT, unique_id="demo")


if __name__ == "__main__":
    PICTURE.write_text(draw(), encoding="utf-8")
