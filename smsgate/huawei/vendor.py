"""Huawei Cloud Message & SMS, as the command line, `explain` and settings files know it."""

from typing import Final

from smsgate.huawei.callbacks import parse_callback
from smsgate.huawei.management.codes import MANAGEMENT_CODES
from smsgate.huawei.management.project import HuaweiManagement
from smsgate.huawei.provider import HuaweiSms
from smsgate.huawei.send_codes import SEND_CODES
from smsgate.huawei.status_codes import STATUS_CODES
from smsgate.provider.vendor import AccountKind, CodeTable, Vendor

__all__ = ["HUAWEI"]

HUAWEI: Final = Vendor(
    name="huawei",
    accounts={
        "huawei": AccountKind(
            make=HuaweiSms,
            required=("app_key", "app_secret", "sender", "base_url"),
            optional=("signature", "auth", "status_callback"),
            secrets=("app_secret",),
        )
    },
    codebooks=(
        CodeTable(place="in a delivery report", codes=STATUS_CODES, of_reports=True),
        CodeTable(place="in the response to a send", codes=SEND_CODES),
        CodeTable(place="in a response of the management API", codes=MANAGEMENT_CODES, of_sends=False),
    ),
    parse_callback=parse_callback,
    # A kind of its own: management takes the project and an IAM user, sending an application's key (3.1.1, 3.2.1).
    management={
        "huawei-management": AccountKind(
            make=HuaweiManagement,
            required=("project_id", "base_url"),
            optional=(
                "user", "password", "domain", "project", "iam_url", "access_key", "secret_key", "app_id", "region"
            ),
            secrets=("password", "secret_key"),
        )
    },
)  # fmt: skip
