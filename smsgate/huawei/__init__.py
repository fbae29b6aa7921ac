"""Huawei Cloud Message & SMS."""

from smsgate.huawei.sms import HuaweiSms

__all__ = ["HuaweiSms"]
