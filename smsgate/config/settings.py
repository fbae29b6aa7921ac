"""Reading the settings file: `load` makes `Settings` of it, and these make a gateway.

[accounts.tencent-v5]               # the name that templates and results use
vendor = "tencent-v5"               # the kind of account, as its vendor calls it
sdk_app_id = "1400006666"
app_key_env = "TENCENT_APP_KEY"     # or app_key_file: so for secrets, and for all you like
sign = "Acme"

[templates.login-code]
params = ["code", "minutes"]
ids = { tencent-v5 = "19" }

[policy]                            # [gateway], [[routes]], [timeouts] and [[quiet_hours]] likewise
alternate_within = 120

[ledger]                            # not opened by the gateway: settings.gateway(ledger=settings.ledger(), …)
url = "sqlite:///sms.db"

[rates]                             # likewise, settings.rates(): in the ledger's database if it has no url
"""

import functools
import os
import re
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import attrs

from smsgate.config.accounts import Account, Places, read_account, shown_key
from smsgate.config.check import check
from smsgate.config.schemas import Schema, class_schemas
from smsgate.config.sections import (
    ACCOUNTS,
    SECTIONS,
    Form,
    GatewayOptions,
    Section,
    SharedRatesOptions,
    SqlLedgerOptions,
    beside_ledger,
    keyed_tables,
    make,
)
from smsgate.guard.quiet_hours import QuietHours
from smsgate.model.errors import ConfigurationError
from smsgate.model.suggestion import did_you_mean
from smsgate.model.template import Template
from smsgate.provider.protocol import SmsProvider
from smsgate.routing.routes import Route
from smsgate.sending.failover import Policy
from smsgate.sending.gateway import Gateway
from smsgate.transport.timeouts import Timeouts

if TYPE_CHECKING:
    from smsgate.ledger.redis_rates import RedisRates
    from smsgate.ledger.sql_ledger import SqlLedger
    from smsgate.ledger.sql_rates import SqlRates

__all__ = ["GatewayOptions", "Settings", "SharedRatesOptions", "SqlLedgerOptions", "load"]

T = TypeVar("T")

_REDIS: Final = ("redis://", "rediss://", "unix://")


@attrs.frozen(kw_only=True)
class Settings:
    """What a settings file says. `gateway()` makes a gateway of it; the parts are there for all else."""

    path: Path
    """The file."""
    accounts: Mapping[str, Account]
    """By name, in the order of the file."""
    templates: tuple[Template, ...] = ()
    """Those of `[templates.…]`."""
    policy: Policy = attrs.field(factory=Policy)
    """That of `[policy]`."""
    routes: tuple[Route, ...] = ()
    """Those of `[[routes]]`, in their order."""
    timeouts: Timeouts = attrs.field(factory=Timeouts)
    """Those of `[timeouts]`."""
    quiet_hours: tuple[QuietHours, ...] = ()
    """Those of `[[quiet_hours]]`."""
    options: GatewayOptions = attrs.field(factory=GatewayOptions)
    """The section `[gateway]`."""
    ledger_options: SqlLedgerOptions | None = None
    """The section `[ledger]`. None if there is none."""
    rates_options: SharedRatesOptions | None = None
    """The section `[rates]`, with the URL and the prefix that it has of `[ledger]`. None if there is none."""

    @functools.cached_property
    def providers(self) -> tuple[SmsProvider, ...]:
        """What sends: one of each account that can, in the order of the file, made when they are first asked for.

        Raises `ConfigurationError` for an account that cannot be made.
        """
        made = [account.provider() for account in self.accounts.values()]
        return tuple(provider for provider in made if provider is not None)

    def gateway(self, **more: Any) -> Gateway:
        """A new gateway of all this. *more*: what else `Gateway` takes, or what it takes in place of the file's.

        Raises `ConfigurationError` if it cannot be made, naming the file unless it is about one of *more*.
        """
        if not self.providers:
            raise ConfigurationError(f"{self.path}: no account in it can send")
        own = {"templates": self.templates, "policy": self.policy, "routes": self.routes, "timeouts": self.timeouts}
        options = attrs.asdict(self.options, recurse=False)
        arguments: dict[str, Any] = {**own, "quiet_hours": self.quiet_hours, **options, **more}
        providers = arguments.pop("providers", self.providers)
        try:
            return Gateway(providers, **arguments)
        except ConfigurationError as error:
            problem = str(error)
        about_more = re.split(r"[:\[]", problem)[0] in more
        raise ConfigurationError(problem if about_more else f"{self.path}: {problem}")

    def ledger(self, url_or_engine: Any = None, **more: Any) -> "SqlLedger":
        """A new ledger of the section `[ledger]`, to be given to `gateway(ledger=…)` and to what receives reports.

        *url_or_engine*, *more*: what `SqlLedger` takes in place of the file's. Raises `ConfigurationError` if it cannot
        be made. Needs the extra "ledger".
        """
        return self._store("ledger", self.ledger_options, _make_ledger, url_or_engine, more)

    def rates(self, url_or_client: Any = None, **more: Any) -> "SqlRates | RedisRates":
        """A new store of the rates that processes share, of the section `[rates]`, to be given to `gateway(rates=…)`.

        It is a `RedisRates` if the scheme of its URL is that of Redis, else a `SqlRates`.

        *url_or_client*, *more*: what these take in place of the file's: a URL, a client of Redis, or an `Engine`.
        Raises `ConfigurationError` if it cannot be made. Needs the extra "redis" or "ledger".
        """
        return self._store("rates", self.rates_options, _make_rates, url_or_client, more)

    def _store(
        self,
        section: str,
        own: SqlLedgerOptions | SharedRatesOptions | None,
        make: Callable[..., T],
        given: Any,
        more: Mapping[str, Any],
    ) -> T:
        """What *make* makes of a *section*, which is *own*. *given*, *more*: see `ledger`."""
        if own is None and given is None:
            raise ConfigurationError(f"{self.path}: there is no section [{section}]")
        options = {} if own is None else attrs.asdict(own, recurse=False, filter=lambda _, value: value is not None)
        options.pop("url", None)
        try:
            return make(given if own is None or given is not None else own.address, **{**options, **more})
        except ConfigurationError as error:
            problem = str(error)
        if given is not None or re.split(r"[:\[]", problem)[0] in more:
            raise ConfigurationError(problem)
        about_url = re.sub(r"^(ledger|rates): ", "url: ", problem)  # a store names itself where its URL is wrong
        raise ConfigurationError(f"{self.path}: [{section}]: {about_url}")


