"""Checks of how an adapter reads responses: it never guesses, and it shows nothing of what was sent."""
# Whether a vendor's author keeps to the annotations is what is checked.
# pyright: reportUnnecessaryIsInstance=false

from collections.abc import Sequence

from smsgate.model.reason import Outcome
from smsgate.provider.protocol import Batch, Verdict
from smsgate.testing.conformance.adapter import Adapter, SampleRow
from smsgate.testing.contracts import check_verdict, expect
from smsgate.wire import HttpResponse

__all__ = [
    "check_disagreeing",
    "check_masked",
    "check_no_envelope",
    "check_numbers",
    "check_refusals",
    "check_unlisted",
    "read",
]

_USE_MATCH_ROWS = "Let smsgate.provider.match_rows match the rows: it goes by number, and never guesses"
_STRANGER = "+8613912345678"
_PAGE = b"<html><head><title>502 Bad Gateway</title></head></html>"


def read(adapter: Adapter, batch: Batch, response: HttpResponse, what: str) -> Sequence[Verdict]:
    """The verdicts on *batch*, each of which holds what its class promises."""
    try:
        verdicts = adapter.make().parse_response(batch, response)
    except Exception as error:
        raise AssertionError(
            f"parse_response: raised {type(error).__name__} for {what}. It must never raise: read with "
            "smsgate.provider.read_object, as_list and short_text, which take anything"
        ) from error
    expect(
        len(verdicts) == len(batch.jobs),
        f"parse_response: {len(verdicts)} verdicts on {len(batch.jobs)} jobs for {what}",
    )
    for verdict in verdicts:
        expect(isinstance(verdict, Verdict), f"parse_response: must give Verdicts, not {type(verdict).__name__}")
        check_verdict(verdict)
    return verdicts


def check_numbers(adapter: Adapter) -> None:
    """Each job has the verdict of its own number, whatever the order of the rows, and without a row none at all."""
    batch = adapter.batch()
    rows = [SampleRow(str(job.to), id=f"id{index}") for index, job in enumerate(batch.jobs)]
    ids = [row.id for row in rows]
    orders = {"the rows in order": rows, "the rows in another order": rows[::-1]}
    for what, given in orders.items():
        found = [verdict.message_id for verdict in read(adapter, batch, adapter.respond(batch, given), what)]
        expect(
            found == ids,
            f"parse_response: with {what}, messages have the ids {found} in place of {ids}. Rows must be matched by "
            f"number, not by position. {_USE_MATCH_ROWS}",
        )
    if len(batch.jobs) == 1:
        return
    stranger = [SampleRow(_STRANGER, id="other"), *rows[1:]]
    for what, given in {"a row missing": rows[1:], "the row of another number": stranger}.items():
        first, *others = read(adapter, batch, adapter.respond(batch, given), what)
        expect(
            first.outcome is Outcome.UNKNOWN,
            f"parse_response: a number without a row, with {what}, is {first.outcome}. It may have been sent, so it is "
            f"UNKNOWN. {_USE_MATCH_ROWS}",
        )
        expect([each.message_id for each in others] == ids[1:], f"parse_response: with {what}, other rows are lost")


def check_disagreeing(adapter: Adapter) -> None:
    """Two rows of one number that disagree refuse nothing: another vendor would send it a second time."""
    batch, code = adapter.batch(), next(iter(adapter.refusals), None)
    if code is None or len(batch.jobs) == 1:
        return
    number, *others = [str(job.to) for job in batch.jobs]
    accepted, refused = SampleRow(number, id="id0"), SampleRow(number, code=code)
    rest = [SampleRow(to, id=f"x{to[-4:]}") for to in others]
    for pair in ([accepted, refused], [refused, accepted]):
        verdict = read(adapter, batch, adapter.respond(batch, [*pair, *rest]), "two rows that disagree")[0]
        expect(
            verdict.outcome is not Outcome.REJECTED,
            "parse_response: a number that one row accepts and another refuses is REJECTED, so that a gateway may send "
            f"it through a second vendor. It is ACCEPTED or UNKNOWN. {_USE_MATCH_ROWS}",
        )


