"""The section `[rates]` of the settings file: where the rates are that processes share, and what is made of it."""

import inspect
import json
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import attrs
import pytest
from databases import Server
from redis import Redis
from sqlalchemy import create_engine

from smsgate import ConfigurationError
from smsgate.config import Settings, SharedRatesOptions, load, schema
from smsgate.ledger import RedisRates, SqlRates

pytestmark = pytest.mark.anyio

ACCOUNT = """
[accounts.tencent-v5]
vendor = "tencent-v5"
sdk_app_id = "1400006666"
app_key_env = "TENCENT_APP_KEY"
sign = "Acme"
"""
ENVIRONMENT = {
    "TENCENT_APP_KEY": "CANARY-KEY",
    "IN_SQL": "postgresql://sms:CANARY@db/sms",
    "IN_REDIS": "rediss://:CANARY@redis/0",
    "EMPTY": "",
}


def settings(directory: Path, text: str, environ: Mapping[str, str] = ENVIRONMENT) -> Settings:
    path = directory / "smsgate.toml"
    path.write_text(f"{ACCOUNT}\n{text}", "utf-8")
    return load(path, environ)


@pytest.mark.parametrize("kind", [SqlRates, RedisRates])
def test_its_keys_are_what_a_store_takes(kind: type) -> None:
    """As plain values, with the same defaults; that of the prefix is each store's own."""
    taken = inspect.signature(kind).parameters
    options = {field.name: field.default for field in attrs.fields(SharedRatesOptions)}
    assert set(taken) - {"url_or_engine", "url_or_client"} == set(options) - {"url"}
    assert options.pop("prefix") is options.pop("url") is None
    assert {name: taken[name].default for name in options} == options


@pytest.mark.parametrize(
    ("section", "kind"),
    [
        ('url = "sqlite:///sms.db"', SqlRates),
        ('url = "mysql://db/sms"', SqlRates),
        ('url_env = "IN_SQL"', SqlRates),
        ('url = "redis://redis:6379/0"', RedisRates),
        ('url = "unix:///run/redis.sock"', RedisRates),
        ('url_env = "IN_REDIS"', RedisRates),
        ('url_file = "url"\nprefix = "own_"\ntimeout = 1', RedisRates),
    ],
)
def test_the_scheme_of_the_url_says_where(tmp_path: Path, section: str, kind: type) -> None:
    """That of Redis, or else a SQL database. Nothing is connected to, and no password is shown."""
    (tmp_path / "url").write_text("redis://:CANARY@redis/0\n", "utf-8")
    found = settings(tmp_path, f"[rates]\n{section}")
    assert type(found.rates()) is kind
    assert "CANARY" not in repr(found)


async def test_each_store_has_its_own_prefix(tmp_path: Path, database_server: Callable[[str], Server]) -> None:
    """By default that of its class, so that a program without the file shares the rate; else that of the file."""
    url = database_server("redis").url
    with Redis.from_url(url) as client:
        for section, key in (("", "smsgate:rates:alpha"), ('prefix = "own:"', "own:alpha")):
            client.delete(key)
            async with settings(tmp_path, f'[rates]\nurl = "{url}"\n{section}').rates() as rates:
                assert await rates.book("alpha", 1.0, longest=10.0) is not None
            assert client.exists(key)
    for section, table in (("", "smsgate_rates"), ('prefix = "own_"', "own_rates")):
        made = settings(tmp_path, f'[rates]\nurl = "sqlite:///sms.db"\n{section}').rates()
        assert isinstance(made, SqlRates)
        assert set(made.metadata.tables) == {table}


