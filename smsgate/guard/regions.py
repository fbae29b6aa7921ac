"""Names of countries as an option gives them: codes of ISO 3166, checked when they are given."""

from collections.abc import Iterable
from typing import cast

from smsgate.model.errors import ConfigurationError
from smsgate.model.masking import safe_text

__all__ = ["check_region", "checked_names", "checked_regions"]


def check_region(option: str, given: str) -> None:
    """Raise `ConfigurationError`, naming *option*, if *given* is no code of ISO 3166."""
    if given == "CN":
        return
    import phonenumbers  # only those who name countries abroad pay for its metadata

    if given not in phonenumbers.SUPPORTED_REGIONS:
        shown = safe_text(str(given))
        raise ConfigurationError(f"{option}: {shown!r} is not a region; use an ISO 3166 code such as 'CN'")


def checked_names(option: str, given: object) -> frozenset[str]:
    """*given* as a set of names. Raises `ConfigurationError`, naming *option*, for what is none."""
    if isinstance(given, str) or not isinstance(given, Iterable):
        raise ConfigurationError(f"{option}: must be a set of names, not {type(given).__name__}")
    names = list(cast("Iterable[object]", given))
    for name in names:
        if not isinstance(name, str):
            raise ConfigurationError(f"{option}: must be a set of names, and has one {type(name).__name__}")
    return frozenset(cast("list[str]", names))


def checked_regions(option: str, given: object) -> frozenset[str]:
    """*given* as a set of codes of ISO 3166. Raises `ConfigurationError`, naming *option*, for a name that is none.

    None at all is an error too: nothing could be sent anywhere.
    """
    names = checked_names(option, given)
    if not names:
        raise ConfigurationError(f"{option}: is empty; leave it out, or name at least one")
    for name in sorted(names):
        check_region(option, name)
    return names
