"""The settings file: what it may say, and how it says what is wrong."""

import base64
import inspect
import json
import re
from collections.abc import Mapping
from pathlib import Path

import attrs
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from smsgate import ConfigurationError, Gateway, Health, Policy, QuietHours, Route, Secret, Template, Timeouts
from smsgate.config import GatewayOptions, SqlLedgerOptions, load, schema
from smsgate.config.sections import SECTIONS
from smsgate.huawei import HuaweiSms
from smsgate.ledger import SqlLedger
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
        (GOOD + "\n[gatewy]\nx = 1", r"unknown section 'gatewy' \(did you mean 'gateway'\?\); there are \[accounts"),
        (
            GOOD + "\n[gateway]\nmax_waitng = 1",
            r"\[gateway\]: unknown key 'max_waitng' \(did you mean 'max_waiting'",
        ),
        (GOOD + '\n[gateway]\ntag_secret = "CANARY"', r"unknown key 'tag_secret' \(did you mean 'tag_secret_env'\?\)"),
        (GOOD + '\n[gateway]\nmax_waiting = "CANARY"', r"\[gateway\]: max_waiting must be a whole number, not a text"),
        (GOOD + '\n[policy]\non_unknown = "failovr"', r'on_unknown must be one of "stop", "failover" \(did you mean'),
        (GOOD + "\n[policy]\nretries = -1", r"\[policy\]: retries must be from 0 to 3600"),
        (
            GOOD + "\n[policy.health]\nfailure = 1",
            r"\[policy\]: health: unknown key 'failure'",
        ),
        (GOOD + "\n[policy.health]\nfailures = 0", r"\[policy\]: health: failures must be a whole number from 1"),
        (GOOD + "\n[policy]\nhealth = true", r"\[policy\]: health must be a table or false, not true or false"),
        (GOOD + "\n[timeouts]\nconnect = true", r"\[timeouts\]: connect must be a number, not true or false"),
        (GOOD + "\n[routes]\nproviders = []", r"a section was expected here: \[\[routes\]\]"),
        (
            GOOD + "\n[[routes]]\nkinds = ['code']",
            r"\[\[routes\]\], number 1: lacks providers; it takes",
        ),
        (GOOD + "\n[[routes]]\nproviders = ['huawei']\nkinds = [1]", r"kinds\.number 1 must be a text, not a number"),
        (GOOD + "\n[[quiet_hours]]\nstart = 21\nend = 8", r"number 1: start must be a text, not a number"),
        (GOOD + "\n[[quiet_hours]]\nstart = 21:00:00\nend = '25'\nregions = ['CN']", "no time such as"),
        (GOOD.replace("text =", "txt ="), r"\[templates.login-code\]: unknown key 'txt'"),
        (
            GOOD.replace("ids = {", "ids = { x = { signature = 'a' },"),
            r"\[templates.login-code\]: ids.x: lacks id; it takes id, params",
        ),
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


WHOLE = """
[gateway]
default_region = "CN"
allowed_regions = ["CN", "SG"]
refused_types = ["premium_rate"]
max_connections = 5
max_waiting = 7
keepalive_expiry = 30
coalesce = 0.005
tag_secret_file = "tag"

[policy]
alternate_within = 120
retry_budget = false
health = { failures = 4, down_for = 5 }

[timeouts]
connect = 2

[[routes]]
providers = ["huawei"]
kinds = ["marketing"]

[[routes]]
providers = ["tencent-v5", "huawei"]
regions = ["CN"]
weights = [3, 1]

[[quiet_hours]]
start = 21:00:00
end = "08:00"
regions = ["CN"]
"""


