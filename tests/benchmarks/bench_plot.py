"""The picture of the figures: bars on a logarithmic scale, as SVG that follows the reader's light or dark theme."""

import html
import math
from collections.abc import Sequence
from typing import Final

from bench_measure import Comparison

__all__ = ["draw"]

SHOWN: Final = (
    "One send, TLS, 1 in flight",
    "One send, plain HTTP, 50 in flight",
    "send_many, one text, 200 a request (Huawei: 500)",
)
"""The titles of what is drawn. The tables have everything."""
_WIDTH, _LABELS, _BAR, _LINE = 820, 250, 480, 22
_STYLE: Final = """
  text { font: 13px system-ui, sans-serif; fill: #24292f; }
  .title { font-weight: 600; }
  .peer { fill: #8c959f; }
  .ours { fill: #0969da; }
  .grid { stroke: #d0d7de; }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3; }
    .peer { fill: #6e7681; }
    .ours { fill: #58a6ff; }
    .grid { stroke: #30363d; }
  }
"""


def draw(comparisons: Sequence[Comparison]) -> str:
    """The picture of those of *comparisons* that are shown."""
    shown = [each for title in SHOWN for each in comparisons if each.title == title]
    top, parts = 10, list[str]()
    for comparison in shown:
        parts += _group(comparison, top)
        top += _LINE * (len(comparison.figures) + 2) + 14
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {top}" role="img">',
        "<title>CPU time of the client for each message, smaller is better</title>",
        f"<style>{_STYLE}</style>",
        *parts,
        "</svg>",
    ]
    return "\n".join(lines) + "\n"


def _group(comparison: Comparison, top: int) -> list[str]:
    """A title, a bar for each figure from the cheapest on, and the decades of the scale."""
    figures = sorted(comparison.figures, key=lambda figure: figure.value)
    low = math.floor(math.log10(min(figures[0].value, 1e9)))
    high = math.log10(figures[-1].value)
    scale = _BAR / max(high - low, 1e-9)
    bottom = top + _LINE * (len(figures) + 1)
    parts = [f'<text class="title" x="8" y="{top + 15}">{html.escape(f"{comparison.title}, {comparison.unit}")}</text>']
    for decade in range(low, math.floor(high) + 1):
        x = _LABELS + (decade - low) * scale
        parts.append(f'<line class="grid" x1="{x:.0f}" x2="{x:.0f}" y1="{top + _LINE}" y2="{bottom}"/>')
        parts.append(f'<text x="{x:.0f}" y="{bottom + 15}" text-anchor="middle">{10**decade:g}</text>')
    for number, figure in enumerate(figures):
        y = top + _LINE * (number + 1)
        width = (math.log10(figure.value) - low) * scale
        kind = "ours" if figure.name.startswith("smsgate") else "peer"
        parts.append(f'<text x="{_LABELS - 8}" y="{y + 15}" text-anchor="end">{html.escape(figure.name)}</text>')
        parts.append(f'<rect class="{kind}" x="{_LABELS}" y="{y + 4}" width="{width:.0f}" height="14" rx="2"/>')
        parts.append(f'<text x="{_LABELS + width + 6:.0f}" y="{y + 15}">{figure.value:,.4g}</text>')
    return parts
