"""Huawei's management API: applications, templates, signatures, countries."""

from collections.abc import Mapping
from typing import Any

from smsgate.huawei.credentials import HuaweiAccessKey
from smsgate.huawei.hosts import DOMAINS
from smsgate.huawei.management.account import REGIONS, Account, Region
from smsgate.huawei.management.applications import ApplicationCalls
from smsgate.huawei.management.checks import check, id_problem, texts_problem
from smsgate.huawei.management.iam import identify
from smsgate.huawei.management.signatures import SignatureCalls
from smsgate.huawei.management.templates import TemplateCalls
from smsgate.model.errors import ConfigurationError
from smsgate.model.secret import Secret
from smsgate.provider.base_url import BaseUrl
from smsgate.provider.call import Call
from smsgate.provider.checks import choice_problem, text_problem
from smsgate.provider.credentials import CredentialSource, MaskedSource, secret_or_source

__all__ = ["HuaweiManagement"]


class HuaweiManagement(ApplicationCalls, TemplateCalls, SignatureCalls):
    """One project of Huawei Cloud, and what there is to manage in it. Its methods are pure: a `ManagementClient` runs
    the calls that they return.

    *project_id*: the project's id. *base_url*: the endpoint, such as `https://msgsms.cn-north-4.myhuaweicloud.com`.
    *region*: where new applications and templates send, "cn" (mainland China), "intl" or "eu". *app_id*: the primary
    key id of the application that new templates and signatures belong to. *name*: the account's name in records.

    Who calls: either an IAM user, with *user*, *password*, *domain* (the account's name), *project* (the project's
    name, such as "eu-west-101") and *iam_url*; or an IAM access key, with *access_key* and *secret_key*. What may
    change is given as a function, plain or async (`smsgate.provider.CredentialSource`): *password*, called when a
    token is requested, or *credentials*, called before each call, which returns a `HuaweiAccessKey`.

    Beside the neutral methods' own arguments the methods take Huawei's, under Huawei's names. Raises
    `ConfigurationError`, naming the option at fault; the methods raise `InvalidCallError`.
    """

    def __init__(
        self,
        *,
        project_id: str,
        base_url: str | BaseUrl,
        name: str = "huawei-management",
        region: Region = "cn",
        app_id: str | None = None,
        user: str | None = None,
        password: str | Secret | CredentialSource[str | Secret] | None = None,
        domain: str | None = None,
        project: str | None = None,
        iam_url: str | BaseUrl | None = None,
        access_key: str | Secret | None = None,
        secret_key: str | Secret | None = None,
        credentials: CredentialSource[HuaweiAccessKey] | None = None,
    ) -> None:
        # Rebound before anything is checked, so that no traceback's locals hold the raw values.
        password = None if password is None else secret_or_source(password)
        access_key = None if access_key is None else Secret.wrap(access_key)
        secret_key = None if secret_key is None else Secret.wrap(secret_key)
        credentials = None if credentials is None else MaskedSource(credentials)
        iam_url = None if iam_url is None else BaseUrl.wrap(iam_url)
        base_url = BaseUrl.wrap(base_url)
        self._name, self._address = name, base_url
        _check_options(project_id=project_id, region=region, app_id=app_id, name=name)
        identity = identify(
            project_id,
            user=user,
            password=password,
            domain=domain,
            project=project,
            iam_url=iam_url,
            access_key=access_key,
            secret_key=secret_key,
            credentials=credentials,
        )
        self._account = Account(
            name, project_id, base_url.require("base_url").check_own_host(*DOMAINS), identity, region, app_id
        )

    @property
    def name(self) -> str:
        """The name of the account, as with providers."""
        return self._name

    @property
    def address(self) -> str:
        """Scheme, host and port of its requests."""
        return self._account.address.origin

    def __repr__(self) -> str:
        return f"HuaweiManagement(name={self._name!r}, host={self._address.host!r})"

    def metric_statistics(self, query: Mapping[str, str]) -> Call[Any]:
        """`GET metric/stat`, which Table 4-1 of the guide names ("Query SMS statistics") and nothing describes.

        *query* goes as it is, and the response's JSON comes as it is.
        """
        return self._undescribed("GET metric/stat", query)

    def message_details(self, query: Mapping[str, str]) -> Call[Any]:
        """`GET detail`, which Table 4-1 of the guide names ("Query SMS details") and nothing describes.

        *query* goes as it is, and the response's JSON comes as it is.
        """
        return self._undescribed("GET detail", query)

    def _undescribed(self, route: str, query: Mapping[str, str]) -> Call[Any]:
        check(texts_problem(query))
        return self._account.call(route, _as_it_is, query=query)


def _as_it_is(data: Any) -> Any:
    return data


def _check_options(*, project_id: object, region: object, app_id: object, name: object) -> None:
    """Raise `ConfigurationError` for the first option that cannot be right."""
    problem = (
        id_problem("project_id", project_id)
        or _region_problem(region)
        or id_problem("app_id", app_id, optional=True)
        or text_problem("name", name)
    )
    if problem:
        raise ConfigurationError(problem)


def _region_problem(region: object) -> str | None:
    problem = choice_problem("region", region, REGIONS)
    return f"{problem}; a cloud region such as 'cn-north-4' belongs into base_url" if problem else None
