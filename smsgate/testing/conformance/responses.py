"""Checks of how an adapter reads responses: it never guesses, and it shows nothing of what was sent."""

import re
from collections.abc import Sequence
from typing import Final

from smsgate.model.reason import Outcome, Reason, outcome_of
from smsgate.provider.protocol import Batch, Verdict
from smsgate.testing.conformance.adapter import Adapter, SampleRow, limit_of
from smsgate.testing.conformance.reading import read
from smsgate.testing.contracts import expect
from smsgate.wire import HttpResponse

__all__ = [
    "accepted_rows",
    "check_disagreeing",
    "check_masked",
    "check_numbers",
    "check_refusals",
    "check_unlisted",
    "check_whole_requests",
    "unlisted_codes",
]

_USE_MATCH_ROWS: Final = "Let smsgate.provider.match_rows match the rows: it goes by number, and never guesses"
_STRANGER: Final = "+8613912345678"
_LAST_DIGITS: Final = re.compile(r"(?<=.)[0-9]{2,3}\Z", re.ASCII | re.DOTALL)
_LAST_LETTERS: Final = re.compile(r"(?<=..)[A-Za-z]{2}\Z", re.DOTALL)


def accepted_rows(adapter: Adapter, batch: Batch) -> list[SampleRow]:
    """What the response to *batch* says if all is well: an id for each number, or one for all."""
    return [
        SampleRow(str(job.to), id=adapter.make_id(index if adapter.rows else 0)) for index, job in enumerate(batch.jobs)
    ]


def check_numbers(adapter: Adapter) -> None:
    """Each job has the verdict of its own number, whatever the order of the rows, and without a row none at all."""
    batch = adapter.batch()
    rows = accepted_rows(adapter, batch)
    ids = [row.id for row in rows]
    orders = {"the rows in order": rows, "the rows in another order": rows[::-1]}
    for what, given in orders.items():
        found = [verdict.message_id for verdict in read(adapter, batch, adapter.respond(batch, given), what)]
        expect(found == ids, f"parse_response: with {what}, {_explain(found, ids)}")
    if len(rows) > 1:
        others = [SampleRow(_STRANGER, id=adapter.make_id(len(rows))), *rows[1:]]
        for what, given in {"a row missing": rows[1:], "the row of another number": others}.items():
            first, *rest = read(adapter, batch, adapter.respond(batch, given), what)
            _check_without_row(first, what)
            expect([each.message_id for each in rest] == ids[1:], f"parse_response: with {what}, other rows are lost")
        for verdict in read(adapter, batch, adapter.respond(batch, []), "no row at all"):
            _check_without_row(verdict, "no row at all")
    _check_stranger(adapter)


def check_whole_requests(adapter: Adapter) -> None:
    """For a vendor that says one thing for a request: each message has its id, and without one none is refused."""
    batch = adapter.batch()
    id, what = adapter.make_id(0), "one id for the request"
    for verdict in read(adapter, batch, adapter.respond(batch, accepted_rows(adapter, batch)), what):
        expect(
            verdict.outcome is Outcome.ACCEPTED and verdict.message_id == id,
            f"parse_response: with {what}, a message is {verdict.outcome} with the id {verdict.message_id!r}, in place "
            f"of ACCEPTED with {id!r}. Give a Verdict.accepted for each job",
        )
    for verdict in read(adapter, batch, adapter.respond(batch, []), "a success without an id"):
        expect(
            verdict.outcome is not Outcome.REJECTED,
            "parse_response: a success without an id is REJECTED. The vendor may have the messages, so they are "
            "ACCEPTED or UNKNOWN",
        )


def check_disagreeing(adapter: Adapter) -> None:
    """Two rows of one number that disagree refuse nothing: another vendor would send it a second time."""
    batch, code = adapter.batch(), next(iter(adapter.refusals), None)
    if code is None or len(batch.jobs) == 1:
        return
    taken, *rest = accepted_rows(adapter, batch)
    for pair in ([taken, SampleRow(taken.to, code=code)], [SampleRow(taken.to, code=code), taken]):
        verdict = read(adapter, batch, adapter.respond(batch, [*pair, *rest]), "two rows that disagree")[0]
        expect(
            verdict.outcome is not Outcome.REJECTED,
            "parse_response: a number that one row accepts and another refuses is REJECTED, so that a gateway may send "
            f"it through a second vendor. It is ACCEPTED or UNKNOWN. {_USE_MATCH_ROWS}",
        )


def check_refusals(adapter: Adapter) -> None:
    """The given codes mean the given reasons, for one number and for a request, and are kept as they came."""
    batch = adapter.batch() if adapter.rows else adapter.batch(1)
    for code, reason in adapter.refusals.items():
        refused = SampleRow(str(batch.jobs[0].to), code=code, text="refused")
        response = adapter.respond(batch, [refused, *accepted_rows(adapter, batch)[1:]])
        verdict, *others = read(adapter, batch, response, f"the code {code}")
        _check_code(verdict, code, reason)
        expect(all(each.outcome is Outcome.ACCEPTED for each in others), f"parse_response: {code} struck other numbers")
    batch = adapter.batch()
    for code, reason in adapter.request_refusals.items():
        for verdict in read(adapter, batch, adapter.refuse(batch, code, "refused"), f"the code {code}"):
            _check_code(verdict, code, reason)


