"""The states that the protocols behind all vendors share, tried after a vendor's own codes.

Sources: SMPP 3.4 and 5.0 (message states, and their short forms in delivery receipts); CMPP 2.0 and 3.0 of China Mobile
and SMGP 3.0 of China Telecom (the `Stat` field of a status report, seven letters); `NOROUTE`, the error number
behind an underscore (`UNDELIV_601`) and misspellings of these words as gateways write them. SGIP (China Unicom) has
bare numbers, which each vendor reads in its own way: they are in the vendors' tables.
"""

from types import MappingProxyType
from typing import Final

from smsgate.model.reason import Reason
from smsgate.model.states import DeliveryState
from smsgate.provider.meanings import Document, Meaning, documented

__all__ = ["BASE_STATES"]


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
    expired = Meaning(
        Reason.EXPIRED,
        "its validity ended before it could be delivered: the phone was off or out of coverage",
        "send again if it still matters",
    )
    accepted = Meaning(None, "taken by the message centre, not delivered yet", state=DeliveryState.PENDING)
    return {
        # Not delivered yet.
        "SCHEDULED": Meaning(None, "waits for its time", state=DeliveryState.PENDING),
        "ENROUTE": Meaning(None, "not delivered yet", state=DeliveryState.PENDING),
        "ACCEPTD": accepted,
        "ACCEPTED": accepted,
        # Delivered.
        "DELIVRD": delivered,
        "DELIVERED": delivered,
        # Failed.
        "UNDELIV": undelivered,
        "UNDELIVERABLE": undelivered,
        "UNDELIVERED": undelivered,
        "UNDELIVERD": undelivered,
        "UNDELIVRD": undelivered,
        "EXPIRED": expired,
        "EXPIRE": expired,
        "DELETED": Meaning(Reason.DELETED, "deleted before delivery", "ask the vendor who deleted it"),
        "REJECTD": rejected,
        "REJECTED": rejected,
        "REJECT": rejected,
        "SKIPPED": Meaning(
            Reason.INTERCEPTED, "passed over on purpose by a rule of the network", "ask the vendor with the message id"
        ),
        # In a report this is the last word: SMPP's "not final" is about a query that can be repeated.
        "UNKNOWN": Meaning(
            Reason.UNKNOWN,
            "the message centre does not know its state",
            "check the number; a later report of a delivery still counts",
        ),
        "NOROUTE": Meaning(
            Reason.CARRIER_FAULT,
            "no route to the recipient's network",
            "ask the vendor whether the number's network is connected",
        ),
    }  # fmt: skip


BASE_STATES: Final = MappingProxyType(
    documented(_table(), Document("SMPP 3.4 and 5.0, CMPP 2.0 and 3.0, SMGP 3.0", ""))
)
"""State name to meaning, for `Codebook(base=BASE_STATES)`."""
