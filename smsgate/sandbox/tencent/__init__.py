"""Tencent Cloud SMS, simulated: the v5 interface and API 3.0. Here is its fixed account, which is no secret."""

from smsgate.sandbox.tencent.credentials import (
    TENCENT_APP_KEY,
    TENCENT_SDK_APP_ID,
    TENCENT_SECRET_ID,
    TENCENT_SECRET_KEY,
    TENCENT_TEMPLATE,
    TENCENT_TEMPLATE_ABROAD,
)

__all__ = [
    "TENCENT_APP_KEY",
    "TENCENT_SDK_APP_ID",
    "TENCENT_SECRET_ID",
    "TENCENT_SECRET_KEY",
    "TENCENT_TEMPLATE",
    "TENCENT_TEMPLATE_ABROAD",
]
