"""The TOML file that the commands read: accounts and templates, with secrets named and never written.

    [accounts.tencent-v5]               # the name that templates and results use
    vendor = "tencent-v5"               # the kind of account, as its vendor calls it
    sdk_app_id = "1400006666"
    app_key_env = "TENCENT_APP_KEY"     # the environment variable that holds it: so for secrets, and for all you like
    sign = "Acme"

    [templates.login-code]
    params = ["code", "minutes"]
    ids = { tencent-v5 = "19" }

Everything but the secrets is written as the vendor's class takes it. Which kinds there are and what they take, each
`smsgate.provider.Vendor` says: ours, and those of other installed packages.
"""

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, TypeVar, cast

import attrs

from smsgate.model.errors import ConfigurationError
from smsgate.model.secret import Secret
from smsgate.model.suggestion import did_you_mean
from smsgate.model.template import Binding, Template
from smsgate.provider.protocol import SmsProvider
from smsgate.provider.vendor import AccountKind
from smsgate.vendors import vendors

__all__ = ["Account", "Kind", "Settings", "kinds_of_account", "load"]

T = TypeVar("T")

_VARIABLE: Final = re.compile(r"[A-Z]{1,12}[0-9]{0,2}(?:_(?:[A-Z]{1,12}[0-9]{0,2}|[0-9]{1,2})){0,5}")
"""What is certainly the name of a variable. Anything else may be the secret itself, written where its name belongs."""
_KEY: Final = re.compile(r"(?=.{1,24}$)[A-Za-z]{1,12}[0-9]?(?:[_-][A-Za-z]{1,12}[0-9]?){0,3}")
"""What is certainly a key, however misspelt. Anything else may be a secret with the sides of `=` exchanged."""

_TEMPLATE_KEYS: Final = frozenset({"params", "text", "ids"})


