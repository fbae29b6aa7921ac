"""Calls of Tencent's whole SDK, run by the interpreter that has it: JSON comes in on stdin and goes out on stdout.

In: `{"endpoint": "127.0.0.1:8025", "calls": [["DescribeSendRecordList", {…}], …]}`. Out: for each call what the SDK has
read into its models, or `{"error": code}`.
"""

import json
import sys
from typing import Any

from tencentcloud.common import credential
from tencentcloud.common.exception.tencent_cloud_sdk_exception import TencentCloudSDKException
from tencentcloud.common.profile.client_profile import ClientProfile
from tencentcloud.common.profile.http_profile import HttpProfile
from tencentcloud.sms.v20210111 import models, sms_client


def call(client: Any, action: str, params: dict[str, Any]) -> Any:
    """One call. A parameter that the SDK's model of the request does not have is a mistake."""
    request = getattr(models, f"{action}Request")()
    for name, value in params.items():
        assert hasattr(request, name), f"{action} has no {name}"
        setattr(request, name, value)
    try:
        return json.loads(getattr(client, action)(request).to_json_string())
    except TencentCloudSDKException as error:
        return {"error": error.get_code()}


def main() -> None:
    """Read the calls, make them, write the answers."""
    order = json.load(sys.stdin)
    profile = ClientProfile()
    profile.httpProfile = HttpProfile(protocol="http", endpoint=order["endpoint"], reqTimeout=10)
    key = credential.Credential("AKIDsandbox", "sandbox-tencent-secret-key")
    client = sms_client.SmsClient(key, "ap-guangzhou", profile)
    json.dump([call(client, action, params) for action, params in order["calls"]], sys.stdout)


if __name__ == "__main__":
    main()
