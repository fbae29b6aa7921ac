"""Every action with its parameters, as the two versions of the API call them.

Source: Tencent Cloud SMS API 3.0, versions 2019-07-11 and 2021-01-11, "Input Parameters" of each action. What a version
does not know is refused: a name of the other version is not taken for the right one.
"""

from collections.abc import Mapping
from enum import Enum, auto
from types import MappingProxyType
from typing import Any, Final, cast

import attrs

from smsgate.sandbox.tencent.api3.refusal import Refusal
from smsgate.sandbox.tencent.api3.versions import OLD

__all__ = ["ACTIONS", "Kind", "Param", "has_action", "read_params", "wrong_type"]


class Kind(Enum):
    """The type of a parameter."""

    TEXT = auto()
    NUMBER = auto()
    TEXTS = auto()
    NUMBERS = auto()
    OBJECTS = auto()
    """Whose fields the action checks."""
    HOUR = auto()
    """`yyyymmddhh`: a number in the old version, a text in the new one."""


@attrs.frozen
class Param:
    """One parameter."""

    name: str
    """What the simulator calls it."""
    old: str | None
    """Its name in 2019-07-11, None if that has no such thing."""
    new: str | None
    kind: Kind = Kind.TEXT
    required: bool = True

    def name_in(self, version: str) -> str | None:
        """Its name in *version*."""
        return self.old if version == OLD else self.new


def _both(name: str, vendor_name: str, kind: Kind = Kind.TEXT, *, required: bool = True) -> Param:
    return Param(name, vendor_name, vendor_name, kind, required)


_APP: Final = Param("app", "SmsSdkAppid", "SmsSdkAppId")
_LIMIT: Final = _both("limit", "Limit", Kind.NUMBER)
_OFFSET: Final = _both("offset", "Offset", Kind.NUMBER)
_INTERNATIONAL: Final = _both("international", "International", Kind.NUMBER)
_PULL: Final = (_APP, _LIMIT)
_PULL_OF_NUMBER: Final = (
    _APP,
    _LIMIT,
    _OFFSET,
    _both("number", "PhoneNumber"),
    Param("begin", "SendDateTime", "BeginTime", Kind.NUMBER),
    Param("end", "EndDateTime", "EndTime", Kind.NUMBER, required=False),
)
_STATISTICS: Final = (
    _APP,
    _LIMIT,
    _OFFSET,
    Param("begin", "StartDateTime", "BeginTime", Kind.HOUR),
    Param("end", "EndDataTime", "EndTime", Kind.HOUR),
)
_TEMPLATE_ID: Final = _both("id", "TemplateId", Kind.NUMBER)
_TEMPLATE: Final = (
    _both("name", "TemplateName"),
    _both("text", "TemplateContent"),
    _both("kind", "SmsType", Kind.NUMBER),
    _INTERNATIONAL,
    _both("remark", "Remark"),
)
_SIGN_ID: Final = _both("id", "SignId", Kind.NUMBER)
_SIGN: Final = (
    _both("signature", "SignName"),
    _both("kind", "SignType", Kind.NUMBER),
    _both("document", "DocumentType", Kind.NUMBER),
    _INTERNATIONAL,
    Param("purpose", "UsedMethod", "SignPurpose", Kind.NUMBER),
    _both("proof", "ProofImage"),
    _both("commission", "CommissionImage", required=False),
    _both("remark", "Remark", required=False),
    _both("qualification", "QualificationId", Kind.NUMBER, required=False),
)
_PAGE: Final = (
    Param("limit", None, "Limit", Kind.NUMBER, required=False),
    Param("offset", None, "Offset", Kind.NUMBER, required=False),
)