@attrs.frozen
class Kind:
    """One kind of account: what its section may say, and what is made of it."""

    sends: AccountKind[SmsProvider] | None
    manages: AccountKind[object] | None

    @property
    def required(self) -> tuple[str, ...]:
        """The fields that must be there."""
        return tuple(dict.fromkeys(field for half in self._halves for field in half.required))

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields that may be there, required ones first."""
        return tuple(dict.fromkeys((*self.required, *(field for half in self._halves for field in half.fields))))

    @property
    def secrets(self) -> set[str]:
        """The fields that are never written into the file."""
        return {field for half in self._halves for field in half.secrets}

    def help_of(self, field: str) -> str:
        """What a field is, for people; "" if its vendor does not say."""
        return next((half.help[field] for half in self._halves if field in half.help), "")

    @property
    def _halves(self) -> list[AccountKind[object]]:
        return [half for half in (self.sends, self.manages) if half is not None]


@attrs.frozen
class Account:
    """One `[accounts.…]` section, with its secrets read from the environment."""

    name: str
    kind: Kind
    arguments: Mapping[str, Any] = attrs.field(repr=False)

    def provider(self) -> SmsProvider | None:
        """The object that sends, or None if this account cannot."""
        return self._make(self.kind.sends)

    def management(self) -> object | None:
        """The object that makes management calls, or None if this account has none."""
        return self._make(self.kind.manages)

    def _make(self, half: AccountKind[T] | None) -> T | None:
        if half is None:
            return None
        arguments = {field: value for field, value in self.arguments.items() if field in half.fields}
        try:
            return half.make(**arguments, name=self.name)
        except (ConfigurationError, TypeError) as error:
            raise ConfigurationError(f"[accounts.{self.name}]: {error}") from None


@attrs.frozen
class Settings:
    """What a file says."""

    accounts: Mapping[str, Account]
    templates: tuple[Template, ...]


def load(path: Path, environ: Mapping[str, str]) -> Settings:
    """Read *path*. Raises `ConfigurationError` naming the file, the section and the field; never shows a secret."""
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigurationError(f"{path}: cannot be read: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{path}: is not TOML: {error}") from None
    try:
        accounts = {name: _account(name, _table(value), environ) for name, value in _sections(document, "accounts")}
        templates = tuple(_template(name, _table(value)) for name, value in _sections(document, "templates"))
        unknown = document.keys() - {"accounts", "templates"}
        if unknown:
            near = did_you_mean(min(unknown), ("accounts", "templates"))
            raise ConfigurationError(
                f"unknown section {_shown(min(unknown))}{near}; there are [accounts.…] and [templates.…]"
            )
        if not accounts:
            raise ConfigurationError("needs at least one [accounts.…] section")
    except ConfigurationError as error:
        raise ConfigurationError(f"{path}: {error}") from None
    return Settings(accounts, templates)


def _sections(document: Mapping[str, Any], name: str) -> list[tuple[str, Any]]:
    return list(_table(document.get(name, {})).items())


def _table(value: object) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise ConfigurationError("a section was expected here: [accounts.NAME] or [templates.NAME]")
    return cast("Mapping[str, Any]", value)


def _account(name: str, section: Mapping[str, Any], environ: Mapping[str, str]) -> Account:
    where = f"[accounts.{name}]"
    kinds, chosen = kinds_of_account(), section.get("vendor")
    if not isinstance(chosen, str) or chosen not in kinds:
        near = did_you_mean(chosen, kinds) if isinstance(chosen, str) else ""
        raise ConfigurationError(f"{where}: vendor must be one of {', '.join(kinds)}{near}")
    kind = kinds[chosen]
    arguments: dict[str, Any] = {}
    for key, value in section.items():
        field = key.removesuffix("_env")
        if key == "vendor":
            continue
        if field not in kind.fields:
            near = did_you_mean(field, kind.fields)
            takes = ", ".join(kind.fields)
            raise ConfigurationError(f"{where}: unknown key {_shown(key)}{near}; {chosen} takes {takes}")
        if key in kind.secrets:
            raise ConfigurationError(f"{where}: write {key}_env = the name of an environment variable, not the secret")
        read = value if key == field else _from_environment(where, key, value, environ)
        arguments[field] = Secret(read) if field in kind.secrets else read
    secrets = kind.secrets
    missing = [f"{field}_env" if field in secrets else field for field in kind.required if field not in arguments]
    if missing:
        raise ConfigurationError(f"{where}: lacks {', '.join(missing)}")
    return Account(name, kind, arguments)


def kinds_of_account() -> dict[str, Kind]:
    """Every kind of account that a vendor has, by its name."""
    names = [name for vendor in vendors() for name in (*vendor.accounts, *vendor.management)]
    sends = {name: kind for vendor in vendors() for name, kind in vendor.accounts.items()}
    manages = {name: kind for vendor in vendors() for name, kind in vendor.management.items()}
    return {name: Kind(sends.get(name), manages.get(name)) for name in names}


def _shown(key: str) -> str:
    return repr(key) if _KEY.fullmatch(key) else "(not shown: it may be a secret)"


def _from_environment(where: str, key: str, name: object, environ: Mapping[str, str]) -> str:
    if not isinstance(name, str) or not name:
        raise ConfigurationError(f"{where}: {key} must be the name of an environment variable")
    if name in environ:
        return environ[name]
    if _VARIABLE.fullmatch(name):
        raise ConfigurationError(f"{where}: {key}: the environment has no variable {name}")
    raise ConfigurationError(
        f"{where}: {key}: the environment has no variable of that name (not shown: it may be the secret itself)"
    )


def _template(name: str, section: Mapping[str, Any]) -> Template:
    unknown = section.keys() - _TEMPLATE_KEYS
    if unknown:
        raise ConfigurationError(
            f"[templates.{name}]: unknown key {_shown(min(unknown))}{did_you_mean(min(unknown), _TEMPLATE_KEYS)}; "
            "it takes params, text and ids"
        )
    ids: dict[str, str | Binding] = {}
    try:
        for provider, value in _table(section.get("ids", {})).items():
            ids[provider] = _binding(value)
        return Template(name, params=section.get("params", ()), text=section.get("text"), ids=ids)
    except TypeError:
        raise ConfigurationError(
            f"[templates.{name}]: ids takes an id, or a table with id, params, signature, sender, extend, "
            "abroad and home, for each account"
        ) from None


def _binding(value: object) -> str | Binding:
    if not isinstance(value, dict):
        return str(value)
    fields: dict[str, Any] = cast("dict[str, Any]", value)
    abroad: object = fields.get("abroad")
    if isinstance(abroad, dict):
        nested: dict[str, Any] = {"abroad": _binding(cast("object", abroad))}
        fields = fields | nested
    return Binding(**fields)
