"""Huawei Cloud Message & SMS."""

from smsgate.huawei.callbacks import parse_callback
from smsgate.huawei.management import HuaweiManagement
from smsgate.huawei.records import (
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
from smsgate.huawei.sms import HuaweiSms
from smsgate.huawei.template_draft import VariableAttribute

__all__ = [
    "HuaweiApp",
    "HuaweiAppCount",
    "HuaweiCountry",
    "HuaweiDeletion",
    "HuaweiFile",
    "HuaweiManagement",
    "HuaweiSignature",
    "HuaweiSms",
    "HuaweiTemplate",
    "HuaweiTenant",
    "HuaweiVariable",
    "VariableAttribute",
    "parse_callback",
]
