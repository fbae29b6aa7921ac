"""The settings file of the commands: what it may say, and how it says what is wrong."""

import base64
import re
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

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
        ('[accounts.a]\nvendor = "huwaei"', r"huawei-management \(did you mean 'huawei'\?\)"),
        ('[accounts.a]\nvendor = "nexmo"', r"\[accounts.a\]: vendor must be one of tencent-v5, tencent, huawei"),
        ('[accounts.a]\nvendor = "tencent-v5"', r"\[accounts.a\]: lacks sdk_app_id, app_key_env"),
        (
            '[accounts.a]\nvendor = "tencent-v5"\nappid = "1"',
            r"'appid' \(did you mean 'sdk_app_id'\?\); tencent-v5 takes",
        ),
        ('[accounts.a]\nvendor = "tencent-v5"\napp_key = "CANARY"', "write app_key_env = the name of an environment"),
        ('[accounts.a]\nvendor = "tencent-v5"\napp_key_env = 3', "app_key_env must be the name"),
        ('[accounts.a]\nvendor = "tencent-v5"\napp_key_env = "NOPE"', "the environment has no variable NOPE"),
        (GOOD + "\n[gateway]\nx = 1", "unknown section 'gateway'; there are"),
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
    """What the vendor's class refuses is shown with the section that it stands in, and without the secret."""
    path = tmp_path / "smsgate.toml"
    path.write_text(GOOD, encoding="utf-8")
    found = load(path, ENVIRONMENT | {"TENCENT_APP_KEY": "CANARY\n"})
    with pytest.raises(ConfigurationError, match=r"\[accounts.tencent-v5\]: app_key: begins or ends with") as caught:
        found.accounts["tencent-v5"].provider()
    assert "CANARY" not in str(caught.value)


RAW = st.binary(min_size=20, max_size=48)
KEYS = st.one_of(
    RAW.map(bytes.hex),
    RAW.map(lambda raw: raw.hex().upper()),
    RAW.map(lambda raw: base64.b64encode(raw).decode()),
    RAW.map(lambda raw: base64.urlsafe_b64encode(raw).decode()).filter(lambda key: key != key.upper()),
    RAW.map(lambda raw: base64.b32encode(raw).decode()),
    st.uuids().map(str),
    st.text("abcdefghijklmnopqrstuvwxyz0123456789", min_size=25),
)
"""Keys as vendors give them out."""


@given(key=KEYS, field=st.sampled_from(["app_key_env", "sdk_app_id_env", "sign_env"]))
@example(key="5f03a35d00ee52a21327ab048186a2c4", field="app_key_env")
@example(key="5F03A35D00EE52A21327AB048186A2C4", field="app_key_env")
def test_a_secret_in_place_of_a_variable_is_not_shown(
    tmp_path_factory: pytest.TempPathFactory, key: str, field: str
) -> None:
    """Whoever writes the secret itself where the variable's name belongs reads where, and not the secret."""
    section = f'[accounts.a]\nvendor = "tencent-v5"\n{field} = "{key}"\n'
    with pytest.raises(
        ConfigurationError, match=rf"\[accounts\.a\]: {field}: the environment has no variable"
    ) as caught:
        settings(tmp_path_factory.mktemp("config"), section, {})
    assert key not in str(caught.value)


@given(key=KEYS, section=st.sampled_from(["accounts.a", "templates.a", ""]))
def test_a_secret_in_place_of_a_key_is_not_shown(
    tmp_path_factory: pytest.TempPathFactory, key: str, section: str
) -> None:
    """The same holds for a line with its sides exchanged, in a section or above all of them."""
    text = f'"{key}" = "TENCENT_APP_KEY"\n{GOOD}'
    if section:
        text = GOOD + f'\n[{section}]\nvendor = "tencent-v5"\n"{key}" = "TENCENT_APP_KEY"\n'
    text = text.replace('vendor = "tencent-v5"\n"', '"') if section == "templates.a" else text
    with pytest.raises(ConfigurationError, match=r"unknown (key|section)") as caught:
        settings(tmp_path_factory.mktemp("config"), text)
    assert key not in str(caught.value)


@given(name=st.from_regex(r"[A-Z]{2,12}(_[A-Z]{2,10}){0,3}(_[0-9])?", fullmatch=True))
def test_the_name_of_a_variable_is_shown(tmp_path_factory: pytest.TempPathFactory, name: str) -> None:
    """A variable that is not set is named: that is what has to be mended."""
    section = f'[accounts.a]\nvendor = "tencent-v5"\napp_key_env = "{name}"\n'
    with pytest.raises(ConfigurationError, match=re.escape(f"the environment has no variable {name}")):
        settings(tmp_path_factory.mktemp("config"), section, {})
