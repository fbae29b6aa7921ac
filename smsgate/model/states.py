"""Where a message is, and how sure a meaning is: what a vendor's codes and its reports say alike."""

from enum import StrEnum

__all__ = ["Certainty", "DeliveryState"]


class DeliveryState(StrEnum):
    """Where a message is. All but `PENDING` are final."""

    PENDING = "PENDING"
    """Not delivered yet, or its state is not known; another report should follow."""
    DELIVERED = "DELIVERED"
    """The handset has it."""
    UNDELIVERED = "UNDELIVERED"
    """It was tried and failed: the number, the handset or the network."""
    EXPIRED = "EXPIRED"
    """Its validity ended, or no report of it came in time."""
    REJECTED = "REJECTED"
    """It was stopped before the handset: by the carrier, by the vendor, or because its send was refused."""
    DELETED = "DELETED"
    """It was deleted before delivery."""

    @property
    def final(self) -> bool:
        """Whether the vendor has nothing more to say."""
        return self is not DeliveryState.PENDING


class Certainty(StrEnum):
    """What stands behind the meaning of a code."""

    LISTED = "LISTED"
    """The vendor's own document, or the protocol's, has this code."""
    INFERRED = "INFERRED"
    """The document lacks this code; its family, or a state that it names, tells the cause in general."""
    UNOFFICIAL = "UNOFFICIAL"
    """Seen in use and explained by others than the vendor. Such a meaning never suppresses a number."""
    UNLISTED = "UNLISTED"
    """It is explained nowhere: the reason is `UNKNOWN`."""
