"""Tencent Cloud SMS: sending through the v5 interface, and the callbacks of both interfaces."""

from smsgate.tencent.callbacks import parse_callback
from smsgate.tencent.v5 import TencentV5

__all__ = ["TencentV5", "parse_callback"]
