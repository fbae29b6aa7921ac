"""The numbering plans of all countries but mainland China: may there be such a number, and how is it written?

Importing this module reads libphonenumber's metadata, which takes some tens of milliseconds: who sends to mainland
China only never imports it, and a gateway does so in a thread of its own.
"""

import phonenumbers

from smsgate.model.masking import E164

__all__ = ["international", "national"]


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
    return "", found


def national(digits: str, region: str) -> str | None:
    """A number as it is dialled in *region*, with its country code ("+4407400123456"), if it can be read as one."""
    try:
        number = phonenumbers.parse(digits, region)
    except phonenumbers.NumberParseException:
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
