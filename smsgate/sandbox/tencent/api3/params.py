"""Every action with its parameters, as the two versions of the API call them.

Source: Tencent Cloud SMS API 3.0, versions 2019-07-11 and 2021-01-11, "Input Parameters" of each action. What a version
does not know is refused: a name of the other version is not taken for the right one.
"""

import re
from collections.abc import Mapping
from enum import Enum, auto
from types import MappingProxyType
from typing import Any, Final, cast

import attrs

from smsgate.sandbox.tencent.api3.refusal import Refusal
from smsgate.sandbox.tencent.api3.versions import NEW, OLD

__all__ = ["ACTIONS", "Param", "has_action", "read_params", "unflatten"]


class _Kind(Enum):
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
    kind: _Kind = _Kind.TEXT
    required: bool = True

    def name_in(self, version: str) -> str | None:
        """Its name in *version*."""
        return self.old if version == OLD else self.new


def _both(name: str, vendor_name: str, kind: _Kind = _Kind.TEXT, *, required: bool = True) -> Param:
    return Param(name, vendor_name, vendor_name, kind, required)


_APP: Final = Param("app", "SmsSdkAppid", "SmsSdkAppId")
_LIMIT: Final = _both("limit", "Limit", _Kind.NUMBER)
_OFFSET: Final = _both("offset", "Offset", _Kind.NUMBER)
_INTERNATIONAL: Final = _both("international", "International", _Kind.NUMBER)
_PULL: Final = (_APP, _LIMIT)
_PULL_OF_NUMBER: Final = (
    _APP,
    _LIMIT,
    _OFFSET,
    _both("number", "PhoneNumber"),
    Param("begin", "SendDateTime", "BeginTime", _Kind.NUMBER),
    Param("end", "EndDateTime", "EndTime", _Kind.NUMBER, required=False),
)
_STATISTICS: Final = (
    _APP,
    _LIMIT,
    _OFFSET,
    Param("begin", "StartDateTime", "BeginTime", _Kind.HOUR),
    Param("end", "EndDataTime", "EndTime", _Kind.HOUR),
)
_TEMPLATE_ID: Final = _both("id", "TemplateId", _Kind.NUMBER)
_TEMPLATE: Final = (
    _both("name", "TemplateName"),
    _both("text", "TemplateContent"),
    _both("kind", "SmsType", _Kind.NUMBER),
    _INTERNATIONAL,
    _both("remark", "Remark"),
)
_SIGN_ID: Final = _both("id", "SignId", _Kind.NUMBER)
_SIGN: Final = (
    _both("signature", "SignName"),
    _both("kind", "SignType", _Kind.NUMBER),
    _both("document", "DocumentType", _Kind.NUMBER),
    _INTERNATIONAL,
    Param("purpose", "UsedMethod", "SignPurpose", _Kind.NUMBER),
    _both("proof", "ProofImage"),
    _both("commission", "CommissionImage", required=False),
    _both("remark", "Remark", required=False),
    _both("qualification", "QualificationId", _Kind.NUMBER, required=False),
)
_PAGE: Final = (
    Param("limit", None, "Limit", _Kind.NUMBER, required=False),
    Param("offset", None, "Offset", _Kind.NUMBER, required=False),
)