def test_reads_everything_of_a_gateway(tmp_path: Path) -> None:
    """Each section becomes the object that `Gateway` takes; `false` is None; `gateway()` is made of all of it."""
    (tmp_path / "tag").write_text("CANARY-TAG\n", "utf-8")
    path = tmp_path / "smsgate.toml"
    path.write_text(GOOD + WHOLE, "utf-8")
    found = load(path, ENVIRONMENT)
    assert found.policy == Policy(alternate_within=120, retry_budget=None, health=Health(failures=4, down_for=5))
    assert found.timeouts == Timeouts(connect=2)
    tencent_and_huawei = Route(["tencent-v5", "huawei"], regions={"CN"}, weights=(3, 1))
    assert found.routes == (Route(["huawei"], kinds={"marketing"}), tencent_and_huawei)
    assert found.quiet_hours == (QuietHours("21:00", "08:00", regions={"CN"}),)
    assert found.options.default_region == "CN"
    assert found.options.coalesce == 0.005
    assert found.options.tag_secret == Secret("CANARY-TAG")
    assert "CANARY" not in repr(found)
    assert [provider.name for provider in found.providers] == ["tencent-v5", "huawei"]
    assert found.providers[0] is found.providers[0]
    assert repr(found.gateway()) == "Gateway(tencent-v5, huawei)"
    assert [each.name for each in found.gateway(templates=[Template("other", ids={"huawei": "1"})]).templates] == [
        "other"
    ]


def test_health_can_be_turned_off(tmp_path: Path) -> None:
    """`health = false` is `Policy(health=None)`."""
    path = tmp_path / "smsgate.toml"
    path.write_text(GOOD + "[policy]\nhealth = false", "utf-8")
    assert load(path, ENVIRONMENT).policy == Policy(health=None)


def test_what_a_gateway_refuses_names_the_file(tmp_path: Path) -> None:
    """What only the gateway can find out, such as a route to no account, is said with the file."""
    path = tmp_path / "smsgate.toml"
    path.write_text(GOOD + '[[routes]]\nproviders = ["huwaei"]', "utf-8")
    with pytest.raises(
        ConfigurationError, match=r"smsgate\.toml: routes: route 1 names 'huwaei'.*did you mean 'huawei'"
    ):
        load(path, ENVIRONMENT).gateway()


def test_a_secret_is_read_from_a_file(tmp_path: Path) -> None:
    """`_file` names a file beside the settings or anywhere, whose line break at the end is left out."""
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets/key").write_text("CANARY-KEY\n", "utf-8")
    path = tmp_path / "smsgate.toml"
    for name in ("secrets/key", str(tmp_path / "secrets/key")):
        path.write_text(GOOD.replace('app_key_env = "TENCENT_APP_KEY"', f'app_key_file = "{name}"'), "utf-8")
        assert load(path, ENVIRONMENT).accounts["tencent-v5"].arguments["app_key"] == Secret("CANARY-KEY")


@given(key=KEYS)
def test_a_secret_in_place_of_a_file_is_not_shown(tmp_path_factory: pytest.TempPathFactory, key: str) -> None:
    """Whoever writes the secret where the file's name belongs reads where, and not the secret."""
    text = GOOD.replace('app_key_env = "TENCENT_APP_KEY"', f'app_key_file = "{key}"')
    with pytest.raises(ConfigurationError, match=r"app_key_file: the file cannot be read: No such file") as caught:
        settings(tmp_path_factory.mktemp("config"), text)
    assert key not in str(caught.value)


def test_a_field_is_given_once(tmp_path: Path) -> None:
    """Two keys for one field are an error: one of them would be ignored."""
    with pytest.raises(ConfigurationError, match=r"\[accounts.tencent-v5\]: app_key is given twice"):
        settings(tmp_path, GOOD.replace('sign = "Acme"', 'app_key_file = "key"'))


NOT_IN_THE_FILE = {
    "self",
    "providers",
    "on_result",
    "ledger",
    "observer",
    "rates",
    "client",
    "transport",
    "ssl_context",
    "clock",
}
"""What of a gateway is no plain data."""


def test_whatever_a_gateway_takes_is_in_the_file() -> None:
    """Each argument that is plain data is a section or a key of `[gateway]`, with the same default."""
    taken = inspect.signature(Gateway.__init__).parameters
    sections = {"templates", "policy", "routes", "timeouts", "quiet_hours"}
    options = {field.name: field.default for field in attrs.fields(GatewayOptions)}
    assert set(taken) - NOT_IN_THE_FILE == sections | set(options)
    for name, default in options.items():
        assert taken[name].default == (frozenset() if default == () else default), name