async def test_without_a_url_it_is_beside_the_ledger(tmp_path: Path) -> None:
    """In the ledger's database, with its prefix unless there is another one."""
    ledger = '[ledger]\nurl_file = "url"\nprefix = "own_"\n[rates]\ntimeout = 2\n'
    (tmp_path / "url").write_text(f"sqlite:///{tmp_path}/sms.db", "utf-8")
    for section, table in (("", "own_rates"), ('prefix = "other_"', "other_rates")):
        found = settings(tmp_path, ledger + section)
        async with found.ledger(), found.rates() as rates:
            assert isinstance(rates, SqlRates)
            assert set(rates.metadata.tables) == {table}
            assert await rates.book("alpha", 1.0, longest=10.0) is not None
    assert (tmp_path / "sms.db").exists()
    elsewhere = settings(tmp_path, f'{ledger}url = "sqlite:///{tmp_path}/rates.db"').rates()
    assert isinstance(elsewhere, SqlRates)
    assert set(elsewhere.metadata.tables) == {"smsgate_rates"}


async def test_something_else_in_place_of_the_file_s(tmp_path: Path) -> None:
    """A URL, an engine or a client, and options; then there need be no section."""
    engine = create_engine(f"sqlite:///{tmp_path}/own.db")
    without, beside = settings(tmp_path, ""), settings(tmp_path, '[rates]\nurl = "sqlite:///sms.db"\nprefix = "own_"')
    for found, table in ((without, "smsgate_rates"), (beside, "own_rates")):
        async with found.rates(engine) as rates:
            assert isinstance(rates, SqlRates)
            assert set(rates.metadata.tables) == {table}
        assert type(found.rates("redis://redis")) is RedisRates
        with Redis(host="redis") as client:
            assert type(found.rates(client)) is RedisRates
    other = beside.rates(prefix="other_")
    assert isinstance(other, SqlRates)
    assert set(other.metadata.tables) == {"other_rates"}
    engine.dispose()


def test_a_gateway_has_the_store_that_it_is_given(tmp_path: Path) -> None:
    """`gateway()` opens none of itself."""
    found = settings(tmp_path, '[rates]\nurl = "nothing"')
    found.gateway()
    rates = found.rates(f"sqlite:///{tmp_path}/sms.db")
    assert found.gateway(rates=rates) is not None


REDIS_WORDS = "begins with redis://, rediss:// or unix://"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", r": there is no section \[rates\]$"),
        ("[rates]", r": \[rates\]: lacks url \(or url_env, url_file\): .* no section \[ledger\] whose database"),
        ('[ledger]\nurl = "sqlite:///x.db"\n[rates]\nurl_env = "EMPTY"', r": \[rates\]: lacks url \(or url_env"),
        ('[rates]\nurl = "postgresql://s:CANARY@db/x"', r": \[rates\]: url: has a password; write url_env or url_file"),
        ('[rates]\nurl = "redis://:CANARY@redis/0"', r": \[rates\]: url: has a password; write url_env or url_file"),
        ('[rates]\nurl = "unix:///s?password=CANARY"', r": \[rates\]: url: has a password; write url_env or url_file"),
        ('[rates]\nurl = "sms.db"', rf": \[rates\]: url: must be a URL as SQLAlchemy takes it.*{REDIS_WORDS}"),
        ('[rates]\nurl = "reddis://redis"', rf": \[rates\]: url: Can't load plugin: .*:reddis; .*{REDIS_WORDS}"),
        ('[rates]\nurl = "sqlite://"', r": \[rates\]: url: SQLite in memory forgets everything"),
        ('[rates]\nurl = "redis://redis:port"', r": \[rates\]: url: must be a URL as redis-py takes it"),
        ('[rates]\nurl = "redis://redis/0?tiemout=1"', r": \[rates\]: url: must be a URL as redis-py takes it"),
        ('[rates]\nurl = "rediss://r?ssl_cert_reqs=CANARY"', r": \[rates\]: url: must be a URL as redis-py takes it"),
        ('[rates]\nurl = "sqlite:///x.db"\nprefix = "A"', r": \[rates\]: prefix: must be up to 30 lower-case letters"),
        ('[rates]\nurl = "redis://r"\ntimeout = 0', r": \[rates\]: timeout: must be above 0 seconds"),
        ('[rates]\nurl = "redis://r"\nurl_env = "IN_SQL"', r": \[rates\]: url is given twice"),
        ('[rates]\nurl = "redis://r"\nprefx = "a"', r": \[rates\]: unknown key 'prefx' \(did you mean 'prefix'\?\)"),
        ('[rates]\nurl = "redis://r"\ntimeout = "1"', r": \[rates\]: timeout must be a number, not a text"),
        ("[[rates]]", r": a section was expected here: \[rates\]"),
    ],
)
def test_says_what_is_wrong_and_where(tmp_path: Path, text: str, problem: str) -> None:
    """With the file, the section and the key, and without a password."""
    with pytest.raises(ConfigurationError, match=rf"smsgate\.toml{problem}") as caught:
        settings(tmp_path, text).rates()
    assert "CANARY" not in str(caught.value)


