"""Why a text is refused, where the vendor's own words say less: for `GET /sandbox/refused` and the console.

No value of a parameter is in it: a console line is often kept, and a value may be a code.
"""

from collections.abc import Iterable, Sequence

from smsgate.sandbox.state.review import Entry, ReviewState
from smsgate.sandbox.state.state import SandboxState
from smsgate.sandbox.state.templates import SandboxTemplate

__all__ = ["why_no_fit", "why_no_signature", "why_no_template"]


def why_no_template(state: SandboxState, vendor: str, template_id: str) -> str:
    """Why there is no template to send by *template_id*."""
    entries = [entry for entry in state.templates.all(vendor) if entry.template.id == template_id]
    approved = [template.id for template in state.approved_templates(vendor)]
    return _why_none("template", template_id, entries, approved)


def why_no_signature(state: SandboxState, vendor: str, signature: str) -> str:
    """Why *signature* cannot be sent. Empty: there is none to fall back to."""
    entries = [entry for entry in state.signatures.all(vendor) if entry.signature == signature]
    approved = [entry.signature for entry in state.signatures.approved(vendor)]
    return _why_none("signature", signature, entries, approved)


def why_no_fit(template: SandboxTemplate, params: Sequence[str]) -> str:
    """Why *params* do not fit *template*."""
    if len(params) != template.param_count:
        return f"template {template.id} takes {template.param_count} parameters, and the request has {len(params)}"
    slots = zip(template.slots, params, strict=True)
    wrong = next((f"parameter {slot.index + 1}" for slot, param in slots if not slot.takes(param)), None)
    if wrong is None:
        return f"a parameter has a character that template {template.id} may not have in one"
    return f"{wrong} does not fit its place in the text of template {template.id}: {template.text}"


def _why_none(kind: str, asked: str, entries: Iterable[Entry], approved: Sequence[str]) -> str:
    states = {entry.state for entry in entries}
    for state, words in ((ReviewState.PENDING, "is still in review"), (ReviewState.REJECTED, "was refused in review")):
        if state in states:
            return f"{kind} {asked} {words}"
    return f"there is no {kind} {asked or '(none is named)'}; approved: {', '.join(approved) or 'none'}"
