"""Whether settings are of their kind. Checked when a gateway is made, and not found out at the first send."""

from smsgate.model.errors import ConfigurationError

__all__ = [
    "check_callable",
    "check_keepalive_expiry",
    "check_kind",
    "check_max_connections",
    "described",
    "inner_transport",
    "package_of",
    "typename",
]


def check_kind(option: str, given: object, kind: type | tuple[type, ...], name: str) -> None:
    """Raises `ConfigurationError` unless *given* is of *kind*; *name* is the kind in words."""
    if not isinstance(given, kind) or isinstance(given, bool):
        raise ConfigurationError(f"{option}: must be {name}, not {described(given)}")


def check_callable(option: str, given: object) -> None:
    """Raises `ConfigurationError` unless *given* can be called."""
    if not callable(given):
        raise ConfigurationError(f"{option}: must be a function, not {described(given)}")


def check_max_connections(given: object) -> None:
    """Raises `ConfigurationError` unless *given* is a number of connections that requests can be made over."""
    check_kind("max_connections", given, int, "a whole number")
    if isinstance(given, int) and given < 1:
        raise ConfigurationError("max_connections: must be at least 1")


def check_keepalive_expiry(given: object) -> None:
    """Raises `ConfigurationError` unless idle connections are closed before networks drop them."""
    check_kind("keepalive_expiry", given, (int, float), "a number of seconds")
    if isinstance(given, int | float) and not 0 <= given < 90:
        raise ConfigurationError("keepalive_expiry: must be below the 90 seconds after which networks drop it")


def described(given: object) -> str:
    """What *given* is, for an error: "an object of httpx.Client"."""
    return f"the class {given.__name__}" if isinstance(given, type) else f"an object of {typename(given)}"


def inner_transport(network: object) -> object:
    """What is inside of a client, or of a transport around another one; *network* itself if there is nothing in it."""
    return getattr(network, "_transport", network)  # the libraries have no public name for it


def typename(given: object) -> str:
    """Its type with the package that it is of: "httpx.Client"."""
    return f"{package_of(given)}.{type(given).__name__}"


def package_of(given: object) -> str:
    """The package that its type is of."""
    return type(given).__module__.partition(".")[0]
