"""Why a message was refused or not delivered, and the one table of what to do about it.

Rule 1: every vendor code, bare HTTP status and transport failure is mapped to one `Reason` before anything decides.
Rule 2: what happens next is read from `RULES`, in this file and nowhere else. A new vendor code never touches
        failover; a new policy never touches a vendor.
Rule 3: a reason whose next step is `Next.UNKNOWN_OPT_IN` means that the message may have been sent.
"""

from enum import StrEnum
from types import MappingProxyType
from typing import Final

import attrs

__all__ = ["RULES", "Fault", "Next", "Outcome", "Reason", "Rule"]


class Fault(StrEnum):
    """Who has to act before it can succeed."""

    CALLER = "CALLER"
    """Your code, content or configuration."""
    RECIPIENT = "RECIPIENT"
    """The phone, its owner or its subscription."""
    ACCOUNT = "ACCOUNT"
    """Your account with this vendor: credentials, balance, approvals, quotas."""
    CARRIER = "CARRIER"
    """The mobile network behind the vendor."""
    VENDOR = "VENDOR"
    """The vendor's own platform."""
    NOBODY = "NOBODY"
    """Not known, or none of these."""


class Next(StrEnum):
    """What a send does after it met a reason."""

    STOP = "STOP"
    """Another vendor would refuse it too, or must not be asked."""
    OTHER_PROVIDER = "OTHER_PROVIDER"
    """Ask the next vendor at once."""
    PAUSE = "PAUSE"
    """Once more to the same vendor after a capped pause, then the next vendor."""
    RESYNC = "RESYNC"
    """Once more to the same vendor with its clock, then the next vendor."""
    RATE_LIMIT_OPT_IN = "RATE_LIMIT_OPT_IN"
    """Stop, unless `Policy(on_rate_limited="failover")`: a second vendor would defeat an anti-harassment cap."""
    UNKNOWN_OPT_IN = "UNKNOWN_OPT_IN"
    """Stop, unless `Policy(on_unknown="failover")`: the message may already have been sent."""


class Reason(StrEnum):
    """Why: one closed list for refused sends and failed deliveries. `UNKNOWN` is a value, never an error."""

    INVALID_NUMBER = "INVALID_NUMBER"
    UNREACHABLE = "UNREACHABLE"
    HANDSET_FAULT = "HANDSET_FAULT"
    PORTING_FAULT = "PORTING_FAULT"
    BLOCKLISTED = "BLOCKLISTED"
    UNSUBSCRIBED = "UNSUBSCRIBED"
    CONTENT_BLOCKED = "CONTENT_BLOCKED"
    INTERCEPTED = "INTERCEPTED"
    IN_REVIEW = "IN_REVIEW"
    RATE_LIMITED = "RATE_LIMITED"
    QUOTA_EXCEEDED = "QUOTA_EXCEEDED"
    OUTSIDE_HOURS = "OUTSIDE_HOURS"
    REGION_BLOCKED = "REGION_BLOCKED"
    SIGNATURE_REJECTED = "SIGNATURE_REJECTED"
    TEMPLATE_REJECTED = "TEMPLATE_REJECTED"
    SENDER_REJECTED = "SENDER_REJECTED"
    EXPIRED = "EXPIRED"
    DELETED = "DELETED"
    REFUSED = "REFUSED"
    CARRIER_FAULT = "CARRIER_FAULT"
    PLATFORM_FAULT = "PLATFORM_FAULT"
    AUTH_FAILED = "AUTH_FAILED"
    PERMISSION_DENIED = "PERMISSION_DENIED"
    ACCOUNT_SUSPENDED = "ACCOUNT_SUSPENDED"
    INSUFFICIENT_BALANCE = "INSUFFICIENT_BALANCE"
    CLOCK_SKEW = "CLOCK_SKEW"
    INVALID_REQUEST = "INVALID_REQUEST"
    TOO_LONG = "TOO_LONG"
    DUPLICATE = "DUPLICATE"
    TRY_LATER = "TRY_LATER"
    UNSUPPORTED = "UNSUPPORTED"
    OVERLOADED = "OVERLOADED"
    NOT_RECORDED = "NOT_RECORDED"
    NO_CREDENTIALS = "NO_CREDENTIALS"
    CANCELLED = "CANCELLED"
    GIVEN_UP = "GIVEN_UP"
    NETWORK = "NETWORK"
    NO_ANSWER = "NO_ANSWER"
    UNKNOWN = "UNKNOWN"

    @property
    def rule(self) -> "Rule":
        """Who has to act, whether it is permanent, and what a send does next."""
        return RULES[self]

    @property
    def meaning(self) -> str:
        """One line for people."""
        return RULES[self].meaning


