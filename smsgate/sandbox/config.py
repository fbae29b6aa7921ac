"""The sandbox's own TOML file: more templates and signatures than the built-in ones, and where reports are pushed.

[tencent]                    # a section for each vendor
signatures = ["Contoso"]

[[tencent.templates]]
id = "20"
text = "Your parcel {1} has arrived at {2}."
kind = "notice"              # or "verification" (digits only), "marketing"
international = true         # for other countries; without it, for mainland China

[tencent.account]            # what is the matter with the account, the fields of its class
arrears = true

[huawei]
signatures = ["Contoso"]

[[huawei.templates]]
id = "1d18a7f4e1b84f6c8fc1546b48b3baea"
text = "You have ${NUM_5} parcels at ${TXT_20}."
general = true               # each message must name a signature

[pushes]                     # the fields of `PushSettings`
tencent_callback = "http://127.0.0.1:8000/sms/tencent-v5/a-token-of-your-own"
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, Literal

import attrs

from smsgate.model.errors import ConfigurationError
from smsgate.sandbox.core import VENDORS, PushSettings
from smsgate.sandbox.state.account import AccountSettings
from smsgate.sandbox.state.state import SimulatedVendor
from smsgate.sandbox.state.templates import SandboxTemplate
from smsgate.sandbox.structure import read_toml, structure

__all__ = ["SandboxConfig"]

_BUILT_IN_TEMPLATES: Final = tuple(template for vendor in VENDORS for template in vendor.templates)
_BUILT_IN_SIGNATURES: Final = tuple((vendor.name, signature) for vendor in VENDORS for signature in vendor.signatures)


@attrs.frozen(kw_only=True)
class _TemplateRow:
    id: str
    text: str
    kind: Literal["notice", "verification", "marketing"] = "notice"
    general: bool = False
    international: bool = False


def _section(vendor: SimulatedVendor) -> Any:
    """A vendor's section: its account has the fields of that vendor."""
    fields: dict[str, Any] = {
        "signatures": attrs.field(type=list[str], factory=list),
        "templates": attrs.field(type=list[_TemplateRow], factory=list),
        "account": attrs.field(type=vendor.account, factory=vendor.account),
    }
    section = attrs.make_class(f"_{vendor.name.title()}Section", fields, frozen=True, kw_only=True)
    return attrs.field(type=section, factory=section)


_FILE: Final[type[Any]] = attrs.make_class(
    "_File",
    {
        **{vendor.name: _section(vendor) for vendor in VENDORS},
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
    accounts: Mapping[str, AccountSettings] = MappingProxyType({})
    """The state of each vendor's account, by vendor; one that is left out has nothing the matter with it."""

    @classmethod
    def load(cls, path: str | Path) -> "SandboxConfig":
        """Read a TOML file. Raises `ConfigurationError` naming it, and what is wrong in it."""
        return cls._parse(read_toml(path), str(path))

    @classmethod
    def parse(cls, value: dict[str, Any]) -> "SandboxConfig":
        """The same from a dictionary, as `tomllib` reads it."""
        return cls._parse(value, "sandbox config")

    @classmethod
    def _parse(cls, value: dict[str, Any], source: str) -> "SandboxConfig":
        try:
            file = structure(value, _FILE)
            sections: dict[SimulatedVendor, Any] = {vendor: getattr(file, vendor.name) for vendor in VENDORS}
            templates = [each for vendor, section in sections.items() for each in _templates(vendor, section.templates)]
        except ConfigurationError as error:
            problem = f"{source}: {error}"
        else:
            signatures = [(vendor.name, each) for vendor, section in sections.items() for each in section.signatures]
            return cls(
                templates=(*_BUILT_IN_TEMPLATES, *templates),
                signatures=(*_BUILT_IN_SIGNATURES, *signatures),
                pushes=file.pushes,
                accounts=MappingProxyType({vendor.name: section.account for vendor, section in sections.items()}),
            )
        raise ConfigurationError(problem)


def _templates(vendor: SimulatedVendor, rows: Sequence[_TemplateRow]) -> Iterator[SandboxTemplate]:
    for number, row in enumerate(rows, 1):
        where, fields = f"{vendor.name}.templates, number {number}", attrs.asdict(row)
        if vendor.has_numeric_ids and not (row.id.isascii() and row.id.isdigit()):
            raise ConfigurationError(f"{where}, id: is a number at {vendor.name}, as in id = 20")
        if not vendor.has_regional_templates and fields.pop("international"):
            text = f"no template is bound to a region at {vendor.name}; leave it out"
            raise ConfigurationError(f"{where}, international: {text}")
        yield SandboxTemplate(vendor.name, **fields)
