"""Tencent Cloud SMS through API 3.0 and the older v5 interface: sending, managing, and the callbacks of both."""

# Each name is imported when it is first used.

import typing

if typing.TYPE_CHECKING:
    from smsgate.provider.records import SendRecord
    from smsgate.tencent.callbacks import parse_callback
    from smsgate.tencent.cloud.credentials import TencentCredentials
    from smsgate.tencent.cloud.management import TencentCloudManagement
    from smsgate.tencent.cloud.provider import TencentCloud
    from smsgate.tencent.cloud.records import (
        CloudSignature,
        CloudTemplate,
        NumberInfo,
        Package,
        SignatureKind,
        SignatureProof,
    )
    from smsgate.tencent.v5.management import TencentV5Management
    from smsgate.tencent.v5.provider import TencentV5

__all__ = [
    "CloudSignature",
    "CloudTemplate",
    "NumberInfo",
    "Package",
    "SendRecord",
    "SignatureKind",
    "SignatureProof",
    "TencentCloud",
    "TencentCloudManagement",
    "TencentCredentials",
    "TencentV5",
    "TencentV5Management",
    "parse_callback",
]

_HOMES: typing.Final = {
    "CloudSignature": "smsgate.tencent.cloud.records",
    "CloudTemplate": "smsgate.tencent.cloud.records",
    "NumberInfo": "smsgate.tencent.cloud.records",
    "Package": "smsgate.tencent.cloud.records",
    "SendRecord": "smsgate.provider.records",
    "SignatureKind": "smsgate.tencent.cloud.records",
    "SignatureProof": "smsgate.tencent.cloud.records",
    "TencentCloud": "smsgate.tencent.cloud.provider",
    "TencentCloudManagement": "smsgate.tencent.cloud.management",
    "TencentCredentials": "smsgate.tencent.cloud.credentials",
    "TencentV5": "smsgate.tencent.v5.provider",
    "TencentV5Management": "smsgate.tencent.v5.management",
    "parse_callback": "smsgate.tencent.callbacks",
}

if not typing.TYPE_CHECKING:  # a type checker shall go on to find misspelt names

    def __getattr__(name: str) -> object:
        from smsgate._lazy import import_name

        return import_name(__name__, name, _HOMES)
