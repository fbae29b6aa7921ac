"""Which numbers a gateway sends to: by country, by type of number."""

import phonenumbers
import pytest

from smsgate import ConfigurationError
from smsgate.guard.destinations import NUMBER_TYPES, Destinations
from smsgate.model.phone import PhoneNumber

MAINLAND, SINGAPORE, PREMIUM, TOLL_FREE, FIXED = (
    "+8613800138000",
    "+6581234567",
    "+449098790000",
    "+18002345678",
    "+442079460000",
)
SATELLITE = "+881612345678"


def test_the_types_are_those_of_the_library() -> None:
    """Every type that the library has a name for can be refused, and no other."""
    types = phonenumbers.PhoneNumberType
    assert {types.to_string(value).lower() for value in types.values()} == NUMBER_TYPES


@pytest.mark.parametrize(
    ("number", "problem"),
    [
        (MAINLAND, None),
        (SINGAPORE, None),
        ("+85251234567", "to: a number of HK, and this gateway sends to CN, SG only (allowed_regions)"),
        (SATELLITE, "to: a number that belongs to no one country, and this gateway sends to CN, SG only"),
    ],
)
def test_countries(number: str, problem: str | None) -> None:
    """Only numbers of the allowed countries are sent to; what belongs to no country is of none of them."""
    found = Destinations(allowed_regions={"CN", "SG"}).problem(PhoneNumber(number))
    assert found == problem or (problem and found and found.startswith(problem))


@pytest.mark.parametrize(
    ("number", "kind"),
    [(PREMIUM, "premium_rate"), (TOLL_FREE, "toll_free"), (FIXED, "fixed_line"), (MAINLAND, "mobile")],
)
def test_types(number: str, kind: str) -> None:
    """A number of a refused type is not sent to, whatever its country; of another type it is."""
    to = PhoneNumber(number)
    problem = Destinations(refused_types={kind}).problem(to)
    assert problem == f"to: a number of the type {kind}, which this gateway refuses (refused_types)"
    assert Destinations(refused_types=NUMBER_TYPES - {kind}).problem(to) is None
    assert Destinations().problem(to) is None


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"allowed_regions": "CN"}, "allowed_regions: must be a set of names, not str"),
        ({"allowed_regions": 86}, "allowed_regions: must be a set of names, not int"),
        ({"allowed_regions": [86]}, "allowed_regions: must be a set of names, and has one int"),
        ({"allowed_regions": []}, "allowed_regions: is empty; leave it out, or name at least one"),
        (
            {"allowed_regions": ["cn"]},
            "allowed_regions: 'cn' is not a region; use an ISO 3166 code such as 'CN'",
        ),
        ({"allowed_regions": ["UK"]}, "allowed_regions: 'UK' is not a region; use an ISO 3166 code such as 'CN'"),
        ({"refused_types": ["premium"]}, "refused_types: 'premium' is no type of number (did you mean 'premium_rate'?"),
        ({"refused_types": ["fixed line"]}, "refused_types: 'fixed line' is no type of number (did you mean"),
        (
            {"refused_types": ["satellite?"]},
            "refused_types: 'satellite?' is no type of number; it is one of fixed",
        ),
        ({"refused_types": "premium_rate"}, "refused_types: must be a set of names, not str"),
    ],
)
def test_wrong_options_are_named(options: dict[str, object], text: str) -> None:
    """An option that is wrong is said when it is given, with its name and what would be right."""
    with pytest.raises(ConfigurationError) as caught:
        Destinations(**options)
    assert str(caught.value).startswith(text)
