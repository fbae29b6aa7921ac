"""The sandbox's own TOML file: more templates and signatures than the built-in ones, and where reports are pushed.

[tencent]
signatures = ["Contoso"]

[[tencent.templates]]
id = "20"
text = "Your parcel {1} has arrived at {2}."
kind = "notice"              # or "verification" (digits only), "marketing"

[huawei]
signatures = ["Contoso"]

[[huawei.templates]]
id = "1d18a7f4e1b84f6c8fc1546b48b3baea"
text = "You have ${NUM_5} parcels at ${TXT_20}."
general = true               # each message must name a signature

[pushes]                     # the fields of `PushSettings`
tencent_callback = "http://127.0.0.1:8000/sms/tencent-v5/a-token-of-your-own"
"""

import tomllib
from pathlib import Path
from typing import Any, Final, Literal

import attrs
import cattrs
from cattrs.v import format_exception

from smsgate.model.errors import ConfigurationError
from smsgate.sandbox.accounts import HUAWEI_TEMPLATE, TENCENT_TEMPLATE
from smsgate.sandbox.pushes import PushSettings
from smsgate.sandbox.state.templates import SandboxTemplate

__all__ = ["SandboxConfig"]

_BUILT_IN_TEMPLATES: Final = (
    SandboxTemplate("tencent", TENCENT_TEMPLATE, "Your code is {1}, valid for {2} minutes."),
    SandboxTemplate("huawei", HUAWEI_TEMPLATE, "Your code is ${NUM_6}, valid for ${TXT_6} minutes."),
)
_BUILT_IN_SIGNATURES: Final = (
    ("tencent", "Acme"),
    ("tencent", "腾讯云"),
    ("huawei", "Acme"),
    ("huawei", "华为云短信测试"),
)


@attrs.frozen(kw_only=True)
class _TemplateRow:
    id: str
    text: str
    kind: Literal["notice", "verification", "marketing"] = "notice"
    general: bool = False


@attrs.frozen(kw_only=True)
class _Vendor:
    signatures: list[str] = attrs.field(factory=list[str])
    templates: list[_TemplateRow] = attrs.field(factory=list[_TemplateRow])


@attrs.frozen(kw_only=True)
class _File:
    tencent: _Vendor = attrs.field(factory=_Vendor)
    huawei: _Vendor = attrs.field(factory=_Vendor)
    pushes: PushSettings = attrs.field(factory=PushSettings)


@attrs.frozen(kw_only=True)
class SandboxConfig:
    """What the simulated vendors have approved, the built-in ones first, and how they push reports."""

    templates: tuple[SandboxTemplate, ...] = _BUILT_IN_TEMPLATES
    signatures: tuple[tuple[str, str], ...] = _BUILT_IN_SIGNATURES
    """Pairs of vendor ("tencent" or "huawei") and signature."""
    pushes: PushSettings = attrs.field(factory=PushSettings)

    @classmethod
    def load(cls, path: str | Path) -> "SandboxConfig":
        """Read a TOML file. Raises `ConfigurationError` naming what is wrong in it."""
        try:
            return cls.parse(tomllib.loads(Path(path).read_text("utf-8")))
        except OSError as error:
            raise ConfigurationError(f"{path}: cannot be read: {error.strerror}") from None
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise ConfigurationError(f"{path}: is not TOML: {error}") from None

    @classmethod
    def parse(cls, value: dict[str, Any]) -> "SandboxConfig":
        """The same from a dictionary, as `tomllib` reads it."""
        try:
            file = _CONVERTER.structure(value, _File)
        except cattrs.BaseValidationError as error:
            words = cattrs.transform_error(error, format_exception=_words)
            raise ConfigurationError(f"sandbox config: {'; '.join(words)}") from None
        vendors = (("tencent", file.tencent), ("huawei", file.huawei))
        rows = [SandboxTemplate(name, **attrs.asdict(row)) for name, vendor in vendors for row in vendor.templates]
        if not all(row.id.isascii() and row.id.isdigit() for row in file.tencent.templates):
            raise ConfigurationError("sandbox config: tencent.templates: an id is a number")
        named = [(name, signature) for name, vendor in vendors for signature in vendor.signatures]
        templates, signatures = (*_BUILT_IN_TEMPLATES, *rows), (*_BUILT_IN_SIGNATURES, *named)
        return cls(templates=templates, signatures=signatures, pushes=file.pushes)


def _text(value: object, _: object) -> str:
    if isinstance(value, str) or (isinstance(value, int) and not isinstance(value, bool)):
        return str(value)
    raise TypeError("expected text")


def _yes_or_no(value: object, _: object) -> bool:
    if isinstance(value, bool):
        return value
    raise TypeError("expected true or false")


def _words(error: BaseException, kind: type[Any] | None) -> str:
    return str(error) if isinstance(error, ConfigurationError) else format_exception(error, kind)


_CONVERTER: Final = cattrs.Converter(forbid_extra_keys=True)
_CONVERTER.register_structure_hook(str, _text)
_CONVERTER.register_structure_hook(bool, _yes_or_no)
