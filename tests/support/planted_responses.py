"""Planted defects of how responses are read."""

from collections.abc import Callable, Sequence
from types import ModuleType
from typing import Any

import attrs
from planted_defects import defect, other
from vendor_samples import KEY, answer

from smsgate import Batch, HttpResponse, Outcome, Reason, Verdict
from smsgate.provider import Row, as_list, as_object, read_object
from smsgate.testing.conformance import SampleRow

Reader = Callable[[Batch, HttpResponse, list[Verdict]], list[Verdict]]


def reading(module: ModuleType, change: Reader, **settings: Any) -> dict[str, Any]:
    """Its verdicts are changed."""
    own = module.Heron.parse_response

    def parse(self: Any, batch: Batch, response: HttpResponse) -> list[Verdict]:
        return change(batch, response, list(own(self, batch, response)))

    return {**other(module, parse_response=parse), **settings}


def refused_rows(module: ModuleType, **changes: Any) -> dict[str, Any]:
    """The verdict of each row that is refused is changed. A change may be a function of the row."""
    own = module.Heron._row

    def row(self: Any, item: dict[str, Any]) -> Row:
        found: Row = own(self, item)
        if found.verdict.outcome is not Outcome.REJECTED:
            return found
        made = {name: value(item) if callable(value) else value for name, value in changes.items()}
        return Row(found.number, attrs.evolve(found.verdict, **made))

    return other(module, _row=row)


def busy(module: ModuleType, is_so: Callable[[HttpResponse], bool]) -> dict[str, Any]:
    """Some responses are a refusal for now, with which a gateway asks again."""
    refusal = Verdict(Outcome.REJECTED, Reason.TRY_LATER)
    return reading(module, lambda batch, response, found: [refusal] * len(found) if is_so(response) else found)


@defect("no envelope", "status 307 without a body is REJECTED. The vendor may have the message")
def believes_a_redirect(module: ModuleType) -> dict[str, Any]:
    return busy(module, lambda response: response.status == 307 and not response.body)


@defect("no envelope", "a proxy's page with status 408 is REJECTED")
def believes_a_timeout(module: ModuleType) -> dict[str, Any]:
    return busy(module, lambda response: response.status == 408)


@defect("no envelope", "half a response with status 409 is REJECTED")
def believes_half_a_response(module: ModuleType) -> dict[str, Any]:
    return busy(module, lambda response: response.status == 409 and response.body.startswith(b"{"))


@defect("no envelope", "a proxy's page with status 522 is REJECTED")
def believes_a_page_of_a_content_network(module: ModuleType) -> dict[str, Any]:
    return busy(module, lambda response: response.status == 522 and b"<html>" in response.body)


@defect("error statuses", "a response that accepts all with status 503 is REJECTED. The vendor has the message")
def refuses_an_acceptance_for_its_status(module: ModuleType) -> dict[str, Any]:
    return busy(module, lambda response: response.status == 503 and b'"OK"' in response.body[:20])


@defect("error statuses", "a response says ACCEPTED, REJECTED or UNKNOWN, not NOT_SENT")
def says_that_nothing_was_sent_for_a_refusal(module: ModuleType) -> dict[str, Any]:
    nothing = Verdict(Outcome.NOT_SENT, Reason.NETWORK, "BUSY", "down")

    def change(batch: Batch, response: HttpResponse, found: list[Verdict]) -> list[Verdict]:
        return [nothing if each.code == "BUSY" and response.status >= 500 else each for each in found]

    return reading(module, change)


@defect("known codes", "is REJECTED with the reason PLATFORM_FAULT, with which it is UNKNOWN")
def refuses_for_a_fault_of_the_platform(module: ModuleType) -> dict[str, Any]:
    refusal = Verdict(Outcome.REJECTED, Reason.PLATFORM_FAULT, "BUSY", "down")

    def change(batch: Batch, response: HttpResponse, found: list[Verdict]) -> list[Verdict]:
        return [refusal if each.code == "BUSY" else each for each in found]

    return reading(module, change, request_refusals={"BUSY": Reason.PLATFORM_FAULT})


@defect("known codes", "is UNKNOWN with the reason UNSUBSCRIBED, with which it is REJECTED")
def leaves_a_refusal_open(module: ModuleType) -> dict[str, Any]:
    return refused_rows(module, outcome=Outcome.UNKNOWN)


def without_rows(module: ModuleType, verdict: Verdict) -> dict[str, Any]:
    """What a success without any row means is that verdict."""

    def change(batch: Batch, response: HttpResponse, found: list[Verdict]) -> list[Verdict]:
        body = read_object(response.body) or {}
        return [verdict] * len(found) if body.get("code") == "OK" and not as_list(body.get("rows")) else found

    return reading(module, change)


@defect("numbers", "a number without a row, with no row at all, is ACCEPTED")
def accepts_without_rows(module: ModuleType) -> dict[str, Any]:
    return without_rows(module, Verdict.accepted(None))


@defect("numbers", "a number without a row, with no row at all, is REJECTED")
def refuses_without_rows(module: ModuleType) -> dict[str, Any]:
    return without_rows(module, Verdict(Outcome.REJECTED, Reason.REFUSED, "NONE", "no row"))


