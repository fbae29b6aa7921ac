"""The options of the test gateways: those of `Gateway`, but for what makes its connections, and one of their own."""

import difflib
import inspect
from collections.abc import Iterable, Mapping
from typing import Final

from smsgate.model.errors import ConfigurationError
from smsgate.model.masking import safe_text
from smsgate.model.template import Template
from smsgate.sending.arguments import SharedArguments
from smsgate.sending.gateway import Gateway
from smsgate.sending.templates import templates_by_name

__all__ = ["SmsOptions", "check_names", "checked_templates"]


class SmsOptions(SharedArguments, total=False):
    """The options of `Outbox`, `SandboxGateway` and the fixture `sms_options`: those of `Gateway`, and one more."""

    one_event_loop: bool
    """As strict as `Gateway` about event loops: the first one that uses it is the only one, and closed is closed."""


_ELSEWHERE: Final[Mapping[str, str]] = {
    "providers": "a test gateway has its own; for yours make a Gateway(…, transport=sms_sandbox.transport)",
    "templates": "override the fixture sms_templates",
    "callbacks": "override the fixture sms_callbacks",
    "client": "a test gateway has its own network, which nothing leaves",
    "transport": "a test gateway has its own network, which nothing leaves",
}


def check_names(given: Iterable[object]) -> None:
    """Raise `ConfigurationError` for an option that a test gateway does not have."""
    known = [name for name in inspect.signature(Gateway).parameters if name not in _ELSEWHERE] + ["one_event_loop"]
    for name in given:
        if name in known:
            continue
        shown = safe_text(str(name))
        near = difflib.get_close_matches(shown, known, n=1)
        hint = f"did you mean {near[0]}?" if near else f"it takes {', '.join(known)}"
        raise ConfigurationError(f"{shown}: not an option of a test gateway ({_ELSEWHERE.get(shown, hint)})")


def checked_templates(templates: Iterable[Template]) -> tuple[Template, ...]:
    """*templates*, of which each is one. Raises `ConfigurationError` as a `Gateway` does."""
    if isinstance(templates, Iterable):  # pyright: ignore[reportUnnecessaryIsInstance]
        templates = tuple(templates)
    templates_by_name(templates)
    return templates
