"""What signs a call of API 3.0: `TencentCredentials`."""

import attrs

from smsgate.model.secret import Secret
from smsgate.provider.credentials import masked

__all__ = ["TencentCredentials"]


@attrs.frozen
class TencentCredentials:
    """An API key of Tencent Cloud. A temporary one, of its Security Token Service (STS), comes with a *token*."""

    secret_id: Secret = attrs.field(converter=masked)
    """The SecretId."""
    secret_key: Secret = attrs.field(converter=masked)
    """The SecretKey."""
    token: Secret | None = attrs.field(default=None, converter=attrs.converters.optional(masked))
    """The session token, of temporary credentials alone."""