def test_a_ledger(tmp_path: Path) -> None:
    """It has what `SqlLedger` takes as plain values, with the same defaults; a URL from elsewhere is a secret."""
    taken = inspect.signature(SqlLedger.__init__).parameters
    options = {field.name: field.default for field in attrs.fields(SqlLedgerOptions) if field.name != "url"}
    assert set(taken) - {"self", "url_or_engine", "clock"} == set(options)
    assert {name: taken[name].default for name in options} == options
    kept = f'[ledger]\nurl = "sqlite:///{tmp_path}/sms.db"\nnumbers = "hashed"\nsecret_env = "LEDGER_SECRET"'
    path = tmp_path / "smsgate.toml"
    path.write_text(f"{GOOD}\n{kept}", encoding="utf-8")
    found = load(path, {**ENVIRONMENT, "LEDGER_SECRET": "CANARY-" + "s" * 32})
    ledger, other = found.ledger(), found.ledger(numbers="full")
    assert (ledger.numbers, other.numbers) == ("hashed", "full")
    assert found.gateway(ledger=ledger).ledger is ledger
    path.write_text(f'{GOOD}\n[ledger]\nurl_env = "LEDGER_URL"', encoding="utf-8")
    secret = load(path, {**ENVIRONMENT, "LEDGER_URL": "postgresql://sms:CANARY@db/sms"})
    assert "CANARY" not in repr((found, secret))
    assert "smsgate_requests" in secret.ledger().metadata.tables


@pytest.mark.parametrize(
    ("section", "problem"),
    [
        ("", r"smsgate.toml: there is no section \[ledger\]$"),
        ('prefix = "a_"', r"\[ledger\]: lacks url \(or url_env, url_file\)$"),
        ('url = "postgresql://sms:CANARY@db/sms"', r"\[ledger\]: url: has a password; write url_env or url_file"),
        ('url = "mysql://db/sms?password=CANARY"', r"\[ledger\]: url: has a password; write url_env or url_file"),
        ('url = "sms.db"', r"smsgate.toml: \[ledger\]: url: must be a URL as SQLAlchemy takes it"),
        ('url = "sqlite:///sms.db"\nnumbers = "hashed"', r"smsgate.toml: \[ledger\]: secret: is needed"),
        ('url = "sqlite:///sms.db"\nsecret = "CANARY"', r"unknown key 'secret' \(did you mean 'secret_env'\?\)"),
        ('url = "sqlite:///sms.db"\nurl_env = "TENCENT_APP_KEY"', r"\[ledger\]: url is given twice"),
    ],
)
def test_what_is_wrong_with_a_ledger(tmp_path: Path, section: str, problem: str) -> None:
    """It is said with its place, and without a password."""
    path = tmp_path / "smsgate.toml"
    path.write_text(f"{GOOD}\n[ledger]\n{section}" if section else GOOD, encoding="utf-8")
    with pytest.raises(ConfigurationError, match=problem) as caught:
        load(path, ENVIRONMENT).ledger()
    assert "CANARY" not in str(caught.value)


def test_the_schema_has_the_fields_of_the_classes() -> None:
    """What a class has, the schema has, with its docstring and what is allowed."""
    found = json.loads(json.dumps(schema()))
    policy = found["$defs"]["Policy"]["properties"]
    assert set(policy) == {field.name for field in attrs.fields(Policy)}
    assert policy["on_unknown"]["enum"] == ["stop", "failover"]
    assert policy["on_unknown"]["default"] == "stop"
    assert policy["retries"]["description"].startswith("How many times a busy provider is retried")
    assert policy["health"]["anyOf"] == [{"$ref": "#/$defs/Health"}, {"const": False}]
    account = found["$defs"]["account-tencent"]["properties"]
    assert account["version"]["enum"] == ["2021-01-11", "2019-07-11"]
    assert {"secret_key_env", "secret_key_file"} < set(account)
    assert "secret_key" not in account
    assert set(found["properties"]) == {"accounts", *(section.name for section in SECTIONS)}
