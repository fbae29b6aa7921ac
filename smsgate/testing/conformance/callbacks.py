"""Checks of how an adapter reads what its vendor pushes."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import cycle
from typing import Final

import attrs

from smsgate.model.reason import Reason
from smsgate.model.report import StatusReport
from smsgate.model.states import DeliveryState
from smsgate.provider.callback import Callback, CallbackError
from smsgate.testing.conformance.adapter import Adapter, SampleReport
from smsgate.testing.conformance.envelopes import bodies
from smsgate.testing.conformance.reading import check_shown
from smsgate.testing.contracts import check_reply, check_report, expect
from smsgate.wire import HttpRequest

__all__ = ["check_bad_item", "check_no_push", "check_round_trip", "check_unlisted_report", "fuzz_pushes"]

_NAME = "check"
_START: Final = datetime(2026, 1, 1, 8, tzinfo=UTC)


def _parse(adapter: Adapter, request: HttpRequest, what: str) -> Callback | CallbackError:
    """What was read of a push; each event in it holds what its class promises."""
    assert adapter.parse_callback is not None  # noqa: S101  # these checks are for adapters that have one
    found: Callback | CallbackError
    try:
        found = adapter.parse_callback(request, provider=_NAME)
    except CallbackError as error:
        expect(error.where, f"parse_callback: the CallbackError for {what} does not say where the fault is")
        expect(
            error.status in (400, 401, 413), f"parse_callback: a CallbackError has 400, 401 or 413, not {error.status}"
        )
        check_shown(adapter, "parse_callback: the text of the CallbackError", [f"{error} {error.where}"])
        found = error
    except Exception as error:
        raise AssertionError(
            f"parse_callback: raised {type(error).__name__} for {what}. It may raise CallbackError alone: collect "
            "items with smsgate.provider.ParsedItems, and raise BadItem for one that cannot be read"
        ) from error
    for report in found.reports:
        check_report(report, _NAME)
        check_shown(adapter, "parse_callback: the meaning or remedy of a report", [report.meaning, report.remedy])
    for reply in found.replies:
        check_reply(reply, _NAME)
    return found


def check_round_trip(adapter: Adapter) -> None:
    """Reports come out as they were pushed: of each message its id, number, code and state, in their order."""
    samples = _samples(adapter)
    for pushed in (*_pushes(adapter, samples), *([sample] for sample in samples)):
        found = _push(adapter, pushed)
        told = _told(adapter, pushed)
        for sample, report in zip(pushed, found, strict=True):
            expect(report.message_id == sample.id, f"parse_callback: the id {sample.id!r} became {report.message_id!r}")
            expect(str(report.to) == sample.to, "parse_callback: the number is another one: read it with read_number")
            expect(
                report.code == sample.code, f"parse_callback: the code {sample.code!r} became {report.code!r}: keep it"
            )
            state = adapter.states[sample.code]
            expect(
                report.state is state, f"parse_callback: {sample.code} is {report.state}, not {state} (use state_of)"
            )
            expect(
                "reference" not in told or report.reference == sample.reference,
                f"parse_callback: the reference {sample.reference!r} became {report.reference!r}. "
                "Each report has its own: read it with read_text, since reports are matched by it",
            )
            expect(
                "reported_at" not in told or report.reported_at == sample.reported_at,
                f"parse_callback: the time {sample.reported_at} became {report.reported_at}. Read it with read_time, "
                "with the vendor's own time zone",
            )


def check_unlisted_report(adapter: Adapter) -> None:
    """A code that is not in the vendor's list is kept, with the reason UNKNOWN, and never a delivery."""
    (report,) = _push(adapter, [SampleReport(id=adapter.make_id(0), to=adapter.numbers[0], code="ZZ9999")])
    expect(report.code == "ZZ9999", f"parse_callback: the unlisted code 'ZZ9999' became {report.code!r}: keep it")
    expect(
        report.state is not DeliveryState.DELIVERED and report.reason is Reason.UNKNOWN,
        f"parse_callback: a report with an unlisted code is {report.state} ({report.reason}). It is no delivery, and "
        "its reason is UNKNOWN: look codes up in a Codebook, and take the state from state_of(meaning)",
    )


