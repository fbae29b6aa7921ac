"""The templates of a gateway: found to be right for its providers when they are given, not at the first send. Pure."""

from collections.abc import Collection, Iterable

from smsgate.model.errors import ConfigurationError
from smsgate.model.masking import safe_text
from smsgate.model.template import Template
from smsgate.model.warning import warn
from smsgate.provider.checks import warn_of_signature

__all__ = ["check_senders", "templates_by_name"]


def templates_by_name(templates: Iterable[Template]) -> dict[str, Template]:
    """*templates* by name. Raises `ConfigurationError` for what is no template, and for a name that comes twice."""
    if not isinstance(templates, Iterable):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise ConfigurationError(f"templates: must be a list of templates, not {type(templates).__name__}")
    found: dict[str, Template] = {}
    for template in templates:
        if not isinstance(template, Template):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise ConfigurationError(f"templates: {type(template).__name__} is not a Template")
        if template.name in found:
            raise ConfigurationError(f"templates: two are named {template.name!r}")
        found[template.name] = template
    return found


def check_senders(template: Template, providers: Collection[str]) -> None:
    """Raise `ConfigurationError` if none of *providers* can send *template*.

    Warns of an id for a provider that is not among them and has nearly the name of one that is, and that has no id.
    """
    names = ", ".join(providers)
    if not any(provider in template.ids for provider in providers):
        listed = ", ".join(map(safe_text, template.ids)) or "none"
        raise ConfigurationError(
            f"Template {template.name!r}: no provider can send it: ids has {listed}, and the providers are {names}"
        )
    without_id = [provider for provider in providers if provider not in template.ids]
    for name, binding in template.ids.items():
        where = f"Template {template.name!r}: ids[{safe_text(name)!r}]"
        if name not in providers:
            from difflib import get_close_matches

            if near := get_close_matches(name, without_id, n=1, cutoff=0.75):
                warn(f"{where} is for no provider of this gateway, which are {names}: did you mean {near[0]!r}?")
        warn_of_signature(f"{where}.signature", binding.signature if name in providers else None)
