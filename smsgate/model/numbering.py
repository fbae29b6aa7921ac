"""The numbering plans of all countries but mainland China: may there be such a number, and how is it written?

Importing this module reads libphonenumber's metadata, which takes some tens of milliseconds: who sends to mainland
China only never imports it, and a gateway does so in a thread of its own.
"""

import re
from functools import cache
from typing import Final

import phonenumbers

from smsgate.model.masking import E164
from smsgate.model.number_forms import NumberForm, remember_form

__all__ = ["international", "national", "number_type", "region_of"]

_NONE: Final = re.compile(r"(?!)")


def international(text: str) -> tuple[str, str | None]:
    """What is wrong with a number of "+" and digits; or "" and the number in E.164, without a national prefix.

    No more than its length is judged: the ranges in use change faster than any table of them.
    """
    try:
        number = phonenumbers.parse(text)
    except phonenumbers.NumberParseException:
        return "no country has this country code", None
    code = number.country_code
    # Italy's and a few other countries' numbers begin with 0 also behind the country code. Elsewhere it is the prefix
    # of national spelling: `parse` leaves it out where the country has such a prefix, and only there.
    if number.italian_leading_zero and not phonenumbers.is_valid_number(number):
        return f"no number of country code +{code} begins like this: leave out the 0 after +{code}", None
    if phonenumbers.is_possible_number_with_reason(number) != phonenumbers.ValidationResult.IS_POSSIBLE:
        return f"too few or too many digits for a number of country code +{code}", None
    found = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    if not E164.fullmatch(found):  # a national prefix was left out, and too little is left
        return f"too few digits for a number of country code +{code}", None
    if found == text:
        remember_form(found, _form_of(code))
    return "", found


@cache
def _form_of(code: int) -> NumberForm:
    """The numbers of country code *code* that `international` gives back as they are, as far as digits show it.

    These begin with nothing that `parse` might take for a national prefix, and with no 0, and have as many digits as
    are possible.
    """
    region = phonenumbers.region_code_for_country_code(code)
    plan = phonenumbers.PhoneMetadata.metadata_for_region_or_calling_code(code, region)
    if plan is None or plan.general_desc is None:
        return NumberForm(str(code), _NONE)
    prefix = plan.national_prefix_for_parsing or "0"
    lengths = [length for length in plan.general_desc.possible_length if E164.fullmatch(f"+{code}{'9' * length}")]
    digits = "|".join([f"[0-9]{{{length}}}" for length in lengths])
    return NumberForm(str(code), re.compile(rf"\+{code}(?!0|{prefix})(?:{digits})", re.ASCII) if lengths else _NONE)


def national(digits: str, region: str) -> str | None:
    """A number as it is dialled in *region*, with its country code ("+4407400123456"), if it can be read as one."""
    try:
        number = phonenumbers.parse(digits, region)
    except phonenumbers.NumberParseException:
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def region_of(e164: str) -> str | None:
    """The ISO 3166 code of the country of a number in E.164 ("SG"). None if it belongs to no one country.

    Countries that share a country code (the 25 of +1, say) are told apart by the ranges in use.
    """
    region = phonenumbers.region_code_for_number(phonenumbers.parse(e164))
    return None if region in (None, phonenumbers.REGION_CODE_FOR_NON_GEO_ENTITY) else region


def number_type(e164: str) -> str:
    """The type of a number in E.164, in lower case: "mobile", "fixed_line", "toll_free", "premium_rate", "unknown" …

    It is that of libphonenumber (`PhoneNumberType`), by the ranges in use. "fixed_line_or_mobile" where a country's
    numbers do not show which they are.
    """
    kind = phonenumbers.number_type(phonenumbers.parse(e164))
    return str(phonenumbers.PhoneNumberType.to_string(kind)).lower()