def check_unlisted(adapter: Adapter) -> None:
    """A code that is not in the vendor's list leaves open whether the message was sent."""
    batch = adapter.batch()
    for code, origin in unlisted_codes(adapter).items():
        row = adapter.respond(batch, [SampleRow(str(job.to), code=code, text="new") for job in batch.jobs])
        for what, response in {"a number": row, "a request": adapter.refuse(batch, code, "new")}.items():
            for verdict in read(adapter, batch, response, f"an unlisted code of {what}"):
                expect(
                    verdict.outcome is Outcome.UNKNOWN,
                    f"parse_response: the unlisted code {code} of {what} is {verdict.outcome}. It may mean anything, "
                    "so the outcome is UNKNOWN: look codes up in a smsgate.provider.Codebook, which has UNLISTED for "
                    f"the rest{origin}",
                )
                expect(
                    verdict.code == code, f"parse_response: the unlisted code {code} became {verdict.code!r}: keep it"
                )


def unlisted_codes(adapter: Adapter) -> dict[str, str]:
    """Codes that the vendor does not have, and what is to be said of where they come from.

    Where its families of codes are said, one more for each given code: with other last digits, or other last letters.
    """
    found = {adapter.unlisted: ""}
    if adapter.families is None:
        return found
    known = {*adapter.refusals, *adapter.request_refusals}
    for code in sorted(known):
        if code.startswith(tuple(adapter.families)):
            continue
        made = _LAST_DIGITS.sub(lambda last: "987"[-len(last[0]) :], code) if code[-1:].isdigit() else ""
        made = made or _LAST_LETTERS.sub("QX" if code.isupper() else "qx", code)
        if made not in known:
            found.setdefault(
                made,
                f". It is made of {code}: if your vendor has it, give it with its reason; if its documents explain all "
                "codes that begin so: Adapter(families=…)",
            )
    return found


def check_masked(adapter: Adapter) -> None:
    """What the vendor says is shown without parameters, keys and numbers in full, which some vendors repeat."""
    batch = adapter.batch(1)
    (job,) = batch.jobs
    said = " ".join(["refused:", str(job.to), job.to.national, *job.params, *adapter.secrets])
    what = "a text that repeats what was sent"
    for code in (*adapter.request_refusals, adapter.unlisted):
        read(adapter, batch, adapter.refuse(batch, code, said), what)
    for code in (*adapter.refusals, adapter.unlisted):
        read(adapter, batch, adapter.respond(batch, [SampleRow(str(job.to), code=code, text=said)]), what)
    for status in (200, 403, 502):
        read(adapter, batch, HttpResponse(status, {}, said.encode()), f"a page with {what}")


def _check_stranger(adapter: Adapter) -> None:
    """The row of another number says nothing of the one message in a request, if there is a number in it.

    A vendor that takes one message a request may repeat its number, and need not be believed to mean another one.
    """
    if limit_of(adapter.make()) == 1:
        return
    batch, id = adapter.batch(1), adapter.make_id(0)
    own = adapter.respond(batch, [SampleRow(str(batch.jobs[0].to), id=id)])
    response = adapter.respond(batch, [SampleRow(_STRANGER, id=id)])
    if response.body == own.body:
        return  # the response to one message has no number
    what = "the row of another number in the response to one message"
    for verdict in read(adapter, batch, response, what):
        _check_without_row(verdict, what)


def _check_without_row(verdict: Verdict, what: str) -> None:
    expect(
        verdict.outcome is Outcome.UNKNOWN,
        f"parse_response: a number without a row, with {what}, is {verdict.outcome}. It may have been sent, so it is "
        f"UNKNOWN. {_USE_MATCH_ROWS}. (A vendor whose responses say nothing of each number: Adapter(rows=False))",
    )


def _explain(found: Sequence[str | None], ids: Sequence[str | None]) -> str:
    """What is wrong with the ids *found* in place of *ids*."""
    told = f"messages have the ids {list(found)} in place of {list(ids)}. "
    if None in found:
        lacking = "A message has no id though its row has one: "
        return f"{told}{lacking}ids of another form than these are said by Adapter(make_id=…)"
    if len(set(found)) == 1 < len(ids):
        return f"{told}All have the id of one row: each row is about its own number. {_USE_MATCH_ROWS}"
    if sorted(map(str, found)) == sorted(map(str, ids)):
        return f"{told}Rows must be matched by number, not by position. {_USE_MATCH_ROWS}"
    return f"{told}Keep the vendor's ids as they came"


def _check_code(verdict: Verdict, code: str, reason: Reason) -> None:
    due = outcome_of(reason)
    expect(
        verdict.reason is not reason or verdict.outcome is due,
        f"parse_response: the code {code} is {verdict.outcome} with the reason {reason}, with which it is {due} "
        "(Verdict.refused gives each reason its outcome)",
    )
    expect(
        verdict.reason is reason and verdict.code == code,
        f"parse_response: the code {code} gave {verdict.reason} with the code {verdict.code!r}, not {reason} with "
        f"{code!r}. Look it up in the codebook, and keep it as it came",
    )
