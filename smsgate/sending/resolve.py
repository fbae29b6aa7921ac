"""From a message to a job: which number, which template, which values in which order. Pure; nothing raises.

Everything that can be known to be wrong before the first byte is found here, and said with the field's name. What was
found of a text is found once: the messages of a `send_many` that have it in common share it.
"""

import unicodedata
from collections.abc import Hashable, Mapping, MutableMapping, Sequence
from datetime import datetime
from typing import Any, Final, cast

import attrs

from smsgate.model.kind import MessageKind, kind_problem
from smsgate.model.masking import safe_text
from smsgate.model.message import Message
from smsgate.model.reason import Reason
from smsgate.model.result import Attempt
from smsgate.model.suggestion import did_you_mean
from smsgate.model.template import Template
from smsgate.provider.protocol import Job, SmsProvider

__all__ = [
    "KnownTexts",
    "Problem",
    "Text",
    "key_problem",
    "make_job",
    "params_problem",
    "resolve",
    "usual_values",
]

_MAPPINGS: Final = (dict, Mapping)
"""In this order: of an abstract class to ask takes longer."""
_UNSAFE: Final = frozenset({"Cc", "Cs", "Zl", "Zp"})
# Bidirectional controls and invisible characters make a text read otherwise than it is written.
_DECEPTIVE: Final = frozenset(
    "\u061c\u200b\u200e\u200f\u2060\ufeff\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
)

_KEY_BYTES: Final = 80
"""What is sure to fit the vendors' tag, whatever the characters."""


@attrs.frozen
class Problem:
    """What is wrong with a message, in words that name the field."""

    reason: Reason
    text: str
    forbidden: bool = False
    """The message is well formed, and it is too late for it, or a setting of the gateway forbids it."""
    tried: Sequence[Attempt] = ()
    """What was tried before, by others: it may have sent the message, whatever is wrong now."""


@attrs.define(eq=False, weakref_slot=False)
class Text:
    """A template and values for it that are known to be good."""

    template: Template
    params: Mapping[str, str]
    """A copy: what a message holds may have been changed since."""
    rendered: str | None
    """The text that the template's own `text` renders, without a signature."""
    first: Any = None
    """What `smsgate.sending.assigning` has found of it, for messages that are alike, first."""
    assignments: dict[Hashable, Any] | None = None
    """What it has found for others: most texts have none."""
    came_again: bool = False
    """More than one message has it."""
    usual: dict[Hashable, Any] | None = None
    """What `smsgate.sending.preparing` has found for messages that have nothing but this text, by kinds of numbers."""

    def kind_of(self, message: Message) -> MessageKind | None:
        """What *message*, which has this text, is for: by itself or by its template."""
        return message.kind or self.template.kind

    def is_of(self, message: Message, templates: Mapping[str, Template]) -> bool:
        """Whether *message* has this text."""
        params = message.params
        return type(params) is dict and params == self.params and templates.get(message.template) is self.template


KnownTexts = MutableMapping[str, Text]
"""The last text of each template, by the template's name."""


def resolve(
    message: Message, templates: Mapping[str, Template], default_region: str | None, known: KnownTexts
) -> tuple[Message, Text] | Problem:
    """Check what no provider needs to be known for: the number, the template's name, its parameters.

    Returns the message with its number in E.164, and its text, which it shares with others if it is among *known*.
    """
    given = message.to
    to = given.parse(default_region)
    if isinstance(to, str):
        return Problem(Reason.INVALID_NUMBER, f"to: {to}")
    text = known.get(message.template) if type(message.template) is str else None
    if text is None or not text.is_of(message, templates):
        found = _check_text(message, templates)
        if isinstance(found, Problem):
            return found
        text = known[message.template] = found
    if problem := _options_problem(message):
        return Problem(Reason.INVALID_REQUEST, problem)
    # Results and records have the number that is sent to.
    return (message if to is given else attrs.evolve(message, to=to)), text


def _check_text(message: Message, templates: Mapping[str, Template]) -> Text | Problem:
    template = _template(message.template, templates)
    if isinstance(template, str):
        return Problem(Reason.TEMPLATE_REJECTED, f"template: {template}")
    problem = params_problem(message.params, template)
    if problem:
        return Problem(Reason.INVALID_REQUEST, problem)
    return Text(template, dict(message.params), template.render(message.params))


