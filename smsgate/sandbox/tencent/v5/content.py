"""What a v5 send says: a template with parameters, or a free text that some template must fit.

Source: Tencent SMS Development Guide 2.0, "Templated Single SMS" and the error codes; the FAQ on 1014 for free text.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final, cast

from smsgate.sandbox.state.state import SandboxState
from smsgate.sandbox.state.templates import SandboxTemplate
from smsgate.sandbox.state.why import why_no_fit, why_no_signature, why_no_template
from smsgate.sandbox.tencent.account import VENDOR, Content
from smsgate.sandbox.tencent.conditions import settings_of
from smsgate.sandbox.tencent.v5.refusal import Refusal

__all__ = ["read_content", "template_content"]

# Tencent SMS Development Guide 2.0, at most 450 characters; error 1017. The sandbox counts the signature in.
_MAX_TEXT: Final = 450
# Tencent SMS Development Guide 2.0, "Error Codes for SMS Delivery", 1036.
_MAX_PARAM: Final = 12
_SIGNED: Final = re.compile(r"(?:【([^】]*)】|\[([^\]]*)\])(.*)", re.DOTALL)
_URL: Final = re.compile(r"https?://|www\.", re.IGNORECASE)
# `type` of a free text: 0 for notices and codes, 1 for marketing ("Templated Single SMS", as all SDKs send it).
_KINDS: Final = {0: ("notice", "verification"), 1: ("marketing",)}


def read_content(state: SandboxState, body: Mapping[str, Any], *, is_mainland: bool) -> Content:
    """The content of a send, checked against the approved templates and signatures. *is_mainland*: it goes there."""
    if "tpl_id" in body:
        return _templated(state, body, is_mainland)
    return _free_text(state, body, is_mainland)


def template_content(
    state: SandboxState, template_id: str, params: Sequence[str], sign: str, *, is_mainland: bool
) -> Content:
    """The content of a template with *params*; *sign* is empty for the default signature, abroad for none."""
    signature = _signature(state, sign, is_mainland)
    template = state.template(VENDOR, template_id)
    if template is None and not state.lenient:
        state.blame(why_no_template(state, VENDOR, template_id))
        raise Refusal(1014, "package format error, sdkappid not have this tpl_id")
    if template is not None and not state.lenient:
        # Tencent SMS Development Guide 2.0, 1014: what is approved for the mainland goes nowhere else, and vice versa.
        if template.international not in (None, not is_mainland):
            raise Refusal(1014, "package format error, template not for this region")
        _check_params(state, template, params)
    text = template.render(params) if template else " ".join((f"[template {template_id}]", *params))
    return _content(template_id, template.kind if template else "notice", tuple(params), text, signature)


def _content(template_id: str | None, kind: str, params: tuple[str, ...], text: str, signature: str) -> Content:
    shown = f"【{signature}】{text}" if signature else text
    if len(shown) > _MAX_TEXT:
        raise Refusal(1017)
    return Content(template_id, params, shown, signature, kind)


def _templated(state: SandboxState, body: Mapping[str, Any], is_mainland: bool) -> Content:
    template_id, params, sign = body["tpl_id"], _params(body.get("params")), body.get("sign", "")
    if not isinstance(template_id, int) or isinstance(template_id, bool):
        raise Refusal(1004, "package format error, cannot get tpl_id")
    if not isinstance(sign, str):
        raise Refusal(1004, "package format error, sign error")
    return template_content(state, str(template_id), params, sign, is_mainland=is_mainland)


def _check_params(state: SandboxState, template: SandboxTemplate, params: Sequence[str]) -> None:
    if template.kind == "voice" or len(params) != template.param_count:
        state.blame("a voice template" if template.kind == "voice" else why_no_fit(template, params))
        raise Refusal(1014)
    for param in params:
        if _URL.search(param):
            raise Refusal(1048)
        # Tencent SMS Development Guide 2.0, error 1038: a verification code is 0 to 6 digits.
        if template.kind == "verification" and not re.fullmatch(r"[0-9]{0,6}", param):
            raise Refusal(1038)
        # Error 1036: companies have no such limit.
        if len(param) > _MAX_PARAM and settings_of(state).kind == "individual":
            raise Refusal(1036)


def _free_text(state: SandboxState, body: Mapping[str, Any], is_mainland: bool) -> Content:
    msg = body.get("msg")
    if not isinstance(msg, str) or not msg:
        raise Refusal(1004, "package format error, cannot get tpl_id or msg")
    signed = _SIGNED.fullmatch(msg)
    signature = _signature(state, (signed[1] or signed[2] or "") if signed else "", is_mainland)
    text = signed[3] if signed else msg
    kinds = _kinds(body.get("type", 0))
    template_id, params = _fitting(state, text, kinds, is_mainland)
    return _content(template_id, kinds[0], params, text, signature)


def _fitting(
    state: SandboxState, text: str, kinds: Sequence[str], is_mainland: bool
) -> tuple[str | None, tuple[str, ...]]:
    for template in state.approved_templates(VENDOR):
        if template.kind in kinds and template.international in (None, not is_mainland):
            params = template.match(text)
            if params is not None:
                return template.id, params
    if state.lenient:
        return None, ()
    raise Refusal(1014, "package format error, content not match any template")


def _kinds(value: object) -> Sequence[str]:
    if isinstance(value, bool) or not isinstance(value, int) or value not in _KINDS:
        raise Refusal(1004, "package format error, type error")
    return _KINDS[value]


def _params(value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in cast("list[object]", value)):
        # Seen in practice, for parameters that are missing or null.
        raise Refusal(1004, "package format error, template params format error")
    return tuple(cast("list[str]", value))


def _signature(state: SandboxState, sign: str, is_mainland: bool) -> str:
    # Tencent SMS FAQ, "differences between China SMS messaging and international": abroad it is optional.
    if not sign and not is_mainland:
        return ""
    signature = sign or state.default_signature(VENDOR)
    if not signature or not state.knows_signature(VENDOR, signature):
        state.blame(why_no_signature(state, VENDOR, signature))
        raise Refusal(1012)
    return signature
