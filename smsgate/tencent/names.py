"""What the two versions of API 3.0 call the same thing, and the regions of its endpoint. The one table of both.

2019-07-11: the SendSms reference of 2021-05-20. 2021-01-11: the current reference and Tencent's own SDK. All other
names of the calls that smsgate makes are the same in both.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import attrs

__all__ = ["REGIONS", "VERSIONS", "Names"]


@attrs.frozen
class Names:
    """The names in one version."""

    version: str
    """The value of `X-TC-Version`."""
    region_required: bool
    """Whether every call names a region (`X-TC-Region`)."""
    app_id: str
    """The SMS application, in every call."""
    send_template: str
    """The template in SendSms. Every other call says TemplateId in both versions."""
    send_sign: str
    """The signature in SendSms."""


VERSIONS: Final[Mapping[str, Names]] = MappingProxyType(
    {
        names.version: names
        for names in (
            #     version       region app_id         send_template send_sign
            Names("2019-07-11", False, "SmsSdkAppid", "TemplateID", "Sign"),
            Names("2021-01-11", True, "SmsSdkAppId", "TemplateId", "SignName"),
        )
    }
)
"""Version to its names."""

REGIONS: Final = frozenset(
    (
        "ap-bangkok ap-beijing ap-chengdu ap-chongqing ap-guangzhou ap-hongkong ap-jakarta ap-mumbai ap-nanjing "
        "ap-seoul ap-shanghai ap-singapore ap-tokyo eu-frankfurt na-ashburn na-siliconvalley na-toronto sa-saopaulo"
    ).split()
)
"""The regions of Tencent Cloud. The SMS reference names ap-beijing, ap-guangzhou and ap-nanjing."""
