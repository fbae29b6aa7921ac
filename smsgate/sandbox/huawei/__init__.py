"""Huawei Cloud Message & SMS, simulated: sending, management and IAM. Here is its fixed account, which is no secret."""

from smsgate.sandbox.huawei.credentials import (
    HUAWEI_APP_KEY,
    HUAWEI_APP_SECRET,
    HUAWEI_DOMAIN,
    HUAWEI_MANAGEMENT_AK,
    HUAWEI_MANAGEMENT_SK,
    HUAWEI_PASSWORD,
    HUAWEI_PROJECT,
    HUAWEI_PROJECT_ID,
    HUAWEI_PUSH_ACCESS_KEY,
    HUAWEI_PUSH_SECRET,
    HUAWEI_SENDER,
    HUAWEI_TEMPLATE,
    HUAWEI_USER,
)

__all__ = [
    "HUAWEI_APP_KEY",
    "HUAWEI_APP_SECRET",
    "HUAWEI_DOMAIN",
    "HUAWEI_MANAGEMENT_AK",
    "HUAWEI_MANAGEMENT_SK",
    "HUAWEI_PASSWORD",
    "HUAWEI_PROJECT",
    "HUAWEI_PROJECT_ID",
    "HUAWEI_PUSH_ACCESS_KEY",
    "HUAWEI_PUSH_SECRET",
    "HUAWEI_SENDER",
    "HUAWEI_TEMPLATE",
    "HUAWEI_USER",
]
