"""Your name for a text, its ordered parameters, and what each vendor calls it: `Template` and `Binding`."""

import re
from collections.abc import Iterable, Mapping
from typing import Final, cast

import attrs

from smsgate.model.errors import ConfigurationError
from smsgate.model.kind import MessageKind, kind_problem
from smsgate.model.phone import PhoneNumber, resolve_number
from smsgate.model.segments import count_segments

__all__ = ["Binding", "Template"]

_PLACEHOLDER: Final = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]*)\}")
_VENDORS_PLACEHOLDER: Final = re.compile(r"\{[1-9][0-9]?\}|\$\{[A-Z0-9_]+\}|｛[^{}｛｝]*｝", re.ASCII)
"""What a text has that was copied from a vendor's console."""


def _names(value: Iterable[str]) -> tuple[str, ...]:
    # One text stays: `_require_names` refuses it when the object is whole, so that a traceback can show its repr.
    return cast(tuple[str, ...], value) if isinstance(value, str) else tuple(value)


def _require_names(value: tuple[str, ...] | None) -> None:
    if isinstance(value, str):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise ConfigurationError(f"params: must be a list of names, not one text; write ({value!r},)")


def _some_names(value: Iterable[str] | None) -> tuple[str, ...] | None:
    return None if value is None else _names(value)


def _abroad(value: "str | Binding | bool | None") -> "Binding | bool | None":
    return Binding(value) if isinstance(value, str) else value


@attrs.frozen
class Binding:
    """What one provider calls a template, where an id alone does not say it.

    Raises `ConfigurationError` if `params` is one text, or `abroad` or `home` is none of what it may be.
    """

    id: str
    """The vendor's template id."""
    params: tuple[str, ...] | None = attrs.field(default=None, kw_only=True, converter=_some_names)
    """The parameter names in this vendor's order; the template's own order if not given. May leave names out."""
    signature: str | None = attrs.field(default=None, kw_only=True)
    """The signature (Tencent `sign`, Huawei `signature`) to use in place of the provider's."""
    sender: str | None = attrs.field(default=None, kw_only=True)
    """The channel number (Huawei `from`) to use in place of the provider's, or the sender id (Tencent `SenderId`)."""
    extend: str | None = attrs.field(default=None, kw_only=True)
    """The channel extension (Tencent `extend`, `ExtendCode`) in place of the provider's; see `Message.extend`."""
    abroad: "Binding | bool | None" = attrs.field(default=None, kw_only=True, converter=_abroad)
    """What is used in its place for numbers outside mainland China: an id or a `Binding`, which takes nothing from this
    one. False: this provider does not get messages to such numbers. None: this binding is for every number.

    At Tencent a template is either for mainland China or for everywhere else (Tencent Cloud SMS API, SendSms,
    `UnsupportedOperation.ChineseMainlandTemplateToGlobalPhone`).
    """
    home: bool = attrs.field(default=True, kw_only=True)
    """False: this binding is for numbers outside mainland China alone, and the provider gets no messages to others."""

    def __attrs_post_init__(self) -> None:
        _require_id("Binding: id", self.id)
        _require_names(self.params)
        if not isinstance(self.abroad, Binding) and self.abroad is not None and self.abroad is not False:
            raise ConfigurationError("abroad: must be an id, a Binding, or False")
        if isinstance(self.abroad, Binding) and (self.abroad.abroad is not None or not self.abroad.home):
            raise ConfigurationError("abroad: must not have an `abroad` or a `home` of its own")
        if not isinstance(self.home, bool):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise ConfigurationError("home: must be True or False")
        if not self.home and self.abroad is not None:
            raise ConfigurationError("home=False: must not have an `abroad`; give its id as that of the binding itself")

    def serving(self, to: PhoneNumber) -> "Binding | None":
        """The binding for the number *to* (E.164): this one or `abroad`. None if the provider is not to have it."""
        if to.is_mainland:
            return self if self.home else None
        if self.abroad is None:
            return self
        return self.abroad if isinstance(self.abroad, Binding) else None

    def variants(self) -> "tuple[Binding, ...]":
        """This binding, and the one for other countries if it has one."""
        return (self, self.abroad) if isinstance(self.abroad, Binding) else (self,)