ACTIONS: Final[Mapping[str, tuple[Param, ...]]] = MappingProxyType(
    {
        "SendSms": (
            _APP,
            _both("numbers", "PhoneNumberSet", _Kind.TEXTS),
            Param("template", "TemplateID", "TemplateId"),
            Param("sign", "Sign", "SignName", required=False),
            _both("params", "TemplateParamSet", _Kind.TEXTS, required=False),
            _both("extend", "ExtendCode", required=False),
            _both("context", "SessionContext", required=False),
            _both("sender", "SenderId", required=False),
        ),
        "SendMultiGlobalSms": (
            Param("app", None, "SmsSdkAppId"),
            Param("infos", None, "MultiSmsInfoSet", _Kind.OBJECTS),
        ),
        "DescribeSendRecordList": (
            Param("app", None, "SmsSdkAppId"),
            Param("number", None, "PhoneNumber"),
            Param("begin", None, "BeginTime", _Kind.NUMBER),
            Param("end", None, "EndTime", _Kind.NUMBER, required=False),
            Param("limit", None, "Limit", _Kind.NUMBER, required=False),
            Param("offset", None, "Offset", _Kind.NUMBER, required=False),
        ),
        "ReportConversion": (
            Param("app", None, "SmsSdkAppId"),
            Param("id", None, "SerialNo"),
            Param("time", None, "ConversionTime", _Kind.NUMBER),
        ),
        "DescribePhoneNumberInfo": (Param("numbers", None, "PhoneNumberSet", _Kind.TEXTS),),
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
            Param("begin", None, "BeginTime", _Kind.HOUR, required=False),
            Param("end", None, "EndTime", _Kind.HOUR, required=False),
        ),
        "AddSmsTemplate": _TEMPLATE,
        "ModifySmsTemplate": (_TEMPLATE_ID, *_TEMPLATE),
        "DeleteSmsTemplate": (_TEMPLATE_ID,),
        "DescribeSmsTemplateList": (
            _INTERNATIONAL,
            _both("ids", "TemplateIdSet", _Kind.NUMBERS, required=False),
            *_PAGE,
        ),
        "AddSmsSign": _SIGN,
        "ModifySmsSign": (_SIGN_ID, *_SIGN),
        "DeleteSmsSign": (_SIGN_ID,),
        "DescribeSmsSignList": (_INTERNATIONAL, _both("ids", "SignIdSet", _Kind.NUMBERS, required=False), *_PAGE),
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
            raise Refusal("InvalidParameter", f"The value type of parameter `{name}` is not valid.")
    return {table[name].name: value for name, value in given.items()}


def unflatten(action: str, version: str, pairs: Mapping[str, str]) -> dict[str, Any]:
    """The parameters of a form or query, `PhoneNumberSet.0` …, with the types that *action* wants.

    What has no such type stays text, and what no parameter has that name stays as it is: `read_params()` refuses it.
    """
    kinds = {name: param.kind for param in ACTIONS[action] if (name := param.name_in(version)) is not None}
    found: dict[str, Any] = {}
    for name, value in pairs.items():
        base, dot, index = name.partition(".")
        kind = kinds.get(base)
        if dot and index.isascii() and index.isdigit() and kind in (_Kind.TEXTS, _Kind.NUMBERS):
            found.setdefault(base, []).append((int(index), _typed(value, kind)))
        else:
            found[name] = value if kind is _Kind.HOUR and version == NEW else _typed(value, kinds.get(name))
    return {
        name: [item for _, item in sorted(cast("list[tuple[int, Any]]", value), key=lambda pair: pair[0])]
        if isinstance(value, list)
        else value
        for name, value in found.items()
    }


def _typed(value: str, kind: "_Kind | None") -> str | int:
    is_number = kind in (_Kind.NUMBER, _Kind.NUMBERS, _Kind.HOUR) and re.fullmatch(r"[0-9]{1,18}", value, re.ASCII)
    return int(value) if is_number else value


def _fits(value: object, kind: _Kind, version: str) -> bool:
    if kind is _Kind.HOUR:
        kind = _Kind.NUMBER if version == OLD else _Kind.TEXT
    if kind is _Kind.TEXT:
        return isinstance(value, str)
    if kind is _Kind.NUMBER:
        return _is_number(value)
    items = cast("list[object]", value) if isinstance(value, list) else [None]
    if kind is _Kind.OBJECTS:
        return all(isinstance(item, dict) for item in items)
    return all(isinstance(item, str) if kind is _Kind.TEXTS else _is_number(item) for item in items)


def _is_number(value: object) -> bool:
    """A whole number from 0 that fits 64 bits."""
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**63
