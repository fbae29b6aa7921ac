"""What goes into a gateway and what comes out: `Message`, `Template`, `Result`."""

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Final, Literal, Self, cast

import attrs

from smsgate.errors import ConfigurationError, NotSentError, OutcomeUnknownError, RejectedError
from smsgate.phone import PhoneNumber, safe_repr, safe_words
from smsgate.reason import Reason
from smsgate.segments import count_segments

__all__ = ["Attempt", "Binding", "Message", "Outcome", "Result", "Template"]

_PLACEHOLDER: Final = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]*)\}")


class Outcome(StrEnum):
    """What became of a send."""

    ACCEPTED = "ACCEPTED"
    """A vendor took it and gave it an id; the delivery report comes later."""
    REJECTED = "REJECTED"
    """It was refused, by a vendor or before any was asked: it was not sent. See the reason."""
    NOT_SENT = "NOT_SENT"
    """No request left this machine: sending again is safe."""
    UNKNOWN = "UNKNOWN"
    """It may have been sent: only a delivery report can tell."""


def _phone(value: str | PhoneNumber) -> PhoneNumber:
    return PhoneNumber.wrap(value)


def _copy_params(value: Mapping[str, str]) -> Mapping[str, str]:
    # Whatever else it is, the gateway says so: an error from here would have the values in its traceback.
    return dict(value) if isinstance(value, Mapping) else value  # pyright: ignore[reportUnnecessaryIsInstance]


@attrs.frozen
class Message:
    """One text to one number: the unit of outcome, of idempotency and of reports.

    Nothing is checked here: the gateway checks a message before its first byte leaves, so that one bad number in a
    stream of thousands fails alone.
    """

    to: PhoneNumber = attrs.field(converter=_phone)
    """The recipient in E.164 (`+8613800138000`), or a national number if the gateway has a `default_region`."""
    template: str = attrs.field(repr=safe_repr)
    """The name of a `Template` that the gateway knows."""
    params: Mapping[str, str] = attrs.field(factory=dict[str, str], converter=_copy_params, repr=False, hash=False)
    """A value for each of the template's parameter names."""
    key: str | None = attrs.field(default=None, kw_only=True, repr=safe_repr)
    """Your own id of this message: it travels to the vendor and comes back in the delivery report."""
    on_unknown: Literal["stop", "failover"] | None = attrs.field(default=None, kw_only=True)
    """Overrides `Policy.on_unknown` for this message."""


def _names(value: Iterable[str]) -> tuple[str, ...]:
    # One text stays: `_require_names` refuses it when the object is whole, so that a traceback can show its repr.
    return cast(tuple[str, ...], value) if isinstance(value, str) else tuple(value)


def _require_names(value: tuple[str, ...] | None) -> None:
    if isinstance(value, str):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise ConfigurationError(f"params: must be a list of names, not one text; write ({value!r},)")


def _some_names(value: Iterable[str] | None) -> tuple[str, ...] | None:
    return None if value is None else _names(value)


@attrs.frozen
class Binding:
    """What one provider calls a template, where an id alone does not say it."""

    id: str
    """The vendor's template id."""
    params: tuple[str, ...] | None = attrs.field(default=None, kw_only=True, converter=_some_names)
    """The parameter names in this vendor's order; the template's own order if not given. May leave names out."""
    signature: str | None = attrs.field(default=None, kw_only=True)
    """The signature (Tencent `sign`, Huawei `signature`) to use in place of the provider's."""
    sender: str | None = attrs.field(default=None, kw_only=True)
    """The channel number (Huawei `from`) to use in place of the provider's."""

    def __attrs_post_init__(self) -> None:
        _require_names(self.params)


def _bindings(ids: Mapping[str, "str | Binding"]) -> Mapping[str, Binding]:
    return {name: value if isinstance(value, Binding) else Binding(value) for name, value in ids.items()}


