"""The sandbox's own TOML file: more templates and signatures than the built-in ones.

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
"""

import tomllib
from pathlib import Path
from typing import Any, Final, Literal

import attrs
import cattrs

from smsgate.errors import ConfigurationError
from smsgate.sandbox.accounts import HUAWEI_TEMPLATE, TENCENT_TEMPLATE
from smsgate.sandbox.templates import SandboxTemplate

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


@attrs.frozen(kw_only=True)
class SandboxConfig:
    """The templates and signatures that the simulated vendors have approved, the built-in ones first."""

    templates: tuple[SandboxTemplate, ...] = _BUILT_IN_TEMPLATES
    signatures: tuple[tuple[str, str], ...] = _BUILT_IN_SIGNATURES
    """Pairs of vendor ("tencent" or "huawei") and signature."""

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
            raise ConfigurationError(f"sandbox config: {'; '.join(cattrs.transform_error(error))}") from None
        vendors = (("tencent", file.tencent), ("huawei", file.huawei))
        rows = [SandboxTemplate(name, **attrs.asdict(row)) for name, vendor in vendors for row in vendor.templates]
        if not all(row.id.isascii() and row.id.isdigit() for row in file.tencent.templates):
            raise ConfigurationError("sandbox config: tencent.templates: an id is a number")
        named = [(name, signature) for name, vendor in vendors for signature in vendor.signatures]
        return cls(templates=(*_BUILT_IN_TEMPLATES, *rows), signatures=(*_BUILT_IN_SIGNATURES, *named))


def _text(value: object, _: object) -> str:
    if isinstance(value, str) or (isinstance(value, int) and not isinstance(value, bool)):
        return str(value)
    raise TypeError("expected text")


_CONVERTER: Final = cattrs.Converter(forbid_extra_keys=True)
_CONVERTER.register_structure_hook(str, _text)
