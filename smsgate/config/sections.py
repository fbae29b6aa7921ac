"""The sections of a settings file beside the accounts: the classes whose fields are their keys, and how they are made.

There is no other list of keys: what one of these classes gets, the file, its schema and its errors have too.
"""

import types
from collections.abc import Iterator, Mapping
from enum import Enum
from typing import Any, Final, Union, cast, get_args, get_origin, get_type_hints

import attrs

from smsgate.data import Numbers
from smsgate.guard.quiet_hours import QuietHours
from smsgate.model.errors import ConfigurationError
from smsgate.model.secret import Secret
from smsgate.model.template import Template
from smsgate.routing.routes import Route
from smsgate.sending.failover import Policy
from smsgate.transport.timeouts import Timeouts

__all__ = [
    "ACCOUNTS",
    "SECTIONS",
    "Form",
    "GatewayOptions",
    "Place",
    "Section",
    "SharedRatesOptions",
    "SqlLedgerOptions",
    "beside_ledger",
    "is_named_by_key",
    "keyed_tables",
    "make",
    "members",
    "text_field",
]


@attrs.frozen
class Place:
    """Where something is in the file, for errors."""

    section: str
    """Its section, as it is written: "[policy]"."""
    keys: tuple[str, ...] = ()
    """The way from there."""

    def __str__(self) -> str:
        return f"{self.section}: {'.'.join(self.keys)}" if self.keys else self.section

    def inside(self, key: str) -> "Place":
        """A key of it."""
        return Place(self.section, (*self.keys, key))


@attrs.frozen(kw_only=True)
class GatewayOptions:
    """What a `Gateway` takes that is one plain value. The gateway checks them."""

    default_region: str | None = None
    """The ISO 3166 code ("CN") for numbers written without a country code."""
    allowed_regions: tuple[str, ...] | None = None
    """The ISO 3166 codes of all countries that it sends to."""
    refused_types: tuple[str, ...] = ()
    """Types of numbers ("premium_rate", "toll_free") that it does not send to."""
    max_connections: int = 100
    """To one vendor address, and how many requests to one provider are in flight at once."""
    max_waiting: int = 10_000
    """How many more requests may wait for their turn."""
    keepalive_expiry: float = 45.0
    """Seconds until an idle connection is closed."""
    coalesce: float | None = None
    """Seconds that a message of `send` may wait for others, so that they share a request."""
    dedupe_keys: int = 10_000
    """How many keys of messages it remembers, so that it sends none twice. 0: it does not."""
    dedupe_seconds: float = 600.0
    """For how many seconds it remembers them."""
    tag_secret: Secret | None = None
    """Proves that a delivery report speaks of something that this gateway sent."""


@attrs.frozen(kw_only=True)
class SqlLedgerOptions:
    """What a `SqlLedger` takes that is one plain value. The ledger checks them."""

    url: str | Secret = attrs.field(default="", repr=False)
    """The URL of its database. One with a password: where it is to be read."""
    prefix: str = "smsgate_"
    """Of the names of its tables."""
    numbers: Numbers = "full"
    """How it writes numbers."""
    params: bool = False
    """Whether it writes the parameters of messages. They may be codes."""
    secret: Secret | None = None
    """The key of the hashes."""
    timeout: float = 5.0
    """How many seconds a call waits for the database."""
    lease: float = 15.0
    """After how many seconds without a sign of life a process that sends messages with keys counts as dead."""
    fsync: bool = False
    """Whether a commit in SQLite survives a loss of power."""

    def __attrs_post_init__(self) -> None:
        _check_url(self.url)

    @property
    def address(self) -> str:
        """The URL as it is."""
        return _plain(self.url)


@attrs.frozen(kw_only=True)
class SharedRatesOptions:
    """What a `SqlRates` or a `RedisRates` takes that is one plain value: the URL says which it is. It checks them."""

    url: str | Secret | None = attrs.field(default=None, repr=False)
    """The URL of its SQL database, or of Redis: redis://, rediss:// or unix://. One with a password: where it is to be
    read. Without one it is in the database of the ledger."""
    prefix: str | None = None
    """Of the name of its table, or of its keys in Redis. Without one that of the ledger, in whose database it is by
    default, or else that of its class."""
    timeout: float = 5.0
    """How many seconds a call waits for the database or for Redis."""

    def __attrs_post_init__(self) -> None:
        if self.url is not None:
            _check_url(self.url)

    @property
    def address(self) -> str:
        """The URL as it is. "" if there is none."""
        return "" if self.url is None else _plain(self.url)


def beside_ledger(rates: SharedRatesOptions, ledger: SqlLedgerOptions | None) -> SharedRatesOptions:
    """*rates*; if they have no URL, in the database of *ledger*. Raises `ConfigurationError` if there is none."""
    if rates.url is not None:
        return rates
    if ledger is None:
        nowhere = "there is no section [ledger] whose database it could be in"
        raise ConfigurationError(f"[rates]: {_NO_URL}: {nowhere}")
    return attrs.evolve(rates, url=ledger.url, prefix=ledger.prefix if rates.prefix is None else rates.prefix)


_NO_URL: Final = "lacks url (or url_env, url_file)"


def _check_url(url: str | Secret) -> None:
    if not _plain(url):
        raise ConfigurationError(_NO_URL)
    if isinstance(url, str) and _has_password(url):
        raise ConfigurationError("url: has a password; write url_env or url_file, not the URL")


