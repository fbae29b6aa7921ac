"""What an application for a template says (Message & SMS API Reference, Tables 3-35 and 3-42).

"Template and Variable Specifications" for the length of a text and its variables; the official SDK for the fields of
mainland China.
"""

from collections.abc import Mapping, Sequence
from typing import Final, Literal, TypedDict

import attrs

from smsgate.huawei.management.account import Account
from smsgate.huawei.management.checks import app_id_problem, check, id_problem
from smsgate.huawei.management.neutral import kind_problem, type_of
from smsgate.provider.checks import choice_problem, text_problem
from smsgate.provider.records import TemplateKind
from smsgate.provider.template_text import template_text_problem

__all__ = ["TemplateDraft", "TemplateOptions", "VariableAttribute"]

_LONGEST_CONTENT: Final = 500
_MOST_VARIABLES: Final = 20
_FLOWS: Final = ("Pending", "Reviewing", "Disable")


@attrs.frozen(kw_only=True)
class VariableAttribute:
    """What a variable of a template for mainland China will hold."""

    variable_index: int
    """From 1, as in the text."""
    variable_type: str
    """`PHONE`, `CHARDIGIT`, `DATETIME`, `MONEY`, `TEXT`, `NEWTEXT` or `LONGTEXT`."""
    variable_desc: str | None = None
    """Needed for `TEXT`."""


class TemplateOptions(TypedDict, total=False):
    """Further keywords of `add_template` and `modify_template`."""

    app_id: str
    """The application's primary key id, where the account has none of its own."""
    sign_id: str
    """The signature's primary key id. For mainland China."""
    universal_template: bool
    """A general template, which needs a signature with each send. For mainland China one without *sign_id* is general
    unless this says otherwise."""
    brackets: Literal["CN", "GB"]
    """Around the signature: 【】 or []."""
    send_country: Sequence[int]
    """Ids from `list_countries`. Not for mainland China; needed in the region "eu" (Table 3-35)."""
    variable_attributes: Sequence[VariableAttribute]
    flow_status: Literal["Pending", "Reviewing", "Disable"]
    """"Pending" keeps it without submitting it for review."""


@attrs.frozen(kw_only=True)
class TemplateDraft:
    """A template as it is applied for, with what the account supplies."""

    account: Account
    name: str
    text: str
    kind: TemplateKind
    remark: str
    international: bool
    app_id: str | None = None
    sign_id: str | None = None
    universal_template: bool | None = None
    brackets: str | None = None
    send_country: Sequence[int] = ()
    variable_attributes: Sequence[VariableAttribute] = ()
    flow_status: str | None = None

    @property
    def region(self) -> str:
        """The account's; elsewhere than in mainland China every template is international."""
        return "intl" if self.international and self.account.region == "cn" else self.account.region

    def fields(self) -> Mapping[str, object]:
        """The fields as Huawei names them. Raises `InvalidCallError` if they cannot be right."""
        self._check()
        general = self.universal_template
        if general is None:
            general = self.region == "cn" and self.sign_id is None
        return {
            "app_id": self.app_id or self.account.app_id,
            "brackets": self.brackets,
            "region": self.region,
            "send_country": list(self.send_country) or None,
            "sign_id": self.sign_id,
            "template_content": self.text,
            "template_desc": self.remark or None,
            "template_name": self.name,
            "template_type": type_of(self.kind),
            "universal_template": int(general),
            "variable_attributes": [_without_none(each) for each in self.variable_attributes] or None,
            "flow_status": self.flow_status,
        }

    def _check(self) -> None:
        check(
            text_problem("name", self.name),
            text_problem("text", self.text, longest=_LONGEST_CONTENT, lines=True)
            or template_text_problem(
                "text", self.text, placeholder="${1}", longest=_LONGEST_CONTENT, most=_MOST_VARIABLES
            ),
            kind_problem(self.kind),
            text_problem("remark", self.remark or None, optional=True),
            app_id_problem(self.app_id or self.account.app_id),
            id_problem("sign_id", self.sign_id, optional=True),
            choice_problem("brackets", self.brackets, ("CN", "GB"), optional=True),
            choice_problem("flow_status", self.flow_status, _FLOWS, optional=True),
            _countries_problem(self.send_country, self.region),
            _variables_problem(self.variable_attributes),
        )


def _countries_problem(ids: Sequence[object], region: str) -> str | None:
    if not all(isinstance(id, int) and not isinstance(id, bool) and id > 0 for id in ids):
        return "send_country: must be ids from list_countries()"
    if region == "eu" and not ids:
        return 'send_country: needed in the region "eu"'
    return "send_country: not for templates of mainland China" if ids and region == "cn" else None


def _variables_problem(attributes: Sequence[object]) -> str | None:
    for index, each in enumerate(attributes):
        where = f"variable_attributes[{index}]"
        if not isinstance(each, VariableAttribute):
            return f"{where}: must be a VariableAttribute"
        if each.variable_type == "TEXT" and not each.variable_desc:
            return f"{where}: variable_desc is needed for TEXT"
    return None


def _without_none(given: VariableAttribute) -> dict[str, object]:
    return {name: value for name, value in attrs.asdict(given).items() if value is not None}