def _require_id(where: str, id: object) -> None:
    if not isinstance(id, str):
        raise ConfigurationError(f"{where}: must be the vendor's template id as text ('19'), not {type(id).__name__}")
    if id != id.strip() or not id.isprintable():
        raise ConfigurationError(f"{where}: has a blank around it or a character that cannot be printed")


def _bindings(ids: Mapping[str, "str | Binding"]) -> Mapping[str, Binding]:
    if not isinstance(ids, Mapping):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise ConfigurationError(f"Template: ids must be a mapping of provider names, not {type(ids).__name__}")
    found: dict[str, Binding] = {}
    for name, value in ids.items():
        if not isinstance(name, str):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise ConfigurationError(f"Template: ids has a provider's name that is not text but {type(name).__name__}")
        if not isinstance(value, Binding):
            _require_id(f"Template: ids[{name!r}]", value)
        found[name] = value if isinstance(value, Binding) else Binding(value)
    return found


def _require_text(name: str, text: object, params: tuple[str, ...]) -> None:
    if text is not None and not isinstance(text, str):
        raise ConfigurationError(f"Template {name!r}: text must be text, not {type(text).__name__}")
    copied = _VENDORS_PLACEHOLDER.search(text or "")
    if copied is not None:
        named = f"{{{params[0] if params else 'name'}}}"
        raise ConfigurationError(
            f"Template {name!r}: text has {copied[0]!r}: write {named}, with the name of a parameter"
        )


@attrs.frozen
class Template:
    """Your name for a text, its ordered parameter names, and what each vendor calls it.

    Raises `ConfigurationError` if the names repeat, or if a binding or the text uses a name that is not declared.
    """

    name: str
    """Your name for it, which `Message.template` gives."""
    params: tuple[str, ...] = attrs.field(default=(), kw_only=True, converter=_names)
    """The parameter names, in the order in which the vendors expect the values."""
    text: str | None = attrs.field(default=None, kw_only=True)
    """The text with `{name}` placeholders, for previews and segment counts. The vendors have their own copy."""
    ids: Mapping[str, Binding] = attrs.field(factory=dict[str, Binding], kw_only=True, converter=_bindings, hash=False)
    """Provider name to that provider's template id, or to a `Binding`."""
    kind: MessageKind | None = attrs.field(default=None, kw_only=True)
    """What its messages are for, unless `Message.kind` says otherwise. Routes and quiet hours go by it."""

    def __attrs_post_init__(self) -> None:
        if not self.name or not isinstance(self.name, str):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise ConfigurationError("Template: name must be text that is not empty")
        _require_names(self.params)
        if not all(isinstance(name, str) and name for name in self.params):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise ConfigurationError(f"Template {self.name!r}: params has a name that is empty or not text")
        _require_text(self.name, self.text, self.params)
        problem = kind_problem(self.kind)
        if problem is not None:
            raise ConfigurationError(f"Template {self.name!r}: {problem}")
        if len(set(self.params)) != len(self.params):
            raise ConfigurationError(f"Template {self.name!r}: params repeats a name: {', '.join(self.params)}")
        used = [("text", name) for name in _PLACEHOLDER.findall(self.text or "")]
        for provider, binding in self.ids.items():
            for each in binding.variants():
                where = f"ids[{provider!r}]{'' if each is binding else '.abroad'}"
                if not each.id:
                    raise ConfigurationError(f"Template {self.name!r}: {where} is empty")
                used += [(f"{where}.params", name) for name in each.params or ()]
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

        *to*: the recipient in E.164: mainland China and Malaysia count otherwise than the rest. *signature*: without
        brackets; it is part of the text that is charged. `smsgate.model.segments` has the rules and their sources. The
        vendor's bill decides, see `Result.segments`.

        Raises `InvalidNumberError` if *to* has no country code: the count depends on the country.
        """
        calling_code = resolve_number(to).calling_code
        text = self.render(params)
        if text is None:
            return None
        bracketed = f"【{signature}】" if signature else ""
        return count_segments(bracketed + text, calling_code=calling_code)
