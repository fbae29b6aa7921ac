"""Huawei Cloud Message & SMS: sending, managing, and callbacks."""

from smsgate.huawei.callbacks import parse_callback
from smsgate.huawei.credentials import HuaweiAccessKey, HuaweiAppKey
from smsgate.huawei.management import (
    HuaweiApp,
    HuaweiAppCount,
    HuaweiCountry,
    HuaweiDeletion,
    HuaweiFile,
    HuaweiManagement,
    HuaweiSignature,
    HuaweiTemplate,
    HuaweiTenant,
    HuaweiVariable,
    VariableAttribute,
)
from smsgate.huawei.provider import HuaweiSms

__all__ = [
    "HuaweiAccessKey",
    "HuaweiApp",
    "HuaweiAppCount",
    "HuaweiAppKey",
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
