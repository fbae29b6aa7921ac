"""Huawei Cloud Message & SMS, as the command line, `explain` and settings files know it."""

from typing import Final

from smsgate.huawei.callbacks import parse_callback
from smsgate.huawei.hosts import DOMAINS
from smsgate.huawei.management.codes import MANAGEMENT_CODES
from smsgate.huawei.management.project import HuaweiManagement
from smsgate.huawei.provider import HuaweiSms
from smsgate.huawei.send_codes import SEND_CODES
from smsgate.huawei.status_codes import STATUS_CODES
from smsgate.provider.vendor import AccountKind, CodeTable, Vendor

__all__ = ["HUAWEI"]

_HELP: Final = {
    "app_key": "the application's key, from the console's application management",
    "app_secret": "the application's secret",
    "sender": "the channel number of the signature, from the console's signature management",
    "base_url": "the application's access address, such as https://smsapi.cn-north-4.myhuaweicloud.com",
    "signature": "the approved signature, without brackets, for general templates in mainland China",
    "auth": '"aksk", which signs the whole request, or "wsse"',
    "status_callback": "the URL that delivery reports are pushed to; without it, there are none",
    "rate": "messages a second at most, 450 if not given; inf for no limit",
}
_MANAGEMENT_HELP: Final = {
    "project_id": "the project's id, from My Credentials",
    "base_url": "the endpoint of the region, such as https://msgsms.cn-north-4.myhuaweicloud.com",
    "user": "either an IAM user, with the four fields below, or the access key further below",
    "password": "the IAM user's password",
    "domain": "the account's name",
    "project": "the project's name, such as cn-north-4",
    "iam_url": "the endpoint of IAM, such as https://iam.cn-north-4.myhuaweicloud.com",
    "access_key": "an IAM access key, in place of the user",
    "secret_key": "the secret of the access key",
    "app_id": "the primary key id of the application that new templates and signatures belong to",
    "region": 'where they send: "cn" (mainland China), "intl" or "eu"',
}

HUAWEI: Final = Vendor(
    name="huawei",
    accounts={
        "huawei": AccountKind(
            make=HuaweiSms,
            required=("app_key", "app_secret", "sender", "base_url"),
            optional=("signature", "auth", "status_callback", "rate"),
            secrets=("app_secret",),
            help=_HELP,
        )
    },
    codebooks=(
        CodeTable(place="in a delivery report", codes=STATUS_CODES, of_reports=True),
        CodeTable(place="in the response to a send", codes=SEND_CODES),
        CodeTable(place="in a response of the management API", codes=MANAGEMENT_CODES, of_sends=False),
    ),
    parse_callback=parse_callback,
    domains=DOMAINS,
    # A kind of its own: management takes the project and an IAM user, sending an application's key (3.1.1, 3.2.1).
    management={
        "huawei-management": AccountKind(
            make=HuaweiManagement,
            required=("project_id", "base_url"),
            optional=(
                "user", "password", "domain", "project", "iam_url", "access_key", "secret_key", "app_id", "region"
            ),
            secrets=("password", "secret_key"),
            help=_MANAGEMENT_HELP,
        )
    },
)  # fmt: skip
