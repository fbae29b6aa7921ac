"""Pictures of figures: bars, as SVG that follows the reader's light or dark theme."""

import html
import math
from collections.abc import Callable, Sequence
from typing import Final

import attrs
from bench_measure import Comparison

__all__ = ["draw", "draw_shown"]

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


def draw_shown(comparisons: Sequence[Comparison]) -> str:
    """The picture of those of *comparisons* that are shown, each from the cheapest on."""
    shown = [each for title in SHOWN for each in comparisons if each.title == title]
    ordered = [attrs.evolve(each, figures=tuple(sorted(each.figures, key=lambda one: one.value))) for each in shown]
    return draw("CPU time of the client for each message, smaller is better", ordered, decades=True)


def draw(title: str, comparisons: Sequence[Comparison], *, decades: bool = False) -> str:
    """The picture of *comparisons*, with bars in the order of their figures. *decades*: on a logarithmic scale."""
    top, parts = 10, list[str]()
    for comparison in comparisons:
        values = [figure.value for figure in comparison.figures]
        parts += _group(comparison, top, _decades(values) if decades else _linear(values))
        top += _LINE * (len(comparison.figures) + 2) + 14
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {top}" role="img">',
        f"<title>{html.escape(title)}</title>",
        f"<style>{_STYLE}</style>",
        *parts,
        "</svg>",
    ]
    return "\n".join(lines) + "\n"


@attrs.frozen
class _Scale:
    """How far to the right a value is, and the values at which there is a line."""

    place: Callable[[float], float]
    marks: Sequence[float]


def _decades(values: Sequence[float]) -> _Scale:
    low = math.floor(math.log10(min(*values, 1e9)))
    high = math.log10(max(values))
    scale = _BAR / max(high - low, 1e-9)
    marks = [10.0**decade for decade in range(low, math.floor(high) + 1)]
    return _Scale(lambda value: (math.log10(value) - low) * scale, marks)


def _linear(values: Sequence[float]) -> _Scale:
    most = max(values)
    step = 10.0 ** math.floor(math.log10(most))
    marks = [step * each for each in range(math.floor(most / step) + 1)]
    marks = marks if len(marks) > 3 else [step / 2 * each for each in range(math.floor(most / step * 2) + 1)]
    return _Scale(lambda value: value / most * _BAR, marks)


def _group(comparison: Comparison, top: int, scale: _Scale) -> list[str]:
    """A title, a bar for each figure, and the marks of the scale."""
    figures = comparison.figures
    among_peers = any(figure.name.startswith("smsgate") for figure in figures)
    bottom = top + _LINE * (len(figures) + 1)
    parts = [f'<text class="title" x="8" y="{top + 15}">{html.escape(f"{comparison.title}, {comparison.unit}")}</text>']
    for mark in scale.marks:
        x = _LABELS + scale.place(mark)
        parts.append(f'<line class="grid" x1="{x:.0f}" x2="{x:.0f}" y1="{top + _LINE}" y2="{bottom}"/>')
        parts.append(f'<text x="{x:.0f}" y="{bottom + 15}" text-anchor="middle">{mark:g}</text>')
    for number, figure in enumerate(figures):
        y = top + _LINE * (number + 1)
        width = scale.place(figure.value)
        kind = "peer" if among_peers and not figure.name.startswith("smsgate") else "ours"
        parts.append(f'<text x="{_LABELS - 8}" y="{y + 15}" text-anchor="end">{html.escape(figure.name)}</text>')
        parts.append(f'<rect class="{kind}" x="{_LABELS}" y="{y + 4}" width="{width:.0f}" height="14" rx="2"/>')
        parts.append(f'<text x="{_LABELS + width + 6:.0f}" y="{y + 15}">{figure.value:,.4g}</text>')
    return parts
