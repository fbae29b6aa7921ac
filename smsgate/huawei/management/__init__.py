"""What Huawei offers beside sending: applications, templates, signatures."""

from smsgate.huawei.management.project import HuaweiManagement
from smsgate.huawei.management.records import (
    HuaweiApp,
    HuaweiAppCount,
    HuaweiCountry,
    HuaweiDeletion,
    HuaweiFile,
    HuaweiSignature,
    HuaweiTemplate,
    HuaweiTenant,
    HuaweiVariable,
)
from smsgate.huawei.management.template_draft import VariableAttribute

__all__ = [
    "HuaweiApp",
    "HuaweiAppCount",
    "HuaweiCountry",
    "HuaweiDeletion",
    "HuaweiFile",
    "HuaweiManagement",
    "HuaweiSignature",
    "HuaweiTemplate",
    "HuaweiTenant",
    "HuaweiVariable",
    "VariableAttribute",
]
