"""A shell in a directory whose settings file leads to a sandbox on a loopback port."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, Self

import attrs
import pytest
from click.testing import CliRunner, Result
from sandbox_callers import enabled_sandbox

from smsgate.cli.app import cli
from smsgate.sandbox.huawei import (
    HUAWEI_APP_KEY,
    HUAWEI_APP_SECRET,
    HUAWEI_DOMAIN,
    HUAWEI_PASSWORD,
    HUAWEI_PROJECT,
    HUAWEI_PROJECT_ID,
    HUAWEI_SENDER,
    HUAWEI_TEMPLATE,
    HUAWEI_USER,
)
from smsgate.sandbox.server import SandboxServer
from smsgate.sandbox.tencent import (
    TENCENT_APP_KEY,
    TENCENT_SDK_APP_ID,
    TENCENT_SECRET_ID,
    TENCENT_SECRET_KEY,
    TENCENT_TEMPLATE,
)

__all__ = ["APP_ID", "COMMAND", "SECRETS", "SETTINGS", "Shell"]

_MAIN: Final = """
import signal
signal.signal(signal.SIGINT, signal.default_int_handler)  # a suite in the background of a shell has it ignored
from smsgate.cli import main
main()
"""
COMMAND: Final = [sys.executable, "-u", "-c", _MAIN]
"""`smsgate` in a process of its own."""
APP_ID: Final = "9e61f59c-1a6b-4ee5-9651-5bca450694b3"
SECRETS: Final = {
    "TENCENT_APP_KEY": TENCENT_APP_KEY,
    "TENCENT_SECRET_KEY": TENCENT_SECRET_KEY,
    "HUAWEI_APP_SECRET": HUAWEI_APP_SECRET,
    "HUAWEI_IAM_PASSWORD": HUAWEI_PASSWORD,
}
SETTINGS: Final = f"""
[accounts.tencent-v5]
vendor = "tencent-v5"
sdk_app_id = "{TENCENT_SDK_APP_ID}"
app_key_env = "TENCENT_APP_KEY"
sign = "Acme"
base_url = "URL"

[accounts.tencent]
vendor = "tencent"
secret_id = "{TENCENT_SECRET_ID}"
secret_key_env = "TENCENT_SECRET_KEY"
sdk_app_id = "{TENCENT_SDK_APP_ID}"
sign = "Acme"
base_url = "URL"

[accounts.huawei]
vendor = "huawei"
app_key = "{HUAWEI_APP_KEY}"
app_secret_env = "HUAWEI_APP_SECRET"
sender = "{HUAWEI_SENDER}"
base_url = "URL"

[accounts.huawei-management]
vendor = "huawei-management"
project_id = "{HUAWEI_PROJECT_ID}"
base_url = "URL"
region = "intl"
app_id = "{APP_ID}"
user = "{HUAWEI_USER}"
password_env = "HUAWEI_IAM_PASSWORD"
domain = "{HUAWEI_DOMAIN}"
project = "{HUAWEI_PROJECT}"
iam_url = "URL"

[templates.login-code]
params = ["code", "minutes"]
text = "Your code is {{code}}, valid for {{minutes}} minutes."
ids = {{ tencent-v5 = "{TENCENT_TEMPLATE}", tencent = "{TENCENT_TEMPLATE}", huawei = "{HUAWEI_TEMPLATE}" }}
"""


@attrs.frozen
class Shell:
    """A directory with a settings file, and a sandbox that its accounts lead to."""

    server: SandboxServer
    directory: Path

    @classmethod
    @contextmanager
    def opened(cls, directory: Path, patch: pytest.MonkeyPatch) -> Iterator[Self]:
        """One whose sandbox serves while the context lasts."""
        for name, value in SECRETS.items():
            patch.setenv(name, value)
        patch.chdir(directory)
        with SandboxServer(enabled_sandbox()) as server:
            (directory / "smsgate.toml").write_text(SETTINGS.replace("URL", server.url), "utf-8")
            yield cls(server, directory)

    def run(self, *arguments: str) -> Result:
        result = CliRunner().invoke(cli, arguments)
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        assert "Traceback" not in result.output
        assert not any(secret in result.output for secret in SECRETS.values())
        return result

    def json(self, *arguments: str) -> Any:
        result = self.run(*arguments, "--json")
        assert result.exit_code == 0, result.output
        return json.loads(result.stdout)

    def text(self, *arguments: str) -> str:
        result = self.run(*arguments)
        assert result.exit_code == 0, result.output
        return result.stdout

    def error(self, *arguments: str) -> str:
        """What is said of a failure: one line."""
        result = self.run(*arguments)
        assert (result.exit_code, result.stdout) == (1, "")
        (line,) = result.stderr.splitlines()
        return line