def check_bad_item(adapter: Adapter) -> None:
    """An item that cannot be read spoils no other, and the push as a whole is not answered with success."""
    code, (first, second, third) = next(iter(adapter.states)), adapter.numbers[:3]
    good = [SampleReport(id=adapter.make_id(index), to=to, code=code) for index, to in ((0, first), (2, third))]
    bad = SampleReport(id="", to=second, code=code)
    alone = _parse(adapter, _request(adapter, [bad]), "an item without an id")
    expect(
        isinstance(alone, CallbackError),
        "parse_callback: a report without an id raises no CallbackError. It would be answered with success, and lost",
    )
    if adapter.push_limit is not None and adapter.push_limit < 3:
        return
    found = _parse(adapter, _request(adapter, [good[0], bad, good[1]]), "an item without an id among others")
    ids = [report.message_id for report in found.reports]
    expect(
        ids == [report.id for report in good] and isinstance(found, CallbackError),
        f"parse_callback: of two good items beside a bad one, {ids} were read. One bad item must lose no other: "
        "collect them with ParsedItems, whose raise_for_fault raises a CallbackError with what could be read",
    )


def check_no_push(adapter: Adapter) -> None:
    """What is no push is a `CallbackError`: what is answered with success does not come again."""
    like = _request(
        adapter, [SampleReport(id=adapter.make_id(0), to=adapter.numbers[0], code=next(iter(adapter.states)))]
    )
    # Of a form, a part may be a push of its own.
    cut = [like.body[: len(like.body) // 2]] if like.body[:1] in (b"[", b"{") else []
    shown = " ".join([*adapter.numbers, *adapter.secrets]).encode()
    for body in (b"", b"null", b"7", b'"text"', b"<html></html>", b"\xff\xfe", shown, *cut):
        request = HttpRequest(like.method, like.url.partition("?")[0], like.headers, body)
        found = _parse(adapter, request, f"the body {body[:10]!r}")
        expect(
            isinstance(found, CallbackError),
            f"parse_callback: the body {body[:10]!r} raises no CallbackError. It would be answered with success, and "
            "the vendor would not push again",
        )


def fuzz_pushes(adapter: Adapter, *, seed: int) -> None:
    """Whatever is pushed, `CallbackError` is all that is raised, and no report breaks its own promises."""
    like = _request(adapter, _pushes(adapter, _samples(adapter))[0])
    for body in bodies([like.body], seed):
        request = HttpRequest(like.method, like.url, like.headers, body)
        _parse(adapter, request, f"the body {body[:200]!r}")


def _samples(adapter: Adapter) -> list[SampleReport]:
    """A report of each code. No two have an id, a reference or a time in common."""
    return [
        SampleReport(
            id=adapter.make_id(index),
            to=to,
            code=code,
            reference=f"sgu.check{index}",
            reported_at=_START + timedelta(minutes=61 * index),
        )
        for index, (code, to) in enumerate(zip(adapter.states, cycle(adapter.numbers), strict=False))
    ]


def _pushes(adapter: Adapter, samples: Sequence[SampleReport]) -> list[Sequence[SampleReport]]:
    """*samples* in as few pushes as the vendor would make of them."""
    most = adapter.push_limit or len(samples)
    return [samples[at : at + most] for at in range(0, len(samples), most)]


def _told(adapter: Adapter, samples: Sequence[SampleReport]) -> set[str]:
    """Which of reference and time are in a push of *samples*: with another one, the push is another one."""
    like = _request(adapter, samples)
    others = {
        "reference": [attrs.evolve(sample, reference=f"{sample.reference}x") for sample in samples],
        "reported_at": [attrs.evolve(sample, reported_at=_START + timedelta(days=99)) for sample in samples],
    }
    requests = {name: _request(adapter, changed) for name, changed in others.items()}
    return {name for name, request in requests.items() if (request.url, request.body) != (like.url, like.body)}


def _request(adapter: Adapter, samples: Sequence[SampleReport]) -> HttpRequest:
    assert adapter.push is not None  # noqa: S101  # these checks are for adapters that have one
    return adapter.push(samples)


def _push(adapter: Adapter, samples: Sequence[SampleReport]) -> list[StatusReport]:
    found = _parse(adapter, _request(adapter, samples), "reports as the vendor writes them")
    if isinstance(found, CallbackError):
        raise AssertionError(f"parse_callback: reports as the vendor writes them raise a CallbackError: {found}")
    count = len(found.reports)
    expect(count == len(samples), f"parse_callback: {count} reports were read of a push of {len(samples)}")
    expect(200 <= found.answer.status < 300, f"parse_callback: a good push is answered with {found.answer.status}")
    return list(found.reports)