def check_refusals(adapter: Adapter) -> None:
    """The given codes mean the given reasons, for one number and for a request, and are kept as they came."""
    batch = adapter.batch()
    for code, reason in adapter.refusals.items():
        rows = [SampleRow(str(job.to), id="id") for job in batch.jobs[1:]]
        response = adapter.respond(batch, [SampleRow(str(batch.jobs[0].to), code=code), *rows])
        verdict, *others = read(adapter, batch, response, f"the code {code}")
        _check_code(verdict, code, reason)
        expect(all(each.outcome is Outcome.ACCEPTED for each in others), f"parse_response: {code} struck other numbers")
    for code, reason in adapter.request_refusals.items():
        for verdict in read(adapter, batch, adapter.refuse(batch, code, "refused"), f"the code {code}"):
            _check_code(verdict, code, reason)


def check_unlisted(adapter: Adapter) -> None:
    """A code that is not in the vendor's list leaves open whether the message was sent."""
    batch, code = adapter.batch(), adapter.unlisted
    row = adapter.respond(batch, [SampleRow(str(job.to), code=code) for job in batch.jobs])
    for what, response in {"a number": row, "a request": adapter.refuse(batch, code, "new")}.items():
        for verdict in read(adapter, batch, response, f"an unlisted code of {what}"):
            expect(
                verdict.outcome is Outcome.UNKNOWN,
                f"parse_response: the unlisted code {code} of {what} is {verdict.outcome}. It may mean anything, so "
                "the outcome is UNKNOWN: look codes up in a smsgate.provider.Codebook, which has UNLISTED for the rest",
            )
            expect(verdict.code == code, f"parse_response: the unlisted code {code} became {verdict.code!r}: keep it")


def check_no_envelope(adapter: Adapter) -> None:
    """What is not the vendor's response, or a part of it, says of no message that it was accepted or refused."""
    batch = adapter.batch()
    whole = adapter.respond(batch, [SampleRow(str(job.to), id="id") for job in batch.jobs])
    half = HttpResponse(whole.status, whole.headers, whole.body[: len(whole.body) // 2])
    cases = {
        "half a response": half,
        "a response without a body": HttpResponse(200, {}, b""),
        "JSON of another kind": HttpResponse(200, {}, b"[1]"),
        "a proxy's page with status 200": HttpResponse(200, {}, _PAGE),
        "a proxy's page with status 502": HttpResponse(502, {}, _PAGE),
        "status 500 without a body": HttpResponse(500, {}, b""),
        "half a response with status 403": HttpResponse(403, whole.headers, half.body),
    }
    for what, response in cases.items():
        for verdict in read(adapter, batch, response, what):
            expect(
                verdict.outcome is Outcome.UNKNOWN,
                f"parse_response: {what} is {verdict.outcome}. The vendor may have the message, so it is UNKNOWN: "
                "smsgate.provider.verdict_without_envelope says what an HTTP status proves, and what not",
            )


def check_masked(adapter: Adapter) -> None:
    """What the vendor says is shown without parameters, keys and numbers in full, which some vendors repeat."""
    batch = adapter.batch(1)
    number, values = str(batch.jobs[0].to), [value for value in batch.jobs[0].params if len(value) > 3]
    said = " ".join(["refused:", number, *values, *adapter.secrets])
    codes = [*adapter.request_refusals, adapter.unlisted]
    for code in codes:
        for verdict in read(adapter, batch, adapter.refuse(batch, code, said), "a text that repeats what was sent"):
            shown = f"{verdict.description} {verdict.remedy}"
            expect(
                not any(value in shown for value in values),
                "parse_response: the description has a parameter of the message, which may be the code itself. Give "
                "the vendor's text through smsgate.provider.vendor_text(text, batch.jobs, secret)",
            )
            expect(
                not any(secret in shown for secret in adapter.secrets),
                "parse_response: the description has a key. Give the vendor's text through "
                "smsgate.provider.vendor_text(text, batch.jobs, secret), with each secret",
            )
            expect(
                number not in shown and number[1:] not in shown,
                "parse_response: the description has the number in full. Make verdicts with Verdict.refused or "
                "request_refused, which mask numbers",
            )


def _check_code(verdict: Verdict, code: str, reason: object) -> None:
    expect(
        verdict.reason is reason and verdict.code == code,
        f"parse_response: the code {code} gave {verdict.reason} with the code {verdict.code!r}, not {reason} with "
        f"{code!r}. Look it up in the codebook, and keep it as it came",
    )
