"""Who calls Huawei's management API: an IAM user with a token, or an IAM access key that signs.

Message & SMS API Reference, 3.1.1.1 and 3.1.1.2: a token is requested with user, password and the project's name, lives
for 24 hours and goes into `X-Auth-Token`. A signature (API Request Signing Guide) carries `X-Project-Id` with it.
"""

import json
import re
from typing import Final, cast

import attrs

from smsgate.huawei.hosts import DOMAINS
from smsgate.huawei.management.responses import open_json
from smsgate.huawei.signing import sign
from smsgate.model.errors import ConfigurationError, VendorError
from smsgate.model.secret import Secret
from smsgate.provider.base_url import BaseUrl
from smsgate.provider.call import RequestContext, Token, TokenSource, make_call, without_envelope
from smsgate.provider.reading import as_object, read_json, read_time
from smsgate.wire import Headers, HttpRequest, HttpResponse

__all__ = ["AccessKey", "IamUser", "identify"]

_PATH: Final = "/v3/auth/tokens"
_NAME: Final = f"POST {_PATH}"
_ISSUED_IN: Final = "X-Subject-Token"
_KEY: Final = re.compile(r"[^\s\",;]+")


@attrs.frozen
class AccessKey:
    """An IAM access key of the project."""

    access_key: Secret
    secret_key: Secret
    project_id: str

    @property
    def token(self) -> None:
        """A signed call needs no token."""
        return

    @property
    def secrets(self) -> tuple[Secret, ...]:
        """What must not show in an error."""
        return self.access_key, self.secret_key

    def authorise(self, request: HttpRequest, context: RequestContext) -> HttpRequest:
        """*request* with `X-Project-Id`, and signed."""
        request = _with(request, "X-Project-Id", self.project_id)
        return sign(request, self.access_key.reveal(), self.secret_key, now=context.now)


@attrs.frozen
class IamUser:
    """An IAM user of an account (*domain*), and the project that its tokens are for."""

    user: str
    password: Secret
    domain: str
    project: str
    address: BaseUrl
    """Of the identity service."""

    @property
    def secrets(self) -> tuple[Secret, ...]:
        """What must not show in an error."""
        return (self.password,)

    @property
    def token(self) -> TokenSource:
        """Where its tokens come from. A user has the same token wherever it is used with the same password."""
        return TokenSource(self, make_call(_NAME, self._build, self._open, _token))

    def authorise(self, request: HttpRequest, context: RequestContext) -> HttpRequest:
        """*request* with the token."""
        return _with(request, "X-Auth-Token", context.token.reveal()) if context.token else request

    def _build(self, context: RequestContext) -> HttpRequest:
        user = {"name": self.user, "password": self.password.reveal(), "domain": {"name": self.domain}}
        identity = {"methods": ["password"], "password": {"user": user}}
        document = {"auth": {"identity": identity, "scope": {"project": {"name": self.project}}}}
        headers = {"Host": self.address.host, "Content-Type": "application/json"}
        body = json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
        return HttpRequest("POST", self.address.url(_PATH), headers, body)

    def _open(self, response: HttpResponse) -> HttpResponse | VendorError:
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
    password: Secret | None,
    domain: str | None,
    project: str | None,
    iam_url: BaseUrl | None,
    access_key: Secret | None,
    secret_key: Secret | None,
) -> IamUser | AccessKey:
    """Whichever of the two is given. Raises `ConfigurationError` unless it is one of them, and whole and sound."""
    as_user = {"user": user, "password": password, "domain": domain, "project": project, "iam_url": iam_url}
    as_key = {"access_key": access_key, "secret_key": secret_key}
    given = [options for options in (as_user, as_key) if any(value is not None for value in options.values())]
    if len(given) != 1:
        raise ConfigurationError(
            f"{'both' if given else 'neither'} of two ways to call: give either {', '.join(as_user)} of an IAM user, "
            f"or {' and '.join(as_key)} of an IAM access key"
        )
    for field, value in given[0].items():
        problem = (
            f"{field}: is missing; it goes with {', '.join(given[0])}" if value is None else _problem(field, value)
        )
        if problem:
            raise ConfigurationError(problem)
    if user is None or password is None or domain is None or project is None or iam_url is None:
        return AccessKey(cast("Secret", access_key), cast("Secret", secret_key), project_id)
    return IamUser(user, password, domain, project, iam_url.check_own_host(*DOMAINS, field="iam_url"))


def _problem(field: str, value: str | Secret | BaseUrl) -> str | None:
    """What is wrong with a text; secrets and addresses say it themselves."""
    if not isinstance(value, str):
        value.require(field)
        keys = isinstance(value, Secret) and field == "access_key" and not _KEY.fullmatch(value.reveal())
        return f"{field}: has a space, a quotation mark, a comma or a semicolon" if keys else None
    sound = bool(value.strip()) and value.isprintable()
    return None if sound else f"{field}: is empty, or has characters that do not print"
