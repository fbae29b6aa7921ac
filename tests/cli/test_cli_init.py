"""`smsgate init`: a settings file that is read as it is, once it is filled in."""

import re
from pathlib import Path
from typing import Final

import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from smsgate.cli.app import cli
from smsgate.cli.init import settings_file, variable_of
from smsgate.config import load
from smsgate.config.accounts import kinds_of_account

KINDS: Final = kinds_of_account()
SECRETS: Final = {variable_of(name, field): "s3cret" for name, kind in KINDS.items() for field in kind.secrets}
OPTIONAL: Final = [(name, field) for name, kind in KINDS.items() for field in kind.fields if field not in kind.required]
TEXTS: Final = {
    "sdk_app_id": "1400006666",
    "secret_id": "AKID",
    "app_key": "key",
    "sender": "isms1",
    "base_url": "http://127.0.0.1:8025",
    "iam_url": "http://127.0.0.1:8025",
    "status_callback": "https://example.com/sms",
    "sign": "Acme",
    "sign_abroad": "Acme",
    "signature": "Acme",
    "extend": "12",
    "region": "ap-guangzhou",
    "project_id": "845ada5bc7444f1295cd517af0123da1",
    "app_id": "9e61f59c-1a6b-4ee5-9651-5bca450694b3",
    "user": "sandbox",
    "domain": "sandbox",
    "project": "cn-north-4",
    "access_key": "key",
}
ACCESS_KEY: Final = {"access_key", "secret_key"}
IAM_USER: Final = {"user", "password", "domain", "project", "iam_url"}


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cli, ["init", *arguments])


@given(st.sets(st.sampled_from(sorted(KINDS)), min_size=1), st.sampled_from(["as it is", "with every comment"]))
def test_the_file_is_read(tmp_path_factory: pytest.TempPathFactory, names: set[str], form: str) -> None:
    """Any choice of kinds is a file that `load` takes, with its optional keys as comments and without."""
    text = settings_file({name: KINDS[name] for name in names})
    if form == "with every comment":
        text = re.sub(r"^# (?=[\w\[]+.*( = |\]$))", "", text, flags=re.MULTILINE)
        assert not re.search(r"^# \w+ = ", text, re.MULTILINE)
    path = tmp_path_factory.mktemp("init") / "smsgate.toml"
    path.write_text(text, "utf-8")
    found = load(path, SECRETS)
    assert set(found.accounts) == names
    whole = form == "with every comment"
    for name in names:
        assert set(found.accounts[name].arguments) == set(KINDS[name].fields if whole else KINDS[name].required)
    assert len(found.templates) == (whole and any(KINDS[name].sends for name in names))


def test_every_key_has_a_comment() -> None:
    """Each field of our own vendors is explained beside its line."""
    for name, kind in KINDS.items():
        for field in kind.fields:
            assert kind.help_of(field), (name, field)
    lines = re.findall(r"^(?:# )?\w+ = .*$", settings_file(KINDS).partition("[templates")[0], re.MULTILINE)
    assert lines
    assert all("  # " in line for line in lines if not line.startswith("vendor = "))


def test_a_filled_file_makes_the_accounts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The command writes it, and names the variables to set; what is filled in becomes providers."""
    monkeypatch.chdir(tmp_path)
    result = run("--vendor", "tencent-v5", "--vendor", "huawei")
    assert result.exit_code == 0, result.output
    assert result.output.split()[-2:] == ["TENCENT_V5_APP_KEY", "HUAWEI_APP_SECRET"]
    path = Path("smsgate.toml")
    values = {"sdk_app_id": "1400006666", "app_key": "key", "sender": "isms1", "base_url": "http://127.0.0.1:8025"}
    text = re.sub(
        r'^(\w+) = ""', lambda found: f'{found[1]} = "{values[found[1]]}"', path.read_text("utf-8"), flags=re.M
    )
    path.write_text(text, "utf-8")
    made = [account.provider() for account in load(path, SECRETS).accounts.values()]
    assert [provider and provider.name for provider in made] == ["tencent-v5", "huawei"]


@pytest.mark.parametrize(("name", "field"), OPTIONAL)
def test_each_comment_is_a_setting(tmp_path: Path, name: str, field: str) -> None:
    """Without its mark, and with a text where it is empty, each line is one that the account is made with."""
    needed = {field} if name != "huawei-management" else {field, *(ACCESS_KEY if field in ACCESS_KEY else IAM_USER)}
    text = settings_file({name: KINDS[name]}).partition("# A text that")[0]
    for each in needed:
        text = re.sub(rf"^# (?={each}(_env)? = )", "", text, flags=re.MULTILINE)
    assert re.search(rf"^{field}(_env)? = ", text, re.MULTILINE)
    filled = re.sub(r'^(\w+) = ""', lambda found: f'{found[1]} = "{TEXTS[found[1]]}"', text, flags=re.MULTILINE)
    path = tmp_path / "smsgate.toml"
    path.write_text(filled, "utf-8")
    account = load(path, SECRETS).accounts[name]
    assert field in account.arguments
    assert account.provider() or account.management()


def test_an_empty_key_names_its_account(tmp_path: Path) -> None:
    """What was not filled in is said with its section."""
    path = tmp_path / "smsgate.toml"
    assert run("--config", str(path)).exit_code == 0
    environment = dict.fromkeys(SECRETS, "s3cret")
    result = CliRunner(env=environment).invoke(cli, ["stats", "--account", "tencent-v5", "--config", str(path)])
    assert result.exit_code == 1
    assert result.output.startswith(f"Error: {path}: [accounts.tencent-v5]: sdk_app_id: must be the decimal digits")


def test_a_file_is_not_overwritten(tmp_path: Path) -> None:
    """A file that exists stays as it is, unless --force says otherwise."""
    path = tmp_path / "smsgate.toml"
    path.write_text("mine", "utf-8")
    result = run("--config", str(path))
    assert result.exit_code == 1
    assert result.output == f"Error: {path} exists: add --force to overwrite it, or name another file with --config\n"
    assert path.read_text("utf-8") == "mine"
    assert run("--config", str(path), "--force").exit_code == 0
    assert path.read_text("utf-8") == settings_file(KINDS)


def test_what_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    """A directory that is not there is named, without a traceback."""
    result = run("--config", str(tmp_path / "none" / "smsgate.toml"))
    assert result.exit_code == 1
    assert result.output.startswith("Error: --config: ")
    assert "cannot be written: No such file" in result.output


def test_an_unknown_kind_is_a_usage_error() -> None:
    """The nearest kind is named, and all that there are."""
    result = run("--vendor", "huwaei")
    assert result.exit_code == 2
    assert "there is no kind 'huwaei' (did you mean 'huawei'?); there are tencent-v5, tencent, huawei" in result.output
