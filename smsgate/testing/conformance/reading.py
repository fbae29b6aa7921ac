"""Calls of an adapter, each with what must hold of any: it does not raise, keeps its promises, and shows nothing."""
# Whether a vendor's author keeps to the annotations is what is checked.
# pyright: reportUnnecessaryIsInstance=false

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import Final

from smsgate.model.phone import PhoneNumber
from smsgate.provider.jobs import numbers_of
from smsgate.provider.protocol import Batch, Job, SmsProvider, Verdict
from smsgate.testing.conformance.adapter import Adapter
from smsgate.testing.contracts import check_verdict, expect
from smsgate.wire import HttpResponse

__all__ = ["check_shown", "read", "refusal_of"]

_SHORT: Final = 3
_FEWEST_DIGITS: Final = 7
"""Shorter digits are no numbers: they may be anything."""
_OF_VENDORS: Final = (
    "Give the vendor's text through smsgate.provider.vendor_text(text, batch.jobs, secret), with each secret, to "
    "Verdict.refused or request_refused, which mask numbers; a text of your own has job.to.masked at most"
)
_OF_ONE_S_OWN: Final = (
    "Name the field or the key that is wrong, never a value of it; of a number, job.to.masked at most"
)


def read(
    adapter: Adapter,
    batch: Batch,
    response: HttpResponse,
    what: str,
    *,
    judge: Callable[[Verdict], None] | None = None,
    provider: SmsProvider | None = None,
) -> Sequence[Verdict]:
    """The verdicts on *batch*, each of which holds what its class promises, and shows nothing of what was sent.

    *judge*: what must hold of each verdict before all else, so that this is what is said. *provider*: who reads, or
    else a new one.
    """
    try:
        verdicts = (provider or adapter.make()).parse_response(batch, response)
    except Exception as error:
        raise AssertionError(
            f"parse_response: raised {type(error).__name__} for {what}. It must never raise: read with "
            "smsgate.provider.read_object, as_list and short_text, which take anything, and headers with get"
        ) from error
    expect(
        len(verdicts) == len(batch.jobs),
        f"parse_response: {len(verdicts)} verdicts on {len(batch.jobs)} jobs for {what}",
    )
    for verdict in verdicts:
        expect(isinstance(verdict, Verdict), f"parse_response: must give Verdicts, not {type(verdict).__name__}")
        if judge is not None:
            judge(verdict)
        check_verdict(verdict)
    for name in ("description", "remedy"):
        texts = {getattr(verdict, name) for verdict in verdicts}
        check_shown(adapter, f"parse_response: the {name}", filter(None, texts), batch.jobs)
    return verdicts


def refusal_of(adapter: Adapter, provider: SmsProvider, job: Job) -> str | None:
    """What `refuse` says of *job*: a text that shows nothing of it, or None."""
    try:
        problem: object = provider.refuse(job)
    except Exception as error:
        raise AssertionError(f"refuse: raised {type(error).__name__}. It gives a text, or None") from error
    if problem is None:
        return None
    if not isinstance(problem, str):
        raise AssertionError(f"refuse: must give a text or None, not {problem!r}")
    check_shown(adapter, "refuse: its text", [problem], [job])
    return problem


@lru_cache(maxsize=10_000)
def _forms_of(number: str) -> list[str]:
    """The digits of *number* with and without its country calling code."""
    return [form for form in (number[1:], PhoneNumber(number).national) if len(form) >= _FEWEST_DIGITS]


def check_shown(adapter: Adapter, where: str, texts: Iterable[str], jobs: Sequence[Job] = ()) -> None:
    """No text has a key, a number in full or a parameter. *where*: whose texts they are."""
    digits = {form for number in {*adapter.numbers, *numbers_of(jobs)} for form in _forms_of(number)}
    values = {value for job in jobs for value in job.params if len(value) > _SHORT}
    advice = _OF_VENDORS if where.startswith("parse_response") else _OF_ONE_S_OWN
    for text in texts:
        shown = {
            "a parameter of the message, which may be the code itself": any(value in text for value in values),
            "a key": any(secret in text for secret in adapter.secrets),
            "the number in full": any(each in text for each in digits),
        }
        for what, is_shown in shown.items():
            expect(not is_shown, f"{where} has {what}. {advice}")
