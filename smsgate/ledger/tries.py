"""What was done with a key so far: the requests that had a message with it, and what they led to."""

from collections.abc import Container, Iterable, Mapping

import attrs
from sqlalchemy import Connection, select

from smsgate.ledger.entries import result_of
from smsgate.ledger.matching import load_entries
from smsgate.ledger.rows import Place, fetch_in
from smsgate.ledger.schema import Tables
from smsgate.ledger.stored import StoredRequest, load_requests
from smsgate.model.message import Message
from smsgate.model.reason import Outcome
from smsgate.model.result import Attempt, Result

__all__ = ["Tries"]


@attrs.frozen
class Tries:
    """Of several keys, by their handles."""

    tables: Tables
    places: Mapping[bytes, list[Place]]
    requests: Mapping[bytes, StoredRequest]
    taken: Mapping[bytes, Container[int]]
    """By request, the positions of the messages that the vendor took."""

    @classmethod
    def load(cls, connection: Connection, tables: Tables, handles: Iterable[bytes]) -> "Tries":
        """Those of the keys with *handles*, the first ones first."""
        columns = tables.handles.c
        query = select(tables.handles)
        places: dict[bytes, list[Place]] = {}
        for row in sorted(fetch_in(connection, query, columns.handle, handles)):
            places.setdefault(row.handle, []).append(Place(row.request, row.position))
        requests = load_requests(connection, tables, {place.request for each in places.values() for place in each})
        return cls(tables, places, requests, {id: request.taken() for id, request in requests.items()})

    def is_taken(self, handle: bytes) -> bool:
        """Whether a vendor took the message with this key: then it is over, whoever has the key."""
        return any(place.position in self.taken[place.request] for place in self.places.get(handle, ()))

    def last(self, handle: bytes) -> tuple[StoredRequest, int]:
        """The last request, and the position of the message in it."""
        place = self.places[handle][-1]
        return self.requests[place.request], place.position

    def result(self, connection: Connection, handle: bytes, message: Message) -> Result | None:
        """What they led to for *message*, by what is recorded of them, and by reports. None if there is no try."""
        places = self.places.get(handle)
        if not places:
            return None
        request, position = self.last(handle)
        attempt = request.attempt(position)
        if len(places) == 1 and attempt is not None and attempt.outcome is Outcome.ACCEPTED:  # no report can change it
            return _result(message, attempt)
        entries = load_entries(connection, self.tables, places, of_one_message=True)
        return attrs.evolve(result_of(entries), message=message)


def _result(message: Message, attempt: Attempt) -> Result:
    told = (attempt.provider, attempt.message_id, attempt.reason, attempt.code, attempt.description)
    return Result(message, attempt.outcome, *told, (attempt,), attempt.reference, remedy=attempt.remedy)
