"""Applications.

Source: Huawei Cloud Message & SMS API Reference, 3.1.3; the field names are those of its examples and of Huawei's SDK
(`intl_channel_num`, `app_access_addr`, `omp_app_name`), not of its tables.
"""

from typing import Any, Final

from smsgate.sandbox.huawei.account import Application, account_of, new_application
from smsgate.sandbox.huawei.management.fields import chosen, page, read_body, read_query, text_of, timestamp
from smsgate.sandbox.huawei.management.refusal import Refusal
from smsgate.sandbox.state.state import SandboxState
from smsgate.wire import HttpRequest

__all__ = ["CUSTOMER", "TENANT", "application", "count", "create", "list_all", "modify", "show"]

CUSTOMER: Final = "0c1ff2ffc55c3c4526b2ed7a0213bc98"
TENANT: Final = {"customer_id": CUSTOMER, "customer_name": "sandbox", "enterprise_name": "Sandbox Ltd."}
_REGIONS: Final = ("intl", "cn")
# No limit is documented; apps-count reports one as `total` (3.1.3), and 100 is the sandbox's own.
_MAX_APPLICATIONS: Final = 100


def list_all(state: SandboxState, request: HttpRequest, now: float) -> dict[str, Any]:
    """GET apps."""
    return page(account_of(state).applications, read_query(request), _row)


def create(state: SandboxState, request: HttpRequest, now: float) -> dict[str, Any]:
    """POST apps: the application can send at once."""
    body = read_body(request)
    name, region = text_of(body, "app_name"), chosen(body, "region", _REGIONS)
    if len(account_of(state).applications) >= _MAX_APPLICATIONS:
        raise Refusal("MSGSMS.0002", "no more than 100 applications")
    made = new_application(name, region, len(account_of(state).applications), now)
    _fill(made, body)
    account_of(state).applications.append(made)
    payload = {"id": made.id, "app_key": made.key, "app_name": made.name}
    return {**payload, "app_secret": made.secret} if body.get("show_secret") is True else payload


def count(state: SandboxState, request: HttpRequest, now: float) -> dict[str, Any]:
    """GET apps-count: how many there may be and how many there are."""
    region = chosen(read_query(request), "region", _REGIONS)
    return {"total": _MAX_APPLICATIONS, "used": sum(each.region == region for each in account_of(state).applications)}


def show(state: SandboxState, request: HttpRequest, now: float, id: str) -> dict[str, Any]:
    """GET apps/{id}."""
    return _row(application(state, id))


def modify(state: SandboxState, request: HttpRequest, now: float, id: str) -> dict[str, Any]:
    """PUT apps/{id}."""
    found, body = application(state, id), read_body(request)
    found.name = text_of(body, "app_name", found.name)
    found.region = chosen(body, "region", _REGIONS, found.region)
    _fill(found, body)
    found.updated = now
    return {"id": found.id, "app_key": found.key, "app_name": found.name}


def application(state: SandboxState, id: str) -> Application:
    """The application with that id."""
    found = next((each for each in account_of(state).applications if each.id == id), None)
    if found is None:
        raise Refusal("MSGSMS.0076", "id")
    return found


def _fill(into: Application, body: Any) -> None:
    into.up_link_addr = text_of(body, "up_link_addr", into.up_link_addr or "") or None
    into.enterprise_project_id = text_of(body, "enterprise_project_id", into.enterprise_project_id)
    into.enterprise_project_name = text_of(body, "enterprise_project_name", into.enterprise_project_name)


def _row(each: Application) -> dict[str, Any]:
    return {
        "id": each.id,
        "create_time": timestamp(each.created),
        "update_time": timestamp(each.updated),
        "customer_id": CUSTOMER,
        "tenant": TENANT,
        "resource_id": f"{each.id[:-4]}4877",
        "developer_account": "sandbox_sms",
        "app_name": each.name,
        "omp_app_name": each.id.replace("-", ""),
        "app_key": each.key,
        "up_link_addr": each.up_link_addr,
        "status": "LAUNCHED",
        "industry": 14,
        "region": each.region,
        "intl_channel_num": each.channel,
        "enterprise_project_id": each.enterprise_project_id,
        "enterprise_project_name": each.enterprise_project_name,
        "app_access_addr": "http://127.0.0.1:8025",
        "protocol": "HTTP",
        "platform": "NFV",
        "is_support_multiomp": False,
    }
