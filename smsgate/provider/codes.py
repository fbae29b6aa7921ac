"""What one vendor's codes mean, and how a code is looked up.

The order of a look-up: the exact code, then its family (`MA:0022` in `MA:xxxx`), then the SMPP and CMPP base states
(also `UNDELIV_601`), then `UNKNOWN`. Never by prefix, and never in another vendor's table: `SC:0001` is a keyword
block at one vendor and a manual review at another.
"""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final

import attrs

from smsgate.model.reason import Reason
from smsgate.model.report import DeliveryState

__all__ = ["BASE_STATES", "STATES", "UNLISTED", "Codebook", "Meaning", "state_of"]


@attrs.frozen
class Meaning:
    """One vendor code: our reason, one line of meaning, and what to do about it, in our own words."""

    reason: Reason | None
    """None only for success and for states that are not final."""
    text: str
    remedy: str = ""
    """What to do; empty where there is nothing to do."""
    state: DeliveryState | None = None
    """For status reports: the state where it does not follow from the reason."""
    carrier: str | None = None
    """The mobile network, where the vendor's table tells it."""


UNLISTED: Final = Meaning(Reason.UNKNOWN, "not in the vendor's list", "ask the vendor's support what the code means")


class Codebook:
    """The codes of one vendor for one purpose.

    *exact*: code to meaning. *families*: the part before *separator* to the meaning of all other codes of that family.
    *base*: states shared by all vendors, tried last, also with a `_ddd` suffix. *aliases*: other spellings, in
    capitals. Case, white space and a final full stop do not matter.
    """

    __slots__ = ("_aliases", "_base", "_exact", "_families", "_folded", "_listed", "_separator")

    def __init__(
        self,
        exact: Mapping[str, Meaning],
        *,
        families: Mapping[str, Meaning] | None = None,
        base: Mapping[str, Meaning] | None = None,
        aliases: Mapping[str, str] | None = None,
        separator: str = ":",
    ) -> None:
        self._exact = dict(exact)
        self._folded = {code.upper(): meaning for code, meaning in exact.items()}
        self._families = {family.upper(): meaning for family, meaning in (families or {}).items()}
        self._separator = separator
        self._listed = (*exact, *(f"{family}{separator}xxxx" for family in families or {}))
        self._base = dict(base or {})
        self._aliases = dict(aliases or {})

    def __getitem__(self, code: str) -> Meaning:
        """The meaning of *code*. Any text is answered: an unlisted one with `UNLISTED`."""
        return self._exact.get(code) or self._search(code)

    def __contains__(self, code: str) -> bool:
        return self[code] is not UNLISTED

    def __iter__(self) -> Iterator[str]:
        """Every code and family of this vendor's own table."""
        return iter(self._listed)

    def _search(self, code: str) -> Meaning:
        tidy = "".join(code.split()).upper().rstrip(".")
        tidy = self._aliases.get(tidy, tidy)
        found = self._folded.get(tidy)
        if found is None and self._separator in tidy:
            found = self._families.get(tidy.partition(self._separator)[0])
        if found is None:
            found = self._base.get(tidy) or self._base.get(_without_error_number(tidy))
        return found or UNLISTED


def _without_error_number(code: str) -> str:
    state, separator, number = code.rpartition("_")
    return state if separator and number.isdigit() and len(number) <= 4 else code


def _table() -> dict[str, Meaning]:
    delivered = Meaning(None, "delivered to the handset", state=DeliveryState.DELIVERED)
    undelivered = Meaning(
        Reason.UNREACHABLE,
        "could not be delivered: the phone is off, out of coverage or suspended, or there is no such number",
        "check the number if it happens again; other numbers of the same network show whether the network is at fault",
    )
    rejected = Meaning(
        Reason.REFUSED,
        "refused by the carrier or the gateway before the handset, cause not said",
        "check whether the recipient has opted out, then ask the vendor with the message id",
    )
    accepted = Meaning(None, "taken by the message centre, not delivered yet", state=DeliveryState.PENDING)
    return {
        # On its way.
        "SCHEDULED": Meaning(None, "waits for its time", state=DeliveryState.PENDING),
        "ENROUTE": Meaning(None, "on its way", state=DeliveryState.PENDING),
        "ACCEPTD": accepted,
        "ACCEPTED": accepted,
        "UNKNOWN": Meaning(
            None, "the message centre does not know", "wait for another report", state=DeliveryState.PENDING
        ),
        # Delivered.
        "DELIVRD": delivered,
        "DELIVERED": delivered,
        # Failed.
        "UNDELIV": undelivered,
        "UNDELIVERABLE": undelivered,
        "EXPIRED": Meaning(
            Reason.EXPIRED,
            "its validity ended before it could be delivered: the phone was off or out of coverage",
            "send again if it still matters",
        ),
        "DELETED": Meaning(Reason.DELETED, "deleted before delivery", "ask the vendor who deleted it"),
        "REJECTD": rejected,
        "REJECTED": rejected,
        "SKIPPED": Meaning(
            Reason.INTERCEPTED, "passed over on purpose by a rule of the network", "ask the vendor with the message id"
        ),
        "NOROUTE": Meaning(
            Reason.CARRIER_FAULT,
            "no route to the recipient's network",
            "ask the vendor whether the number's network is connected",
        ),
    }  # fmt: skip


BASE_STATES: Final = MappingProxyType(_table())
"""State name to meaning, for `Codebook(base=BASE_STATES)`."""


def _states() -> dict[Reason, DeliveryState]:
    r = Reason
    failed = (
        r.INVALID_NUMBER, r.UNREACHABLE, r.HANDSET_FAULT, r.PORTING_FAULT, r.CARRIER_FAULT, r.PLATFORM_FAULT,
        r.NETWORK, r.NO_ANSWER, r.UNKNOWN,
    )  # fmt: skip
    states = dict.fromkeys(Reason, DeliveryState.REJECTED)
    states.update(dict.fromkeys(failed, DeliveryState.UNDELIVERED))
    states[r.EXPIRED] = DeliveryState.EXPIRED
    states[r.DELETED] = DeliveryState.DELETED
    return states


STATES: Final = MappingProxyType(_states())
"""The state that a failed delivery is in, by its reason, where the vendor's code does not say another."""


def state_of(meaning: Meaning) -> DeliveryState:
    """The state that a code of a status report stands for: its own if it has one, else that of its reason."""
    if meaning.state is not None:
        return meaning.state
    return DeliveryState.PENDING if meaning.reason is None else STATES[meaning.reason]
