"""What Tencent offers beside sending, through either of its interfaces."""

from smsgate.tencent.management.cloud import TencentCloudManagement
from smsgate.tencent.management.records import CloudSignature, CloudTemplate, Package, SignatureKind, SignatureProof
from smsgate.tencent.management.v5 import TencentV5Management

__all__ = [
    "CloudSignature",
    "CloudTemplate",
    "Package",
    "SignatureKind",
    "SignatureProof",
    "TencentCloudManagement",
    "TencentV5Management",
]
