"""Everything of Tencent's v5 interface that is not a send: `TencentV5Management`."""

from smsgate.model.errors import ConfigurationError
from smsgate.model.secret import Secret
from smsgate.provider.base_url import BaseUrl
from smsgate.provider.credentials import CredentialSource, secret_or_source
from smsgate.tencent.v5.api import V5Account
from smsgate.tencent.v5.pulls import V5Pulls
from smsgate.tencent.v5.signatures import V5Signatures
from smsgate.tencent.v5.statistics import V5Statistics
from smsgate.tencent.v5.templates import V5Templates

__all__ = ["TencentV5Management"]


class TencentV5Management(V5Templates, V5Signatures, V5Pulls, V5Statistics):
    """Templates, signatures, pulls and statistics of one application (sdkappid), through the v5 interface.

    A `TemplateAdmin`, `SignatureAdmin`, `ReportSource` and `Statistics`. Its methods return `Call`s, which a
    `ManagementClient` runs. They raise `InvalidCallError`, which names the argument, for what cannot be right.
    The arguments are those of `TencentV5`; *name* is the provider's in your gateway, so that reports match. Raises
    `ConfigurationError` if an argument cannot be right.
    """

    def __init__(
        self,
        sdk_app_id: str,
        app_key: str | Secret | CredentialSource[str | Secret],
        *,
        name: str = "tencent-v5",
        base_url: str | BaseUrl = "https://yun.tim.qq.com",
    ) -> None:
        self.name = name
        app_key, base_url = secret_or_source(app_key), BaseUrl.wrap(base_url)
        account = V5Account.open(sdk_app_id, app_key, name=name, base_url=base_url)
        if isinstance(account, str):
            sdk_app_id = ""  # it may be the key, given in the wrong place
            raise ConfigurationError(account)
        self._account = account

    def __repr__(self) -> str:
        return f"TencentV5Management(name={self.name!r})"