def make_job(message: Message, text: Text, provider: SmsProvider) -> Job | str:
    """The job for *provider*, or why it cannot take *message*, which has a number in E.164 and *text*."""
    template = text.template
    bound = template.ids.get(provider.name)
    if bound is None:
        return f"template {template.name!r} has no id for it (ids has {', '.join(template.ids) or 'none'})"
    to = message.to
    binding = bound.serving(to)
    if binding is None:
        only = "mainland China only (abroad=False)" if bound.home else "other countries only (home=False)"
        return f"to: template {template.name!r} has an id for {only}"
    names = template.params if binding.params is None else binding.params
    params = tuple([text.params[name] for name in names])
    extend = binding.extend if message.extend is None else message.extend
    job = Job(message, to, binding.id, params, binding.signature, binding.sender, extend)
    job.text = text.rendered  # not by name above: to call a class with names takes three times as long
    return provider.refuse(job) or job


def _template(name: object, templates: Mapping[str, Template]) -> Template | str:
    """The template, or what is wrong with its name."""
    if not isinstance(name, str):
        return f"must be the name of a template, not {type(name).__name__}"
    found = templates.get(name)
    if found is not None:
        return found
    shown = safe_text(name)
    hint = did_you_mean(shown, templates) or f" (it has {', '.join(sorted(templates)) or 'none'})"
    return f"{shown!r} is not a template of this gateway{hint}"


def usual_values(params: Mapping[Any, object], names: Sequence[str]) -> tuple[str, ...] | None:
    """The values of *params*, in the order of *names*, if they are as nearly all are; None says nothing of them."""
    if len(params) != len(names):
        return None
    values: list[str] = []
    for name in names:
        value = params.get(name)
        if type(value) is str and value.isascii() and value.isprintable() and value.strip():
            values.append(value)
        else:
            return None
    return tuple(values)


def params_problem(given: object, template: Template) -> str | None:
    """What is wrong with the parameters *given* for *template*, or None."""
    if not isinstance(given, _MAPPINGS):
        return f"params: must be a mapping of names to values, not {type(given).__name__}"
    params = cast("Mapping[object, object]", given)
    names = template.params
    if usual_values(params, names) is not None:
        return None
    if len(params) != len(names) or not all(map(params.__contains__, names)):
        missing = [name for name in names if name not in params]
        extra = [safe_text(str(name)) for name in params if name not in names]
        parts = [f"{word} {', '.join(some)}" for word, some in (("lacks", missing), ("has unknown", extra)) if some]
        wanted = ", ".join(names) or "no parameters"
        return f"params: {' and '.join(parts)}; template {template.name!r} takes {wanted}"
    for name in names:
        problem = _value_problem(params[name])
        if problem:
            return f"params[{name!r}]: {problem}"
    return None


def _value_problem(value: object) -> str | None:
    if not isinstance(value, str):
        return f"must be text, not {type(value).__name__}"
    if not value.strip():
        return "is empty"
    for char in value:
        if char in _DECEPTIVE or unicodedata.category(char) in _UNSAFE:
            return f"has the character U+{ord(char):04X}, which a text message cannot carry safely"
    return None


def _options_problem(message: Message) -> str | None:
    if message.on_unknown not in (None, "stop", "failover"):
        return 'on_unknown: must be "stop" or "failover"'
    if message.extend is not None and (not isinstance(message.extend, str) or not message.extend):  # pyright: ignore[reportUnnecessaryIsInstance]
        return "extend: must be text, and not empty"
    if message.kind is not None and (problem := kind_problem(message.kind)):
        return problem
    if message.expires_at is not None and (problem := _time_problem(message.expires_at)):
        return f"expires_at: {problem}"
    return None if message.key is None else key_problem(message.key)


def _time_problem(value: object) -> str | None:
    if not isinstance(value, datetime):
        return f"must be a datetime, not {type(value).__name__}"
    return "must have a time zone" if value.utcoffset() is None else None


def key_problem(key: object) -> str | None:
    """What is wrong with the key of a message; None if it can be proven and comes back."""
    if not isinstance(key, str) or not key:
        return "key: must be text, and not empty"
    if not key.isprintable() or len(key.encode()) > _KEY_BYTES:
        return f"key: at most {_KEY_BYTES} bytes of printable characters"
    return None
