"""The accounts of a settings file: what a section may say, where its secrets are read, and what is made of it.

Which kinds there are and what they take, each `smsgate.provider.Vendor` says: ours, and those of other installed
packages. A key that ends in `_env` names an environment variable that has the value, one that ends in `_file` a file.
"""

import re
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any, Final, TypeVar

import attrs

from smsgate.model.errors import ConfigurationError
from smsgate.model.secret import Secret
from smsgate.model.suggestion import did_you_mean
from smsgate.provider.protocol import SmsProvider
from smsgate.provider.vendor import AccountKind
from smsgate.vendors import vendors

__all__ = ["Account", "Kind", "Places", "field_of", "kinds_of_account", "read_account", "shown_key"]

T = TypeVar("T")

_VARIABLE: Final = re.compile(r"[A-Z]{1,12}[0-9]{0,2}(?:_(?:[A-Z]{1,12}[0-9]{0,2}|[0-9]{1,2})){0,5}")
"""What is certainly the name of a variable. Anything else may be the secret itself, written where its name belongs."""
_KEY: Final = re.compile(r"(?=.{1,24}$)[A-Za-z]{1,12}[0-9]?(?:[_-][A-Za-z]{1,12}[0-9]?){0,3}")
"""What is certainly a key, however misspelt. Anything else may be a secret with the sides of `=` exchanged."""


@attrs.frozen
class Kind:
    """One kind of account: what its section may say, and what is made of it."""

    vendor: str
    """The vendor's name, which all of its kinds share."""
    sends: AccountKind[SmsProvider] | None
    """What is made of it to send; None if it cannot."""
    manages: AccountKind[object] | None
    """What is made of it for management calls; None if there are none."""

    @property
    def required(self) -> tuple[str, ...]:
        """The fields that must be there."""
        return tuple(dict.fromkeys(field for half in self.halves for field in half.required))

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields that may be there, required ones first."""
        return tuple(dict.fromkeys((*self.required, *(field for half in self.halves for field in half.fields))))

    @property
    def secrets(self) -> set[str]:
        """The fields that are never written into the file."""
        return {field for half in self.halves for field in half.secrets}

    def help_of(self, field: str) -> str:
        """What a field is, for people; "" if its vendor does not say."""
        return next((half.help[field] for half in self.halves if field in half.help), "")

    @property
    def halves(self) -> list[AccountKind[object]]:
        """What it is made as: to send, to make management calls, or both."""
        return [half for half in (self.sends, self.manages) if half is not None]


@attrs.frozen
class Account:
    """One `[accounts.…]` section, with its secrets read. Its objects are made when they are asked for."""

    name: str
    """Its name in the file."""
    kind: Kind = attrs.field(repr=False)
    """What such a section may say."""
    vendor: str
    """The kind of account, as the file calls it."""
    path: Path
    """The file."""
    arguments: Mapping[str, Any] = attrs.field(repr=False)
    """What its objects are made with, by field; secrets as `Secret`."""

    def provider(self) -> SmsProvider | None:
        """The object that sends, or None if this account cannot. Raises `ConfigurationError` for a wrong value."""
        return self._make(self.kind.sends)

    def management(self) -> object | None:
        """The object that makes management calls, or None if there is none. Raises `ConfigurationError` likewise."""
        return self._make(self.kind.manages)

    def _make(self, half: AccountKind[T] | None) -> T | None:
        if half is None:
            return None
        arguments = {field: value for field, value in self.arguments.items() if field in half.fields}
        try:
            return half.make(**arguments, name=self.name)
        except (ConfigurationError, TypeError) as error:
            raise ConfigurationError(f"{self.path}: [accounts.{self.name}]: {error}") from None


@attrs.frozen
class Places:
    """Where values that are not in the file are read: the environment, and files relative to the settings' own."""

    environ: Mapping[str, str] = attrs.field(repr=False)
    path: Path
    """The settings file."""

    def filled(
        self,
        where: str,
        section: Mapping[str, Any],
        *,
        fields: Collection[str],
        secrets: Collection[str],
        sometimes_secret: Collection[str] = (),
    ) -> dict[str, Any]:
        """The *fields* that the section *where* gives, with what it names read, and *secrets* as `Secret`.

        So are those of *sometimes_secret* that do not stand in the file.
        Raises `ConfigurationError` for a secret that stands in the file, and for what cannot be read.
        """
        found: dict[str, Any] = {}
        for key, value in section.items():
            field = field_of(key, fields)
            if key in secrets:
                instead = f"{key}_env = the name of an environment variable, or {key}_file = that of a file"
                raise ConfigurationError(f"{where}: write {instead}, not the secret")
            if field in found:
                raise ConfigurationError(f"{where}: {field} is given twice; keep one of its keys")
            read = value if key == field else self._named(where, key, value)
            is_secret = field in secrets or (key != field and field in sometimes_secret)
            found[field] = Secret(read) if is_secret else read
        return found

    def _named(self, where: str, key: str, value: object) -> str:
        """The value that a key ending in `_env` or `_file` names the place of."""
        if not isinstance(value, str) or not value:
            wanted = "an environment variable" if key.endswith("_env") else "a file"
            raise ConfigurationError(f"{where}: {key} must be the name of {wanted}")
        return self._from_environment(where, key, value) if key.endswith("_env") else self._from_file(where, key, value)

    def _from_environment(self, where: str, key: str, name: str) -> str:
        if name in self.environ:
            return self.environ[name]
        if _VARIABLE.fullmatch(name):
            raise ConfigurationError(f"{where}: {key}: the environment has no variable {name}")
        raise ConfigurationError(
            f"{where}: {key}: the environment has no variable of that name (not shown: it may be the secret itself)"
        )

    def _from_file(self, where: str, key: str, name: str) -> str:
        try:
            text = (self.path.parent / name).read_text("utf-8")
        except OSError as error:
            why = error.strerror or "the system gives no reason"
        except ValueError:  # its name has a zero byte, or its content is no UTF-8
            why = "it is not text"
        else:
            return text.rstrip("\r\n")  # an editor ends a file with a line break
        raise ConfigurationError(
            f"{where}: {key}: the file cannot be read: {why} (its name is not shown: it may be the secret itself)"
        )


