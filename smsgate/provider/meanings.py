"""What one vendor code means, where it is explained, and the state that it stands for."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

import attrs

from smsgate.model.reason import Reason
from smsgate.model.states import Certainty, DeliveryState

__all__ = ["STATES", "UNLISTED", "Document", "Meaning", "documented", "state_of"]


class Document(NamedTuple):
    """Where a code is explained."""

    title: str
    """Its title, as the vendor prints it."""
    edition: str
    """Its date or year, as the document gives it."""

    def __str__(self) -> str:
        return f"{self.title}, {self.edition}" if self.edition else self.title


def _by_reason(meaning: "Meaning") -> bool:
    official = meaning.certainty is not Certainty.UNOFFICIAL
    return official and meaning.reason is not None and meaning.reason.rule.suppress


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
    certainty: Certainty = attrs.field(default=Certainty.LISTED, kw_only=True)
    source: Document | None = attrs.field(default=None, kw_only=True, eq=False)
    """The document that lists the code. None: that of the codebook."""
    suppress: bool = attrs.field(default=attrs.Factory(_by_reason, takes_self=True), kw_only=True)
    """Whether to send nothing more to the number. By default as the reason's rule says, and never on an unofficial
    meaning; False where the cause is not proven to be permanent and about the number."""


UNLISTED: Final = Meaning(
    Reason.UNKNOWN,
    "not in the vendor's list",
    "ask the vendor's support what the code means",
    certainty=Certainty.UNLISTED,
)


def documented(
    rows: Mapping[str, Meaning],
    source: Document | None = None,
    *,
    carrier: str | None = None,
    state: DeliveryState | None = None,
) -> dict[str, Meaning]:
    """*rows* with what holds for all of them. Rows with one meaning go on to share it."""
    made: dict[Meaning, Meaning] = {}
    for meaning in rows.values():
        if meaning not in made:
            made[meaning] = attrs.evolve(
                meaning,
                source=source or meaning.source,
                carrier=carrier or meaning.carrier,
                state=state or meaning.state,
            )
    return {code: made[meaning] for code, meaning in rows.items()}


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
