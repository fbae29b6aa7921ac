"""The accounts that the sandbox knows. They are fixed and public: none of this is a secret."""

from typing import Final

__all__ = [
    "HUAWEI_APP_KEY",
    "HUAWEI_APP_SECRET",
    "HUAWEI_SENDER",
    "HUAWEI_TEMPLATE",
    "TENCENT_APP_KEY",
    "TENCENT_SDK_APP_ID",
    "TENCENT_TEMPLATE",
]

TENCENT_SDK_APP_ID: Final = "1400006666"
TENCENT_APP_KEY: Final = "sandbox-tencent-app-key"
TENCENT_TEMPLATE: Final = "19"

HUAWEI_APP_KEY: Final = "sandbox-huawei-app-key"
HUAWEI_APP_SECRET: Final = "sandbox-huawei-app-secret"  # noqa: S105  # public on purpose
HUAWEI_SENDER: Final = "isms100000001"
HUAWEI_TEMPLATE: Final = "8ff55eac1d0b478ab3c06c3c6a492300"
