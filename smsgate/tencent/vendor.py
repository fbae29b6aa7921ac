"""Tencent Cloud SMS, as the command line, `explain` and settings files know it."""

from typing import Final

from smsgate.provider.vendor import AccountKind, CodeTable, Vendor
from smsgate.tencent.callbacks import parse_callback
from smsgate.tencent.cloud.codes import CLOUD_CODES
from smsgate.tencent.cloud.management import TencentCloudManagement
from smsgate.tencent.cloud.provider import TencentCloud
from smsgate.tencent.status_codes import STATUS_CODES
from smsgate.tencent.v5.codes import SEND_CODES
from smsgate.tencent.v5.management import TencentV5Management
from smsgate.tencent.v5.provider import TencentV5

__all__ = ["TENCENT"]

_V5: Final = ("sdk_app_id", "app_key")
_CLOUD: Final = ("secret_id", "secret_key", "sdk_app_id")
_CLOUD_OPTIONS: Final = ("base_url", "region", "version", "token", "language")
_SENDING: Final = ("sign", "sign_abroad", "extend", "rate")
_CLOUD_SECRETS: Final = ("secret_key", "token")
_HELP: Final = {
    "sdk_app_id": "the application's id, digits, from the SMS console",
    "app_key": "the application's key, from the SMS console",
    "secret_id": "the id of an API key, from the console of Cloud Access Management",
    "secret_key": "the API key itself",
    "token": "with temporary credentials: their token",
    "sign": "the approved signature, without brackets",
    "sign_abroad": "the signature for numbers outside mainland China, if it is another",
    "extend": "the channel extension, digits, which replies carry",
    "rate": "requests a second at most, 2700 if not given; inf for no limit",
    "base_url": "another address, such as the sandbox's",
    "region": "a region of Tencent Cloud; version 2021-01-11 takes ap-guangzhou if there is none",
    "version": '"2021-01-11" or "2019-07-11"',
    "language": 'the language of Tencent\'s texts: "en-US" or "zh-CN"',
}

TENCENT: Final = Vendor(
    name="tencent",
    accounts={
        "tencent-v5": AccountKind(
            make=TencentV5, required=_V5, optional=("base_url", *_SENDING), secrets=("app_key",), help=_HELP
        ),
        "tencent": AccountKind(
            make=TencentCloud,
            required=_CLOUD,
            optional=(*_CLOUD_OPTIONS, *_SENDING),
            secrets=_CLOUD_SECRETS,
            help=_HELP,
        ),
    },
    codebooks=(
        CodeTable(place="in a delivery report", codes=STATUS_CODES, of_reports=True),
        CodeTable(place="in a response of the v5 interface", codes=SEND_CODES, success="0"),
        CodeTable(place="in a response of API 3.0", codes=CLOUD_CODES, success="Ok"),
    ),
    parse_callback=parse_callback,
    domains=("tencentcloudapi.com", "tim.qq.com"),
    management={
        "tencent-v5": AccountKind(make=TencentV5Management, required=_V5, optional=("base_url",), secrets=("app_key",)),
        "tencent": AccountKind(
            make=TencentCloudManagement, required=_CLOUD, optional=_CLOUD_OPTIONS, secrets=_CLOUD_SECRETS
        ),
    },
)
