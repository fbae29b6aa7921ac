"""What a gateway was told not to send. It is asked once for each message, before any provider is."""

from typing import TYPE_CHECKING, Self

import attrs

from smsgate.guard.destinations import Destinations
from smsgate.model.kind import MessageKind
from smsgate.model.phone import PhoneNumber
from smsgate.model.reason import Reason

if TYPE_CHECKING:
    from smsgate.guard.quiet_hours import QuietHours

__all__ = ["Guard", "Refusal"]


@attrs.frozen
class Refusal:
    """Why a message that is well formed is not sent."""

    reason: Reason
    text: str


@attrs.frozen(kw_only=True)
class Guard:
    """Destinations and hours."""

    destinations: Destinations = attrs.field(factory=Destinations)
    quiet_hours: "tuple[QuietHours, ...]" = ()

    @classmethod
    def of(cls, allowed_regions: object, refused_types: object, quiet_hours: object) -> Self:
        """One of a gateway's options. Raises `ConfigurationError`, naming the option that is wrong."""
        destinations = Destinations(allowed_regions=allowed_regions, refused_types=refused_types)
        if quiet_hours == ():
            return cls(destinations=destinations)
        from smsgate.guard.quiet_hours import checked_quiet_hours

        return cls(destinations=destinations, quiet_hours=checked_quiet_hours(quiet_hours))

    @property
    def allows_all(self) -> bool:
        """Whether it needs not be asked."""
        return self == _OPEN

    def refusal(self, to: PhoneNumber, kind: MessageKind | None, now: float) -> Refusal | None:
        """Why a message of *kind* is not sent to *to*, in E.164, at *now* (Unix seconds); None if it may be."""
        text = self.destinations.problem(to)
        if text is not None:
            return Refusal(Reason.REGION_BLOCKED, text)
        if self.quiet_hours:
            region = to.region
            for hours in self.quiet_hours:
                text = hours.problem(kind, region, now)
                if text is not None:
                    return Refusal(Reason.OUTSIDE_HOURS, text)
        return None


_OPEN = Guard()