@pytest.mark.parametrize(
    ("given", "options", "problem"),
    [
        ("sms.db", {}, "ledger: must be a URL as SQLAlchemy takes it"),
        (None, {"timeout": 0}, "timeout: must be above 0"),
    ],
)
def test_what_the_caller_got_wrong_is_not_said_of_the_file(
    tmp_path: Path, given: Any, options: dict[str, Any], problem: str
) -> None:
    """The file is right then."""
    with pytest.raises(ConfigurationError, match=f"^{problem}"):
        settings(tmp_path, '[rates]\nurl = "redis://r"').rates(given, **options)


@pytest.mark.parametrize("section", ["ledger", "rates"])
@pytest.mark.parametrize(
    "url", ["mysql://sms:CA:NA@RY:CANARY@db/x", "mysql://sms:a@CANARY@db/x", "mysql://db:CANARY/x"]
)
def test_a_password_that_is_not_escaped(tmp_path: Path, section: str, url: str) -> None:
    """A URL that is read in another way than it was meant shows nothing of its password, now or when it is used."""
    found = settings(tmp_path, f'[{section}]\nurl_env = "URL"', {**ENVIRONMENT, "URL": url})
    with pytest.raises(
        ConfigurationError, match=rf"\[{section}\]: url: must be a URL as SQLAlchemy takes it"
    ) as caught:
        getattr(found, section)()
    assert "CANARY" not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "package", "problem"),
    [
        ("redis://r", "redis", '[rates]: smsgate.ledger.RedisRates needs: pip install "smsgate[redis]"'),
        ("sqlite:///x.db", "sqlalchemy", '[rates]: smsgate.ledger needs: pip install "smsgate[ledger]"'),
    ],
)
def test_what_to_install(tmp_path: Path, url: str, package: str, problem: str) -> None:
    """A store needs its own package alone; without it the error says which."""
    path = tmp_path / "smsgate.toml"
    path.write_text(f'{ACCOUNT}\n[rates]\nurl = "{url}"', "utf-8")
    program = (
        f"import sys; sys.modules[sys.argv[1]] = None\n"
        f"from smsgate.config import load; settings = load({str(path)!r}, {{'TENCENT_APP_KEY': 'key'}})\n"
        f"from smsgate import ConfigurationError\n"
        f"try: print(type(settings.rates()).__name__)\n"
        f"except ConfigurationError as error: print(error)\n"
    )
    other = {"redis": "sqlalchemy", "sqlalchemy": "redis"}[package]
    printed = [
        subprocess.run([sys.executable, "-c", program, name], capture_output=True, text=True, check=True).stdout
        for name in (package, other)
    ]
    assert printed == [f"{path}: {problem}\n", f"{'RedisRates' if package == 'redis' else 'SqlRates'}\n"]


def test_the_schema() -> None:
    """It takes the keys that `load` takes, each with what it means, and no secret as it is."""
    keys = json.loads(json.dumps(schema()))["$defs"]["SharedRatesOptions"]["properties"]
    assert set(keys) == {"url", "url_env", "url_file", "prefix", "timeout"}
    assert all(each["description"] for each in keys.values())
    assert keys["prefix"]["type"] == "string"
    assert keys["timeout"]["default"] == 5.0
