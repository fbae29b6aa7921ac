"""Everything of Tencent Cloud's API 3.0 for SMS that is not a send: `TencentCloudManagement`."""

from smsgate.model.errors import ConfigurationError
from smsgate.model.secret import Secret
from smsgate.provider.base_url import BaseUrl
from smsgate.provider.credentials import CredentialSource, MaskedSource
from smsgate.tencent.cloud.api import CloudAccount
from smsgate.tencent.cloud.credentials import TencentCredentials
from smsgate.tencent.cloud.field_names import Language, Version
from smsgate.tencent.cloud.pulls import CloudPulls
from smsgate.tencent.cloud.send_records import CloudSendRecords
from smsgate.tencent.cloud.signatures import CloudSignatures
from smsgate.tencent.cloud.statistics import CloudStatistics
from smsgate.tencent.cloud.templates import CloudTemplates

__all__ = ["TencentCloudManagement"]


class TencentCloudManagement(CloudTemplates, CloudSignatures, CloudPulls, CloudSendRecords, CloudStatistics):
    """Templates, signatures, pulls, records of sends, statistics and packages of one application, through API 3.0.

    A `TemplateAdmin`, `SignatureAdmin`, `SignatureList`, `ReportSource` and `Statistics`. Its methods return `Call`s,
    which a `ManagementClient` runs. They raise `InvalidCallError`, which names the argument, for what cannot be right.
    The arguments are those of `TencentCloud`. Raises `ConfigurationError` if one cannot be right.
    """

    def __init__(
        self,
        secret_id: str | Secret = "",
        secret_key: str | Secret = "",
        *,
        sdk_app_id: str,
        region: str | None = None,
        version: Version = "2021-01-11",
        token: str | Secret | None = None,
        credentials: CredentialSource[TencentCredentials] | None = None,
        language: Language = "en-US",
        name: str = "tencent",
        base_url: str | BaseUrl = "https://sms.tencentcloudapi.com",
    ) -> None:
        self.name = name
        # Rebound before anything is checked, so that no traceback's locals hold the raw values.
        secret_id, secret_key, base_url = Secret.wrap(secret_id), Secret.wrap(secret_key), BaseUrl.wrap(base_url)
        token = None if token is None else Secret.wrap(token)
        credentials = None if credentials is None else MaskedSource(credentials)
        account = CloudAccount.open(
            TencentCredentials(secret_id, secret_key, token),
            credentials,
            sdk_app_id=sdk_app_id,
            region=region,
            version=version,
            language=language,
            name=name,
            base_url=base_url,
        )
        if isinstance(account, str):
            sdk_app_id = ""  # it may be a key, given in the wrong place
            raise ConfigurationError(account)
        self._account = account

    def __repr__(self) -> str:
        return f"TencentCloudManagement(name={self.name!r})"
