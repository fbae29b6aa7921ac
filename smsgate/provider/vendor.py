"""`Vendor`: what a package tells of a vendor, so that the command line, `explain` and settings files know it.

A package from elsewhere registers its own by an entry point of the group `smsgate.vendors`:

    [project.entry-points."smsgate.vendors"]
    acme = "acme_sms.vendor:ACME"
"""

from collections.abc import Callable, Mapping
from typing import Final, Generic, TypeVar

import attrs

from smsgate.provider.callback import Callback
from smsgate.provider.codes import Codebook, Match, MatchKind
from smsgate.provider.meanings import Meaning
from smsgate.provider.protocol import SmsProvider

__all__ = ["AccountKind", "CodeTable", "Vendor"]

T_co = TypeVar("T_co", covariant=True)

_ACCEPTED: Final = Meaning(None, "accepted")


@attrs.frozen(kw_only=True)
class AccountKind(Generic[T_co]):
    """What a settings file says of one kind of account, and what is made of it.

    The fields are keyword arguments of *make*, which takes `name` as well: the account's name in the file.
    """

    make: Callable[..., T_co]
    """The class, or a function. It raises `ConfigurationError` for a wrong field, without a secret in its text."""
    required: tuple[str, ...]
    """The fields that must be there."""
    optional: tuple[str, ...] = ()
    """The fields that may be there."""
    secrets: tuple[str, ...] = ()
    """Those of the fields that are never written into the file: it names an environment variable, `<field>_env`.
    *make* gets them as `Secret`."""

    help: Mapping[str, str] = attrs.field(factory=dict[str, str], hash=False)
    """What the fields are, a few words each: the comments of the file that `smsgate init` writes."""

    @property
    def fields(self) -> tuple[str, ...]:
        """Every field, required ones first."""
        return (*self.required, *self.optional)


@attrs.frozen(kw_only=True)
class CodeTable:
    """One of a vendor's lists of codes."""

    place: str
    """Where the codes come from, for people: "in a delivery report"."""
    codes: Codebook
    """The codes with their meanings."""
    of_reports: bool = False
    """They are codes of delivery reports, and have a `DeliveryState`."""
    of_sends: bool = True
    """A gateway meets them, so that they have an outcome and a next step. False for those of management calls alone."""
    success: str = ""
    """The code of what was accepted, where *codes* lacks it."""

    def match(self, code: str) -> Match:
        """What *code* is found as."""
        if self.success and code.strip().upper() == self.success.upper():
            return Match(_ACCEPTED, MatchKind.EXACT, self.success)
        return self.codes.match(code)


@attrs.frozen(kw_only=True)
class Vendor:
    """A vendor, for all that works with any of them."""

    name: str
    """What people call it on the command line: "acme"."""
    accounts: Mapping[str, AccountKind[SmsProvider]] = attrs.field(hash=False)
    """The accounts that send, by the name of their kind in a settings file: "acme", "acme-v2" …"""
    codebooks: tuple[CodeTable, ...] = ()
    """Every list of codes, that of delivery reports first."""
    parse_callback: Callable[..., Callback] | None = None
    """Reads its pushes, as `smsgate.webhooks.Route` calls it; None if it pushes nothing."""
    domains: tuple[str, ...] = ()
    """The domains that its API is below: tests are kept from connecting to them (`smsgate.testing.block_vendors`)."""
    management: Mapping[str, AccountKind[object]] = attrs.field(factory=dict[str, AccountKind[object]], hash=False)
    """The accounts that make management calls, by the name of their kind. A kind that is among `accounts` too is one
    section of the file, with the fields of both."""
