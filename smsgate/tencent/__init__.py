"""Tencent Cloud SMS: sending through the v5 interface."""

from smsgate.tencent.v5 import TencentV5

__all__ = ["TencentV5"]
