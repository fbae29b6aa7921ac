"""Tencent Cloud SMS: sending through API 3.0 and the older v5 interface, and the callbacks of both."""

from smsgate.tencent.callbacks import parse_callback
from smsgate.tencent.cloud import TencentCloud
from smsgate.tencent.v5 import TencentV5

__all__ = ["TencentCloud", "TencentV5", "parse_callback"]
