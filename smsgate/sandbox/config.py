"""The sandbox's own TOML file: more templates and signatures than the built-in ones, and where reports are pushed.

[tencent]                    # a section for each vendor
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
from smsgate.sandbox.core import VENDORS, PushSettings
from smsgate.sandbox.state.templates import SandboxTemplate

__all__ = ["SandboxConfig"]

_BUILT_IN_TEMPLATES: Final = tuple(template for vendor in VENDORS for template in vendor.templates)
_BUILT_IN_SIGNATURES: Final = tuple((vendor.name, signature) for vendor in VENDORS for signature in vendor.signatures)


@attrs.frozen(kw_only=True)
class _TemplateRow:
    id: str
    text: str
    kind: Literal["notice", "verification", "marketing"] = "notice"
    general: bool = False


@attrs.frozen(kw_only=True)
class _Section:
    signatures: list[str] = attrs.field(factory=list[str])
    templates: list[_TemplateRow] = attrs.field(factory=list[_TemplateRow])


_FILE: Final[type[Any]] = attrs.make_class(
    "_File",
    {
        **{vendor.name: attrs.field(type=_Section, factory=_Section) for vendor in VENDORS},
        "pushes": attrs.field(type=PushSettings, factory=PushSettings),
    },
    frozen=True,
    kw_only=True,
)
"""A section for each vendor, and that of the pushes."""


@attrs.frozen(kw_only=True)
class SandboxConfig:
    """What the simulated vendors have approved, the built-in ones first, and how they push reports."""

    templates: tuple[SandboxTemplate, ...] = _BUILT_IN_TEMPLATES
    signatures: tuple[tuple[str, str], ...] = _BUILT_IN_SIGNATURES
    """Pairs of vendor and signature."""
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
            file = _CONVERTER.structure(value, _FILE)
        except cattrs.BaseValidationError as error:
            problems = cattrs.transform_error(error, format_exception=_describe)
            raise ConfigurationError(f"sandbox config: {'; '.join(problems)}") from None
        templates, signatures = list(_BUILT_IN_TEMPLATES), list(_BUILT_IN_SIGNATURES)
        for vendor in VENDORS:
            section: _Section = getattr(file, vendor.name)
            if vendor.has_numeric_ids and not all(row.id.isascii() and row.id.isdigit() for row in section.templates):
                raise ConfigurationError(f"sandbox config: {vendor.name}.templates: an id is a number")
            templates += [SandboxTemplate(vendor.name, **attrs.asdict(row)) for row in section.templates]
            signatures += [(vendor.name, signature) for signature in section.signatures]
        return cls(templates=tuple(templates), signatures=tuple(signatures), pushes=file.pushes)


def _text(value: object, _: object) -> str:
    if isinstance(value, str) or (isinstance(value, int) and not isinstance(value, bool)):
        return str(value)
    raise TypeError("expected text")


def _yes_or_no(value: object, _: object) -> bool:
    if isinstance(value, bool):
        return value
    raise TypeError("expected true or false")


def _describe(error: BaseException, kind: type[Any] | None) -> str:
    return str(error) if isinstance(error, ConfigurationError) else format_exception(error, kind)


_CONVERTER: Final = cattrs.Converter(forbid_extra_keys=True)
_CONVERTER.register_structure_hook(str, _text)
_CONVERTER.register_structure_hook(bool, _yes_or_no)
