"""Whether settings are of their kind. Checked when a gateway is made, and not found out at the first send."""

from smsgate.model.errors import ConfigurationError

__all__ = ["check_callable", "check_kind", "described", "package_of", "typename"]


def check_kind(option: str, given: object, kind: type | tuple[type, ...], name: str) -> None:
    """Raises `ConfigurationError` unless *given* is of *kind*; *name* is the kind in words."""
    if not isinstance(given, kind) or isinstance(given, bool):
        raise ConfigurationError(f"{option}: must be {name}, not {described(given)}")


def check_callable(option: str, given: object) -> None:
    """Raises `ConfigurationError` unless *given* can be called."""
    if not callable(given):
        raise ConfigurationError(f"{option}: must be a function, not {described(given)}")


def described(given: object) -> str:
    """What *given* is, for an error: "an object of httpx.Client"."""
    return f"the class {given.__name__}" if isinstance(given, type) else f"an object of {typename(given)}"


def typename(given: object) -> str:
    """Its type with the package that it is of: "httpx.Client"."""
    return f"{package_of(given)}.{type(given).__name__}"


def package_of(given: object) -> str:
    """The package that its type is of."""
    return type(given).__module__.partition(".")[0]
