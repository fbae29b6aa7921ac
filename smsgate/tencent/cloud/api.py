"""What every API 3.0 call has in common, be it a send or not: its headers and its signature."""

import json
from collections.abc import Mapping
from typing import Any, Final, Self, cast

import attrs

from smsgate.model.secret import Secret
from smsgate.provider.base_url import BaseUrl
from smsgate.provider.checks import choice_problem, region_problem, text_problem
from smsgate.provider.credentials import MaskedSource, choose, given, returned
from smsgate.provider.reading import read_leniently, read_object, read_text, short_text
from smsgate.tencent.checks import app_id_problem
from smsgate.tencent.cloud.credentials import TencentCredentials
from smsgate.tencent.cloud.field_names import VERSIONS, FieldNames, Language, Version
from smsgate.tencent.signing import tc3_authorization
from smsgate.wire import HttpRequest, HttpResponse

__all__ = ["LONGEST_CODE", "MARKS", "CloudAccount", "CloudEnvelope", "read_envelope"]

_CONTENT_TYPE: Final = "application/json"
# One of the three that the SMS reference names: 2021-01-11 refuses a call without a region.
_DEFAULT_REGION: Final = "ap-guangzhou"
_DOMAIN: Final = "tencentcloudapi.com"
"""Where the vendor's own hosts are."""
LONGEST_CODE: Final = 128
"""Characters of an error code: longer text is none."""
MARKS: Final = ("Response",)
"""Names that only a response of Tencent's has: with any of them it is not a proxy's, even if it cannot be believed."""


@attrs.frozen(kw_only=True)
class CloudAccount:
    """One SMS application of a Tencent Cloud account, checked and ready to sign."""

    name: str
    sdk_app_id: str
    credentials: TencentCredentials | MaskedSource[TencentCredentials]
    names: FieldNames
    region: str | None
    language: Language
    base_url: BaseUrl

    @classmethod
    def open(
        cls,
        credentials: TencentCredentials,
        source: MaskedSource[TencentCredentials] | None,
        *,
        sdk_app_id: str,
        region: str | None,
        version: Version,
        language: Language,
        name: str,
        base_url: BaseUrl,
    ) -> Self | str:
        """The account, or what is wrong with an argument that is no secret. Of *credentials* and *source* one is empty.

        Raises `ConfigurationError` for what is wrong with a secret or the base URL.
        """
        problem = (
            app_id_problem(sdk_app_id)
            or text_problem("name", name)
            or choice_problem("version", version, VERSIONS)
            or choice_problem("language", language, ("en-US", "zh-CN"))
            or (None if region is None else region_problem("region", region))
        )
        return problem or cls(
            name=name,
            sdk_app_id=sdk_app_id,
            credentials=choose(credentials, source),
            names=VERSIONS[version],
            region=region,
            language=language,
            base_url=base_url.require().check_own_host(_DOMAIN),
        )

    @property
    def credential_source(self) -> MaskedSource[TencentCredentials] | None:
        """Where its credentials come from, if they may change."""
        return self.credentials if isinstance(self.credentials, MaskedSource) else None

    def with_credentials(self, credentials: TencentCredentials) -> Self:
        """The account with what its source returned."""
        return attrs.evolve(self, credentials=returned(credentials, TencentCredentials))

    @property
    def secrets(self) -> tuple[Secret, ...]:
        """What must not show in an error."""
        found = self.credentials
        if isinstance(found, MaskedSource):
            return ()
        return tuple(filter(None, (found.secret_id, found.secret_key, found.token)))

    def request(self, action: str, fields: Mapping[str, object], *, now: float) -> HttpRequest:
        """The call of *action* with *fields*, signed."""
        return self.sign(action, json.dumps(fields).encode(), now=now)

    def sign(self, action: str, body: bytes, *, now: float) -> HttpRequest:
        """The call of *action* with its JSON. Host and content type are signed exactly as they are sent."""
        credentials, host, time = given(self.credentials), self.base_url.host, int(now)
        headers = {
            "Host": host,
            "Content-Type": _CONTENT_TYPE,
            "X-TC-Action": action,
            "X-TC-Version": self.names.version,
            "X-TC-Timestamp": str(time),
            "X-TC-Language": self.language,
            "Authorization": tc3_authorization(
                credentials.secret_id,
                credentials.secret_key,
                host=host,
                content_type=_CONTENT_TYPE,
                body=body,
                time=time,
            ),
        }
        region = self.region or (_DEFAULT_REGION if self.names.region_required else None)
        if region:
            headers["X-TC-Region"] = region
        if credentials.token:
            headers["X-TC-Token"] = credentials.token.reveal()
        return HttpRequest("POST", self.base_url.url("/"), headers, body)


@attrs.frozen
class CloudEnvelope:
    """The inside of `Response`."""

    error: str | None
    """`Error.Code`, if the call failed as a whole."""
    text: object = attrs.field(repr=False)
    """`Error.Message`, as it came."""
    request_id: str | None
    body: Mapping[str, Any] = attrs.field(repr=False)


def read_envelope(response: HttpResponse, *, lenient: bool = False) -> CloudEnvelope | None:
    """The envelope in *response*, or None if it holds none, or an error without a code. Never raises.

    *lenient*: read on over faults that concern single items (`read_leniently`).
    """
    whole = read_leniently(response.body) if lenient else read_object(response.body)
    inner = cast("dict[str, Any]", whole).get("Response") if isinstance(whole, dict) else None
    if not isinstance(inner, dict):
        return None
    body = cast("dict[str, Any]", inner)
    error = body.get("Error")
    failed = cast("dict[str, Any]", error) if isinstance(error, dict) else {}
    code = short_text(failed.get("Code"), LONGEST_CODE)
    if error is not None and code is None:
        return None
    return CloudEnvelope(code, failed.get("Message"), read_text(body.get("RequestId")), body)
