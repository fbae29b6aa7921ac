"""Who calls Huawei's management API: an IAM user with a token, or an IAM access key that signs.

Message & SMS API Reference, 3.1.1.1 and 3.1.1.2: a token is requested with user, password and the project's name, lives
for 24 hours and goes into `X-Auth-Token`. A signature (API Request Signing Guide) carries `X-Project-Id` with it.
"""

import json
from collections.abc import Mapping
from typing import Any, Final, Self

import attrs

from smsgate.huawei.credentials import HuaweiAccessKey, check_key
from smsgate.huawei.hosts import DOMAINS
from smsgate.huawei.management.responses import open_json
from smsgate.huawei.signing import sign
from smsgate.model.errors import ConfigurationError, VendorError
from smsgate.model.secret import Secret
from smsgate.provider.base_url import BaseUrl
from smsgate.provider.call import RequestContext, Token, TokenSource, late, make_call, without_envelope
from smsgate.provider.credentials import MaskedSource, choose, given, returned
from smsgate.provider.reading import as_object, read_json, read_time
from smsgate.wire import Headers, HttpRequest, HttpResponse

__all__ = ["AccessKey", "IamUser", "identify"]

_PATH: Final = "/v3/auth/tokens"
_NAME: Final = f"POST {_PATH}"
_ISSUED_IN: Final = "X-Subject-Token"


@attrs.frozen
class AccessKey:
    """An IAM access key of the project."""

    keys: HuaweiAccessKey | MaskedSource[HuaweiAccessKey]
    project_id: str

    @property
    def credential_source(self) -> MaskedSource[HuaweiAccessKey] | None:
        """Where the keys come from, if they may change."""
        return self.keys if isinstance(self.keys, MaskedSource) else None

    def with_credentials(self, credentials: HuaweiAccessKey) -> Self:
        """The same with what its source returned."""
        keys = returned(credentials, HuaweiAccessKey)
        check_key("access_key", keys.access_key)
        return attrs.evolve(self, keys=keys)

    @property
    def token(self) -> None:
        """A signed call needs no token."""
        return

    @property
    def secrets(self) -> tuple[Secret, ...]:
        """What must not show in an error."""
        return () if isinstance(self.keys, MaskedSource) else (self.keys.access_key, self.keys.secret_key)

    def authorise(self, request: HttpRequest, context: RequestContext) -> HttpRequest:
        """*request* with `X-Project-Id`, and signed."""
        request, keys = _with(request, "X-Project-Id", self.project_id), given(self.keys)
        return sign(request, keys.access_key.reveal(), keys.secret_key, now=context.now)


@attrs.frozen
class IamUser:
    """An IAM user of an account (*domain*), and the project that its tokens are for."""

    user: str
    password: Secret | MaskedSource[str | Secret]
    domain: str
    project: str
    address: BaseUrl
    """Of the identity service."""

    @property
    def secrets(self) -> tuple[Secret, ...]:
        """What must not show in an error."""
        return () if isinstance(self.password, MaskedSource) else (self.password,)

    @property
    def credential_source(self) -> MaskedSource[str | Secret] | None:
        """Where the password comes from, if it may change."""
        return self.password if isinstance(self.password, MaskedSource) else None

    def with_credentials(self, credentials: str | Secret) -> Self:
        """The same with what its source returned."""
        credentials = Secret.wrap(credentials)
        return attrs.evolve(self, password=credentials.require("password"))

    @property
    def token(self) -> TokenSource:
        """Where its tokens come from. A user has the same token wherever it is used with the same password."""
        return TokenSource(
            self, late(self, lambda user: make_call(_NAME, user.build_request, user.open_envelope, _token))
        )

    def authorise(self, request: HttpRequest, context: RequestContext) -> HttpRequest:
        """*request* with the token."""
        return _with(request, "X-Auth-Token", context.token.reveal()) if context.token else request

    def build_request(self, context: RequestContext) -> HttpRequest:
        """The request for a token."""
        user = {"name": self.user, "password": given(self.password).reveal(), "domain": {"name": self.domain}}
        identity = {"methods": ["password"], "password": {"user": user}}
        document = {"auth": {"identity": identity, "scope": {"project": {"name": self.project}}}}
        headers = {"Host": self.address.host, "Content-Type": "application/json"}
        body = json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
        return HttpRequest("POST", self.address.url(_PATH), headers, body)

    def open_envelope(self, response: HttpResponse) -> HttpResponse | VendorError:
        """The response, if it grants a token."""
        data = open_json(_NAME, response, self.secrets)
        return data if isinstance(data, VendorError) else response


def _token(response: HttpResponse) -> Token | VendorError:
    """The token in a header, its end in the body."""
    value = response.headers.get(_ISSUED_IN, "")
    end = read_time(as_object(as_object(read_json(response.body)).get("token")).get("expires_at"))
    if end is None or not value or not value.isascii() or not value.isprintable():
        return without_envelope(_NAME, response)
    return Token(Secret(value), end)


def _with(request: HttpRequest, name: str, value: str) -> HttpRequest:
    return attrs.evolve(request, headers=Headers([*request.headers.pairs, (name, value)]))


def identify(
    project_id: str,
    *,
    user: str | None,
    password: Secret | MaskedSource[str | Secret] | None,
    domain: str | None,
    project: str | None,
    iam_url: BaseUrl | None,
    access_key: Secret | None,
    secret_key: Secret | None,
    credentials: MaskedSource[HuaweiAccessKey] | None,
) -> IamUser | AccessKey:
    """Whichever of the ways is given. Raises `ConfigurationError` unless it is one of them, and whole and sound."""
    as_user: Mapping[str, str | Secret | MaskedSource[str | Secret] | BaseUrl | None] = {
        "user": user,
        "password": password,
        "domain": domain,
        "project": project,
        "iam_url": iam_url,
    }
    as_key: Mapping[str, Secret | MaskedSource[HuaweiAccessKey] | None] = (
        {"access_key": access_key, "secret_key": secret_key} if credentials is None else {"credentials": credentials}
    )
    chosen = [options for options in (as_user, as_key) if any(value is not None for value in options.values())]
    if len(chosen) != 1:
        raise ConfigurationError(
            f"{'both' if chosen else 'neither'} of two ways to call: give either {', '.join(as_user)} of an IAM user, "
            "or access_key and secret_key of an IAM access key, or credentials, a source of these two"
        )
    for field, value in chosen[0].items():
        problem = (
            f"{field}: is missing; it goes with {', '.join(chosen[0])}" if value is None else _problem(field, value)
        )
        if problem:
            raise ConfigurationError(problem)
    if user is not None and password is not None and domain is not None and project is not None and iam_url is not None:
        return IamUser(user, password, domain, project, iam_url.check_own_host(*DOMAINS, field="iam_url"))
    keys = choose(HuaweiAccessKey(access_key or "", secret_key or ""), credentials)
    if isinstance(keys, HuaweiAccessKey):
        check_key("access_key", keys.access_key)
    return AccessKey(keys, project_id)


def _problem(field: str, value: str | Secret | MaskedSource[Any] | BaseUrl) -> str | None:
    """What is wrong with a text; secrets, their sources and addresses say it themselves."""
    if not isinstance(value, str):
        value.require(field)
        return None
    sound = bool(value.strip()) and value.isprintable()
    return None if sound else f"{field}: is empty, or has characters that do not print"