# The package's own names, unlike those of its modules, say what to install where it is missing.


def _make_ledger(url_or_engine: Any, **options: Any) -> "SqlLedger":
    from smsgate.ledger import SqlLedger

    return SqlLedger(url_or_engine, **options)


def _make_rates(url_or_client: Any, **options: Any) -> "SqlRates | RedisRates":
    if _is_in_redis(url_or_client):
        from smsgate.ledger import RedisRates

        return RedisRates(url_or_client, **options)
    from smsgate.ledger import SqlRates

    try:
        return SqlRates(url_or_client, **options)
    except ConfigurationError as error:
        problem = str(error)
    of_redis = "; that of Redis begins with redis://, rediss:// or unix://"
    raise ConfigurationError(problem + of_redis if problem.startswith("ledger: ") else problem)


def _is_in_redis(store: object) -> bool:
    """Whether *store* is a URL of Redis, or a client of it: that takes scripts, and an `Engine` does not."""
    return store.lower().startswith(_REDIS) if isinstance(store, str) else hasattr(store, "register_script")


def load(path: str | os.PathLike[str], environ: Mapping[str, str] | None = None) -> Settings:
    """Read the file *path*, with what it names of *environ*, by default this process's environment.

    Raises `ConfigurationError` naming the file, the section and the key, with what is allowed there; never a secret.
    Reads files, so call it before the event loop runs.
    """
    path = Path(path)
    places = Places(os.environ if environ is None else environ, path)
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        problem = f"cannot be read: {error.strerror}"
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        problem = f"is not TOML: {error}"
    else:
        try:
            return _settings(document, places)
        except ConfigurationError as error:
            problem = str(error)
    raise ConfigurationError(f"{path}: {problem}")


def _settings(document: Mapping[str, Any], places: Places) -> Settings:
    known = (ACCOUNTS, *(section.name for section in SECTIONS))
    for name in document:
        if name not in known:
            listed = ", ".join([f"[{ACCOUNTS}.…]", *(section.heading() for section in SECTIONS)])
            raise ConfigurationError(
                f"unknown section {shown_key(name)}{did_you_mean(name, known)}; there are {listed}"
            )
    tables = keyed_tables(ACCOUNTS, document.get(ACCOUNTS, {}))
    accounts = {name: read_account(name, table, places) for name, table in tables.items()}
    definitions = class_schemas()
    found = {
        section.field: _read(section, document[section.name], definitions, places)
        for section in SECTIONS
        if section.name in document
    }
    if "rates_options" in found:
        found["rates_options"] = beside_ledger(found["rates_options"], found.get("ledger_options"))
    if not accounts:
        raise ConfigurationError(f"needs at least one [{ACCOUNTS}.…] section")
    return Settings(path=places.path, accounts=accounts, **found)


def _read(section: Section, value: object, definitions: Mapping[str, Schema], places: Places) -> Any:
    """What a section gives: one object, or one for each of its tables."""
    made: list[Any] = []
    for place, table, named in section.entries(value):
        check(table, definitions[section.kind.__name__], definitions, place)
        whole = places.filled(
            str(place),
            table,
            fields=section.fields,
            secrets=section.secrets,
            sometimes_secret=section.sometimes_secret,
        )
        made.append(make(section.kind, whole, place, **named))
    return made[0] if section.form is Form.ONE else tuple(made)
