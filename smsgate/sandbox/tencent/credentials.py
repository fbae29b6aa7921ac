"""Tencent's account in the sandbox. It is fixed and public: none of this is a secret."""

from typing import Final

__all__ = [
    "TENCENT_APP_KEY",
    "TENCENT_SDK_APP_ID",
    "TENCENT_SECRET_ID",
    "TENCENT_SECRET_KEY",
    "TENCENT_TEMPLATE",
    "TENCENT_TEMPLATE_ABROAD",
]

TENCENT_SDK_APP_ID: Final = "1400006666"
TENCENT_APP_KEY: Final = "sandbox-tencent-app-key"
TENCENT_SECRET_ID: Final = "AKIDsandbox"  # noqa: S105  # public on purpose
TENCENT_SECRET_KEY: Final = "sandbox-tencent-secret-key"  # noqa: S105  # public on purpose
TENCENT_TEMPLATE: Final = "19"
TENCENT_TEMPLATE_ABROAD: Final = "1110"