ACTIONS: Final[Mapping[str, tuple[Param, ...]]] = MappingProxyType(
    {
        "SendSms": (
            _APP,
            _both("numbers", "PhoneNumberSet", Kind.TEXTS),
            Param("template", "TemplateID", "TemplateId"),
            Param("sign", "Sign", "SignName", required=False),
            _both("params", "TemplateParamSet", Kind.TEXTS, required=False),
            _both("extend", "ExtendCode", required=False),
            _both("context", "SessionContext", required=False),
            _both("sender", "SenderId", required=False),
        ),
        "SendMultiGlobalSms": (
            Param("app", None, "SmsSdkAppId"),
            Param("infos", None, "MultiSmsInfoSet", Kind.OBJECTS),
        ),
        "DescribeSendRecordList": (
            Param("app", None, "SmsSdkAppId"),
            Param("number", None, "PhoneNumber"),
            Param("begin", None, "BeginTime", Kind.NUMBER),
            Param("end", None, "EndTime", Kind.NUMBER, required=False),
            Param("limit", None, "Limit", Kind.NUMBER, required=False),
            Param("offset", None, "Offset", Kind.NUMBER, required=False),
        ),
        "ReportConversion": (
            Param("app", None, "SmsSdkAppId"),
            Param("id", None, "SerialNo"),
            Param("time", None, "ConversionTime", Kind.NUMBER),
        ),
        "DescribePhoneNumberInfo": (Param("numbers", None, "PhoneNumberSet", Kind.TEXTS),),
        "PullSmsSendStatus": _PULL,
        "PullSmsReplyStatus": _PULL,
        "PullSmsSendStatusByPhoneNumber": _PULL_OF_NUMBER,
        "PullSmsReplyStatusByPhoneNumber": _PULL_OF_NUMBER,
        "SendStatusStatistics": _STATISTICS,
        "CallbackStatusStatistics": _STATISTICS,
        "SmsPackagesStatistics": (
            _APP,
            _LIMIT,
            _OFFSET,
            Param("begin", None, "BeginTime", Kind.HOUR, required=False),
            Param("end", None, "EndTime", Kind.HOUR, required=False),
        ),
        "AddSmsTemplate": _TEMPLATE,
        "ModifySmsTemplate": (_TEMPLATE_ID, *_TEMPLATE),
        "DeleteSmsTemplate": (_TEMPLATE_ID,),
        "DescribeSmsTemplateList": (
            _INTERNATIONAL,
            _both("ids", "TemplateIdSet", Kind.NUMBERS, required=False),
            *_PAGE,
        ),
        "AddSmsSign": _SIGN,
        "ModifySmsSign": (_SIGN_ID, *_SIGN),
        "DeleteSmsSign": (_SIGN_ID,),
        "DescribeSmsSignList": (_INTERNATIONAL, _both("ids", "SignIdSet", Kind.NUMBERS, required=False), *_PAGE),
    }
)


def has_action(action: str, version: str) -> bool:
    """Whether *version* has *action*."""
    return any(param.name_in(version) for param in ACTIONS.get(action, ()))


def read_params(action: str, version: str, body: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters under the simulator's names; what is left out or null is missing here as well."""
    table = {name: param for param in ACTIONS[action] if (name := param.name_in(version)) is not None}
    given = {name: value for name, value in body.items() if value is not None}
    for name in given:
        if name not in table:
            raise Refusal("UnknownParameter", f"The parameter `{name}` is not recognized.")
    for name, param in table.items():
        if param.required and name not in given:
            raise Refusal("MissingParameter", f"The request is missing a required parameter `{name}`.")
    for name, value in given.items():
        if not _fits(value, table[name].kind, version):
            raise wrong_type(name)
    return {table[name].name: value for name, value in given.items()}


def wrong_type(name: str) -> Refusal:
    """The refusal of a parameter whose value has another type, as real responses word it."""
    return Refusal("InvalidParameter", f"The value type of parameter `{name}` is not valid.")


def _fits(value: object, kind: Kind, version: str) -> bool:
    if kind is Kind.HOUR:
        kind = Kind.NUMBER if version == OLD else Kind.TEXT
    if kind is Kind.TEXT:
        return isinstance(value, str)
    if kind is Kind.NUMBER:
        return _is_number(value)
    items = cast("list[object]", value) if isinstance(value, list) else [None]
    if kind is Kind.OBJECTS:
        return all(isinstance(item, dict) for item in items)
    return all(isinstance(item, str) if kind is Kind.TEXTS else _is_number(item) for item in items)


def _is_number(value: object) -> bool:
    """A whole number from 0 that fits 64 bits."""
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**63