def _plain(url: str | Secret) -> str:
    return url.reveal() if isinstance(url, Secret) else url


def _has_password(url: str) -> bool:
    return ":" in url.partition("://")[2].rpartition("@")[0] or "password" in url.partition("?")[2].lower()


class Form(Enum):
    """How a section is written."""

    ONE = "[{name}]"
    KEYED = "[{name}.{key}]"
    LISTED = "[[{name}]]"


@attrs.frozen
class Section:
    """A section of the file: the class of its table, or of each of its tables."""

    name: str
    kind: Any
    form: Form = Form.ONE
    field: str = attrs.field(default=attrs.Factory(lambda self: self.name, takes_self=True))
    """Of `Settings`."""

    def heading(self, key: str = "…") -> str:
        """How it begins."""
        return self.form.value.format(name=self.name, key=key)

    @property
    def fields(self) -> list[str]:
        """The fields of the class."""
        return [field.name for field in attrs.fields(self.kind)]

    @property
    def secrets(self) -> list[str]:
        """Those that are never written into the file."""
        return [name for name, kinds in self._kinds() if Secret in kinds and str not in kinds]

    @property
    def sometimes_secret(self) -> list[str]:
        """Those that may be written into the file, or be read elsewhere."""
        return [name for name, kinds in self._kinds() if Secret in kinds and str in kinds]

    def _kinds(self) -> Iterator[tuple[str, tuple[Any, ...]]]:
        hints = get_type_hints(self.kind)
        return ((name, members(hints[name])) for name in self.fields)

    def entries(self, value: object) -> Iterator[tuple[Place, dict[str, Any], dict[str, str]]]:
        """Its tables: where each is, what it says, and what its own key gives to the class."""
        if self.form is Form.KEYED:
            for key, table in keyed_tables(self.name, value).items():
                yield Place(self.heading(key)), table, {"name": key}
            return
        tables: object = value if self.form is Form.LISTED else [value]
        if not isinstance(tables, list):
            raise ConfigurationError(f"a section was expected here: {self.heading()}")
        for number, each in enumerate(cast("list[object]", tables), 1):
            place = Place(self.heading() + (f", number {number}" if self.form is Form.LISTED else ""))
            yield place, _table(each, self.heading()), {}


ACCOUNTS: Final = "accounts"
"""The section of the accounts, whose keys the vendors say."""
SECTIONS: Final = (
    Section("templates", Template, Form.KEYED),
    Section("gateway", GatewayOptions, field="options"),
    Section("policy", Policy),
    Section("routes", Route, Form.LISTED),
    Section("timeouts", Timeouts),
    Section("quiet_hours", QuietHours, Form.LISTED),
    Section("ledger", SqlLedgerOptions, field="ledger_options"),
    Section("rates", SharedRatesOptions, field="rates_options"),
)


def keyed_tables(name: str, value: object) -> dict[str, dict[str, Any]]:
    """The tables of a section that has one for each name. Raises `ConfigurationError` for anything else."""
    heading = f"[{name}.NAME]"
    return {key: _table(each, heading) for key, each in _table(value, heading).items()}


def _table(value: object, heading: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ConfigurationError(f"a section was expected here: {heading}")
    return cast("dict[str, Any]", value)


def members(hint: Any) -> tuple[Any, ...]:
    """The types of a union; of another type itself."""
    return get_args(hint) if get_origin(hint) in (Union, types.UnionType) else (hint,)


def is_named_by_key(field: "attrs.Attribute[Any]") -> bool:
    """Whether the field is the key of its table in the table around it: "[templates.NAME]"."""
    return field.name == "name"


def text_field(kind: Any) -> str | None:
    """The field that a text stands for which is written in place of a table; None if a table is needed."""
    needed = [field for field in attrs.fields(kind) if field.default is attrs.NOTHING]
    if len(needed) == 1 and not is_named_by_key(needed[0]) and get_type_hints(kind)[needed[0].name] is str:
        return cast("str", needed[0].name)
    return None


def make(hint: Any, value: Any, place: Place, **named: str) -> Any:
    """A *value* that the schema has found right, as the type *hint*. Raises `ConfigurationError`, naming the place."""
    origin, args = get_origin(hint), get_args(hint)
    if attrs.has(hint):
        return _object(hint, value, place, named)
    if len(members(hint)) > 1:
        return _member(members(hint), value, place)
    if origin is Mapping:
        return {key: make(args[1], each, place.inside(key)) for key, each in value.items()}
    return value


def _member(kinds: tuple[Any, ...], value: Any, place: Place) -> Any:
    """A value of one of several types: `false` is None where it is nothing else."""
    if value is False and bool not in kinds:
        return None
    tables = [kind for kind in kinds if attrs.has(kind)]
    return make(tables[0], value, place) if tables and not isinstance(value, bool) else value


def _object(kind: Any, value: object, place: Place, named: dict[str, str]) -> Any:
    hints = get_type_hints(kind)
    text = text_field(kind) if isinstance(value, str | int) else None
    table = {text: str(value)} if text else _table(value, str(place))
    fields = {key: make(hints[key], each, place.inside(key)) for key, each in table.items()}
    try:
        return kind(**named, **fields)
    except ConfigurationError as error:
        problem = str(error).removeprefix(f"{kind.__name__}: ")
    raise ConfigurationError(f"{place}: {problem}")