def with_ids(module: ModuleType, give: Callable[[Sequence[str | None]], Sequence[str | None]]) -> dict[str, Any]:
    """Accepted messages have other ids."""

    def change(batch: Batch, response: HttpResponse, found: list[Verdict]) -> list[Verdict]:
        if any(each.outcome is not Outcome.ACCEPTED for each in found):
            return found
        ids = give([each.message_id for each in found])
        return [Verdict.accepted(id) for id in ids]

    return reading(module, change)


@defect(
    "numbers", "A message has no id though its row has one: ids of another form than these are said by Adapter(make_id"
)
def reads_no_ids(module: ModuleType) -> dict[str, Any]:
    return with_ids(module, lambda ids: [None] * len(ids))


@defect("numbers", "All have the id of one row: each row is about its own number")
def gives_all_one_id(module: ModuleType) -> dict[str, Any]:
    return with_ids(module, lambda ids: [ids[0]] * len(ids))


@defect("numbers", "Keep the vendor's ids as they came")
def changes_ids(module: ModuleType) -> dict[str, Any]:
    return with_ids(module, lambda ids: [f"heron-{id}" for id in ids])


@defect("numbers", "with the row of another number in the response to one message, is ACCEPTED")
def believes_any_row_of_one_message(module: ModuleType) -> dict[str, Any]:
    def change(batch: Batch, response: HttpResponse, found: list[Verdict]) -> list[Verdict]:
        rows = [as_object(row) for row in as_list((read_object(response.body) or {}).get("rows"))]
        return [Verdict.accepted(rows[0]["id"])] if len(found) == len(rows) == 1 else found

    return reading(module, change)


@defect("unlisted codes", "the unlisted code AUQX of a number is REJECTED")
def refuses_what_begins_as_a_code(module: ModuleType) -> dict[str, Any]:
    def change(batch: Batch, response: HttpResponse, found: list[Verdict]) -> list[Verdict]:
        refusal = attrs.evolve(found[0], outcome=Outcome.REJECTED, reason=Reason.AUTH_FAILED)
        return [refusal] * len(found) if (found[0].code or "").startswith("AU") else found

    return reading(module, change)


NUMBER = "the description has the number in full"


@defect("masked errors", NUMBER)
def shows_the_number_of_a_row(module: ModuleType) -> dict[str, Any]:
    return refused_rows(module, description=lambda item: f"refused {item['to']}")


@defect("masked errors", "the remedy has the number in full")
def shows_the_number_in_a_remedy(module: ModuleType) -> dict[str, Any]:
    return refused_rows(module, remedy=lambda item: f"call {item['to']}")


@defect("masked errors", "the description has a parameter of the message")
def shows_what_a_row_says(module: ModuleType) -> dict[str, Any]:
    return refused_rows(module, description=lambda item: item.get("text") or "refused")


def unknown_ones(module: ModuleType, say: Callable[[Batch], str]) -> dict[str, Any]:
    """What leaves open whether it was sent is described otherwise."""

    def change(batch: Batch, response: HttpResponse, found: list[Verdict]) -> list[Verdict]:
        return [
            attrs.evolve(each, description=say(batch)) if each.outcome is Outcome.UNKNOWN else each for each in found
        ]

    return reading(module, change)


@defect("masked errors", "the description has a key")
def shows_its_key_without_an_envelope(module: ModuleType) -> dict[str, Any]:
    return unknown_ones(module, lambda batch: f"nothing can be read with {KEY}")


@defect("masked errors", NUMBER)
def shows_a_national_number(module: ModuleType) -> dict[str, Any]:
    return unknown_ones(module, lambda batch: f"nothing can be read of {batch.jobs[0].to.national}")


@defect("no envelope", "the description has a key")
def shows_its_key_for_a_page(module: ModuleType) -> dict[str, Any]:
    return unknown_ones(module, lambda batch: f"nothing can be read with {KEY}")


@defect("fuzzed headers", "parse_response: raised ValueError for HTTP")
def reads_a_pause_carelessly(module: ModuleType) -> dict[str, Any]:
    def change(batch: Batch, response: HttpResponse, found: list[Verdict]) -> list[Verdict]:
        int(response.headers.get("Retry-After", "0"))
        return found

    return reading(module, change)


@defect("fuzzed headers", "parse_response: raised KeyError for HTTP")
def wants_a_header(module: ModuleType) -> dict[str, Any]:
    def change(batch: Batch, response: HttpResponse, found: list[Verdict]) -> list[Verdict]:
        return (
            found
            if response.status != 429
            else [attrs.evolve(each, request_id=response.headers["X-Request-Id"]) for each in found]
        )

    return reading(module, change)


@defect("whole requests", "a message is UNKNOWN with the id None, in place of ACCEPTED with 'id0'")
def wants_rows(module: ModuleType) -> dict[str, Any]:
    def respond(batch: Batch, rows: Sequence[SampleRow]) -> HttpResponse:
        return answer({"code": "OK", "id": rows[0].id if rows else None})

    return {"rows": False, "respond": respond}