@attrs.frozen
class Template:
    """Your name for a text, its ordered parameter names, and what each vendor calls it.

    Raises `ConfigurationError` if the names repeat, or if a binding or the text uses a name that is not declared.
    """

    name: str
    params: tuple[str, ...] = attrs.field(default=(), kw_only=True, converter=_names)
    """The parameter names, in the order in which the vendors expect the values."""
    text: str | None = attrs.field(default=None, kw_only=True)
    """The text with `{name}` placeholders, for previews and segment counts. The vendors have their own copy."""
    ids: Mapping[str, Binding] = attrs.field(factory=dict[str, Binding], kw_only=True, converter=_bindings, hash=False)
    """Provider name to that provider's template id, or to a `Binding`."""

    def __attrs_post_init__(self) -> None:
        if not self.name or not isinstance(self.name, str):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise ConfigurationError("Template: name must be text that is not empty")
        _require_names(self.params)
        if not all(isinstance(name, str) and name for name in self.params):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise ConfigurationError(f"Template {self.name!r}: params has a name that is empty or not text")
        if len(set(self.params)) != len(self.params):
            raise ConfigurationError(f"Template {self.name!r}: params repeats a name: {', '.join(self.params)}")
        used = [("text", name) for name in _PLACEHOLDER.findall(self.text or "")]
        for provider, binding in self.ids.items():
            if not binding.id:
                raise ConfigurationError(f"Template {self.name!r}: ids[{provider!r}] is empty")
            used += [(f"ids[{provider!r}].params", name) for name in binding.params or ()]
        for where, name in used:
            if name not in self.params:
                raise ConfigurationError(f"Template {self.name!r}: {where} uses {name!r}, which params does not list")

    def render(self, params: Mapping[str, str]) -> str | None:
        """The text with *params* put in, or None if the template has no text."""
        if self.text is None:
            return None
        return _PLACEHOLDER.sub(lambda match: params.get(match[1], match[0]), self.text)

    def segments(self, params: Mapping[str, str], *, to: str | PhoneNumber, signature: str = "") -> int | None:
        """How many messages the text is charged as, or None if the template has no text.

        *to*: the recipient in E.164; mainland China counts otherwise than the rest. *signature*: without brackets; it
        is part of the text that is charged. The vendor's bill decides, see `Result.segments`.
        """
        text = self.render(params)
        if text is None:
            return None
        bracketed = f"【{signature}】" if signature else ""
        return count_segments(bracketed + text, mainland=PhoneNumber.wrap(to).is_mainland)


@attrs.frozen
class Attempt:
    """One try of one provider, as it happened."""

    provider: str
    outcome: Outcome
    reason: Reason | None = None
    code: str | None = None
    """The vendor's own code, as it came."""
    description: str | None = None
    """Our meaning of the code and the vendor's words, or the transport's error; numbers masked."""
    message_id: str | None = None
    request_id: str | None = None
    """The vendor's id of the call, for its support desk."""
    started_at: datetime = attrs.field(kw_only=True)
    """When the try began (aware, UTC)."""
    duration: float = attrs.field(default=0.0, kw_only=True)
    """How long it took, in seconds."""
    retry_after: float | None = attrs.field(default=None, kw_only=True)
    """The pause that the vendor asked for, in seconds."""
    reference: str | None = attrs.field(default=None, kw_only=True, repr=safe_repr)
    """The tag that went with it and that the vendor's reports echo."""


@attrs.frozen
class Result:
    """What became of one message. `attempts` tells the whole story."""

    message: Message
    outcome: Outcome
    provider: str | None = None
    """Who took the message, or may have, or spoke last; None if nobody was asked."""
    message_id: str | None = None
    """The vendor's id, which its delivery reports carry."""
    reason: Reason | None = None
    """Why, when it was not accepted."""
    code: str | None = None
    """The vendor's code of the deciding try."""
    description: str | None = None
    """The deciding try in words, or what is wrong with the message."""
    attempts: tuple[Attempt, ...] = ()
    reference: str | None = attrs.field(default=None, repr=safe_repr)
    """The tag of the deciding try, which the vendor's reports echo."""
    segments: int | None = None
    """How many messages the vendor charges for, if it said so."""
    possible_duplicate: bool = False
    """More than one vendor may have sent it: only after a failover that you opted into."""

    @property
    def accepted(self) -> bool:
        """Whether a vendor took the message."""
        return self.outcome is Outcome.ACCEPTED

    def raise_for_outcome(self) -> Self:
        """Give the result back if it was accepted, else raise.

        Raises `RejectedError`, `NotSentError` or `OutcomeUnknownError`, each with this result.
        """
        if self.outcome is Outcome.ACCEPTED:
            return self
        raise _ERRORS[self.outcome](self.summary(), result=self)

    def summary(self) -> str:
        """One line for logs, with the number masked."""
        parts = [f"{safe_words(str(self.message.template))} to {self.message.to.masked}: {self.outcome}"]
        parts += [f"{self.reason}: {self.reason.meaning}"] if self.reason else []
        parts += [self.description] if self.description else []
        if self.attempts:
            parts.append("tried " + ", ".join(f"{a.provider} ({a.reason or a.outcome})" for a in self.attempts))
        return "; ".join(parts)


_ERRORS: Final = {
    Outcome.REJECTED: RejectedError,
    Outcome.NOT_SENT: NotSentError,
    Outcome.UNKNOWN: OutcomeUnknownError,
}
