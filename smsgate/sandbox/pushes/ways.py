"""How each kind of push is made, for all vendors."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from smsgate.sandbox.pushes import huawei, tencent
from smsgate.sandbox.pushes.push import Kind, Way

__all__ = ["WAYS"]

WAYS: Final[Mapping[Kind, Way]] = MappingProxyType(
    {
        Kind.TENCENT_REPORTS: tencent.REPORTS,
        Kind.TENCENT_REPLY: tencent.REPLY,
        Kind.HUAWEI_REPORT: huawei.REPORT,
        Kind.HUAWEI_BATCH: huawei.BATCH,
        Kind.HUAWEI_REPLY: huawei.REPLY,
    }
)
