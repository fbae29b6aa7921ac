"""What was done with a key so far: the requests that had a message with it, and what they led to."""

from collections.abc import Container, Iterable, Mapping

import attrs
from sqlalchemy import Connection, select

from smsgate.ledger.entries import LedgerEntry, result_of
from smsgate.ledger.matching import entries_at, reports_about
from smsgate.ledger.rows import Place, fetch_in
from smsgate.ledger.schema import Tables
from smsgate.ledger.stored import Loaded, StoredRequest
from smsgate.model.message import Message
from smsgate.model.reason import Outcome
from smsgate.model.result import Attempt, Result

__all__ = ["Tries"]


@attrs.frozen
class Tries:
    """Of several keys, by their handles."""

    loaded: Loaded
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
        loaded = Loaded(connection, tables)
        requests = loaded.requests(place.request for each in places.values() for place in each)
        return cls(loaded, places, requests, {id: request.taken() for id, request in requests.items()})

    def is_taken(self, handle: bytes) -> bool:
        """Whether a vendor took the message with this key: then it is over, whoever has the key."""
        return any(place.position in self.taken[place.request] for place in self.places.get(handle, ()))

    def last(self, handle: bytes) -> tuple[StoredRequest, int]:
        """The last request, and the position of the message in it."""
        place = self.places[handle][-1]
        return self.requests[place.request], place.position

    def results(self, messages: Mapping[bytes, Message]) -> dict[bytes, Result]:
        """What they led to for *messages*, by handle: by what is recorded of them, and by reports."""
        found: dict[bytes, Result] = {}
        for handle in messages.keys() & self.places.keys():
            request, position = self.last(handle)
            attempt = request.attempt(position)
            # If it was accepted at once, no report can change that.
            if len(self.places[handle]) == 1 and attempt is not None and attempt.outcome is Outcome.ACCEPTED:
                found[handle] = _result(messages[handle], attempt)
        others = [handle for handle in messages if handle in self.places and handle not in found]
        reports_about(self.loaded, self.requests, [place for handle in others for place in self.places[handle]])
        for handle in others:  # whose reports have been read for all of them
            found[handle] = attrs.evolve(result_of(self.entries(handle)), message=messages[handle])
        return found

    def entries(self, handle: bytes) -> list[LedgerEntry]:
        """What is known of each."""
        return entries_at(self.loaded, self.places.get(handle, ()), of_one_message=True)


def _result(message: Message, attempt: Attempt) -> Result:
    told = (attempt.provider, attempt.message_id, attempt.reason, attempt.code, attempt.description)
    return Result(message, attempt.outcome, *told, (attempt,), attempt.reference, remedy=attempt.remedy)
