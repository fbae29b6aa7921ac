"""What the two versions of API 3.0 call the same thing. The one table of both.

2019-07-11: the SendSms reference of 2021-05-20. 2021-01-11: the current reference. For the other calls, in both:
Tencent's own SDK. All names that are not in this table are the same in both versions.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, Literal

import attrs

__all__ = ["VERSIONS", "FieldNames", "Language", "Version"]

Version = Literal["2021-01-11", "2019-07-11"]
Language = Literal["en-US", "zh-CN"]


@attrs.frozen(kw_only=True)
class FieldNames:
    """One version. None stands for what that version does not have."""

    version: Version
    """The value of `X-TC-Version`."""
    region_required: bool
    """Whether every call names a region (`X-TC-Region`)."""
    lists_by_page: bool
    """Whether templates and signatures can be listed by the page (`Limit`, `Offset`); if not, by their ids only."""
    newer_calls: bool
    """Whether it has SendMultiGlobalSms, DescribeSendRecordList, ReportConversion and DescribePhoneNumberInfo."""
    hours_as_text: bool
    """Whether the hours of statistics are text; if not, numbers."""

    app_id: str
    """The SMS application, in every call that names one."""
    send_template: str
    """The template in SendSms. Every other call says TemplateId in both versions."""
    send_sign: str
    """The signature in SendSms. Every other call says SignName in both versions."""
    find_begin: str
    find_end: str
    """Unix seconds, in the pulls by phone number."""
    count_begin: str
    count_end: str
    """Hours, in the statistics of sends and of reports. `EndDataTime` is what the vendor writes."""
    package_begin: str | None
    package_end: str | None
    """Hours, in SmsPackagesStatistics."""
    sign_purpose: str
    """Whether a signature is for the account's own use (0) or another's (1)."""

    country: str
    """The country code of a number, in pulled items."""
    subscriber: str
    """The digits after the country code, in pulled items."""
    report_times: tuple[str, ...]
    """When a report was made, the key to trust first."""
    reply_times: tuple[str, ...]
    reply_sign: str
    template_text: str | None
    """The text in a row of DescribeSmsTemplateList."""
    sign_application: str | None
    """The id of an application for a signature, beside the signature's own."""
    package_amount: str
    package_type: str
    package_times: tuple[str, str, str]
    """When a package was created, begins and ends, in Unix seconds."""


_OLD: Final = FieldNames(
    version="2019-07-11",
    region_required=False,
    lists_by_page=False,
    newer_calls=False,
    hours_as_text=False,
    app_id="SmsSdkAppid",
    send_template="TemplateID",
    send_sign="Sign",
    find_begin="SendDateTime",
    find_end="EndDateTime",
    count_begin="StartDateTime",
    count_end="EndDataTime",
    package_begin=None,
    package_end=None,
    sign_purpose="UsedMethod",
    country="NationCode",
    subscriber="PurePhoneNumber",
    report_times=("UserReceiveUnixTime", "UserReceiveTime"),
    reply_times=("ReplyUnixTime", "ReplyTime"),
    reply_sign="Sign",
    template_text=None,
    sign_application="SignApplyId",
    package_amount="AmountOfPackage",
    package_type="TypeOfPackage",
    package_times=("PackageCreateUnixTime", "PackageEffectiveUnixTime", "PackageExpiredUnixTime"),
)

_NEW: Final = FieldNames(
    version="2021-01-11",
    region_required=True,
    lists_by_page=True,
    newer_calls=True,
    hours_as_text=True,
    app_id="SmsSdkAppId",
    send_template="TemplateId",
    send_sign="SignName",
    find_begin="BeginTime",
    find_end="EndTime",
    count_begin="BeginTime",
    count_end="EndTime",
    package_begin="BeginTime",
    package_end="EndTime",
    sign_purpose="SignPurpose",
    country="CountryCode",
    subscriber="SubscriberNumber",
    report_times=("UserReceiveTime",),
    reply_times=("ReplyTime",),
    reply_sign="SignName",
    template_text="TemplateContent",
    sign_application=None,
    package_amount="PackageAmount",
    package_type="PackageType",
    package_times=("PackageCreateTime", "PackageEffectiveTime", "PackageExpiredTime"),
)

VERSIONS: Final[Mapping[str, FieldNames]] = MappingProxyType({names.version: names for names in (_OLD, _NEW)})
"""Version to its names."""