def read_account(name: str, section: Mapping[str, Any], places: Places) -> Account:
    """The account of a section. Raises `ConfigurationError` naming the section and the key, and never a secret."""
    where = f"[accounts.{name}]"
    kinds, chosen = kinds_of_account(), section.get("vendor")
    if not isinstance(chosen, str) or chosen not in kinds:
        near = did_you_mean(chosen, kinds) if isinstance(chosen, str) else ""
        raise ConfigurationError(f"{where}: vendor must be one of {', '.join(kinds)}{near}")
    kind = kinds[chosen]
    given = {key: value for key, value in section.items() if key != "vendor"}
    for key in given:
        if (field := field_of(key, kind.fields)) not in kind.fields:
            near, takes = did_you_mean(field, kind.fields), ", ".join(kind.fields)
            raise ConfigurationError(f"{where}: unknown key {shown_key(key)}{near}; {chosen} takes {takes}")
    arguments = places.filled(where, given, fields=kind.fields, secrets=kind.secrets)
    missing = [f"{field}_env" if field in kind.secrets else field for field in kind.required if field not in arguments]
    if missing:
        raise ConfigurationError(f"{where}: lacks {', '.join(missing)}")
    return Account(name, kind, chosen, places.path, arguments)


def kinds_of_account() -> dict[str, Kind]:
    """Every kind of account that a vendor has, by its name."""
    return {
        name: Kind(vendor.name, vendor.accounts.get(name), vendor.management.get(name))
        for vendor in vendors()
        for name in (*vendor.accounts, *vendor.management)
    }


def field_of(key: str, fields: Collection[str]) -> str:
    """The field that *key* gives: itself, or what is before `_env` or `_file`."""
    return key if key in fields else key.removesuffix("_env").removesuffix("_file")


def shown_key(key: str) -> str:
    """An unknown key, for an error, unless it may be a secret."""
    return repr(key) if _KEY.fullmatch(key) else "(not shown: it may be a secret)"
