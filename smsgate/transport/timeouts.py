"""How long a try may take."""

import attrs

from smsgate.model.errors import ConfigurationError

__all__ = ["Timeouts"]


@attrs.frozen(kw_only=True)
class Timeouts:
    """How long a try may take, in seconds. All are finite; raises `ConfigurationError` if one is not."""

    pool: float = 20.0
    """For a connection to come free while `max_connections` are in use. It comes before the try, and is not counted
    in `total`."""
    connect: float = 5.0
    """For the name, the connection and TLS."""
    write: float = 10.0
    """For a write to make progress."""
    read: float = 10.0
    """For the next bytes of the response."""
    total: float = 20.0
    """For the whole try, however slowly bytes come in. A source of credentials has as long before the try."""

    def __attrs_post_init__(self) -> None:
        for name, seconds in attrs.asdict(self).items():
            if not isinstance(seconds, int | float) or not 0 < seconds <= 3600:
                raise ConfigurationError(f"Timeouts: {name} must be above 0 and at most 3600 seconds")
