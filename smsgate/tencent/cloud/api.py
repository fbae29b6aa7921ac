"""What every API 3.0 call has in common, be it a send or not: its headers and its signature."""

import json
from collections.abc import Mapping
from typing import Any, Final, Self, cast

import attrs

from smsgate.model.secret import Secret
from smsgate.provider.base_url import BaseUrl
from smsgate.provider.reading import read_object
from smsgate.tencent.checks import app_id_problem, choice_problem, label_problem
from smsgate.tencent.cloud.field_names import REGIONS, VERSIONS, Language, Names, Version
from smsgate.tencent.signing import tc3_authorization
from smsgate.tencent.values import objects_in, read_patiently, text_of
from smsgate.wire import HttpRequest, HttpResponse

__all__ = ["CloudAccount", "CloudAnswer", "error_code_of", "read_cloud_answer"]

_CONTENT_TYPE: Final = "application/json"
_DEFAULT_REGION: Final = "ap-guangzhou"
_LONGEST_CODE: Final = 128


@attrs.frozen(kw_only=True)
class CloudAccount:
    """One SMS application of a Tencent Cloud account, checked and ready to sign."""

    name: str
    sdk_app_id: str
    secret_id: Secret
    secret_key: Secret
    token: Secret | None
    """That of temporary credentials."""
    names: Names
    region: str | None
    language: Language
    base_url: BaseUrl

    @classmethod
    def open(
        cls,
        secret_id: Secret,
        secret_key: Secret,
        *,
        sdk_app_id: str,
        region: str | None,
        version: Version,
        token: Secret | None,
        language: Language,
        name: str,
        base_url: BaseUrl,
    ) -> Self | str:
        """The account, or what is wrong with an argument that is no secret.

        Raises `ConfigurationError` for what is wrong with a secret or the base URL.
        """
        problem = (
            app_id_problem(sdk_app_id)
            or label_problem("name", name)
            or choice_problem("version", version, VERSIONS)
            or choice_problem("language", language, ("en-US", "zh-CN"))
            or (None if region is None else choice_problem("region", region, REGIONS))
        )
        return problem or cls(
            name=name,
            sdk_app_id=sdk_app_id,
            secret_id=secret_id.require("secret_id"),
            secret_key=secret_key.require("secret_key"),
            token=token.require("token") if token else None,
            names=VERSIONS[version],
            region=region,
            language=language,
            base_url=base_url.require(),
        )

    def request(self, action: str, fields: Mapping[str, object], *, now: float) -> HttpRequest:
        """The call of *action* with *fields*, signed. Host and content type are signed exactly as they are sent."""
        time, host, body = int(now), self.base_url.host, json.dumps(fields).encode()
        headers = {
            "Host": host,
            "Content-Type": _CONTENT_TYPE,
            "X-TC-Action": action,
            "X-TC-Version": self.names.version,
            "X-TC-Timestamp": str(time),
            "X-TC-Language": self.language,
            "Authorization": tc3_authorization(
                self.secret_id, self.secret_key, host=host, content_type=_CONTENT_TYPE, body=body, time=time
            ),
        }
        region = self.region or (_DEFAULT_REGION if self.names.region_required else None)
        if region:
            headers["X-TC-Region"] = region
        if self.token:
            headers["X-TC-Token"] = self.token.reveal()
        return HttpRequest("POST", self.base_url.url("/"), headers, body)


@attrs.frozen
class CloudAnswer:
    """The inside of `Response`."""

    error: str | None
    """`Error.Code`, if the call failed as a whole."""
    words: object = attrs.field(repr=False)
    """`Error.Message`, as it came."""
    request_id: str | None
    body: Mapping[str, Any] = attrs.field(repr=False)

    def rows(self, key: str) -> list[Mapping[str, Any]]:
        """The objects in the list *key*."""
        return objects_in(self.body.get(key)) or []


def read_cloud_answer(response: HttpResponse, *, patient: bool = False) -> CloudAnswer | None:
    """The answer in *response*, or None if it holds no such envelope. Never raises.

    *patient*: read on over faults that concern single items (`read_patiently`).
    """
    whole = read_patiently(response.body) if patient else read_object(response.body)
    inner = whole.get("Response") if whole else None
    if not isinstance(inner, dict):
        return None
    body = cast("dict[str, Any]", inner)
    error = body.get("Error")
    failed = cast("dict[str, Any]", error) if isinstance(error, dict) else {}
    return CloudAnswer(error_code_of(failed.get("Code")), failed.get("Message"), text_of(body.get("RequestId")), body)


def error_code_of(value: object) -> str | None:
    """An error code as it came, or None if it is none."""
    fits = isinstance(value, str) and 0 < len(value) <= _LONGEST_CODE and value.isprintable()
    return cast("str", value) if fits else None
