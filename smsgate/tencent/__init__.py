"""Tencent Cloud SMS through API 3.0 and the older v5 interface: sending, managing, and the callbacks of both."""

from smsgate.tencent.callbacks import parse_callback
from smsgate.tencent.cloud.credentials import TencentCredentials
from smsgate.tencent.cloud.management import TencentCloudManagement
from smsgate.tencent.cloud.provider import TencentCloud
from smsgate.tencent.cloud.records import (
    CloudSignature,
    CloudTemplate,
    NumberInfo,
    Package,
    SendRecord,
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
