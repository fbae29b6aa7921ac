"""The settings file of the commands: what it may say, and how it says what is wrong."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from smsgate import ConfigurationError
from smsgate.cli.config import load
from smsgate.huawei import HuaweiSms
from smsgate.tencent import TencentV5

GOOD = """
[accounts.tencent-v5]
vendor = "tencent-v5"
sdk_app_id = "1400006666"
app_key_env = "TENCENT_APP_KEY"
sign = "Acme"

[accounts.huawei]
vendor = "huawei"
app_key_env = "HUAWEI_APP_KEY"
app_secret_env = "HUAWEI_APP_SECRET"
sender = "isms100000001"
base_url = "http://127.0.0.1:8025"

[templates.login-code]
params = ["code", "minutes"]
text = "Your code is {code}, valid for {minutes} minutes."
ids = { tencent-v5 = "19", huawei = { id = "8ff5", params = ["minutes", "code"] } }
"""
ENVIRONMENT = {"TENCENT_APP_KEY": "CANARY-KEY", "HUAWEI_APP_KEY": "key", "HUAWEI_APP_SECRET": "CANARY-SECRET"}


def settings(tmp_path: Path, text: str, environ: Mapping[str, str] = ENVIRONMENT) -> object:
    path = tmp_path / "smsgate.toml"
    path.write_text(text, encoding="utf-8")
    return load(path, environ)


def test_reads_accounts_and_templates(tmp_path: Path) -> None:
    """Accounts become providers under their own names, secrets come from the environment, templates are as written."""
    path = tmp_path / "smsgate.toml"
    path.write_text(GOOD, encoding="utf-8")
    found = load(path, ENVIRONMENT)
    tencent, huawei = found.accounts["tencent-v5"].provider(), found.accounts["huawei"].provider()
    assert isinstance(tencent, TencentV5)
    assert isinstance(huawei, HuaweiSms)
    assert (tencent.name, huawei.name) == ("tencent-v5", "huawei")
    (template,) = found.templates
    assert template.ids["huawei"].params == ("minutes", "code")
    assert found.accounts["huawei"].management() is None
    assert "CANARY" not in repr(found)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", r"at least one \[accounts"),
        ("[[", "is not TOML"),
        ("[accounts]\nx = 1", "a section was expected"),
        ('[accounts.a]\nvendor = "nexmo"', r"\[accounts.a\]: vendor must be one of tencent-v5, tencent, huawei"),
        ('[accounts.a]\nvendor = "tencent-v5"', r"\[accounts.a\]: lacks sdk_app_id, app_key_env"),
        ('[accounts.a]\nvendor = "tencent-v5"\nappid = "1"', "unknown key 'appid'; tencent-v5 takes sdk_app_id"),
        ('[accounts.a]\nvendor = "tencent-v5"\napp_key = "CANARY"', "write app_key_env = the name of an environment"),
        ('[accounts.a]\nvendor = "tencent-v5"\napp_key_env = 3', "app_key_env must be the name"),
        ('[accounts.a]\nvendor = "tencent-v5"\napp_key_env = "NOPE"', "the environment has no variable NOPE"),
        (GOOD + "\n[gateway]\nx = 1", r"\[gateway\]: unknown section"),
        (GOOD.replace("text =", "txt ="), r"\[templates.login-code\]: unknown key 'txt'"),
        (GOOD.replace("ids = {", "ids = { x = { signature = 'a' },"), "ids takes an id, or a table with id"),
        (GOOD.replace("{code}", "{cod}"), "uses 'cod', which params does not list"),
    ],
)
def test_says_what_is_wrong_and_where(tmp_path: Path, text: str, problem: str) -> None:
    """Each mistake is named with the file, the section and the key; a secret written into the file is not repeated."""
    with pytest.raises(ConfigurationError, match=problem) as caught:
        settings(tmp_path, text)
    assert "smsgate.toml: " in str(caught.value)
    assert "CANARY" not in str(caught.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    """A file that is not there is a sentence, not a traceback."""
    with pytest.raises(ConfigurationError, match=r"none\.toml: cannot be read"):
        load(tmp_path / "none.toml", {})


def test_an_account_that_cannot_be_made_names_its_section(tmp_path: Path) -> None:
    """What the vendor's class refuses is told with the section that it stands in, and without the secret."""
    path = tmp_path / "smsgate.toml"
    path.write_text(GOOD, encoding="utf-8")
    found = load(path, ENVIRONMENT | {"TENCENT_APP_KEY": "CANARY\n"})
    with pytest.raises(ConfigurationError, match=r"\[accounts.tencent-v5\]: app_key: begins or ends with") as caught:
        found.accounts["tencent-v5"].provider()
    assert "CANARY" not in str(caught.value)
