"""What signs a request to Huawei: an application's key and secret for sends, an access key of IAM for management."""

import re
from typing import Final

import attrs

from smsgate.model.errors import ConfigurationError
from smsgate.model.secret import Secret
from smsgate.provider.credentials import masked

__all__ = ["HuaweiAccessKey", "HuaweiAppKey", "check_key"]

_KEY: Final = re.compile(r"[^\s\",;]+")
"""It stands unquoted in a header's list."""


@attrs.frozen
class HuaweiAppKey:
    """The key and the secret of an application, which sign its sends."""

    app_key: Secret = attrs.field(converter=masked)
    """The application's key."""
    app_secret: Secret = attrs.field(converter=masked)
    """The application's secret."""


@attrs.frozen
class HuaweiAccessKey:
    """An access key of IAM, the AK and SK that sign management calls."""

    access_key: Secret = attrs.field(converter=masked)
    """The access key."""
    secret_key: Secret = attrs.field(converter=masked)
    """The secret key."""


def check_key(field: str, key: Secret) -> None:
    """Raise `ConfigurationError` unless the *key* fits a header."""
    if not _KEY.fullmatch(key.reveal()):
        raise ConfigurationError(f"{field}: has a space, a quotation mark, a comma or a semicolon")
