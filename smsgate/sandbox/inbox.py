"""The inbox page: what the simulated phones received. Plain HTML, no script, nothing from elsewhere."""

from collections.abc import Mapping, Sequence
from html import escape
from types import MappingProxyType
from typing import Final

from smsgate.sandbox.state.message import AcceptedMessage

__all__ = ["PAGE_HEADERS", "inbox_page"]

PAGE_HEADERS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "Cache-Control": "no-store",
        "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
    }
)
_SHOWN: Final = 200
_STYLE: Final = """
:root { color-scheme: light dark; --line: #8884; --dim: #888; --accent: #0a7f5a; }
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 72rem; padding: 0 1rem; }
h1 { font-size: 1.4rem; margin: 0; }
header { display: flex; gap: 1rem; align-items: baseline; flex-wrap: wrap; margin-bottom: 1.5rem; }
header p, .dim { color: var(--dim); margin: 0; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; }
th { text-align: left; font-weight: 600; color: var(--dim); font-size: 0.85rem; white-space: nowrap; }
th, td { padding: 0.5rem 0.75rem; border-bottom: 1px solid var(--line); vertical-align: top; }
td.text { min-width: 18rem; white-space: pre-wrap; overflow-wrap: anywhere; }
td.to, td.time { white-space: nowrap; font-variant-numeric: tabular-nums; }
code { font-size: 0.85em; overflow-wrap: anywhere; }
.vendor { font-weight: 600; color: var(--accent); }
"""


def inbox_page(messages: Sequence[AcceptedMessage]) -> str:
    """The page for *messages* (oldest first); the newest stand on top. It loads itself again every two seconds."""
    shown = messages[: -_SHOWN - 1 : -1]
    count = f"{len(messages)} message{'' if len(messages) == 1 else 's'} accepted"
    if len(shown) < len(messages):
        count += f", the newest {len(shown)} shown"
    body = _table(shown) if shown else '<p class="dim">Nothing yet. Point a gateway at this address and send.</p>'
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="refresh" content="2">
<title>smsgate sandbox: {len(messages)}</title>
<style>{_STYLE}</style>
</head>
<body>
<header><h1>smsgate sandbox</h1><p>{count}</p></header>
{body}
</body>
</html>
"""


def _table(messages: Sequence[AcceptedMessage]) -> str:
    rows = "\n".join(_row(message) for message in messages)
    head = "".join(f"<th>{name}</th>" for name in ("Time (UTC)", "To", "Text", "Template", "Vendor"))
    return f'<div class="scroll"><table>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{rows}\n</tbody></table></div>'


def _row(message: AcceptedMessage) -> str:
    params, vendor, api = (escape(text) for text in (", ".join(message.params), message.vendor, message.api))
    cells = (
        f'<td class="time">{message.time:%H:%M:%S}</td>',
        f'<td class="to">{escape(message.to)}</td>',
        f'<td class="text">{escape(message.text)}<br><code class="dim">{escape(message.message_id)}</code></td>',
        f'<td><code>{escape(message.template_id or "")}</code><br><span class="dim">{params}</span></td>',
        f'<td><span class="vendor">{vendor}</span><br><span class="dim">{api}</span></td>',
    )
    return f"<tr>{''.join(cells)}</tr>"
