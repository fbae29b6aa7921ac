"""Huawei Cloud Message & SMS."""

from smsgate.huawei.callbacks import parse_callback
from smsgate.huawei.sms import HuaweiSms

__all__ = ["HuaweiSms", "parse_callback"]
