"""Huawei's account in the sandbox. It is fixed and public: none of this is a secret."""

from typing import Final

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

HUAWEI_APP_KEY: Final = "sandbox-huawei-app-key"
HUAWEI_APP_SECRET: Final = "sandbox-huawei-app-secret"  # noqa: S105  # public on purpose
HUAWEI_SENDER: Final = "isms100000001"
HUAWEI_TEMPLATE: Final = "8ff55eac1d0b478ab3c06c3c6a492300"

HUAWEI_PUSH_ACCESS_KEY: Final = "sandbox-huawei-push-ak"
HUAWEI_PUSH_SECRET: Final = "sandbox-huawei-push-sk"  # noqa: S105  # public on purpose

HUAWEI_DOMAIN: Final = "sandbox"
HUAWEI_USER: Final = "sandbox"
HUAWEI_PASSWORD: Final = "sandbox-password"  # noqa: S105  # public on purpose
HUAWEI_PROJECT: Final = "eu-west-101"
HUAWEI_PROJECT_ID: Final = "845ada5bc7444f1295cd517af0123da1"
HUAWEI_MANAGEMENT_AK: Final = "sandbox-huawei-ak"
HUAWEI_MANAGEMENT_SK: Final = "sandbox-huawei-sk"
