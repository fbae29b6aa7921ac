"""Which actions an IAM user must be allowed for a call.

Message & SMS API Reference, Table 4-1. Some printed rows have blanks and "s" in other places ("msgsms:template:s:get…",
"msgsms:template:update"); here the resources are spelt as in the other rows. The table has none for signatures but
"activate".
"""

from collections.abc import Mapping
from typing import Final

__all__ = ["needed_actions"]

_ALWAYS: Final = "service:getServiceStatus"
"""Every action depends on it."""
_ACTIONS: Final[Mapping[str, str]] = {
    "GET apps": "applications:getApp",
    "GET apps/{id}": "applications:getApp",
    "GET apps-count": "applications:getCount",
    "POST apps": (
        "applications:create applications:getCount applications:getTenant applications:getAuthority "
        "enterpriseProjects:get"
    ),
    "PUT apps/{id}": "applications:updateApp applications:getCount applications:getApp enterpriseProjects:get",
    "GET country": "templates:getCountry",
    "GET templates": "templates:getMsgtemplate",
    "GET templates/{id}": "templates:getMsgtemplate",
    "GET templates/{id}/varilable": "templates:getVariable",
    "POST templates": (
        "templates:create applications:getTenant applications:getApp signatures:getType templates:getDeveloper "
        "templates:getMsgtemplateName"
    ),
    "PUT templates/{id}": (
        "templates:update templates:getMsgtemplate templates:getConfig signatures:getSignature applications:getTenant "
        "applications:getApp signatures:getType templates:getDeveloper templates:getMsgtemplateName"
    ),
    "DELETE templates/{id}": "templates:delete templates:getMsgtemplate",
    "PUT signatures/{id}/active": (
        "signatures:activate signatures:getSignature signatures:getType signatures:getSignatureName templates:getConfig"
    ),
    "GET upload-files": "businessLicense:get",
    "POST upload-files": "businessLicense:import",
    "GET metric/stat": "statistics:getStatistics",
    "GET detail": "details:get",
}
"""Route to its action, then those that it depends on, without the service's name in front."""
_PREFIX: Final = "/v2/{project_id}/msgsms/"


def needed_actions(call: str) -> str:
    """What to grant for *call* ("GET /v2/{project_id}/msgsms/apps"), in words. Empty if the table does not have it."""
    actions = _ACTIONS.get(call.replace(_PREFIX, "", 1))
    if actions is None:
        return ""
    own, *others = (f"msgsms:{action}" for action in actions.split())
    return f"grant it {own} in IAM, and what that depends on: {', '.join((f'msgsms:{_ALWAYS}', *others))}"