@attrs.frozen
class Rule:
    """One row: what a reason means, who has to act, and what a send does next."""

    fault: Fault
    permanent: bool
    """The same message to the same number will meet it again tomorrow."""
    next: Next
    meaning: str
    suppress: bool = False
    """Send nothing more to this number: it would fail again, or break the law."""


def _table() -> dict[Reason, Rule]:
    r, f, n = Reason, Fault, Next
    return {
        # The recipient.
        r.INVALID_NUMBER: Rule(f.RECIPIENT, True, n.STOP, "no such number, or its format is wrong", suppress=True),
        r.UNREACHABLE: Rule(
            f.RECIPIENT, False, n.STOP, "switched off, out of coverage or suspended (some vendors add: or invalid)"
        ),
        r.HANDSET_FAULT: Rule(
            f.RECIPIENT, False, n.STOP, "the handset could not store it: memory full, terminal error"
        ),
        r.BLOCKLISTED: Rule(
            f.RECIPIENT, True, n.STOP, "on a blocklist of the carrier, the vendor or complaints", suppress=True
        ),
        r.UNSUBSCRIBED: Rule(f.RECIPIENT, True, n.STOP, "the recipient has opted out", suppress=True),
        r.RATE_LIMITED: Rule(f.CALLER, False, n.RATE_LIMIT_OPT_IN, "too many messages to this number"),
        # The content.
        r.CONTENT_BLOCKED: Rule(f.CALLER, True, n.STOP, "a keyword or the content was refused"),
        r.IN_REVIEW: Rule(f.VENDOR, False, n.STOP, "held back or refused by manual review"),
        r.TOO_LONG: Rule(f.CALLER, True, n.STOP, "the text is too long"),
        r.OUTSIDE_HOURS: Rule(f.CALLER, False, n.STOP, "not allowed at this time of day"),
        # Another vendor's request has another form, and nothing was sent.
        r.INVALID_REQUEST: Rule(f.CALLER, True, n.OTHER_PROVIDER, "the request is malformed"),
        r.DUPLICATE: Rule(f.CALLER, True, n.STOP, "a copy was removed; another copy of this message was sent"),
        # The account with this vendor.
        r.AUTH_FAILED: Rule(f.ACCOUNT, True, n.OTHER_PROVIDER, "wrong credentials or signature"),
        r.NO_CREDENTIALS: Rule(f.ACCOUNT, False, n.OTHER_PROVIDER, "your source of credentials gave none to sign with"),
        r.PERMISSION_DENIED: Rule(
            f.ACCOUNT, True, n.OTHER_PROVIDER, "not permitted, or this IP address is not allowed"
        ),
        r.ACCOUNT_SUSPENDED: Rule(f.ACCOUNT, True, n.OTHER_PROVIDER, "the account is in arrears, frozen or disabled"),
        r.INSUFFICIENT_BALANCE: Rule(f.ACCOUNT, True, n.OTHER_PROVIDER, "the package or balance is used up"),
        r.QUOTA_EXCEEDED: Rule(f.ACCOUNT, False, n.OTHER_PROVIDER, "a limit of the account, application or channel"),
        r.REGION_BLOCKED: Rule(f.ACCOUNT, True, n.OTHER_PROVIDER, "the country or region is not enabled"),
        r.SIGNATURE_REJECTED: Rule(f.ACCOUNT, True, n.OTHER_PROVIDER, "the signature is not approved or not found"),
        r.TEMPLATE_REJECTED: Rule(f.ACCOUNT, True, n.OTHER_PROVIDER, "the template or its parameters were refused"),
        r.SENDER_REJECTED: Rule(f.ACCOUNT, True, n.OTHER_PROVIDER, "the channel number cannot be used"),
        r.CLOCK_SKEW: Rule(f.CALLER, False, n.RESYNC, "this machine's clock is too far from the vendor's"),
        r.UNSUPPORTED: Rule(f.ACCOUNT, True, n.OTHER_PROVIDER, "the vendor does not offer this"),
        # The vendor and the carriers.
        r.TRY_LATER: Rule(f.VENDOR, False, n.PAUSE, "busy, or calls come too fast"),
        r.PLATFORM_FAULT: Rule(f.VENDOR, False, n.UNKNOWN_OPT_IN, "an error inside the vendor's platform"),
        r.CARRIER_FAULT: Rule(
            f.CARRIER, False, n.UNKNOWN_OPT_IN, "an error in the carrier's network, or no response from it"
        ),
        r.PORTING_FAULT: Rule(f.CARRIER, False, n.STOP, "the number moved network and the transfer failed"),
        r.INTERCEPTED: Rule(f.CARRIER, False, n.STOP, "stopped by the carrier or the vendor, cause not said"),
        r.REFUSED: Rule(f.CARRIER, False, n.STOP, "rejected, cause not said"),
        r.EXPIRED: Rule(f.CARRIER, False, n.STOP, "its validity ended, or no report came in time"),
        r.DELETED: Rule(f.CARRIER, False, n.STOP, "deleted before delivery"),
        # This process.
        r.OVERLOADED: Rule(f.CALLER, False, n.STOP, "our own queue is full"),
        r.NOT_RECORDED: Rule(f.CALLER, False, n.STOP, "the record before the first byte failed"),
        r.CANCELLED: Rule(f.CALLER, True, n.STOP, "you have cancelled it before it was sent"),
        r.GIVEN_UP: Rule(f.NOBODY, False, n.STOP, "the task engine has given up: see the description"),
        # The wire.
        r.NETWORK: Rule(f.NOBODY, False, n.OTHER_PROVIDER, "the request never left this machine"),
        r.NO_ANSWER: Rule(f.NOBODY, False, n.UNKNOWN_OPT_IN, "the request left and no readable response came back"),
        r.UNKNOWN: Rule(f.NOBODY, False, n.UNKNOWN_OPT_IN, "not said, or not in the vendor's list"),
    }


RULES: Final = MappingProxyType(_table())
"""The one table: `Reason` to its `Rule`."""


class Outcome(StrEnum):
    """The outcome of a send."""

    ACCEPTED = "ACCEPTED"
    """A vendor took it and gave it an id; the delivery report comes later."""
    REJECTED = "REJECTED"
    """It was refused, by a vendor or before any was asked: it was not sent. See the reason."""
    NOT_SENT = "NOT_SENT"
    """No request left this machine: sending again is safe."""
    UNKNOWN = "UNKNOWN"
    """It may have been sent: only a delivery report can tell."""


_NOT_SENT: Final = frozenset(
    {
        Reason.NETWORK,
        Reason.OVERLOADED,
        Reason.NOT_RECORDED,
        Reason.NO_CREDENTIALS,
        Reason.CANCELLED,
        Reason.GIVEN_UP,
    }
)


def outcome_of(reason: Reason | None) -> Outcome:
    """The outcome that goes with a reason for which a message was not accepted."""
    if reason in _NOT_SENT:
        return Outcome.NOT_SENT
    if reason is None:
        return Outcome.UNKNOWN
    return Outcome.UNKNOWN if reason.rule.next is Next.UNKNOWN_OPT_IN else Outcome.REJECTED
