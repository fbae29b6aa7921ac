"""What API 3.0 knows beyond the neutral records: the types of their `extra`, and of the choices that it offers."""

from collections.abc import Mapping
from datetime import datetime
from enum import IntEnum
from typing import Any

import attrs

from smsgate.model.phone import PhoneNumber
from smsgate.model.reason import Reason

__all__ = [
    "CloudSignature",
    "CloudTemplate",
    "NumberInfo",
    "Package",
    "SignatureKind",
    "SignatureProof",
]


@attrs.frozen(kw_only=True)
class CloudTemplate:
    """What API 3.0 has of a template beside the neutral record. Codes are the vendor's, None where it gives none."""

    status_code: int | None = None
    """0 approved, 1 under review, 2 approved and not in force yet (so still `PENDING`), -1 rejected."""
    international_code: int | None = None
    """0 mainland China, 1 other countries, 3 both."""


class SignatureKind(IntEnum):
    """What a signature names (`SignType`), with the proofs that fit it. Tencent no longer takes 2, 3 and 6."""

    COMPANY = 0
    """`UNIFIED_LICENCE` or `BUSINESS_LICENCE`."""
    APP = 1
    """Only for other countries. Any but `TRADEMARK_CERTIFICATE`."""
    TRADEMARK = 4
    """`TRADEMARK_CERTIFICATE`."""
    PUBLIC_BODY = 5
    """Government and the like. `ORGANISATION_CODE` or `SOCIAL_CREDIT_CODE`."""


class SignatureProof(IntEnum):
    """What a picture shows (`DocumentType`). Tencent no longer takes 5, 6 and 8."""

    UNIFIED_LICENCE = 0
    """Three certificates in one."""
    BUSINESS_LICENCE = 1
    ORGANISATION_CODE = 2
    SOCIAL_CREDIT_CODE = 3
    APP_CONSOLE = 4
    """The app's management page. Only for other countries."""
    TRADEMARK_CERTIFICATE = 7


@attrs.frozen(kw_only=True)
class CloudSignature:
    """What API 3.0 has of a signature beside the neutral record. Codes are the vendor's, None where it gives none."""

    status_code: int | None = None
    """0 approved, 1 under review, 2 approved and not in force yet (so still `PENDING`), -1 rejected or not usable."""
    international_code: int | None = None
    """0 mainland China, 1 other countries."""
    qualification_id: int | None = None
    """The qualification of the account that the signature rests on. 0 for other countries."""
    qualification_name: str | None = None
    qualification_status: int | None = None
    """0 under review, 1 approved, 2 rejected, 3 to be completed, 4 changed and under review, 5 change rejected."""
    application_id: str | None = None
    """Version 2019-07-11 only: the id of what was submitted."""


@attrs.frozen(kw_only=True)
class Package:
    """A package of messages that was bought or given. None stands for what the vendor does not say."""

    id: str
    amount: int | None = None
    """Messages in it."""
    used: int | None = None
    """Messages taken from it."""
    given: bool | None = None
    """Whether it was given, not bought."""
    created_at: datetime | None = None
    """Aware, as are the other times."""
    begins_at: datetime | None = None
    ends_at: datetime | None = None
    raw: Mapping[str, Any] = attrs.field(factory=dict[str, Any], repr=False, hash=False)


@attrs.frozen(kw_only=True)
class NumberInfo:
    """What Tencent takes a number for."""

    number: PhoneNumber | None = None
    """In E.164. None if Tencent cannot read it; `raw` has it as it was written."""
    country: str | None = None
    """A code of ISO 3166, or "DEF" for none."""
    country_name: str | None = None
    code: str | None = None
    """The vendor's code, if it cannot be read."""
    reason: Reason | None = None
    raw: Mapping[str, Any] = attrs.field(factory=dict[str, Any], repr=False, hash=False)
