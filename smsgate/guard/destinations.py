"""Which numbers messages may go to at all: by country, and by type of number."""

from typing import Final

import attrs

from smsgate.guard.regions import checked_names, checked_regions
from smsgate.model.errors import ConfigurationError
from smsgate.model.masking import safe_text
from smsgate.model.phone import PhoneNumber
from smsgate.model.suggestion import did_you_mean

__all__ = ["NUMBER_TYPES", "Destinations"]

NUMBER_TYPES: Final = frozenset(
    "fixed_line mobile fixed_line_or_mobile toll_free premium_rate shared_cost voip personal_number pager uan "
    "voicemail unknown".split()
)
"""The types of libphonenumber, as `numbering.number_type` names them."""


def _regions(given: object) -> frozenset[str] | None:
    return None if given is None else checked_regions("allowed_regions", given)


def _types(given: object) -> frozenset[str]:
    names = checked_names("refused_types", given)
    for name in sorted(names - NUMBER_TYPES):
        shown = safe_text(name)
        listed = ", ".join(sorted(NUMBER_TYPES))
        hint = did_you_mean(shown, NUMBER_TYPES) or f"; it is one of {listed}"
        raise ConfigurationError(f"refused_types: {shown!r} is no type of number{hint}")
    return names


@attrs.frozen(kw_only=True)
class Destinations:
    """The countries that messages may go to, and the types of numbers that they may not.

    Raises `ConfigurationError` for a country or a type that there is none of.
    """

    allowed_regions: frozenset[str] | None = attrs.field(default=None, converter=_regions)
    """Codes of ISO 3166. None: every country."""
    refused_types: frozenset[str] = attrs.field(default=frozenset(), converter=_types)
    """Of `NUMBER_TYPES`."""

    @property
    def looks_up(self) -> bool:
        """Whether it needs the numbering plans of other countries than mainland China."""
        return bool(self.refused_types) or self.allowed_regions not in (None, {"CN"})

    def problem(self, to: PhoneNumber) -> str | None:
        """Why nothing is sent to *to*, which is in E.164; None if something may be.

        A number of mainland China is a mobile number, or would not have been resolved.
        """
        if self.allowed_regions is not None and (region := to.region) not in self.allowed_regions:
            allowed = ", ".join(sorted(self.allowed_regions))
            where = f"a number of {region}" if region else "a number that belongs to no one country"
            return f"to: {where}, and this gateway sends to {allowed} only (allowed_regions)"
        if self.refused_types and (kind := _type_of(to)) in self.refused_types:
            return f"to: a number of the type {kind}, which this gateway refuses (refused_types)"
        return None


def _type_of(to: PhoneNumber) -> str:
    if to.is_mainland:
        return "mobile"
    from smsgate.model import numbering

    return numbering.number_type(str(to))
