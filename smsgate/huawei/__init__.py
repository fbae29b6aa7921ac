"""Huawei Cloud Message & SMS: sending, managing, and callbacks."""

# Each name is imported when it is first used.

import typing

if typing.TYPE_CHECKING:
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

_HOMES: typing.Final = {
    "HuaweiAccessKey": "smsgate.huawei.credentials",
    "HuaweiApp": "smsgate.huawei.management",
    "HuaweiAppCount": "smsgate.huawei.management",
    "HuaweiAppKey": "smsgate.huawei.credentials",
    "HuaweiCountry": "smsgate.huawei.management",
    "HuaweiDeletion": "smsgate.huawei.management",
    "HuaweiFile": "smsgate.huawei.management",
    "HuaweiManagement": "smsgate.huawei.management",
    "HuaweiSignature": "smsgate.huawei.management",
    "HuaweiSms": "smsgate.huawei.provider",
    "HuaweiTemplate": "smsgate.huawei.management",
    "HuaweiTenant": "smsgate.huawei.management",
    "HuaweiVariable": "smsgate.huawei.management",
    "VariableAttribute": "smsgate.huawei.management",
    "parse_callback": "smsgate.huawei.callbacks",
}

if not typing.TYPE_CHECKING:  # a type checker shall go on to find misspelt names

    def __getattr__(name: str) -> object:
        from smsgate._lazy import import_name

        return import_name(__name__, name, _HOMES)
