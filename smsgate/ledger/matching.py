"""Which messages a report is about, and which reports are about a message: one rule, read in both directions.

A report is about the messages that its vendor gave the same id to; if there are none, about those that were sent with
the reference that it echoes, through the same provider. Of these, about those with its number, where it has one. No
match is stored: a report may come before the response to the send, which has the vendor's id.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence

from sqlalchemy import Connection, select

from smsgate.ledger.entries import LedgerEntry, is_refusal
from smsgate.ledger.handles import ALL_OF_REQUEST, of_message_id, of_reference
from smsgate.ledger.rows import Place, fetch_in
from smsgate.ledger.schema import Tables
from smsgate.ledger.stored import Loaded, StoredReport, StoredRequest
from smsgate.model.delivery import Delivery
from smsgate.model.reason import Outcome
from smsgate.model.report import StatusReport
from smsgate.model.result import Attempt, Result

__all__ = ["entries_at", "load_entries", "places_of", "reports_about"]


def load_entries(
    connection: Connection, tables: Tables, places: Sequence[Place], *, of_one_message: bool = False
) -> list[LedgerEntry]:
    """What is known of the messages at *places*, in their order.

    *of_one_message*: they are the tries of one message. A report that may be about several of them is then about it.
    """
    return entries_at(Loaded(connection, tables), places, of_one_message=of_one_message)


def entries_at(loaded: Loaded, places: Sequence[Place], *, of_one_message: bool = False) -> list[LedgerEntry]:
    """As `load_entries`."""
    requests = loaded.requests(place.request for place in places)
    places = [place for place in places if place.request in requests]
    reports = reports_about(loaded, requests, places)
    asked, found = set(places), places_of(loaded, reports)
    by_place: dict[Place, list[StoredReport]] = {}
    for report in reports:
        about = found[report.id]
        if len(about) == 1 or (of_one_message and about and about <= asked):
            by_place.setdefault(min(about), []).append(report)
    return [_entry(requests[place.request], place, by_place.get(place, ())) for place in places]


def places_of(loaded: Loaded, reports: Collection[StoredReport]) -> dict[int, frozenset[Place]]:
    """The messages that each of *reports* is about, by its id. One that may be about several is about none of them."""
    if not reports:
        return {}
    handles = {each for report in reports for each in (report.message_id, report.reference) if each}
    standing: dict[bytes, list[Place]] = {}
    table = loaded.tables.handles
    for row in fetch_in(loaded.connection, select(table), table.c.handle, handles):
        standing.setdefault(row.handle, []).append(Place(row.request, row.position))
    requests = loaded.requests(place.request for each in standing.values() for place in each)
    return {
        report.id: frozenset(_by_message_id(report, standing, requests) or _by_reference(report, standing, requests))
        for report in reports
    }


def _by_message_id(
    report: StoredReport, standing: Mapping[bytes, list[Place]], requests: Mapping[bytes, StoredRequest]
) -> list[Place]:
    places = standing.get(report.message_id or b"", [])
    return [place for place in places if place.request in requests and _has_number(report, requests, place)]


def _by_reference(
    report: StoredReport, standing: Mapping[bytes, list[Place]], requests: Mapping[bytes, StoredRequest]
) -> list[Place]:
    found: list[Place] = []
    for place in standing.get(report.reference or b"", []):
        request = requests.get(place.request)
        if request is None or request.provider != report.report.provider:
            continue
        if place.position != ALL_OF_REQUEST:
            found.append(place)
        elif report.report.to is not None:  # else it is about any of them
            found += [Place(place.request, position) for position in range(len(request.messages))]
    found = [place for place in found if _has_number(report, requests, place)]
    return [place for place in found if _is_open(requests[place.request], place.position)] or found


def _is_open(request: StoredRequest, position: int) -> bool:
    """Whether it may have been sent, and the vendor's id is not known: else a report says which of the tries it means.

    The tries of one message may have one tag.
    """
    attempt = request.attempt(position)
    return attempt is None or (attempt.outcome is Outcome.UNKNOWN and not attempt.message_id)


def _has_number(report: StoredReport, requests: Mapping[bytes, StoredRequest], place: Place) -> bool:
    to = report.report.to
    return to is None or requests[place.request].messages.column("to")[place.position] == str(to)


def reports_about(
    loaded: Loaded, requests: Mapping[bytes, StoredRequest], places: Iterable[Place]
) -> list[StoredReport]:
    """All reports that may be about the messages at *places*, and some that are about others."""
    ids: set[bytes] = set()
    references: set[bytes] = set()
    for place in places:
        request = requests[place.request]
        attempt = request.attempt(place.position)
        references.add(of_reference(request.reference_of(place.position)))
        if attempt is not None and attempt.message_id:
            ids.add(of_message_id(request.provider, attempt.message_id))
    events = loaded.tables.events.c
    found = [*loaded.reports(events.message_id, ids), *loaded.reports(events.reference, references)]
    return list({report.id: report for report in found}.values())


def _entry(request: StoredRequest, place: Place, reports: Iterable[StoredReport]) -> LedgerEntry:
    message, found = request.message(place.position), [each for each in reports if not is_refusal(each.report)]
    refusal = None if found else next((each.report for each in reports), None)
    attempt = _attempt(request, place, refusal)
    if attempt is None:
        delivery = Delivery(sent_at=request.started_at)
    else:
        result = Result(message, attempt.outcome, reason=attempt.reason, attempts=(attempt,))
        delivery = Delivery().sent(result)
    for each in found:
        delivery = delivery.apply(each.report, received_at=each.received_at)
    return LedgerEntry(
        id=str(place),
        message=message,
        provider=request.provider,
        reference=request.reference_of(place.position),
        started_at=request.started_at,
        recorded=attempt,
        delivery=delivery,
    )


def _attempt(request: StoredRequest, place: Place, refusal: StatusReport | None) -> Attempt | None:
    """The recorded outcome, or what a vendor's own record says of one that is not known."""
    attempt = request.attempt(place.position)
    if refusal is None or (attempt is not None and attempt.outcome is not Outcome.UNKNOWN):
        return attempt
    return Attempt(
        request.provider,
        Outcome.REJECTED,
        refusal.reason,
        refusal.code or None,
        refusal.meaning or None,
        started_at=request.started_at,
        reference=request.reference_of(place.position),
        remedy=refusal.remedy,
    )
