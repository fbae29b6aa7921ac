"""The TOML file that the commands read: accounts and templates, with secrets named and never written.

    [accounts.tencent-v5]               # the name that templates and results use
    vendor = "tencent-v5"               # tencent-v5, tencent, huawei or huawei-management
    sdk_app_id = "1400006666"
    app_key_env = "TENCENT_APP_KEY"     # the environment variable that holds it: so for secrets, and for all you like
    sign = "Acme"

    [templates.login-code]
    params = ["code", "minutes"]
    ids = { tencent-v5 = "19" }

Everything but the secrets is written as the class takes it: `TencentV5`, `TencentCloud`, `HuaweiSms`,
`HuaweiManagement`.
"""

import importlib
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, cast

import attrs

from smsgate.model.errors import ConfigurationError
from smsgate.model.secret import Secret
from smsgate.model.template import Binding, Template
from smsgate.provider.protocol import SmsProvider

__all__ = ["Account", "Settings", "load"]


@attrs.frozen
class Vendor:
    """How one kind of account is made."""

    module: str
    provider: str | None
    """The class that sends, if it can."""
    management: str | None
    """The class that manages, if there is one with the same arguments."""
    required: tuple[str, ...]
    secrets: tuple[str, ...]
    """Those of the required and optional arguments that are never written into the file."""
    optional: tuple[str, ...] = ()
    sending_only: tuple[str, ...] = ()
    """Arguments that only the class that sends takes."""


VENDORS: Final[Mapping[str, Vendor]] = {
    "tencent-v5": Vendor(
        "smsgate.tencent", "TencentV5", "TencentV5Management",
        required=("sdk_app_id", "app_key"), secrets=("app_key",), optional=("base_url",), sending_only=("sign",),
    ),
    "tencent": Vendor(
        "smsgate.tencent", "TencentCloud", "TencentCloudManagement",
        required=("secret_id", "secret_key", "sdk_app_id"), secrets=("secret_key", "token"),
        optional=("base_url", "region", "version", "token", "language"), sending_only=("sign",),
    ),
    "huawei": Vendor(
        "smsgate.huawei", "HuaweiSms", None,
        required=("app_key", "app_secret", "sender", "base_url"), secrets=("app_secret",),
        sending_only=("signature", "auth", "status_callback"),
    ),
    "huawei-management": Vendor(
        "smsgate.huawei", None, "HuaweiManagement",
        required=("project_id", "base_url"), secrets=("password", "secret_key"),
        optional=("user", "password", "domain", "project", "iam_url", "access_key", "secret_key", "app_id", "region"),
    ),
}  # fmt: skip


@attrs.frozen
class Account:
    """One `[accounts.…]` section, with its secrets read from the environment."""

    name: str
    kind: str
    arguments: Mapping[str, Any] = attrs.field(repr=False)

    def provider(self) -> SmsProvider | None:
        """The object that sends, or None if this account cannot."""
        vendor = VENDORS[self.kind]
        return cast("SmsProvider | None", self._make(vendor, vendor.provider, self.arguments))

    def management(self) -> object | None:
        """The object that makes management calls, or None if this account has none."""
        vendor = VENDORS[self.kind]
        arguments = {key: value for key, value in self.arguments.items() if key not in vendor.sending_only}
        return self._make(vendor, vendor.management, arguments)

    def _make(self, vendor: Vendor, class_name: str | None, arguments: Mapping[str, Any]) -> object | None:
        if class_name is None:
            return None
        try:
            made: object = getattr(importlib.import_module(vendor.module), class_name)(**arguments, name=self.name)
        except (ConfigurationError, TypeError) as error:
            raise ConfigurationError(f"[accounts.{self.name}]: {error}") from None
        return made


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
            raise ConfigurationError(f"[{min(unknown)}]: unknown section; there are [accounts.…] and [templates.…]")
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
    kind = section.get("vendor")
    if not isinstance(kind, str) or kind not in VENDORS:
        raise ConfigurationError(f"{where}: vendor must be one of {', '.join(VENDORS)}")
    vendor = VENDORS[kind]
    known = (*vendor.required, *vendor.optional, *vendor.sending_only)
    arguments: dict[str, Any] = {}
    for key, value in section.items():
        field = key.removesuffix("_env")
        if key == "vendor":
            continue
        if field not in known:
            raise ConfigurationError(f"{where}: unknown key {key!r}; {kind} takes {', '.join(known)}")
        if key in vendor.secrets:
            raise ConfigurationError(f"{where}: write {key}_env = the name of an environment variable, not the secret")
        read = value if key == field else _from_environment(where, key, value, environ)
        arguments[field] = Secret(read) if field in vendor.secrets else read
    missing = [
        f"{field}_env" if field in vendor.secrets else field for field in vendor.required if field not in arguments
    ]
    if missing:
        raise ConfigurationError(f"{where}: lacks {', '.join(missing)}")
    return Account(name, kind, arguments)


def _from_environment(where: str, key: str, name: object, environ: Mapping[str, str]) -> str:
    if not isinstance(name, str) or not name:
        raise ConfigurationError(f"{where}: {key} must be the name of an environment variable")
    if name not in environ:
        raise ConfigurationError(f"{where}: {key}: the environment has no variable {name}")
    return environ[name]


def _template(name: str, section: Mapping[str, Any]) -> Template:
    unknown = section.keys() - {"params", "text", "ids"}
    if unknown:
        raise ConfigurationError(f"[templates.{name}]: unknown key {min(unknown)!r}; it takes params, text and ids")
    ids: dict[str, str | Binding] = {}
    try:
        for provider, value in _table(section.get("ids", {})).items():
            ids[provider] = Binding(**cast("dict[str, Any]", value)) if isinstance(value, dict) else str(value)
        return Template(name, params=section.get("params", ()), text=section.get("text"), ids=ids)
    except TypeError:
        raise ConfigurationError(
            f"[templates.{name}]: ids takes an id, or a table with id, params, signature and sender, for each account"
        ) from None
