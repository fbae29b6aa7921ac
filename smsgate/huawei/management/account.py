"""One project of Huawei Cloud: where its calls go, who makes them, and what they need when they do not say it."""

import json
from collections.abc import Callable, Mapping
from typing import Any, Final, Literal, TypeVar
from urllib.parse import quote, urlencode

import attrs

from smsgate.huawei.management.iam import AccessKey, IamUser
from smsgate.huawei.management.responses import make_project_call
from smsgate.provider.base_url import BaseUrl
from smsgate.provider.call import Call, RequestContext
from smsgate.wire import HttpRequest, HttpResponse

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
        method, path = route.split()
        name = f"{method} /v2/{{project_id}}/msgsms/{path}"
        address = f"/v2/{quote(self.project_id, safe='')}/msgsms/{path.replace('{id}', quote(id, safe=''))}"
        given = {key: value for key, value in (query or {}).items() if value is not None}
        url = self.address.url(address, urlencode(given, quote_via=quote, safe=""))
        headers = {"Host": self.address.host, "Content-Type": content_type}
        request = HttpRequest(method, url, headers, body)

        def build(context: RequestContext) -> HttpRequest:
            return self.identity.authorise(request, context)

        return make_project_call(name, build, self.identity.secrets, parse, token=self.identity.token)

    def action(self, route: str, *, id: str) -> Call[None]:
        """A call whose response says no more than that it was done."""
        done = self.call(route, lambda _: True, id=id)

        def parse(response: HttpResponse) -> None:
            done.parse(response)

        return Call(done.name, done.build, parse, done.token)


def to_json(document: Mapping[str, object]) -> bytes:
    """*document* as JSON, without the keys whose value is None."""
    given = {key: value for key, value in document.items() if value is not None}
    return json.dumps(given, ensure_ascii=False, separators=(",", ":")).encode()
