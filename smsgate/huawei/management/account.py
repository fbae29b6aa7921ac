"""One project of Huawei Cloud: where its calls go, who makes them, and what they need when they do not say it."""

import json
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final, Literal, TypeVar
from urllib.parse import quote, urlencode

import attrs

from smsgate.huawei.management.iam import AccessKey, IamUser
from smsgate.huawei.management.responses import make_project_action, make_project_call
from smsgate.provider.base_url import BaseUrl
from smsgate.provider.call import Call, late
from smsgate.wire import HttpRequest

__all__ = ["JSON", "REGIONS", "Account", "Region", "to_json"]

T = TypeVar("T")

Region = Literal["cn", "intl", "eu"]
REGIONS: Final[tuple[Region, ...]] = ("cn", "intl", "eu")
JSON: Final = "application/json"


@attrs.frozen
class Account:
    """Builds the calls of one project. All routes begin with `/v2/{project_id}/msgsms/`."""

    name: str
    project_id: str
    address: BaseUrl
    identity: IamUser | AccessKey
    region: Region
    app_id: str | None = None

    def call(
        self,
        route: str,
        parse: Callable[[Any], T | None],
        *,
        id: str = "",
        query: Mapping[str, object] | None = None,
        body: bytes = b"",
        content_type: str = JSON,
    ) -> Call[T]:
        """The call of *route*, such as "GET apps/{id}". *parse* reads the response's JSON, and returns None if unable.

        A value of *query* that is None is left out.
        """
        name, request = self._request(route, id, query, body, content_type)

        def make(caller: IamUser | AccessKey) -> Call[T]:
            return make_project_call(
                name, partial(caller.authorise, request), caller.secrets, parse, token=caller.token
            )

        return self._signed(make)

    def action(self, route: str, *, id: str) -> Call[None]:
        """A call whose response says no more than that it was done."""
        name, request = self._request(route, id)

        def make(caller: IamUser | AccessKey) -> Call[None]:
            return make_project_action(name, partial(caller.authorise, request), caller.secrets, token=caller.token)

        return self._signed(make)

    def _request(
        self,
        route: str,
        id: str,
        query: Mapping[str, object] | None = None,
        body: bytes = b"",
        content_type: str = JSON,
    ) -> tuple[str, HttpRequest]:
        """The name of a call, and its request without a signature or token."""
        method, path = route.split()
        address = f"/v2/{quote(self.project_id, safe='')}/msgsms/{path.replace('{id}', quote(id, safe=''))}"
        given = {key: value for key, value in (query or {}).items() if value is not None}
        url = self.address.url(address, urlencode(given, quote_via=quote, safe=""))
        headers = {"Host": self.address.host, "Content-Type": content_type}
        return f"{method} /v2/{{project_id}}/msgsms/{path}", HttpRequest(method, url, headers, body)

    def _signed(self, make: Callable[[IamUser | AccessKey], Call[T]]) -> Call[T]:
        """A key may be read anew for each call; a user's password only for a token, by the call of that."""
        return late(self.identity, make) if isinstance(self.identity, AccessKey) else make(self.identity)


def to_json(document: Mapping[str, object]) -> bytes:
    """*document* as JSON, without the keys whose value is None."""
    given = {key: value for key, value in document.items() if value is not None}
    return json.dumps(given, ensure_ascii=False, separators=(",", ":")).encode()
